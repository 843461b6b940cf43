"""`[tool.mtvgen]` of pyproject.toml: which problems are not asked for in which files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mtvgen.checks.ids import IDS, NEVER_SILENT
from mtvgen.checks.places import Place, Text
from mtvgen.checks.report import Problem, meant_by
from mtvgen.records import record

FILE = "pyproject.toml"
_KIND = "check.configuration"
_EXAMPLE = '-> [tool.mtvgen.check.ignore] with lines like "templates/old/**" = ["templates.unused"]'


@record(frozen=True)
class Configuration:
    """The contents of `[tool.mtvgen]`.

    Attributes:
        ignored: For each pattern of files the ids that are silent there.
        problems: What is wrong with it.
    """

    ignored: Mapping[str, frozenset[str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def ignores(self, problem: Problem) -> bool:
        """Return whether a problem is silent in its file."""
        return any(
            problem.id in ids and _regex(pattern).fullmatch(problem.file)
            for pattern, ids in self.ignored.items()
        )


def read_configuration(root: Path) -> Configuration:
    """Return the configuration of a project; an empty one where it has no pyproject.toml.

    Args:
        root: The project's directory.
    """
    try:
        source = (root / FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return Configuration()  # pip and pytest say it
    if "mtvgen" not in source:
        return Configuration()
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        # It names line and column.
        return Configuration({}, (Problem(_KIND, Place.at(FILE), f"is not TOML: {error}."),))
    tool = data.get("tool", {}).get("mtvgen", {})
    return _Reader(Text(FILE, source)).configuration(tool)


class _Reader:
    """Reads the tables, and finds the place of what is wrong in the text."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._problems: list[Problem] = []

    def configuration(self, tool: Any) -> Configuration:
        """Return what the table `[tool.mtvgen]` says."""
        ignored: dict[str, frozenset[str]] = {}
        for pattern, ids in self._ignore_table(tool).items():
            is_list = isinstance(ids, list) and all(isinstance(name, str) for name in ids)
            if not is_list:
                self._report(f"{pattern!r} needs a list of ids, in quotes.", pattern)
                continue
            ignored[pattern] = frozenset(ids)
            for name in ids:
                self._check_id(name, pattern)
        return Configuration(ignored, tuple(self._problems))

    def _ignore_table(self, tool: Any) -> dict[str, Any]:
        table = tool
        for key in ("check", "ignore"):
            if not isinstance(table, dict):
                break
            for other in table:
                if other != key:
                    self._report(f"no key {other!r} here.", other, meant=meant_by(other, [key]))
            table = table.get(key, {})
        if isinstance(table, dict):
            return table
        self._report("[tool.mtvgen.check.ignore] is a table of patterns.", "mtvgen")
        return {}

    def _check_id(self, name: str, pattern: str) -> None:
        if name not in IDS:
            self._report(
                f"no problem has the id {name!r}.", pattern, name, meant=meant_by(name, IDS)
            )
        elif name in NEVER_SILENT:
            self._report(f"{name} can't be silenced.", pattern, name, advice="-> remove it")

    def _report(self, message: str, *keys: str, meant: str = "", advice: str = _EXAMPLE) -> None:
        """Report a problem at the last of some keys, each of which follows the one before."""
        start = max(self._text.text.find("mtvgen"), 0)
        place = self._text.place(start, start + len("mtvgen"))
        for key in keys:
            found = self._text.text.find(key, start)
            if found >= 0:
                start = found
                place = self._text.place(found, found + len(key))
        self._problems.append(Problem(_KIND, place, message, advice, meant=meant))


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str]:
    """Return what a pattern matches: a file, or all that is below a directory.

    As in .gitignore and ruff's per-file-ignores: `*` stays within a name, `**` goes down any number
    of directories, and a pattern without `/` is the name of a file anywhere.
    """
    body = "".join(_parts(pattern.removeprefix("./").rstrip("/")))
    anywhere = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    return re.compile(f"{anywhere}{body}(?:/.*)?")


def _parts(pattern: str) -> Iterator[str]:
    for part in re.findall(r"\*\*/|/\*\*$|\*\*|\*|\?|[^*?/]+|/", pattern):
        yield {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            part, re.escape(part)
        )
