"""Where values are written, looked up by what is written and the line of its use."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

from mtvgen.checks.interpreter.values import Position, Value
from mtvgen.checks.templates.parsing.marks import line_of


class WrittenValues:
    """The places at which values are written.

    Args:
        written: Each value with a place.
    """

    def __init__(self, written: Iterable[tuple[Value, Position]]) -> None:
        self._first: dict[Value, Position] = {}
        self._in_lines: dict[tuple[Value, str, int], list[Position]] = {}
        for value, position in written:
            self._first.setdefault(value, position)
            line = (value, position.template, line_of(position.mark))
            self._in_lines.setdefault(line, []).append(position)
        for positions in self._in_lines.values():
            positions.sort()

    def meant(self, value: Value, used: Position) -> Position:
        """Return where a value is written that is used in a place.

        That is the last one before it in the same line, because what follows uses it, or else the
        first one in that line. With none there, it is the first of all, or the place itself.
        """
        in_line = self._in_lines.get((value, used.template, line_of(used.mark)))
        if not in_line:
            return self._first.get(value, used)
        before = bisect_right(in_line, used.mark, key=attrgetter("mark"))
        return in_line[max(before - 1, 0)]
