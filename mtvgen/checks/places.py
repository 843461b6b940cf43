"""Places that problems point at, from the first character to the last."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

# What ends a line for Python (Language Reference, 2.1.2) and for Jinja2; a form feed does not.
_LINE_END = re.compile(r"\r\n|\r|\n")


class Place(NamedTuple):
    """A range of a file.

    Attributes:
        file: The file's path below the project, with `/`.
        line: The first line, from 1.
        column: The first character's number in its line, from 1.
        end_line: The last line.
        end_column: The number of the character behind the last one.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def at(cls, file: str, line: int = 1) -> Place:
        """Return the beginning of a line, for what is said of all of it, or of all of the file."""
        return cls(file, line, 1, line, 1)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def as_data(self) -> dict[str, str | int]:
        """Return the place for JSON: its fields by name."""
        return dict(zip(self._fields, self, strict=True))


class Text:
    """The text of a file, in which offsets are lines and columns.

    Args:
        file: The file's path below the project.
        text: Its text, decoded, without a byte order mark.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    def line(self, number: int) -> str:
        """Return a line by its number from 1; empty if there is none."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")

    def with_plain_line_ends(self) -> Text:
        """Return the same text, with one character at the end of each line."""
        return Text(self.file, _LINE_END.sub("\n", self.text))

    def at(self, place: Place) -> str:
        """Return what is written in a place."""
        start, end = (place.line, place.column), (place.end_line, place.end_column)
        return self.text[self.offset(*start) : self.offset(*end)]

    def place(self, start: int, end: int) -> Place:
        """Return the place between two offsets."""
        return Place(self.file, *self._position(start), *self._position(end))

    def line_at(self, offset: int) -> int:
        """Return the number of the line that holds an offset, from 1."""
        return bisect_right(self.starts, offset)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and a column, both from 1."""
        return self.starts[line - 1] + column - 1

    def _position(self, offset: int) -> tuple[int, int]:
        line = self.line_at(offset)
        return line, offset - self.starts[line - 1] + 1
