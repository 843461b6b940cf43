"""Files that browsers get as they are: what style sheets and scripts in static/ name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from mtvgen.checks.browser.policy import ContentPolicy
from mtvgen.checks.browser.refused import allowing, forbids, origin_of
from mtvgen.checks.browser.written_addresses import STATIC, nearest_file
from mtvgen.checks.files import Stamp, is_file
from mtvgen.checks.places import Place, Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.report import Problem, did_you_mean

# CSS Syntax Level 3: comments; CSS Values 4, 4.5: url(), in quotes or without; CSS Cascade 5, 2.
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_ADDRESS = re.compile(
    r"(?P<import>@import\s+)?(?:\burl\(\s*(?P<q>[\"']?)(?P<url>[^\"')\s]+)(?P=q)\s*\)"
    r"|(?<=@import )\s*[\"'](?P<text>[^\"'\n]+)[\"'])",
    re.IGNORECASE,
)
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}", re.IGNORECASE)
# ECMA-262, 16.2: what a module names; others than `./x.js` are looked up elsewhere.
_JS_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.DOTALL)
_JS_IMPORT = re.compile(
    r"^[ \t]*(?:import|export)\b[^;\"'\n]*?[\"'](?P<url>(?:\.{1,2}/|/)[^\"'\n]+)[\"']",
    re.MULTILINE,
)
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)


class StaticFiles:
    """Checks style sheets and modules; each once for each version.

    Args:
        static: Their directory.
        shown: How problems show it, with `/` at the end: `static/`.
        files: Open texts, over the disk.
    """

    def __init__(self, static: Path, shown: str, files: ProjectFiles) -> None:
        self.root = static
        self._shown = shown
        self._files = files
        self._read: dict[str, tuple[Stamp, list[tuple[str, Place, str]]]] = {}

    def problems(self, policy: ContentPolicy | None) -> Iterator[Problem]:
        """Yield the addresses that lead to no file, or that the policy does not allow."""
        for path in self._files.list(self.root):
            if path.endswith((".css", ".js", ".mjs")) and ".min." not in path:
                name = path[len(str(self.root)) + 1 :].replace("\\", "/")
                for address, place, directive in self._addresses(path, name):
                    yield from self._check(name, address, place, directive, policy)

    def _addresses(self, path: str, name: str) -> list[tuple[str, Place, str]]:
        """Return each address in a file, its place, and the directive that decides about it."""
        stamp = self._files.stamp(path)
        kept = self._read.get(name)
        if kept is None or kept[0] != stamp:
            text = Text(f"{self._shown}{name}", self._text_of(path))
            found = _in_css(text) if name.endswith(".css") else _in_script(text)
            kept = self._read[name] = (stamp, list(found))
        return kept[1]

    def _text_of(self, path: str) -> str:
        try:
            return self._files.read(path).decode("utf-8-sig", "replace")
        except OSError:
            return ""

    def _check(
        self, name: str, address: str, place: Place, directive: str, policy: ContentPolicy | None
    ) -> Iterator[Problem]:
        if _ELSEWHERE.match(address):
            refusal = policy.refuses(address, directive) if policy is not None else None
            if refusal is not None:
                origin = origin_of(address)
                message = f"the browser does not load {origin}: {forbids(refusal)}."
                cure = allowing(refusal, origin)
                hint = f"Put the file into static/, or allow it in wsgi.py: {cure}"
                yield Problem("static.content-policy", place, message, hint, "note")
            return
        if _OTHER_SCHEME.match(address):
            return
        path = unquote(address.partition("#")[0].partition("?")[0])
        if path.startswith("/") and not path.startswith(STATIC):
            return  # another route's, or another server's
        wanted = path.removeprefix(STATIC) if path.startswith("/") else join(dirname(name), path)
        wanted = normpath(wanted)
        file = self.root / wanted
        if not wanted.startswith("..") and (self._files.is_open(file) or is_file(file)):
            return
        message = f"{address!r}: no such file in {self._shown}"
        hint = did_you_mean(nearest_file(wanted, self.root))
        yield Problem("static.not-found", place, f"{message}.", hint, "note")


def _in_css(text: Text) -> Iterator[tuple[str, Place, str]]:
    source = _CSS_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text.text)
    fonts = [match.span() for match in _FONT_FACE.finditer(source)]
    for match in _CSS_ADDRESS.finditer(source):
        group = "url" if match["url"] is not None else "text"
        is_import = bool(match["import"]) or group == "text"
        is_font = any(start <= match.start() < end for start, end in fonts)
        directive = "style-src-elem" if is_import else "font-src" if is_font else "img-src"
        yield match[group], text.place(*match.span(group)), directive


def _in_script(text: Text) -> Iterator[tuple[str, Place, str]]:
    source = _JS_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text.text)
    for match in _JS_IMPORT.finditer(source):
        yield match["url"], text.place(*match.span("url")), "script-src-elem"


def static_files(
    kept: StaticFiles | None, root: Path, directory: str, files: ProjectFiles
) -> StaticFiles:
    """Return the checks of a directory: those that the last run kept, if it was the same one.

    Args:
        kept: What it kept.
        root: The project's directory.
        directory: The directory of static files.
        files: What they are read through.
    """
    path = Path(directory)
    if kept is not None and kept.root == path:
        return kept
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return StaticFiles(path, f"{shown}/", files)
