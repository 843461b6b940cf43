"""What `urls.py` says: path() and include(), and every mistake that can be made with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any

from mtvgen.runtime.exceptions import RouteSyntaxError, RoutingError
from mtvgen.runtime.locations import Location, caller
from mtvgen.runtime.patterns import Pattern, parse
from mtvgen.runtime.suggestions import closest

_GET = ("GET", "HEAD")
# RFC 9110, section 9.3, and RFC 5789.
_STANDARD_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)


class URLPattern:
    """What a list of `urlpatterns` holds: a Route or an Include.

    Having the base in common is what lets a type checker see `list[URLPattern]` in
    `[path(...), include(...)]`.
    """

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Route(URLPattern):
    """One line of `urls.py`, as it was given; `path()` makes it, and the Router checks it.

    Attributes:
        pattern: The addresses, with the prefixes of all includes: `/notes/<int:id>`.
        view: The function that answers.
        name: Its name for `url_for`; None for a view without a name of its own.
        methods: What it answers to, HEAD included where GET is.
        location: File and line of the `path(...)` call.
    """

    pattern: str
    view: Callable[..., Any]
    name: str | None
    methods: tuple[str, ...]
    location: Location

    @cached_property
    def parsed(self) -> Pattern:
        """The pattern's segments and parameters.

        Raises:
            RouteSyntaxError: The pattern is wrong; the routes of a Router have none that is.
        """
        return parse(self.pattern)


@dataclass(frozen=True, eq=False)
class Include(URLPattern):
    """Routes below a prefix, as they were given; `include()` makes it.

    Attributes:
        prefix: What each pattern begins with.
        routes: The routes and includes.
        name: What each name begins with.
        location: File and line of the `include(...)` call.
    """

    prefix: str
    routes: tuple[URLPattern, ...]
    name: str
    location: Location


def path(
    pattern: str,
    view: Callable[..., Any],
    *,
    name: str | None = None,
    methods: Iterable[str] = ("GET",),
) -> Route:
    """A route: which function answers at which addresses.

    Nothing is checked here, so that making the Application can list every mistake at once.

    Args:
        pattern: Begins with "/"; parameters are `<name>`, `<int:name>`, `<slug:name>`,
            `<uuid:name>` and `<path:name>`.
        view: Called as `view(request, **parameters)`.
        name: For `url_for`; without it the view's module below `views` and its own name, as in
            `notes.detail`. A name belongs to one pattern.
        methods: The methods that the route takes; GET brings HEAD.
    """
    if name is None:
        name = default_name(view)
    return Route(pattern, view, name, _with_head(methods), caller())


def include(prefix: str, routes: Iterable[URLPattern], *, name: str = "") -> Include:
    """The routes of another list, below a prefix.

    Args:
        prefix: Put in front of each pattern; begins with "/" and does not end with it. It may
            hold parameters, which the views then get too. "" leaves the patterns as they are.
        routes: As in `urlpatterns`; includes may hold includes.
        name: Put in front of each name, by custom with a dot: `blog.`.
    """
    # What is no list is kept as it is: the Router says so, with the line of this call.
    given: Any = tuple(routes) if _is_listing(routes) else routes
    return Include(prefix, given, name, caller())


def default_name(view: Callable[..., Any]) -> str | None:
    """A view's module below `views`, and its own name: `notes.detail`.

    None for what has no lasting name: a lambda, a `functools.partial`, an instance, a function
    that a decorator made without `functools.wraps`.
    """
    own = getattr(view, "__qualname__", None)
    module = getattr(view, "__module__", None)
    if not isinstance(own, str) or not isinstance(module, str) or "<" in own:
        return None
    return _below_views(module) + own


@lru_cache(maxsize=1024)
def _below_views(module: str) -> str:
    return "".join([f"{part}." for part in module.split(".") if part != "views"])


def _with_head(methods: Iterable[str]) -> tuple[str, ...]:
    if methods == ("GET",):
        return _GET
    if not _is_listing(methods):
        given: Any = methods
        return given  # type: ignore[no-any-return]  # a mistake that the Router reports
    listed = tuple(dict.fromkeys(methods))
    return (*listed, "HEAD") if "GET" in listed and "HEAD" not in listed else listed


def _is_listing(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def flattened(urlpatterns: Iterable[URLPattern], errors: list[RoutingError]) -> Iterator[Route]:
    """Every route of nested lists, in their order, with the prefixes of its includes.

    Routes with a mistake of their own are left out; what is wrong with them, and with the
    includes, is added to `errors`.
    """
    if not _is_listing(urlpatterns):
        errors.append(RouteSyntaxError(f"urlpatterns: {_no_list(urlpatterns)}"))
        return
    for route in _routes(urlpatterns, "urlpatterns", "", "", errors):
        mistakes = list(_mistakes(route))
        if not mistakes:
            yield route
        errors += [RouteSyntaxError(f"{route.location}: {mistake}") for mistake in mistakes]


def _routes(
    items: Iterable[URLPattern], place: str, prefix: str, name: str, errors: list[RoutingError]
) -> Iterator[Route]:
    for number, item in enumerate(items, 1):
        if isinstance(item, Route):
            yield _below(prefix, name, item)
        elif isinstance(item, Include):
            wrong = _mistake_of_include(item)
            if wrong:
                errors.append(RouteSyntaxError(f"{item.location}: {wrong}"))
            else:
                yield from _routes(
                    item.routes,
                    f"{item.location}: include({item.prefix!r})",
                    prefix + item.prefix,
                    name + item.name,
                    errors,
                )
        else:
            errors.append(
                RouteSyntaxError(
                    f"{place}, item {number}: {_described(item)} is no path(...) or include(...)"
                )
            )


def _below(prefix: str, name: str, route: Route) -> Route:
    if not prefix and not name:
        return route
    pattern = route.pattern
    # Without a "/" of its own the pattern would melt into the prefix: "/blog" + "posts".
    if isinstance(pattern, str) and (not pattern or pattern.startswith("/")):
        pattern = prefix + pattern
    return replace(route, pattern=pattern, name=route.name and name + route.name)


def _mistake_of_include(item: Include) -> str:
    prefix, place = item.prefix, f"include({item.prefix!r})"
    if not isinstance(prefix, str) or (prefix and not prefix.startswith("/")):
        return f"{place}: a prefix must start with '/'"
    if prefix.endswith("/"):
        return f"{place}: a prefix has no final '/'. Write include({prefix[:-1]!r}, ...)"
    if not isinstance(item.name, str):
        return f"{place}: a name is text, not {type(item.name).__name__}"
    if not isinstance(item.routes, tuple):
        return f"{place}: {_no_list(item.routes)}"
    try:
        if prefix:
            parse(prefix)
    except RouteSyntaxError as error:
        return str(error)
    return ""


def _no_list(value: object) -> str:
    if isinstance(value, ModuleType):
        name = value.__name__
        return f"the module {name} is no list of routes. Write {name}.urlpatterns"
    return f"{_described(value)} is no list of routes"


def _described(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _mistakes(route: Route) -> Iterator[str]:
    try:
        route.parsed  # noqa: B018  # reading it parses it
    except RouteSyntaxError as error:
        yield str(error)
    yield from _mistakes_of_view(route)
    yield from _mistakes_of_methods(route)
    if route.name is not None and (not isinstance(route.name, str) or not route.name):
        yield f"{route.pattern!r}: name={route.name!r} is no name; leave it out for the view's own"


def _mistakes_of_view(route: Route) -> Iterator[str]:
    view: object = route.view
    if isinstance(view, type):
        yield f"{route.pattern!r}: the view {view.__qualname__} is a class; a view is a function"
    elif not callable(view):
        called = ". Is it called already, with ()?" if view is None else ""
        yield f"{route.pattern!r}: the view is {_described(view)}, not a function{called}"


def _mistakes_of_methods(route: Route) -> Iterator[str]:
    methods: object = route.methods
    if not isinstance(methods, tuple):
        example = methods if isinstance(methods, str) else "POST"
        yield f"{route.pattern!r}: methods={methods!r} is no list. Write methods=[{example!r}]"
        return
    if not methods:
        yield f"{route.pattern!r}: methods is empty, so nothing would reach the view"
    for method in methods:
        if method not in _STANDARD_METHODS and (wrong := _mistake_of_method(method)):
            yield f"{route.pattern!r}: {wrong}"


def _mistake_of_method(method: object) -> str:
    # Others exist (PROPFIND, QUERY ...) and are welcome; what looks like a slip is not.
    # RFC 9110, section 9.1: a method is a token, case-sensitive, by convention in upper case.
    if not isinstance(method, str) or not re.fullmatch("[A-Za-z0-9!#$%&'*+.^_`|~-]+", method):
        return f"{method!r} is no method"
    if method != method.upper():
        return f"methods are upper case: {method.upper()!r}, not {method!r}"
    meant = closest(method, _STANDARD_METHODS)
    return f"no method {method!r}. Did you mean {meant!r}?" if meant else ""
