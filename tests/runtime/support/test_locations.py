"""Places in source files: the line of each call, however long the list is that it is in."""

from __future__ import annotations

import time
from weakref import ref

import pytest

from mtvgen.runtime.support.locations import Location, caller


def asked() -> Location:
    return caller()


def listed(calls: int, lines_each: int = 1) -> list[Location]:
    """The places of so many calls in one list, as urls.py has its routes."""
    call = "    asked(" + "\n" * (lines_each - 1) + "),\n"
    names: dict[str, list[Location]] = {}
    exec(compile(f"found = [\n{call * calls}]\n", "urls.py", "exec"), {"asked": asked}, names)
    return names["found"]


@pytest.mark.parametrize("calls", [3, 300, 3000])
@pytest.mark.parametrize("lines_each", [1, 3])
def test_each_call_has_its_line(calls: int, lines_each: int) -> None:
    expected = [Location("urls.py", 2 + number * lines_each) for number in range(calls)]
    assert listed(calls, lines_each) == expected
    assert listed(calls, lines_each) == expected  # another module of the same text


def test_two_long_lists_that_take_turns_have_their_own_lines() -> None:
    ask = "    asked(),\n" * 400
    code = compile(f"def f():\n  for _ in '123':\n    yield [\n{ask}    ][-1]\n", "a.py", "exec")
    names: dict[str, object] = {"asked": asked}
    exec(code, names)
    other = compile(f"\n\n{'asked()' + chr(10)}" * 400 + "found = asked()\n", "b.py", "exec")
    for place in names["f"]():  # type: ignore[operator]
        exec(other, names)
        assert (place, names["found"]) == (Location("a.py", 403), Location("b.py", 1201))


def test_a_route_costs_the_same_in_a_list_of_any_length() -> None:
    def each(calls: int) -> float:
        begun = time.perf_counter()
        listed(calls)
        return (time.perf_counter() - begun) / calls

    # Reading the table of lines for each of them costs 8 times as much in the longer list.
    assert min(each(8000) for _ in range(3)) < 4 * min(each(1000) for _ in range(5))


def test_the_code_of_a_module_is_not_kept() -> None:
    code = compile("asked()\n" * 3000, "urls.py", "exec")
    exec(code, {"asked": asked})
    remembered = ref(code)
    del code
    assert remembered() is None
