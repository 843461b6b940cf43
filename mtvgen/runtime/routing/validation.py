"""Every mistake that can be made in `urlpatterns`, found together when the Router is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from mtvgen.runtime.http.grammar import is_token
from mtvgen.runtime.routing.access import Access, mistake_of_access
from mtvgen.runtime.routing.errors import (
    RouteConflictError,
    RouteSyntaxError,
    RoutingError,
    RoutingErrors,
)
from mtvgen.runtime.routing.patterns import parse
from mtvgen.runtime.routing.routes import Include, Route, URLPattern, is_listing
from mtvgen.runtime.support.locations import Location
from mtvgen.runtime.support.suggestions import closest

# RFC 9110, section 9.3, and RFC 5789.
_STANDARD_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
_WORD = re.compile(r"[A-Z]+")
_DOTTED = re.compile(r"\w+(\.\w+)+")


def checked_routes(urlpatterns: Iterable[URLPattern], access: Access | None) -> tuple[Route, ...]:
    """Every route of nested lists, in their order, with the prefixes of its includes.

    Args:
        urlpatterns: The lists.
        access: The rule of routes for which none is written; None: there are no accounts.

    Raises:
        RoutingErrors: All mistakes, in the order of the lists.
    """
    errors: list[RoutingError] = []
    routes: list[Route] = []
    named: dict[str, Route] = {}
    taken: dict[tuple[str, str], Route] = {}
    for item in _flattened(urlpatterns, "urlpatterns", _Below("", "", access)):
        if isinstance(item, RoutingError):
            errors.append(item)
            continue
        routes.append(item)
        if mistakes := list(_mistakes(item)):
            for mistake in mistakes:
                _locate(mistake, item.location, str(item.pattern))
            errors += mistakes
            continue  # a misspelt pattern seems to be in conflict with its neighbour
        conflicts = _conflict_of_name(item, named), _conflict_of_methods(item, taken)
        errors += filter(None, conflicts)
    if access is None:
        errors += _guarded_by_nobody(routes)
    if errors:
        raise RoutingErrors(errors)
    return tuple(routes)


class _Below(NamedTuple):
    """What the includes around a route give to it."""

    prefix: str
    name: str
    access: Access | None
    location: Location | None = None


def _locate(mistake: RoutingError, location: Location, pattern: str) -> None:
    """Add the line and the whole pattern, which whoever found the mistake did not know."""
    mistake.fault = replace(mistake.fault, location=location)
    mistake.pattern = pattern


def _flattened(
    items: Iterable[URLPattern], place: str, below: _Below
) -> Iterator[Route | RoutingError]:
    where: dict[str, Any] = {"pattern": below.prefix, "location": below.location}
    if not is_listing(items):
        yield RouteSyntaxError(f"{place}: {_no_list(items)}", part="routes", **where)
        return
    for number, item in enumerate(items, 1):
        if isinstance(item, Route):
            yield _route_below(below, item)
        elif not isinstance(item, Include):
            message = f"{place}, item {number}: {_no_route(item)}"
            yield RouteSyntaxError(message, part="routes", **where)
        elif mistake := _mistake_of_include(item):
            _locate(mistake, item.location, str(item.prefix))
            yield mistake
        else:
            inside = _include_below(below, item)
            yield from _flattened(item.routes, f"include({item.prefix!r})", inside)


def _include_below(below: _Below, item: Include) -> _Below:
    access = below.access if item.access is None else item.access
    return _Below(below.prefix + item.prefix, below.name + item.name, access, item.location)


def _route_below(below: _Below, route: Route) -> Route:
    prefix, name = below.prefix, below.name
    access = below.access if route.access is None else route.access
    if not prefix and not name and access is route.access:
        return route
    pattern = route.pattern
    # Without a "/" of its own the pattern would melt into the prefix: "/blog" + "posts".
    if isinstance(pattern, str) and (not pattern or pattern.startswith("/")):
        pattern = prefix + pattern
    own_name = name + route.name if isinstance(route.name, str) else route.name
    return replace(route, pattern=pattern, name=own_name, access=access)


def _mistake_of_include(item: Include) -> RouteSyntaxError | None:
    prefix, place = item.prefix, f"include({item.prefix!r})"
    if not isinstance(prefix, str) or (prefix and not prefix.startswith("/")):
        return RouteSyntaxError(f"{place}: a prefix must start with '/'")
    if prefix.endswith("/"):
        written = f"include({prefix.rstrip('/')!r}, ...)"
        return RouteSyntaxError(f"{place}: a prefix has no final '/'. Write {written}")
    if not isinstance(item.name, str):
        wrong = f"name={item.name!r} is not text to put in front of names"
        return RouteSyntaxError(f"{place}: {wrong}", kind="name", part="name")
    if item.access is not None and (wrong := mistake_of_access(item.access)):
        return RouteSyntaxError(f"{place}: {wrong}", kind="access", part="access")
    try:
        if prefix:
            parse(prefix)
    except RouteSyntaxError as error:
        return error
    return None


def _no_route(value: object) -> str:
    wrong = f"{_described(value)} is not a path(...) or include(...)"
    if isinstance(value, ModuleType):
        # `from views.blog import urls as blog`: the name that it most likely has here.
        names = [name for name in value.__name__.split(".") if name != "urls"] or ["urls"]
        return f'{wrong}. Write include("/{names[-1]}", {names[-1]}.urlpatterns)'
    if isinstance(value, FunctionType):
        return f'{wrong}. Write path("/...", {value.__name__})'
    return wrong


def _no_list(value: object) -> str:
    wrong = f"{_described(value)} is not a list of routes"
    if not isinstance(value, ModuleType):
        return f"{wrong}. Write [...] around it" if isinstance(value, URLPattern) else wrong
    if is_listing(getattr(value, "urlpatterns", None)):
        return f"{wrong}. Write .urlpatterns behind it"
    return f"{wrong}, and it has no urlpatterns yet, which is one"


def _described(value: object) -> str:
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _mistakes(route: Route) -> Iterator[RouteSyntaxError]:
    """Yield what is wrong with a route by itself."""
    try:
        route.parsed  # noqa: B018  # reading it parses it
    except RouteSyntaxError as error:
        yield error
    if isinstance(route.view, type):
        wrong = f"{route.view.__qualname__} is a class; a view is a function"
        yield RouteSyntaxError(f"{route.pattern!r}: {wrong}", kind="view", part="view")
    elif not callable(route.view):
        message = f"{route.pattern!r}: {_no_view(route.view)}"
        yield RouteSyntaxError(message, kind="view", part="view")
    if route.methods != ("GET", "HEAD"):  # as nearly all have it
        for wrong, advice in _mistakes_of_methods(route):
            message = f"{route.pattern!r}: {wrong}"
            yield RouteSyntaxError(message, advice=advice, kind="method", part="methods")
    if route.name is not None and (not isinstance(route.name, str) or not route.name):
        wrong = f"name={route.name!r} is not a name. Leave it out for the view's own"
        yield RouteSyntaxError(f"{route.pattern!r}: {wrong}", kind="name", part="name")
    if route.access is not None and (wrong := mistake_of_access(route.access)):
        yield RouteSyntaxError(f"{route.pattern!r}: {wrong}", kind="access", part="access")


def _guarded_by_nobody(routes: Iterable[Route]) -> Iterator[RouteSyntaxError]:
    """Yield the first route that is not for everybody: one line of `wsgi.py` is missing for all."""
    for route in routes:
        access = route.access
        if access is not None and not mistake_of_access(access) and not access.allows(None):
            yield RouteSyntaxError(
                f"{route.pattern!r}: access= needs accounts, or the route would be open to all.",
                advice="-> in wsgi.py, accounts(User) goes into middleware=[...], "
                "below signed_sessions()",
                kind="access",
                part="access",
                pattern=route.pattern,
                location=route.location,
            )
            return


def _no_view(value: object) -> str:
    wrong = f"{_described(value)} is not a view"
    if isinstance(value, ModuleType):
        name = _first_view_of(value)
        return f"{wrong}. Write {name}" if name else f"{wrong}; a view is a function in it"
    if isinstance(value, str) and _DOTTED.fullmatch(value):  # as Django once took them
        return f"{value!r} is not a view; import its module, and write the function itself"
    return f"{wrong}; a view is a function. Was it called, with ()?"


def _first_view_of(module: ModuleType) -> str:
    """`notes.index`: the first function that a module defines; empty where it has none."""
    for name, value in vars(module).items():
        is_own = getattr(value, "__module__", None) == module.__name__
        if isinstance(value, FunctionType) and is_own and not name.startswith("_"):
            return f"{module.__name__.rpartition('.')[2]}.{name}"
    return ""


def _mistakes_of_methods(route: Route) -> Iterator[tuple[str, str]]:
    """Yield the sentences, each with what was probably meant."""
    methods: object = route.methods
    if not isinstance(methods, tuple):
        meant = _WORD.findall(methods.upper()) if isinstance(methods, str) else []
        example = meant or ["POST"]
        yield f"methods={methods!r} is not a list. Write methods={example!r}", ""
        return
    if not methods:
        yield "methods=[] lets no request reach the view", ""
    for method in methods:
        if mistake := _mistake_of_method(method):
            yield mistake


def _mistake_of_method(method: object) -> tuple[str, str] | None:
    if isinstance(method, str) and method in _STANDARD_METHODS:
        return None
    # RFC 9110, section 9.1: a method is a token, case-sensitive, by convention in upper case.
    if not isinstance(method, str) or not is_token(method):
        words = _WORD.findall(method.upper()) if isinstance(method, str) else []
        several = f". Write {', '.join(map(repr, words))}" if len(words) > 1 else ""
        return f"{method!r} is not a method{several}", ""
    upper = method.upper()
    # There are others, PROPFIND and QUERY and more, and they are welcome; a slip is not.
    meant = None if upper in _STANDARD_METHODS else closest(upper, _STANDARD_METHODS)
    if method != upper and not meant:
        return f"methods are written in upper case: {upper!r}, not {method!r}", ""
    return (f"no method {method!r}.", f"Did you mean {meant!r}?") if meant else None


def _conflict_of_name(route: Route, named: dict[str, Route]) -> RoutingError | None:
    if route.name is None:
        return None
    other = named.setdefault(route.name, route)
    if other.pattern == route.pattern:
        return None
    message = (
        f"the name {route.name!r} is taken by {other.location}. A name belongs to one pattern."
    )
    if other.location == route.location:  # one line, included twice
        message += f" Here it has {other.pattern} and {route.pattern}: give include() a name."
    return RouteConflictError(
        message,
        kind="name-twice",
        part="name",
        pattern=route.pattern,
        location=route.location,
        other=other.location,
    )


def _conflict_of_methods(route: Route, taken: dict[tuple[str, str], Route]) -> RoutingError | None:
    signature = route.parsed.signature
    for method in route.methods:
        other = taken.get((signature, method))
        if other is not None:
            name = other.name or getattr(other.view, "__qualname__", type(other.view).__name__)
            message = f"{method} {route.pattern} is already {other.location} ({name})."
            # One method says it: GET would come with HEAD.
            return RouteConflictError(
                message,
                kind="route-twice",
                pattern=route.pattern,
                location=route.location,
                other=other.location,
            )
        taken[signature, method] = route
    return None
