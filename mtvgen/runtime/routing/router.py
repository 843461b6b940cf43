"""The router: which route takes a path, and which path leads to a route. Strings in, values out.

What a match costs depends on how many shapes of patterns a site has, which is a handful, and not
on how many routes: see the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from mtvgen.runtime.routing.access import Access
from mtvgen.runtime.routing.converters import shown, text_of
from mtvgen.runtime.routing.errors import URLBuildError
from mtvgen.runtime.routing.patterns import Pattern

# Not path(): a local that is named like an import costs more to call methods of (CPython's
# compile.c, is_import_originated()), and `path` is on the way of every request.
from mtvgen.runtime.routing.routes import URLPattern, default_name
from mtvgen.runtime.routing.tables import (
    Finding,
    Found,
    head_of,
    head_table,
    shape_tables,
    static_table,
)
from mtvgen.runtime.routing.validation import checked_routes
from mtvgen.runtime.support.other_frameworks import URL_FOR_WORDS, cure_of_url_for
from mtvgen.runtime.support.suggestions import did_you_mean

# Besides letters, digits and "-._~", what a query may hold unencoded (RFC 3986, section 3.4) that
# means nothing to the parser of a form: all but "&", "=", "+" and ";".
_SAFE_IN_A_QUERY = "/?:@!$'()*,"
_MOST_NAMES = 20  # names that a message lists; more help nobody


class Router:
    """All routes of a site, checked and sorted into tables. Nothing changes after it is made.

    Args:
        urlpatterns: What `path()` and `include()` gave.
        access: Who may use the routes that do not say; None: the site has no accounts.

    Attributes:
        routes: Every route in the order of the list, with the prefixes of its includes.
        access: The rule of routes that do not say; None on a site without accounts.
        has_final_slashes: Whether a pattern ends in "/".

    Raises:
        RoutingErrors: All mistakes together, each with file and line.
    """

    def __init__(self, urlpatterns: Iterable[URLPattern], *, access: Access | None = None) -> None:
        self.routes = checked_routes(urlpatterns, access)
        self.access = access
        self._named = {route.name: route.parsed for route in self.routes if route.name}
        self._methods = frozenset([method for route in self.routes for method in route.methods])
        self.has_final_slashes = any(route.pattern.endswith("/") for route in self.routes)
        self._static = static_table(self.routes)
        with_parameters = [route for route in self.routes if route.parsed.parameters]
        self._by_head = head_table(with_parameters)
        others = [route for route in with_parameters if head_of(route) not in self._by_head]
        self._by_length = shape_tables(others)
        self._longest = len(self._by_length) - 2

    def match(self, method: str | None, path: str) -> Found | None:
        """Return the most specific route that takes a path with a method, and its parameters.

        Args:
            method: As in the request line; None for any.
            path: Decoded, and below SCRIPT_NAME.

        Returns:
            None if no route takes the path with the method; `allowed()` says which it takes.
        """
        return self.find(method, path) or None

    def find(self, method: str | None, path: str) -> Finding:
        """Return what `match()` gives; an empty tuple where another method may have more luck."""
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
        return self._find_by_shape(method, path, missed) if self._longest else missed

    def _find_by_shape(self, method: str | None, path: str, missed: tuple[()] | None) -> Finding:
        # No more pieces than the longest pattern has, and one: a path may be all slashes.
        segments = path.split("/", self._longest)
        if segments[0]:
            return None  # it does not begin with "/"
        for literals, find in self._by_length[len(segments)]:
            for routes, divide, fields in find(literals(segments)) or ():
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
        """Return the methods that a path takes, with HEAD and OPTIONS; empty if there are none."""
        if self.match(None, path) is None:
            return frozenset()
        return frozenset([m for m in self._methods if self.match(m, path)]) | {"OPTIONS"}

    def other_slash(self, method: str, path: str) -> str | None:
        """Return the path that differs only in its final "/" and has a route with the method.

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
        """Return the path of the route with a name, percent-encoded (RFC 3986), below SCRIPT_NAME.

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
                if not URL_FOR_WORDS.isdisjoint(params):
                    words = ", ".join(sorted(URL_FOR_WORDS & params.keys()))
                    raise URLBuildError(f"takes no {words}")
                path += _query(pattern, params)
        except URLBuildError as error:
            cure = cure_of_url_for(name, params)
            arrow = f". -> {cure}" if cure else ""
            raise URLBuildError(f"url_for({name!r}) {error}{arrow}") from error.__cause__
        return path

    def _unknown(self, name: object) -> str:
        names = sorted(self._named)
        # The name that a view has by itself, where its route has another one, or the view.
        own = name if isinstance(name, str) else (callable(name) and default_name(name)) or ""
        given = [route.name for route in self.routes if own and default_name(route.view) == own]
        meant = next((f" Did you mean {one!r}?" for one in given if one), did_you_mean(own, names))
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        listed = f"{', '.join(names[:_MOST_NAMES])}{more}" if names else "none"
        return f"url_for({name!r}): no route has that name.{meant} Names: {listed}."


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
            except ValueError as error:  # not text, not Unicode, or with NUL
                raise URLBuildError(f"can't put {name}={shown(item)} into the query") from error
    return f"?{'&'.join(pairs)}" if pairs else ""


def _quoted(text: str) -> str:
    if text.isascii() and text.isalnum():  # a name, a page's number: mostly
        return text
    if "\0" in text:  # which request.query answers with 400
        raise ValueError
    return quote(text, safe=_SAFE_IN_A_QUERY)
