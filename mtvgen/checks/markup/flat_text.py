"""Pieces as one text for a parser, in which Jinja2's tags are one character each.

None of them can be in a tag's name or between two quotes, where it would mean something.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from mtvgen.checks.markup.pieces import Boundary, Expression, Path, Piece, Written

# Noncharacters of Unicode (The Unicode Standard, 23.7), which no text has.
EXPRESSION, ENTER, LEAVE = "\ufdd0", "\ufdd1", "\ufdd2"
RESERVED = re.compile("[\ufdd0-\ufdd2]")


class FlatText:
    """Pieces as one text, and the way back from an offset in it."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        parts: list[str] = []
        self.pieces: list[Piece] = []
        self.starts: list[int] = []
        self._turns: list[int] = [0]
        self._paths: list[Path] = [()]
        length = 0
        for piece in pieces:
            text = self._stand_in(piece, length)
            if text:
                self.pieces.append(piece)
                self.starts.append(length)
                parts.append(text)
                length += len(text)
        self.text = "".join(parts)
        self.lines = [0, *(end.end() for end in re.finditer("\n", self.text))]

    def _stand_in(self, piece: Piece, offset: int) -> str:
        if isinstance(piece, Written):
            return RESERVED.sub("?", piece.text)
        if isinstance(piece, Expression):
            return EXPRESSION
        path = self._paths[-1]
        self._turns.append(offset + 1)
        self._paths.append((*path, piece.step) if piece.enters else path[:-1])
        return ENTER if piece.enters else LEAVE

    def path(self, offset: int) -> Path:
        """Return the statements around an offset."""
        return self._paths[bisect_right(self._turns, offset) - 1]

    def between(self, start: int, end: int) -> tuple[Piece, ...]:
        """Return the pieces between two offsets, the first and the last maybe in part."""
        found: list[Piece] = []
        index = max(0, bisect_right(self.starts, start) - 1)
        while index < len(self.starts) and self.starts[index] < end:
            piece, first = self.pieces[index], self.starts[index]
            if isinstance(piece, Written):
                piece = piece.part(max(0, start - first), min(len(piece.text), end - first))
                if piece.text:
                    found.append(piece)
            elif first >= start:
                found.append(piece)
            index += 1
        return tuple(found)

    def expressions(self, start: int, end: int) -> Iterator[tuple[int, Expression]]:
        """Yield the expressions between two offsets, each with its own."""
        for index in range(bisect_left(self.starts, start), bisect_left(self.starts, end)):
            piece = self.pieces[index]
            if isinstance(piece, Expression):
                yield self.starts[index], piece

    def written(self, start: int, end: int) -> Written:
        """Return the text that begins at an offset, as far as it is in one piece."""
        index = max(0, bisect_right(self.starts, start) - 1)
        piece, first = self.pieces[index], self.starts[index]
        assert isinstance(piece, Written)  # noqa: S101  # a tag begins with a written `<`
        return piece.part(start - first, min(len(piece.text), end - first))

    def first(self, start: int, end: int) -> Written | Expression:
        """Return the first piece of what is between two offsets."""
        first = self.between(start, end)[0]
        assert not isinstance(first, Boundary)  # noqa: S101  # names and values hold none first
        return first
