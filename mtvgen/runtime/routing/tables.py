"""The tables in which the router looks: routes sorted by how specific their patterns are.

Each pattern has a *shape*: for each of its segments how specific it is, so that the sorted shapes
are the order in which patterns are to be tried. There is one table for each shape, and in it one
look-up finds the patterns whose literal segments are those of the path.

Before them come two kinds of patterns that need no splitting of the path: those without a
parameter, and those whose only parameter is their last segment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter, itemgetter
from re import Match
from types import MappingProxyType
from typing import Any

from mtvgen.runtime.routing.patterns import Field
from mtvgen.runtime.routing.routes import Route
from mtvgen.runtime.routing.segments import LITERAL, MIXED, MIXED_PATH, PATH

Found = tuple[Route, Mapping[str, Any]]
# What a look-up gives: an empty tuple where another method may have more luck, None for no path.
Finding = Found | tuple[()] | None
# One pattern of a table: its routes by method (by None: any of them), what divides a path where
# splitting it is not enough, and its parameters.
Row = tuple[dict[str | None, Route], Callable[[str], Match[str] | None] | None, tuple[Field, ...]]
# The same for a pattern that ends in its only parameter.
Tail = tuple[dict[str | None, Route], str, Callable[[str], Any]]
# What picks the literal segments out of a split path, and the table's look-up.
Table = tuple[Callable[[list[str]], Any], Callable[[Any], list[Row] | None]]

# Shared by all requests for a static path, so nobody may write to it.
_NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})


def static_table(routes: Iterable[Route]) -> dict[str, dict[str | None, Found]]:
    """Path -> method (None: any) -> what a match gives, for the patterns without a parameter."""
    table: dict[str, dict[str | None, Found]] = {}
    for route in routes:
        if not route.parsed.parameters:
            found = (route, _NO_PARAMETERS)
            by_method = table.setdefault(route.pattern, {None: found})
            for method in route.methods:
                by_method[method] = found
    return table


def head_of(route: Route) -> str | None:
    """Return what precedes the last segment, if that is the only parameter and nothing else."""
    *before, last = route.parsed.segments
    is_alone = LITERAL < last.rank < PATH and last.rank not in (MIXED, MIXED_PATH)
    if is_alone and all(segment.rank == LITERAL for segment in before):
        return route.pattern.rpartition("/")[0]
    return None


def head_table(routes: Iterable[Route]) -> dict[str, list[Tail]]:
    """Most patterns with a parameter have one, at their end: found without splitting the path.

    They are more specific than every other pattern that takes the same path, but for those with
    text next to a parameter in that place: if there is one, the tables keep the order.

    Args:
        routes: Those whose patterns have parameters.
    """
    found: dict[str, list[Route]] = {}
    mixed = set()
    for route in routes:
        head = head_of(route)
        if head is not None:
            found.setdefault(head, []).append(route)
        elif any(segment.rank in (MIXED, MIXED_PATH) for segment in route.parsed.segments):
            mixed.add(_literal_head(route))
    return {head: _tails(alike) for head, alike in found.items() if head not in mixed}


def _literal_head(route: Route) -> str:
    """Return the literal segments that a pattern begins with."""
    texts = []
    for segment in route.parsed.segments:
        if segment.rank != LITERAL:
            break
        texts.append(f"/{segment.text}")
    return "".join(texts)


def _tails(routes: list[Route]) -> list[Tail]:
    routes.sort(key=lambda route: (route.parsed.shape, route.parsed.specificity))
    return [(by_method, fields[0][0], fields[0][2]) for by_method, _, fields in _rows(routes)]


def shape_tables(routes: Iterable[Route]) -> list[list[Table]]:
    """For each number of pieces of a split path, the tables to ask, the most specific first.

    The last list is for every path that has more pieces than the longest pattern.

    Args:
        routes: Those whose patterns have parameters.
    """
    shapes: dict[tuple[float, ...], list[Route]] = {}
    for route in routes:
        shapes.setdefault(route.parsed.shape, []).append(route)
    # With END a shape is as long as the split path, which begins with an empty piece.
    longest = max(map(len, shapes), default=0)
    by_length: list[list[Table]] = [[] for _ in range(longest + 2)]
    for shape in sorted(shapes):
        spans = PATH in shape or MIXED_PATH in shape
        table = _table(shape, shapes[shape])
        for length in range(len(shape), longest + 2 if spans else len(shape) + 1):
            by_length[length].append(table)
    return by_length


def _table(shape: tuple[float, ...], routes: list[Route]) -> Table:
    literals = _literals(shape)
    found: dict[Any, list[Route]] = {}
    for route in routes:
        found.setdefault(literals(route.pattern.split("/")), []).append(route)
    rows = {
        key: _rows(sorted(alike, key=lambda route: route.parsed.specificity))
        for key, alike in found.items()
    }
    return literals, rows.get


def _literals(shape: tuple[float, ...]) -> Callable[[list[str]], Any]:
    """Return what picks the literal segments before a `<path:...>` out of a split path."""
    places = []
    for place, rank in enumerate(shape, 1):
        if rank in (PATH, MIXED_PATH):
            break
        if rank == LITERAL:
            places.append(place)
    return itemgetter(*places or [0])  # the first piece is always empty


def _rows(routes: list[Route]) -> list[Row]:
    """Return the patterns that only their parameters tell apart, the most specific first."""
    rows: list[Row] = []
    for _, alike in groupby(routes, key=attrgetter("pattern")):
        by_method: dict[str | None, Route] = {}
        for route in alike:
            by_method.setdefault(None, route)
            by_method.update(dict.fromkeys(route.methods, route))
        pattern = route.parsed
        divide = None if pattern.regex is None else pattern.regex.fullmatch
        rows.append((by_method, divide, pattern.fields))
    return rows
