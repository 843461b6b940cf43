"""What is said of a view's parameters is what calling it shows."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from mtvgen.checks.routes.view_parameters import view_problems
from mtvgen.runtime.routing.routes import path

PATTERNS = {"/n": {}, "/n/<int:id>": {"id": 1}, "/n/<int:id>/<slug:tag>": {"id": 1, "tag": "t"}}
FIRST = ["request", "request, /", "r", "*args", "request=None", "id", ""]
REST = [
    "",
    "id",
    "id, tag",
    "id=0",
    "id, tag=''",
    "*, id",
    "**names",
    "*, id, tag=''",
    "tag",
    "id, x",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_view_is_reported_exactly_when_the_call_of_it_fails(pattern):
    wrong = []
    for first, rest in product(FIRST, REST):
        view = view_of(", ".join(part for part in (first, rest) if part))
        if view is None:
            continue
        is_told = any(view_problems([path(pattern, view)]))
        if is_told != fails(view, PATTERNS[pattern]):
            wrong.append(f"({first}, {rest})")

    assert wrong == []


def test_the_types_of_parameters_are_compared_in_plain_functions_and_others():
    plain, with_more = view_of("request, id: str"), view_of("request, id: str, *args")

    of_both = [list(view_problems([path("/n/<int:id>", view)])) for view in (plain, with_more)]

    assert [[problem.id for problem in problems] for problems in of_both] == [
        ["views.parameter-type"]
    ] * 2


def view_of(parameters: str) -> Any:
    """Make a function of these parameters; None where Python has no such function."""
    names: dict[str, Any] = {}
    try:
        exec(f"def view({parameters}): pass", names)
    except SyntaxError:
        return None
    return names["view"]


def fails(view: Any, values: dict[str, object]) -> bool:
    try:
        view(object(), **values)
    except TypeError:
        return True
    return False
