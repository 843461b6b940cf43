"""Problems as diagnostics, pushed to the client for every file that has some, or had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mtvgen import MANUAL_URL
from mtvgen.bundled import bundled
from mtvgen.checks.ids import DEPLOY
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem
from mtvgen.errors import printable
from mtvgen.lsp.protocol.positions import Lines
from mtvgen.lsp.workspace.uris import uri_of

_ERROR, _WARNING = 1, 2
_UNNECESSARY = 1
# The headings of docs/checks.md, as anchors, by the first word of an id.
_SECTIONS = {"project": "the-project", "check": "mtvgen-itself"}


class Diagnostics:
    """What the client shows at the moment.

    Args:
        publish: Sends the diagnostics of one file.
    """

    def __init__(self, publish: Callable[[dict[str, Any]], None]) -> None:
        self._publish = publish
        self._shown: dict[Path, dict[str, tuple[list[Any], int | None]]] = {}

    def show(
        self,
        root: Path,
        problems: tuple[Problem, ...],
        lines_of: Callable[[Path], tuple[str, Lines, int | None]],
    ) -> None:
        """Show all problems of a project, and of no file any other.

        Args:
            root: The project's directory.
            problems: All of them.
            lines_of: The URI, the text and the version of a file; the version of one that is not
                open is None.
        """

        def location(place: Place) -> dict[str, Any]:
            uri, lines, _ = lines_of(root / place.file)
            return {"uri": uri, "range": lines.exact_range(place)}

        files: dict[str, list[Problem]] = {}
        for problem in problems:
            files.setdefault(problem.file, []).append(problem)
        now: dict[str, tuple[list[Any], int | None]] = {}
        for file, found in files.items():
            uri, lines, version = lines_of(root / file)
            now[uri] = ([diagnostic(problem, lines, location) for problem in found], version)
        before = self._shown.get(root, {})
        for uri, (diagnostics, version) in now.items():
            if before.get(uri) != (diagnostics, version):
                self._send(uri, diagnostics, version)
        for uri in before.keys() - now.keys():
            self._send(uri, [], None)
        self._shown[root] = now

    def _send(self, uri: str, diagnostics: list[Any], version: int | None) -> None:
        message = {"uri": uri, "diagnostics": diagnostics}
        self._publish(message if version is None else {**message, "version": version})


def diagnostic(
    problem: Problem, lines: Lines, location: Callable[[Place], dict[str, Any]]
) -> dict[str, Any]:
    """Return a problem as the protocol has it.

    Args:
        problem: The problem.
        lines: The text that it is in.
        location: Gives the Location of another place that it is about.
    """
    words = f"{problem.message} {problem.hint}".strip()
    described: dict[str, Any] = {
        "range": lines.range(problem.place),
        "severity": _ERROR if problem.severity == "error" else _WARNING,
        "code": problem.id,
        "codeDescription": {"href": manual_of(problem.id)},
        "source": "mtvgen",
        "message": printable(words),
    }
    if problem.id == "views.unused-name":
        described["tags"] = [_UNNECESSARY]
    if problem.related:
        described["relatedInformation"] = [
            {"location": location(other.place), "message": printable(other.message)}
            for other in problem.related
        ]
    return described


def manual_of(kind: str) -> str:
    """Return the address of what the manual says about an id."""
    area = kind.partition(".")[0]
    section = "with-deploy" if kind in DEPLOY else _SECTIONS.get(area, area)
    if MANUAL_URL:
        return f"{MANUAL_URL}/checks/#{section}"
    return f"{uri_of(bundled('docs') / 'checks.md')}#{section}"
