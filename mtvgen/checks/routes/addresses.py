"""url_for() against the routes: a name that no route has, parameters that are missing or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias
from urllib.parse import unquote

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.python_types import Literal
from mtvgen.checks.report import Problem, Unchecked, did_you_mean, meant_by
from mtvgen.checks.routes.literal import router_of, takes
from mtvgen.checks.routes.overlap import may_meet
from mtvgen.checks.views.calls import URLCall
from mtvgen.records import record
from mtvgen.runtime.routing.converters import CONVERTERS
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.support.other_frameworks import cure_of_url_for

# Why a url_for() is left alone whose route is in the source, and not among the routes.
CONDITIONAL = "its route is made under a condition"
_STATIC = "/static/"
# What url_for() is given; None for what is not a literal.
Params: TypeAlias = Mapping[str, Literal | None]


@record(frozen=True)
class Mistake:
    """A mistake in a url_for().

    Attributes:
        kind: The id's second half.
        message: The sentence.
        advice: What to do about it.
        meant: What was probably meant instead of the wrong part.
        key: The parameter whose name is wrong; empty where it is the route's name, or a value.
        value: The parameter whose value is wrong.
    """

    kind: str
    message: str
    advice: str = ""
    meant: str = ""
    key: str = ""
    value: str = ""


class Addresses:
    """The names of routes, and what is wrong with a url_for().

    Args:
        routes: The routes.
        whole: Whether these are all, so that no route has any other name.
        conditional: The names of routes that other settings may make (conditional_names()).

    Attributes:
        routes: The routes.
        by_name: The routes of each name.
    """

    def __init__(
        self,
        routes: Iterable[RouteFact],
        *,
        whole: bool = True,
        conditional: frozenset[str] = frozenset(),
    ) -> None:
        self._conditional = conditional
        self.whole = whole
        self.routes = tuple(routes)
        self.by_name: dict[str, list[RouteFact]] = {}
        self._by_pattern: dict[str, list[RouteFact]] = {}
        self._names_of_views: dict[str | None, str] = {}
        for route in self.routes:
            self._by_pattern.setdefault(route.pattern, []).append(route)
            if route.name is not None:
                self.by_name.setdefault(route.name, []).append(route)
                # What a view would be called, had its route no name of its own.
                self._names_of_views.setdefault(route.view, route.name)

    def mistake(self, name: str, params: Params, is_open: bool) -> Mistake | None:
        """Return what is wrong with a url_for(); None where all is well.

        Args:
            name: The route's name.
            params: What is passed; None for what is not known.
            is_open: Whether more is passed that can't be known.
        """
        routes = self.by_name.get(name)
        if routes is None and not self.whole:
            return None
        if routes is None:
            message = f"url_for({name!r}): no route has that name."
            meant = self._names_of_views.get(name) or meant_by(name, self.by_name)
            if advice := self._nameless(name, params, meant):
                return Mistake("unknown-route", message, advice)
            return Mistake("unknown-route", message, meant=meant)
        if any(route.vague for route in routes):
            return None
        converters = dict(routes[0].parameters)
        lacking = [param for param in converters if _is_lacking(params, param) and not is_open]
        if lacking:
            return _lacking(name, params, lacking, converters)
        for param, converter in converters.items():
            given = params.get(param)
            if given is not None and not _is_taken(converter, given.value):
                label = CONVERTERS[converter].label
                message = f"url_for({name!r}): {param} is {label}, not {given.value!r}."
                return Mistake("url-type", message, value=param)
        return None

    def _nameless(self, name: str, params: Params, meant: str) -> str:
        """Return how a route gets the name of its view, which a wrapper or a partial has hidden."""
        module = name.rpartition(".")[0]
        if not module or meant.rpartition(".")[0] == module:
            return ""
        nameless = [
            route
            for route in self.routes
            if route.name is None and {key for key, _ in route.parameters} == {*params}
        ]
        if len(nameless) != 1:
            return ""
        route = nameless[0]
        place = f"{route.file}:{route.line}"
        return (
            f'Is it {route.pattern} ({place}), which has no name? -> name="{name}" in its path(), '
            "or functools.wraps() in the decorator of its view"
        )

    def is_conditional(self, name: str) -> bool:
        """Return whether the route of a name may exist under other settings."""
        if name in self.by_name:
            return False
        return any(
            name.startswith(known[:-1]) if known.endswith("*") else f".{name}".endswith(f".{known}")
            for known in self._conditional
        )

    @cached_property
    def router(self) -> Router | None:
        """A router with the site's patterns; None where other addresses may lead somewhere."""
        is_known = self.whole and not self._conditional
        is_known = is_known and not any(route.vague for route in self.routes)
        return router_of(self.routes) if is_known else None

    @cached_property
    def without_get(self) -> frozenset[str]:
        """The names of routes at whose address no route takes GET; with them, `/` for addresses."""
        names = {
            name
            for name, routes in self.by_name.items()
            if not any("GET" in route.methods for route in routes)
        }
        return frozenset(names | {"/"} if names else names)

    def exactly(self, pattern: str) -> list[RouteFact]:
        """Return the routes of a pattern."""
        return self._by_pattern.get(pattern, [])

    def meeting(self, pattern: str) -> list[RouteFact]:
        """Return the routes that may answer at an address of a pattern.

        Args:
            pattern: A route's pattern, or an address with `<part>` for what is not known of it.
        """
        return [route for route in self.routes if may_meet(route.pattern, pattern)]

    def methods(self, name: str, *, sent: str) -> frozenset[str]:
        """Return what a form may send to a name: what any route takes at its address.

        A GET is what a form sends that has lost its method, so the name itself has to take it.
        """
        routes = self.by_name.get(name, ())
        if any(route.vague for route in routes):
            return frozenset()
        own = frozenset(method for route in routes for method in route.methods)
        if sent == "GET" or sent in own:
            return own
        others = (
            route
            for route in self.routes
            if any(may_meet(route.pattern, named.pattern) for named in routes)
        )
        return own.union(*(route.methods for route in others))


def _lacking(
    name: str,
    params: Params,
    lacking: list[str],
    converters: Mapping[str, str],
) -> Mistake:
    """Return the mistake of parameters that are left out, maybe because they are misspelt."""
    extra = [param for param in params if param not in converters]
    instead = f" (and got {', '.join(extra)})" if extra else ""
    message = f"url_for({name!r}) needs {', '.join(lacking)}{instead}."
    if cure := _cure_of_flask(name, params):
        return Mistake("url-missing", message, cure)
    for param in extra:
        if meant := meant_by(param, lacking):
            return Mistake("url-missing", message, meant=meant, key=param)
    return Mistake("url-missing", message)


def _cure_of_flask(name: str, params: Params) -> str:
    """Return what to write instead of a call as Flask has it."""
    given = {
        param: literal.value if literal is not None else "..." for param, literal in params.items()
    }
    cure = cure_of_url_for(name, given)
    return f"-> {cure}" if cure else ""


def _is_lacking(params: Params, name: str) -> bool:
    if name not in params:
        return True
    given = params[name]
    return given is not None and given.value is None


def _is_taken(converter: str, value: object) -> bool:
    try:
        CONVERTERS[converter].format(value)
    except ValueError:
        return False
    return True


def url_problems(calls: Iterable[URLCall], addresses: Addresses) -> Iterator[Problem | Unchecked]:
    """Yield the url_for() calls of Python files that lead nowhere."""
    for call in calls:
        if call.is_target:
            # An address is what redirect() takes; a route's name looks like a relative one.
            name = call.name.replace(":", ".")  # as Django writes it
            if name in addresses.by_name and not name.startswith("/"):
                message = f"redirect({call.name!r}) takes an address, and that is a route's name."
                advice = f"Write redirect(request.url_for({name!r}))."
                yield Problem("views.redirect-name", call.place, message, advice)
            else:
                yield from _unknown_address(call, addresses)
            continue
        if addresses.is_conditional(call.name):
            yield Unchecked(call.place, "url_for", CONDITIONAL)
            continue
        mistake = addresses.mistake(call.name, call.params, call.open)
        if mistake is not None and not call.is_certain:
            why = "what it is called on is not known"
            yield Unchecked(call.place, "url_for", why)
        elif mistake is not None:
            text = f"redirects to {mistake.message}" if call.redirects else mistake.message
            place = call.place
            places = call.values.get(mistake.key or mistake.value)
            if places is not None:
                place = places[bool(mistake.value)]
            advice, meant = mistake.advice, mistake.meant
            if place is call.place and not call.is_literal:
                advice, meant = advice or did_you_mean(meant), ""
            yield Problem(f"views.{mistake.kind}", place, text, advice, meant=meant)


def _unknown_address(call: URLCall, addresses: Addresses) -> Iterator[Problem]:
    """Yield the address that is written in a redirect() and that no route takes.

    A note, because another program may answer there.
    """
    path = unquote(call.name.partition("#")[0].partition("?")[0])
    router = addresses.router
    is_ours = path.startswith("/") and not path.startswith(("//", _STATIC))
    if router is None or not is_ours or takes(router, path):
        return
    known = [route.pattern for route in addresses.routes if "<" not in route.pattern]
    message, meant = f"no route takes {path}.", meant_by(path, known)
    is_whole = call.is_literal and path == call.name
    advice = "" if is_whole else did_you_mean(meant)
    meant = meant if is_whole else ""
    yield Problem("views.unknown-address", call.place, message, advice, "note", meant)
