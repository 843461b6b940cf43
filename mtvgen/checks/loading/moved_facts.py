"""Facts whose lines have moved: blank lines or comments were put above them, or taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mtvgen.checks.facts import Facts, RouteFact
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.same_code import are_same_code, lines_of_code

# Where each line of a file is now.
Lines = Mapping[int, int]


def facts_after_moving(facts: Facts, old: Module, new: Module) -> Facts | None:
    """Return what an import would find after an edit of a file that moves its code, and no more.

    Args:
        facts: What the last one found.
        old: The file as it was then.
        new: The file as it is.

    Returns:
        None where the edit may do more, or the place of a fact is not known.
    """
    if old.tree is None or new.tree is None or old.problems or new.problems:
        return None
    if not are_same_code(old.source, old.tree, new.source, new.tree):
        return None
    lines = dict(zip(lines_of_code(old.source), lines_of_code(new.source), strict=True))
    places = [problem.place for problem in facts.problems] + [one.place for one in facts.unchecked]
    places += [other.place for problem in facts.problems for other in problem.related]
    # What is wrong with a file as a whole is reported on its first line, wherever its code begins.
    if any(place.file == old.file for place in places):
        return None
    try:
        routes = [_moved(route, old.file, lines) for route in facts.routes or ()]
    except KeyError:
        return None
    return replace(facts, routes=tuple(routes) if facts.routes is not None else None)


def _moved(route: RouteFact, file: str, lines: Lines) -> RouteFact:
    line = lines[route.line] if route.file == file else route.line
    function = route.function
    if function is not None and function[0] == file:
        function = (*function[:2], lines[function[2]])
    is_there = line == route.line and function == route.function
    return route if is_there else replace(route, line=line, function=function)
