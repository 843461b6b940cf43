"""Positions as the protocol counts them, and as the checks do.

The protocol counts lines and columns from 0, columns in the units of an encoding that client and
server agree on: `utf-16` unless both know `utf-8` (LSP 3.17, "Position"). The checks count lines
and characters from 1. Lines end in the same ways for both.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from mtvgen.checks.places import Place, Text

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]

_BYTE_ORDER_MARK = "\ufeff"


def agreed_encoding(offered: list[str]) -> Encoding:
    """Return the units that columns are counted in, of those that a client knows."""
    return "utf-8" if "utf-8" in offered else "utf-16"


def units_in(text: str, encoding: Encoding) -> int:
    """Return how long a text is, in units of an encoding."""
    if text.isascii() or encoding == "utf-32":
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def characters_in(line: str, units: int, encoding: Encoding) -> int:
    """Return how many characters of a line come before a column.

    A column inside a character counts as before it, one behind the line's end as its end.
    """
    if line.isascii() or encoding == "utf-32":
        return max(0, min(units, len(line)))
    seen = 0
    for number, character in enumerate(line):
        seen += units_in(character, encoding)
        if seen > units:
            return number
    return len(line)


class Lines:
    """A text in which the protocol's positions are the offsets and places of the checks.

    Args:
        text: The text as the client has it; a byte order mark is a character of its first line,
            which the checks do not count.
        encoding: The units of columns.
    """

    def __init__(self, text: str, encoding: Encoding) -> None:
        self._text = Text("", text)
        self._encoding = encoding
        self._mark = text.startswith(_BYTE_ORDER_MARK)

    @property
    def line_end(self) -> str:
        """What ends its lines, and so those that are added."""
        return "\r\n" if "\r\n" in self._text.text else "\n"

    def offset(self, position: dict[str, Any]) -> int:
        """Return the offset of a position in the client's text."""
        line = max(0, int(position["line"]))
        if line >= len(self._text.starts):
            return len(self._text.text)
        within = characters_in(
            self._text.line(line + 1), int(position["character"]), self._encoding
        )
        return self._text.starts[line] + within

    def point(self, position: dict[str, Any]) -> tuple[int, int]:
        """Return the line and column of a position as the checks count them."""
        place = self._text.place(offset := self.offset(position), offset)
        return place.line, max(1, place.column - self._shift(place.line))

    def checks_offset(self, position: dict[str, Any]) -> int:
        """Return the offset of a position in the text as the checks read it."""
        return max(0, self.offset(position) - self._mark)

    def range(self, place: Place) -> dict[str, Any]:
        """Return the range of a place; of a whole line what is written in it."""
        if place[1:3] == place[3:]:
            line = self._text.line(place.line).lstrip(_BYTE_ORDER_MARK)
            if place.column == 1 and line.strip():
                begin = len(line) - len(line.lstrip())
                place = place._replace(column=begin + 1, end_column=len(line.rstrip()) + 1)
        return self.exact_range(place)

    def exact_range(self, place: Place) -> dict[str, Any]:
        """Return the range of a place, as it is."""
        return {
            "start": self._position(place.line, place.column),
            "end": self._position(place.end_line, place.end_column),
        }

    def _position(self, line: int, column: int) -> dict[str, int]:
        before = self._text.line(line)[: column - 1 + self._shift(line)]
        return {"line": line - 1, "character": units_in(before, self._encoding)}

    def _shift(self, line: int) -> int:
        return 1 if self._mark and line == 1 else 0
