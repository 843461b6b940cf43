"""Addresses that a template writes out, asked of the router and of the disk.

`url_for()` and `static()` are checked elsewhere; this is `href="/abuot"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from mtvgen.checks.files import files_below, is_file
from mtvgen.checks.markup.elements import Attribute, Element, Markup
from mtvgen.checks.markup.pieces import Boundary, Written
from mtvgen.checks.markup.values import Value
from mtvgen.checks.report import Problem, Severity, arrow, did_you_mean, meant_by, path_meant_by
from mtvgen.checks.routes.literal import takes
from mtvgen.checks.routes.overlap import may_meet
from mtvgen.runtime.routing.router import Router

STATIC = "/static/"
_RELATIVE = re.compile(r"[\w-][\w/-]*$")
_PARAMETER = re.compile(r"<[^>]*>")
_ADDRESSES = {
    "a": ("href",),
    "area": ("href",),
    "form": ("action",),
    "button": ("formaction",),
    "input": ("formaction", "src"),
    "link": ("href",),
    "script": ("src",),
    "img": ("src",),
    "source": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "iframe": ("src",),
}


class WrittenAddresses:
    """Finds the addresses of pages that lead nowhere.

    Args:
        router: The site's routes; None where they are not all known.
        static: The directory of static files; None where it is not known.
        is_shared: Whether the template is part of pages with addresses of their own, so that a
            relative address leads elsewhere from each.
    """

    def __init__(
        self, router: Router | None, static: Path | None, *, is_shared: bool = False
    ) -> None:
        self._router = router
        self._static = static
        self._is_shared = is_shared

    def problems(self, markup: Markup) -> Iterator[Problem]:
        """Yield the addresses of a template that neither a route nor a static file has."""
        if self._router is None:
            return
        for element in markup.elements:
            for name in _ADDRESSES.get(element.name, ()):
                for attribute in element.all(name):
                    yield from self._check(element, attribute)

    def _check(self, element: Element, attribute: Attribute) -> Iterator[Problem]:
        value = attribute.value
        if value is None:
            return
        ways = value.ways()
        if ways is None:
            yield from self._check_pattern(value)
        for address in ways or ():
            path = unquote(address.strip().partition("#")[0].partition("?")[0])
            if self._is_shared and _RELATIVE.match(path):
                yield from self._check_relative(f"/{path}", value)
            if not path.startswith("/") or path.startswith("//"):
                continue
            if path.startswith(STATIC):
                yield from self._check_file(path.removeprefix(STATIC), value)
            elif not _is_file_name(path):
                yield from self._check_route(path, value)

    def _check_relative(self, path: str, value: Value) -> Iterator[Problem]:
        """Check an address without `/`, which begins at the address of the page that it is in."""
        assert self._router is not None  # noqa: S101  # problems() has looked
        patterns = [route.pattern for route in self._router.routes if not route.name]
        deep = next((each for each in patterns if each.count("/") > 1 and STATIC not in each), None)
        if deep is None or not takes(self._router, path):
            return
        there = f"{deep.rpartition('/')[0]}{path}"
        if not takes(self._router, there):
            message = f"this address begins at the page's own: on {deep} it leads to {there}."
            yield _at(value, "templates.unknown-address", message, did_you_mean(path))

    def _check_pattern(self, value: Value) -> Iterator[Problem]:
        """Check an address with expressions in it: some route has to be like it."""
        assert self._router is not None  # noqa: S101  # problems() has looked
        pattern = _pattern_of(value)
        if pattern is None or pattern.startswith(STATIC):
            return
        known = [route.pattern for route in self._router.routes]
        if any(may_meet(pattern, each) for each in known):
            return
        message = f"no route is like {_PARAMETER.sub('...', pattern)}."
        plain = {_PARAMETER.sub("...", each): each for each in known}
        meant = plain.get(meant_by(_PARAMETER.sub("...", pattern), plain), "")
        yield _at(value, "templates.unknown-address", message, did_you_mean(meant))

    def _check_file(self, name: str, value: Value) -> Iterator[Problem]:
        if self._static is None or not name or is_file(self._static / name):
            return
        message = f"/static/{name}: no such file in {self._static.name}/."
        meant = nearest_file(name, self._static)
        hint = arrow(f"{{{{ static({meant!r}) }}}}") if meant else ""
        yield _at(value, "templates.static-missing", message, hint, severity="error")

    def _check_route(self, path: str, value: Value) -> Iterator[Problem]:
        assert self._router is not None  # noqa: S101  # problems() has looked
        if takes(self._router, path):
            return
        known = [route.pattern for route in self._router.routes if "<" not in route.pattern]
        message, meant = f"no route takes {path}.", meant_by(path, known)
        kind = "templates.unknown-address"
        if path == value.beginning:
            yield _at(value, kind, message, meant=meant)
        else:
            yield _at(value, kind, message, did_you_mean(meant))


def _at(
    value: Value,
    kind: str,
    message: str,
    hint: str = "",
    severity: Severity = "note",
    meant: str = "",
) -> Problem:
    place = value.place
    assert place is not None  # noqa: S101  # the address is in it
    return Problem(kind, place, message, hint, severity, meant)


def _pattern_of(value: Value) -> str | None:
    """Return an address as a pattern: `/events/<x>`; None if it is not known as far as its path."""
    pattern = ""
    for piece in value.pieces:
        if isinstance(piece, Boundary):
            return None
        text = piece.text if isinstance(piece, Written) else "<x>"
        pattern += text.partition("?")[0].partition("#")[0]
        if "?" in text or "#" in text:
            break
    segments = pattern.split("/")
    is_path = len(segments) > 1 and segments[0] == "" and segments[1] not in ("", "<x>")
    if not is_path or "." in segments[-1]:
        return None
    # What an expression at the end gives may have further segments.
    end = "<path:x>" if "<x>" in segments[-1] else segments[-1]
    return "/".join([*segments[:-1], end]) if "<x>" not in segments[1] else None


def nearest_file(name: str, static: Path) -> str:
    """Return the static file that was probably meant; empty if none is close."""
    files = map(Path, files_below(str(static)))
    return path_meant_by(name, [path.relative_to(static).as_posix() for path in files])


def _is_file_name(path: str) -> bool:
    """Return whether a path looks like a file's, which another server may have."""
    return "." in path.rpartition("/")[2]
