"""Records behave as the frozen dataclasses that a type checker takes them for."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field, fields, replace

import pytest

from mtvgen.records import record


def classes(decorator):
    """The same classes, by either decorator."""

    @decorator(frozen=True, slots=True)
    class Nothing:
        """Has no value."""

    @decorator(frozen=True)
    class Pair:
        """Has a default, and what is not compared."""

        left: int
        right: str = "r"
        note: str = field(default="", compare=False)
        hidden: str = field(default="", repr=False, compare=False)

    @decorator(frozen=True, eq=False, slots=True)
    class Alone:
        """Is equal to itself."""

        value: int

    @decorator(frozen=True, slots=True)
    class Hashed:
        """Has a hash of its own."""

        value: list[int]

        def __hash__(self):
            return 7

    @decorator(frozen=True, slots=True)
    class Child(Hashed):
        """Inherits a value."""

        more: int = 0

    return Nothing, Pair, Alone, Hashed, Child


@pytest.fixture(params=[dataclass, record], ids=["dataclass", "record"])
def made(request):
    return classes(request.param)


def test_values_decide_whether_two_are_equal(made):
    nothing, pair, alone, hashed, child = made
    assert nothing() == nothing()
    assert nothing() != pair(1)
    assert pair(1, note="a") == pair(1, note="b", hidden="c")
    assert pair(1) != pair(2)
    assert len({pair(1), pair(1), pair(2), nothing(), nothing()}) == 3
    one = alone(1)
    assert one == one
    assert one != alone(1)
    assert (hash(hashed([1])), hashed([1])) == (7, hashed([1]))
    assert child([1], 2) != hashed([1])
    with pytest.raises(TypeError):
        hash(child([1], 2))


def test_what_reads_dataclasses_reads_them(made):
    nothing, pair, _, _, child = made
    assert repr(nothing()).endswith("Nothing()")
    assert repr(pair(1, hidden="x")).endswith("Pair(left=1, right='r', note='')")
    assert replace(pair(1), right="s") == pair(1, "s")
    assert [one.name for one in fields(child)] == ["value", "more"]
    match child([1], 2):
        case child(value, more=more):
            assert (value, more) == ([1], 2)


def test_an_object_goes_to_another_process():
    from mtvgen.checks.places import Place
    from mtvgen.checks.report import Problem

    problem = Problem("a.b", Place.at("views/a.py", 3), "is wrong.")
    assert pickle.loads(pickle.dumps(problem)) == problem
