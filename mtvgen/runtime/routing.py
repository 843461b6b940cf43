"""The router: which route takes a path, and which path leads to a route. Strings in, values out.

Each pattern has a *shape*: for each of its segments how specific it is, so that the sorted shapes
are the order in which patterns are to be tried. The router keeps one table for each shape, and
in it finds by one look-up the patterns whose literal segments are those of the path. What a match
costs thus depends on how many shapes a site has, which is a handful, and not on how many routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter, itemgetter
from re import Match
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from mtvgen.runtime.converters import shown, text_of
from mtvgen.runtime.exceptions import URLBuildError
from mtvgen.runtime.patterns import Field, Pattern
from mtvgen.runtime.route_checks import checked_routes

# Not path(): a local that is named like an import costs more to call methods of (CPython's
# compile.c, is_import_originated()), and `path` is on the way of every request.
from mtvgen.runtime.routes import Route, URLPattern, default_name
from mtvgen.runtime.segments import LITERAL, MIXED, MIXED_PATH, PATH
from mtvgen.runtime.suggestions import did_you_mean

# Beside letters, digits and "-._~", what a query may hold unencoded (RFC 3986, section 3.4) that
# means nothing to the parser of a form: all but "&", "=", "+" and ";".
_SAFE_IN_A_QUERY = "/?:@!$'()*,"
_MOST_NAMES = 20  # names that a message lists; more help nobody

Found = tuple[Route, Mapping[str, Any]]
# One pattern of a table: its routes by method (by None: any of them), what divides a path where
# splitting it is not enough, and its parameters.
_Row = tuple[dict[str | None, Route], Callable[[str], Match[str] | None] | None, tuple[Field, ...]]
# The same for a pattern that ends in its only parameter.
_Tail = tuple[dict[str | None, Route], str, Callable[[str], Any]]
# What picks the literal segments out of a split path, and the table's look-up.
_Table = tuple[Callable[[list[str]], Any], Callable[[Any], list[_Row] | None]]

# Shared by all requests for a static path, so nobody may write to it.
_NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})


class Router:
    """All routes of a site, checked and sorted into tables. Nothing changes after it is made.

    Args:
        urlpatterns: What `path()` and `include()` gave.

    Attributes:
        routes: Every route in the order of the list, with the prefixes of its includes.
        has_final_slashes: Whether a pattern ends in "/".

    Raises:
        RoutingErrors: All mistakes together, each with file and line.
    """

    def __init__(self, urlpatterns: Iterable[URLPattern]) -> None:
        self.routes = checked_routes(urlpatterns)
        self._named = {route.name: route.parsed for route in self.routes if route.name}
        self._methods = frozenset([method for route in self.routes for method in route.methods])
        self.has_final_slashes = any(route.pattern.endswith("/") for route in self.routes)
        self._static = _static_table(self.routes)
        self._by_head = _head_table(self.routes)
        self._by_length = _tables(
            [route for route in self.routes if _head(route) not in self._by_head]
        )
        self._longest = len(self._by_length) - 2

    def match(self, method: str | None, path: str) -> Found | None:
        """The most specific route that takes a path with a method, and its parameters.

        Args:
            method: As in the request line; None for any.
            path: Decoded, and below SCRIPT_NAME.

        Returns:
            None if no route takes the path with the method; `allowed()` tells which it takes.
        """
        return self.find(method, path) or None

    def find(self, method: str | None, path: str) -> Found | tuple[()] | None:
        """What `match()` gives; an empty tuple where another method may have more luck."""
        missed: tuple[()] | None = None
        found = self._static.get(path)
        if found is not None:
            if method in found:
                return found[method]
            missed = ()
        head, slash, last = path.rpartition("/")
        if slash:
            for routes, name, parse in self._by_head.get(head, ()):
                route = routes.get(method)
                if route is None:
                    missed = ()
                    continue
                try:
                    return route, {name: parse(last)}
                except ValueError:
                    continue
        if not self._longest:
            return missed
        # No more pieces than the longest pattern has, and one: a path may be all slashes.
        segments = path.split("/", self._longest)
        if segments[0]:
            return None  # it does not begin with "/"
        for literals, find in self._by_length[len(segments)]:
            rows = find(literals(segments))
            if rows is None:
                continue
            for routes, divide, fields in rows:
                route = routes.get(method)
                if route is None:
                    missed = ()
                    continue
                divided: Any = segments if divide is None else divide(path)
                if divided is None:
                    continue
                params = {}
                try:
                    for name, place, parse in fields:
                        params[name] = parse(divided[place])
                except ValueError:
                    continue
                return route, params
        return missed

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
        elif self.has_final_slashes:
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
        pattern = self._named.get(name) if isinstance(name, str) else None
        if pattern is None:
            raise URLBuildError(self._unknown(name))
        try:
            path = pattern.build(params)
            if len(params) > len(pattern.parameters):
                path += _query(pattern, params)
        except URLBuildError as error:
            raise URLBuildError(f"url_for({name!r}) {error}") from error.__cause__
        return path

    def _unknown(self, name: object) -> str:
        names = sorted(self._named)
        if isinstance(name, str):
            meant = did_you_mean(name, names)
        else:  # the view itself, perhaps
            meant = did_you_mean((callable(name) and default_name(name)) or "", names)
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        listed = f"{', '.join(names[:_MOST_NAMES])}{more}" if names else "none"
        return f"url_for({name!r}): no route has that name.{meant} Names: {listed}."


def _static_table(routes: Iterable[Route]) -> dict[str, dict[str | None, Found]]:
    table: dict[str, dict[str | None, Found]] = {}
    for route in routes:
        if not route.parsed.parameters:
            found = (route, _NO_PARAMETERS)
            by_method = table.setdefault(route.pattern, {None: found})
            for method in route.methods:
                by_method[method] = found
    return table


def _head(route: Route) -> str | None:
    """What stands before the last segment, if that is the only parameter and nothing but it."""
    *before, last = route.parsed.segments
    is_alone = LITERAL < last.rank < PATH and last.rank not in (MIXED, MIXED_PATH)
    if is_alone and all(segment.rank == LITERAL for segment in before):
        return route.pattern.rpartition("/")[0]
    return None


def _head_table(routes: Iterable[Route]) -> dict[str, list[_Tail]]:
    """Most patterns with a parameter have one, at their end: found without splitting the path.

    They are more specific than every other pattern that takes the same path, but for those with
    text beside a parameter in that place: where there is one, the tables keep the order.
    """
    found: dict[str, list[Route]] = {}
    mixed = set()
    for route in routes:
        head = _head(route)
        if head is not None:
            found.setdefault(head, []).append(route)
        elif any(segment.rank in (MIXED, MIXED_PATH) for segment in route.parsed.segments):
            mixed.add(_literal_head(route))
    return {head: _tails(alike) for head, alike in found.items() if head not in mixed}


def _literal_head(route: Route) -> str:
    """The literal segments that a pattern begins with."""
    texts = []
    for segment in route.parsed.segments:
        if segment.rank != LITERAL:
            break
        texts.append(f"/{segment.text}")
    return "".join(texts)


def _tails(routes: list[Route]) -> list[_Tail]:
    routes.sort(key=lambda route: (route.parsed.shape, route.parsed.specificity))
    return [(by_method, fields[0][0], fields[0][2]) for by_method, _, fields in _rows(routes)]


def _tables(routes: Iterable[Route]) -> list[list[_Table]]:
    """For each number of pieces of a split path, the tables to ask, the most specific first.

    The last list is for every path that has more pieces than the longest pattern.
    """
    shapes: dict[tuple[float, ...], list[Route]] = {}
    for route in routes:
        if route.parsed.parameters:
            shapes.setdefault(route.parsed.shape, []).append(route)
    # With END a shape is as long as the split path, which begins with an empty piece.
    longest = max(map(len, shapes), default=0)
    by_length: list[list[_Table]] = [[] for _ in range(longest + 2)]
    for shape in sorted(shapes):
        spans = PATH in shape or MIXED_PATH in shape
        table = _table(shape, shapes[shape])
        for length in range(len(shape), longest + 2 if spans else len(shape) + 1):
            by_length[length].append(table)
    return by_length


def _table(shape: tuple[float, ...], routes: list[Route]) -> _Table:
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
    """What picks the literal segments before a `<path:...>` out of a split path."""
    places = []
    for place, rank in enumerate(shape, 1):
        if rank in (PATH, MIXED_PATH):
            break
        if rank == LITERAL:
            places.append(place)
    return itemgetter(*places or [0])  # the first piece is always empty


def _rows(routes: list[Route]) -> list[_Row]:
    """The patterns that only their parameters tell apart, the most specific first."""
    rows: list[_Row] = []
    for _, alike in groupby(routes, key=attrgetter("pattern")):
        by_method: dict[str | None, Route] = {}
        for route in alike:
            by_method.setdefault(None, route)
            by_method.update(dict.fromkeys(route.methods, route))
        pattern = route.parsed
        divide = None if pattern.regex is None else pattern.regex.fullmatch
        rows.append((by_method, divide, pattern.fields))
    return rows


def _query(pattern: Pattern, params: Mapping[str, object]) -> str:
    used = {name for name, _ in pattern.parameters}
    pairs = []
    for name, value in params.items():
        if name in used:
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            if item is None:
                continue
            try:
                pairs.append(f"{_quoted(name)}={_quoted(text_of(item))}")
            except ValueError as error:  # no text, or no Unicode
                raise URLBuildError(f"can't put {name}={shown(item)} into the query") from error
    return f"?{'&'.join(pairs)}" if pairs else ""


def _quoted(text: str) -> str:
    if text.isascii() and text.isalnum():  # a name, a page's number: mostly
        return text
    return quote(text, safe=_SAFE_IN_A_QUERY)
