"""Routes of `urls.py`: path() and include(). They only record; the Router checks and sorts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import FunctionType
from typing import Any

from mtvgen.runtime.routing.access import Access
from mtvgen.runtime.routing.patterns import Pattern, parse
from mtvgen.runtime.support.locations import Location, caller


class URLPattern:
    """An entry of `urlpatterns`: a Route or an Include.

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
        access: Who may use it. Of the Router's routes, the rule that holds: its own, or that of the
            nearest `include()`, or that of `accounts()`; None on a site without accounts.
    """

    pattern: str
    view: Callable[..., Any]
    name: str | None
    methods: tuple[str, ...]
    location: Location
    access: Access | None = None

    @property
    def is_built_in(self) -> bool:
        """Whether the route is the runtime's own, as that of the static files is."""
        return str(getattr(self.view, "__module__", "")).startswith("mtvgen.runtime.")

    @property
    def who(self) -> str:
        """Who may use it, in words: `signed in`; "" where neither it nor its site says."""
        return "" if self.access is None else self.access.who

    @cached_property
    def parsed(self) -> Pattern:
        """The pattern's segments and parameters.

        Raises:
            RouteSyntaxError: The pattern is wrong; the routes of a Router have none that is.
        """
        return parse(self.pattern)

    @cached_property
    def sole_parameter(self) -> str | None:
        """The pattern's parameter, if it is the only one and the view takes it next to the request.

        Such a view is called by position: CPython takes a fifth of the time that `**` takes.
        """
        if len(self.parsed.parameters) != 1 or not isinstance(self.view, FunctionType):
            return None
        ((name, _),) = self.parsed.parameters
        code = self.view.__code__
        takes_it_next = code.co_argcount > 1 and code.co_varnames[1] == name
        return name if takes_it_next else None


@dataclass(frozen=True, eq=False)
class Include(URLPattern):
    """Routes below a prefix, as they were given; `include()` makes it.

    Attributes:
        prefix: What each pattern begins with.
        routes: The routes and includes.
        name: What each name begins with.
        location: File and line of the `include(...)` call.
        access: Who may use the routes that do not say.
    """

    prefix: str
    routes: tuple[URLPattern, ...]
    name: str
    location: Location
    access: Access | None = None


def path(
    pattern: str,
    view: Callable[..., Any],
    *,
    name: str | None = None,
    methods: Iterable[str] = ("GET",),
    access: Access | None = None,
) -> Route:
    """Make a route: a function, and the addresses at which it answers.

    Nothing is checked here, so that making the Application can list every mistake at once.

    Args:
        pattern: Begins with "/"; parameters are `<name>`, `<int:name>`, `<slug:name>`,
            `<uuid:name>` and `<path:name>`.
        view: Called as `view(request, **parameters)`.
        name: For `url_for`; without it the view's module below `views` and its own name, as in
            `notes.detail`. A name belongs to one pattern.
        methods: The methods that the route takes; GET brings HEAD.
        access: Who may use it: `everybody`, `signed_in` or `role("staff")` of
            `mtvgen.runtime.accounts`; None: as the `include()` around it says, or `accounts()`.
    """
    if name is None:
        name = default_name(view)
    return Route(pattern, view, name, _with_head(methods), caller(), access)


def include(
    prefix: str, routes: Iterable[URLPattern], *, name: str = "", access: Access | None = None
) -> Include:
    """Include the routes of another list, below a prefix.

    Args:
        prefix: Put in front of each pattern; begins with "/" and does not end with it. It may
            hold parameters, which the views then get too. "" leaves the patterns as they are.
        routes: As in `urlpatterns`; includes may hold includes.
        name: Put in front of each name, by custom with a dot: `blog.`.
        access: Who may use the routes that do not say, nor an include inside this one.
    """
    # Anything but a list is kept as it is: the Router says so, with the line of this call.
    given: Any = tuple(routes) if is_listing(routes) else routes
    return Include(prefix, given, name, caller(), access)


def default_name(view: Callable[..., Any]) -> str | None:
    """Return a view's module below `views`, and its own name: `notes.detail`.

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
        return ("GET", "HEAD")
    if not is_listing(methods):
        given: Any = methods
        return given  # type: ignore[no-any-return]  # a mistake that the Router reports
    listed: list[str] = []
    for method in methods:
        if method not in listed:
            listed.append(method)
    if "GET" in listed and "HEAD" not in listed:
        listed.append("HEAD")
    return tuple(listed)


def is_listing(value: object) -> bool:
    """Return whether a value holds others, one by one; a text does not."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)
