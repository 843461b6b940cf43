"""A site of a library, and mistakes to make in it, as data: seeded_site/*.txt.

    === models in views

    views/books.py newcomer missed
    - order_by(Book.title)
    + order_by(Book.«titel»)
    : titel
    @ templates/books/index.html: {{ «book».title }}

A mistake is a file, what is replaced there (`-`), what replaces it (`+`), and words that the
message has to have (`:`). What is between the guillemets is where it has to be reported; `@`
says so for another place. A `newcomer` makes it who knows the manual alone, or Flask or Django;
`missed` is one that the checks do not find: to be deleted where they come to find it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mtvgen.checks.places import Place, Text
from mtvgen.checks.report import Report

DIRECTORY = Path(__file__).with_name("seeded_site")


@dataclass(frozen=True)
class Mistake:
    """One edit of the site, and what has to be said of it.

    Attributes:
        kind: The heading that it is below.
        file: The file that is edited.
        edits: What is replaced, which occurs there once, and what replaces it.
        words: What the message, the cure included, has to have.
        at: The file and the text there, with guillemets around the place; None: in an edit.
        is_newcomers: Whether somebody makes it who comes from elsewhere, and not a typist.
        is_found: Whether the checks find it.
    """

    kind: str
    file: str
    edits: tuple[tuple[str, str], ...]
    words: str
    at: tuple[str, str] | None
    is_newcomers: bool
    is_found: bool

    def __str__(self) -> str:
        return f"{self.kind}: {self.file}: {self.edits[-1][1]}"

    def edited(self, text: str) -> str:
        """The file with the mistake in it.

        Raises:
            ValueError: The site has nothing of that kind, or more than once.
        """
        for old, new in self.edits:
            if text.count(old) != 1:
                raise ValueError(f"{self}: {old!r} is there {text.count(old)} times")
            text = text.replace(old, _unmarked(new))
        return text

    def place_in(self, site: Mapping[str, str]) -> Place:
        """Where the mistake has to be reported, in the site's files without it."""
        marked = [new for _, new in self.edits if "«" in new]
        file, piece = self.at or (self.file, (marked or [self.edits[-1][1]])[0])
        text = self.edited(site[file]) if file == self.file else site[file]
        start = text.index(_unmarked(piece))
        if text.count(_unmarked(piece)) != 1:
            raise ValueError(f"{self}: {piece!r} is there more than once")
        begin, end = len(piece) - len(piece.lstrip()), len(piece)
        if "«" in piece:
            begin, end = piece.index("«"), piece.index("»") - 1
        return Text(file, text).place(start + begin, start + end)


def _unmarked(text: str) -> str:
    return text.replace("«", "").replace("»", "")


@cache
def read_site() -> dict[str, str]:
    """The files of the site, by their paths."""
    files = {}
    for part in sorted(DIRECTORY.glob("site-*.txt")):
        for section in re.split(r"(?m)^--- ", part.read_text("utf-8"))[1:]:
            name, _, text = section.partition("\n")
            files[name] = text.rstrip("\n") + "\n" if text.strip() else ""
    return files


def read_mistakes() -> list[Mistake]:
    """All mistakes, in their order."""
    return [
        _parsed(heading, block)
        for part in sorted(DIRECTORY.glob("seeds-*.txt"))
        for section in re.split(r"(?m)^=== ", part.read_text("utf-8"))[1:]
        for heading, _, blocks in [section.partition("\n")]
        for block in re.split(r"\n\s*\n", blocks.strip("\n"))
    ]


def _parsed(kind: str, block: str) -> Mistake:
    head, *lines = block.splitlines()
    file, *flags = head.split()
    edits: list[tuple[list[str], list[str]]] = []
    words, at = "", None
    for line in lines:
        sign, text = line[0], line[2:]
        if sign == "-":
            if not edits or edits[-1][1]:
                edits.append(([], []))
            edits[-1][0].append(text)
        elif sign == "+":
            edits[-1][1].append(text)
        elif sign == ":":
            words = text
        elif sign == "@":
            where, _, piece = text.partition(": ")
            at = where, piece
        elif at is not None:
            at = at[0], f"{at[1]}\n{line}"  # a piece of several lines
    whole = tuple(("\n".join(old), "\n".join(new)) for old, new in edits)
    return Mistake(kind, file, whole, words, at, "newcomer" in flags, "missed" not in flags)


def write_site(root: Path) -> None:
    """Write the site below a directory."""
    for name, text in read_site().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def with_mistake(mistake: Mistake, root: Path, check: Callable[[], Report]) -> Report:
    """What is found with a mistake in the site; afterwards, the file is as before."""
    path = root / mistake.file
    before = path.read_text("utf-8")
    path.write_text(mistake.edited(before), "utf-8")
    try:
        return check()
    finally:
        path.write_text(before, "utf-8")


def is_reported(mistake: Mistake, report: Report) -> bool:
    """Whether one of the problems is about the mistake: its words, and a part of its place."""
    expected = mistake.place_in(read_site())
    begin, end = _ends(expected)
    return any(
        problem.file == expected.file
        and mistake.words in str(problem)
        and _ends(problem.place)[0] < end
        and begin < _ends(problem.place)[1]
        for problem in report.problems
    )


def _ends(place: Place) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a place begins and ends; one without an end has a character."""
    begin = (place.line, place.column)
    return begin, max((place.end_line, place.end_column), (place.line, place.column + 1))
