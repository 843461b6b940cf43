"""Where a line of one version of a text is in another version that differs in one stretch."""

from __future__ import annotations

from itertools import takewhile

from mtvgen.checks.places import Place


class MovedLines:
    """The lines of an old text in a new one: those before and behind what differs.

    Args:
        old: The text that places were found in.
        new: The text that is shown.
    """

    def __init__(self, old: str, new: str) -> None:
        before, after = old.splitlines(), new.splitlines()
        shorter = min(len(before), len(after))
        same = 0
        while same < shorter and before[same] == after[same]:
            same += 1
        behind = 0
        while behind < shorter - same and before[-1 - behind] == after[-1 - behind]:
            behind += 1
        # What the first lines that differ have in common, at their beginnings.
        lines = zip("".join(before[same : same + 1]), "".join(after[same : same + 1]), strict=False)
        self._common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], lines))
        self._first = same
        self._behind = len(before) - behind
        self._shift = len(after) - len(before)

    def place(self, place: Place) -> Place | None:
        """Return a place of the old text in the new one; None in the stretch that differs."""
        if place.end_line <= self._first:
            return place
        if place.line > self._behind:
            line, end_line = place.line + self._shift, place.end_line + self._shift
            return place._replace(line=line, end_line=end_line)
        return None

    def nearest(self, place: Place) -> Place:
        """Return the last place of the new text before one that is in what differs."""
        is_first = place.line == self._first + 1
        column = min(place.column, self._common + 1) if is_first else 1
        return Place(place.file, self._first + 1, column, self._first + 1, column)
