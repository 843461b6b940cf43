"""The open texts of one project: what the checks read of each, and where that is in the text.

The checks repair a template that can't be parsed at the moment, because somebody is typing. A
Python file is read as it was when it last could be parsed; so the other problems of the file stay
where they are, and nothing flickers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.report import Problem, Related
from mtvgen.lsp.workspace.moved_lines import MovedLines

# Characters of a text that takes 0.1 seconds to read: not between two keys of somebody who types.
LARGE = 20_000
_BYTE_ORDER_MARK = "\ufeff"


@dataclass
class OpenText:
    """One open text.

    Attributes:
        text: As it is.
        sound: As it was when it could last be parsed; None if that never was.
        is_typed: Whether somebody has typed in it since it was opened, saved, or left in peace.
    """

    text: str
    sound: str | None = None
    is_typed: bool = False

    @property
    def is_half_typed(self) -> bool:
        """Whether the checks read an older version of it."""
        return self.sound is not None and self.sound != self.text


class OpenTexts:
    """The open texts of a project.

    Args:
        root: The project's directory.
        files: What the checks read.
    """

    def __init__(self, root: Path, files: ProjectFiles) -> None:
        self._root = root
        self._files = files
        self._texts: dict[Path, OpenText] = {}

    def put(self, path: Path, text: str, *, typed: bool) -> None:
        """Take a text that was opened, or typed in."""
        text = text.removeprefix(_BYTE_ORDER_MARK)
        held = self._texts.setdefault(path, OpenText(text))
        held.text, held.is_typed = text, typed
        if _is_sound(path, text):
            held.sound = text
        self._files.put(path, held.sound if held.sound is not None else text)

    def forget(self, path: Path) -> None:
        """Forget a text that was closed."""
        if self._texts.pop(path, None) is not None:
            self._files.forget(path)

    def settle(self, path: Path) -> None:
        """Have a text read as it is: it was saved."""
        held = self._texts.get(path)
        if held is not None:
            held.is_typed = False
        if held is not None and held.is_half_typed:
            held.sound = None
            self._files.put(path, held.text)

    def text(self, path: Path) -> str | None:
        """Return an open text as it is."""
        held = self._texts.get(path)
        return held.text if held is not None else None

    @property
    def files(self) -> list[str]:
        """The files of the project that are open."""
        below = (path for path in self._texts if path.is_relative_to(self._root))
        return [path.relative_to(self._root).as_posix() for path in below]

    @property
    def half_typed(self) -> list[Path]:
        """The files of which an older version is read."""
        return [path for path, held in self._texts.items() if held.is_half_typed]

    def is_typed(self, file: str) -> bool:
        """Return whether somebody is typing in a file of the project."""
        held = self._texts.get(self._root / file)
        return held is not None and held.is_typed

    def put_all(self, *, as_they_are: bool) -> None:
        """Have the half-typed texts read as they are, or as they last could be parsed."""
        for path in self.half_typed:
            held = self._texts[path]
            self._files.put(path, held.text if as_they_are else str(held.sound))

    def placed(self, problems: Iterator[Problem]) -> Iterator[Problem]:
        """Yield problems where they are in the texts as they are now."""
        moved = {
            path.relative_to(self._root).as_posix(): MovedLines(str(held.sound), held.text)
            for path, held in self._texts.items()
            if held.is_half_typed and path.is_relative_to(self._root)
        }
        for problem in problems:
            if any(other.place.file in moved for other in problem.related):
                problem = replace(problem, related=moved_related(problem.related, moved))
            lines = moved.get(problem.file)
            if lines is None:
                yield problem
            elif place := lines.place(problem.place):
                yield replace(problem, place=place)


def moved_related(
    related: Iterable[Related], moved: Mapping[str, MovedLines]
) -> tuple[Related, ...]:
    """Return the other places of a problem where they are now, without those that are gone."""
    return tuple(_moved(related, moved))


def _moved(related: Iterable[Related], moved: Mapping[str, MovedLines]) -> Iterator[Related]:
    for other in related:
        lines = moved.get(other.place.file)
        place = lines.place(other.place) if lines is not None else other.place
        if place is not None:
            yield other._replace(place=place)


def _is_sound(path: Path, text: str) -> bool:
    """Return whether a file's text can be parsed; that of a template is repaired."""
    if path.suffix != ".py":
        return True
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
