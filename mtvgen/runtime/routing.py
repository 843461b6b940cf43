"""The router: which route takes a path, and which path leads to a route. Strings in, values out.

Each pattern has a *shape*: for each of its segments how specific it is, so that the sorted shapes
are the order in which patterns are to be tried. The router keeps one table for each shape, and
in it finds by one look-up the patterns whose literal segments are those of the path. What a match
costs thus depends on how many shapes a site has, which is a handful, and not on how many routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from re import Match
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from mtvgen.runtime.converters import text_of
from mtvgen.runtime.exceptions import (
    RouteConflictError,
    RoutingError,
    RoutingErrors,
    URLBuildError,
)
from mtvgen.runtime.patterns import LITERAL, MIXED, MIXED_PATH, PATH, Field, Pattern
from mtvgen.runtime.routes import Include, Route, URLPattern, flattened, include, path
from mtvgen.runtime.suggestions import did_you_mean

__all__ = ["Include", "Route", "Router", "URLPattern", "include", "path"]

# Beside letters, digits and "-._~", what a query may hold unencoded (RFC 3986, section 3.4) that
# means nothing to the parser of a form: all but "&", "=", "+" and ";".
_SAFE_IN_A_QUERY = "/?:@!$'()*,"
_MOST_NAMES = 20  # names that a message lists; more help nobody

Found = tuple[Route, Mapping[str, Any]]
# One pattern of a table: its routes by method (by None: any of them), what divides a path where
# splitting it is not enough, and its parameters.
_Row = tuple[dict[str | None, Route], Callable[[str], Match[str] | None] | None, tuple[Field, ...]]
# What picks the literal segments out of a split path, and the table's look-up.
_Table = tuple[Callable[[list[str]], Any], Callable[[Any], list[_Row] | None]]

_NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})


class Router:
    """All routes of a site, checked and sorted into tables. Nothing changes after it is made.

    Args:
        urlpatterns: What `path()` and `include()` gave.

    Attributes:
        routes: Every route in the order of the list, with the prefixes of its includes.

    Raises:
        RoutingErrors: All mistakes together, each with file and line.
    """

    def __init__(self, urlpatterns: Iterable[URLPattern]) -> None:
        errors: list[RoutingError] = []
        routes = list(flattened(urlpatterns, errors))
        self._named = _by_name(routes, errors)
        _refuse_doubled(routes, errors)
        if errors:
            raise RoutingErrors(errors)
        self.routes = tuple(routes)
        self._methods = frozenset([method for route in routes for method in route.methods])
        self._ends_in_slash = any(route.pattern.endswith("/") for route in routes)
        self._static = _static_table(routes)
        self._by_length = _tables([route for route in routes if route.parsed.parameters])
        self._longest = len(self._by_length) - 2

    def match(self, method: str | None, path: str) -> Found | None:
        """The most specific route that takes a path with a method, and its parameters.

        Args:
            method: As in the request line; None for any.
            path: Decoded, and below SCRIPT_NAME.

        Returns:
            None if no route takes them; `allowed()` tells whether it is for the method.
        """
        found = self._static.get(path)
        if found is not None and method in found:
            return found[method]
        segments = path.split("/", self._longest)
        if segments[0]:
            return None  # a path begins with "/"
        for literals, rows in self._by_length[len(segments)]:
            for routes, divide, fields in rows(literals(segments)) or ():
                if method not in routes:
                    continue
                divided: Any = segments if divide is None else divide(path)
                if divided is None:
                    continue
                try:
                    params = {}
                    for name, place, parse in fields:
                        params[name] = parse(divided[place])
                except ValueError:
                    continue
                return routes[method], params
        return None

    def allowed(self, path: str) -> frozenset[str]:
        """The methods that a path takes, HEAD and OPTIONS included; empty if no route takes it."""
        if self.match(None, path) is None:
            return frozenset()
        return frozenset([m for m in self._methods if self.match(m, path)]) | {"OPTIONS"}

    def other_slash(self, method: str, path: str) -> str | None:
        """The path that differs in its final "/" alone and that a route takes with the method.

        It is decoded, as `path` is, and never begins with "//".
        """
        if path.endswith("/"):
            other = path[:-1]
        elif self._ends_in_slash:
            other = f"{path}/"
        else:
            return None
        return other if self.match(method, other) else None

    def url_for(self, name: str, params: Mapping[str, object]) -> str:
        """The path of the route with a name, percent-encoded (RFC 3986), below SCRIPT_NAME.

        Args:
            name: The route's name.
            params: A value for each parameter. What is left over becomes the query: a list or a
                tuple repeats its name, None leaves it out.

        Raises:
            URLBuildError: No route has that name, a parameter is missing, or a value has no
                place in an address.
        """
        pattern = self._named.get(name)
        if pattern is None:
            raise URLBuildError(self._unknown(name))
        try:
            path = pattern.build(params)
            if len(params) > len(pattern.parameters):
                path += _query(pattern, params)
        except URLBuildError as error:
            raise URLBuildError(f"url_for({name!r}) {error}") from error
        return path

    def _unknown(self, name: str) -> str:
        names = sorted(self._named)
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        return (
            f"url_for({name!r}): no route has that name.{did_you_mean(name, names)}"
            f" Names: {', '.join(names[:_MOST_NAMES])}{more}."
        )


def _by_name(routes: list[Route], errors: list[RoutingError]) -> dict[str, Pattern]:
    first: dict[str, Route] = {}
    for route in routes:
        if route.name is None:
            continue
        other = first.setdefault(route.name, route)
        if other.pattern != route.pattern:
            errors.append(
                RouteConflictError(
                    f"{route.location}: the name {route.name!r} is taken by {other.location}."
                    " A name belongs to one pattern."
                )
            )
    return {name: route.parsed for name, route in first.items()}


def _refuse_doubled(routes: list[Route], errors: list[RoutingError]) -> None:
    first: dict[tuple[str, str], Route] = {}
    for route in routes:
        for method in route.methods:
            other = first.setdefault((route.parsed.signature, method), route)
            if other is not route:
                errors.append(
                    RouteConflictError(
                        f"{route.location}: {method} {route.pattern} is already"
                        f" {other.location} ({other.name})."
                    )
                )
                break


def _static_table(routes: list[Route]) -> dict[str, dict[str | None, Found]]:
    table: dict[str, dict[str | None, Found]] = {}
    for route in routes:
        if not route.parsed.parameters:
            found = (route, _NO_PARAMETERS)
            pairs = table.setdefault(route.pattern, {None: found})
            for method in route.methods:
                pairs[method] = found
    return table


def _tables(routes: list[Route]) -> list[list[_Table]]:
    """For each number of pieces of a split path, the tables to ask, the most specific first.

    The last list is for all paths that are longer than every pattern.
    """
    shapes: dict[tuple[float, ...], dict[Any, list[Route]]] = {}
    for route in routes:
        pattern = route.parsed
        literals = _literals(pattern.shape)(["", *[segment.text for segment in pattern.segments]])
        shapes.setdefault(pattern.shape, {}).setdefault(literals, []).append(route)
    # A shape ends with END, so its length is that of a split path, with "" before the first "/".
    longest = max(map(len, shapes), default=0)
    by_length: list[list[_Table]] = [[] for _ in range(longest + 2)]
    for shape, rows in sorted(shapes.items(), key=itemgetter(0)):
        table = _literals(shape), {key: list(_rows(found)) for key, found in rows.items()}.get
        spans = PATH in shape or MIXED_PATH in shape
        for length in range(len(shape), longest + 2 if spans else len(shape) + 1):
            by_length[length].append(table)
    return by_length


def _literals(shape: tuple[float, ...]) -> Callable[[list[str]], Any]:
    """What picks the literal segments before a `<path:...>` out of a split path."""
    places = []
    for place, rank in enumerate(shape, 1):
        if rank in (PATH, MIXED_PATH):
            break
        if rank == LITERAL:
            places.append(place)
    return itemgetter(*places or [0])  # the first piece is always empty


def _rows(routes: list[Route]) -> Iterator[_Row]:
    patterns = {route.pattern: route.parsed for route in routes}
    for text, pattern in sorted(patterns.items(), key=lambda item: _specificity(item[1])):
        by_method: dict[str | None, Route] = {}
        for route in routes:
            if route.pattern == text:
                by_method.setdefault(None, route)
                by_method.update(dict.fromkeys(route.methods, route))
        divide = None if pattern.regex is None else pattern.regex.fullmatch
        yield by_method, divide, pattern.fields


def _specificity(pattern: Pattern) -> tuple[Any, ...]:
    """The order of patterns with one shape and the same literal segments.

    From left to right: more text first, then the converter that takes less.
    """
    mixed = [segment for segment in pattern.segments if segment.rank in (MIXED, MIXED_PATH)]
    return (
        [
            (
                -sum(len(part) for part in segment.parts if isinstance(part, str)),
                [converter.rank for _, converter in segment.parameters],
            )
            for segment in mixed
        ],
        pattern.text,
    )


def _query(pattern: Pattern, params: Mapping[str, object]) -> str:
    used = {name for name, _ in pattern.parameters}
    pairs = []
    for name, value in params.items():
        if name in used or value is None:
            continue
        for item in value if isinstance(value, list | tuple) else (value,):
            try:
                pairs.append(f"{_quoted(name)}={_quoted(text_of(item))}")
            except ValueError as error:
                raise URLBuildError(f"has no text for {name}={item!r} in the query") from error
    return f"?{'&'.join(pairs)}" if pairs else ""


def _quoted(text: str) -> str:
    return quote(text, safe=_SAFE_IN_A_QUERY)
