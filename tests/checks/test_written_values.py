"""Where a value is written that is used in a place: in the line of its use, if it can be."""

from __future__ import annotations

import pytest

from mtvgen.checks.interpreter.values import Passed, Position
from mtvgen.checks.rendering.written_values import WrittenValues
from mtvgen.checks.templates.parsing.marks import marked

TITLE = Passed("title")


def at(line: int, number: int, template: str = "a.html") -> Position:
    """The place of a token in a template: in which line it is, and how many are before it."""
    *_, (mark, _, _) = marked([(line, "name", "")] * number)
    return Position(template, mark)


@pytest.mark.parametrize(
    ("used", "meant"),
    [
        (at(2, 9), at(2, 8)),
        (at(2, 8), at(2, 8)),
        (at(2, 7), at(2, 5)),
        (at(2, 4), at(2, 5)),  # none before it: the first one of the line
        (at(3, 20), at(1, 2)),  # none in its line: the first of all
        (at(2, 9, "b.html"), at(1, 2)),
    ],
)
def test_the_last_one_before_a_use_in_its_line_is_meant(used, meant):
    written = WrittenValues([(TITLE, at(1, 2)), (TITLE, at(2, 8)), (TITLE, at(2, 5))])
    assert written.meant(TITLE, used) == meant
    assert written.meant(Passed("other"), used) == used


class Counted:
    """A value that counts how often it is compared."""

    compared = 0

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return isinstance(other, Counted)


@pytest.mark.parametrize("lines", [1, 1000])
def test_each_of_many_uses_looks_at_few_others(lines):
    places = [at(1 + number % lines, number + 1) for number in range(1000)]
    written = WrittenValues((Counted(), place) for place in places)
    Counted.compared = 0
    assert [written.meant(Counted(), place) for place in places] == places
    assert Counted.compared < 5000
