"""Routes as plain values, and the mistakes that the Router finds in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import FunctionType

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem
from mtvgen.checks.routes.wrappers import layers
from mtvgen.runtime.routing.errors import RouteSyntaxError, RoutingErrors
from mtvgen.runtime.routing.routes import Include, Route, default_name
from mtvgen.runtime.support.locations import shown

_KINDS = (
    ("no converter", "urls.unknown-converter"),
    ("appears twice", "urls.parameter-twice"),
    ("is taken by", "urls.name-twice"),
    ("is already", "urls.route-twice"),
    (" is not a view", "views.not-callable"),
    (" is a class", "views.not-callable"),
    ("method", "urls.method"),
)


def routing_problems(error: RoutingErrors) -> Iterator[Problem]:
    """The mistakes that the Router found, each at its line."""
    for mistake in error.errors:
        text = str(mistake)
        place = re.match(r"(.+?):(\d+): ", text)
        file, line = (place[1], int(place[2])) if place else ("urls.py", 1)
        message = text[place.end() :] if place else text
        kind = next((kind for words, kind in _KINDS if words in message), "urls.pattern")
        message, _, hint = message.partition(" Did you mean ")
        hint = f"Did you mean {hint}" if hint else ""
        yield Problem(kind, Place.at(shown(file), line), _ended(message), hint)


def _ended(message: str) -> str:
    return message if message.endswith((".", "?", "!")) else f"{message}."


def routes_in(urlpatterns: object, prefix: str = "", name: str = "") -> Iterator[Route]:
    """The routes of a list that the Router refuses, as far as they go."""
    if not isinstance(urlpatterns, Iterable) or isinstance(urlpatterns, str | bytes):
        return
    for item in urlpatterns:
        if isinstance(item, Include) and isinstance(item.prefix, str):
            yield from routes_in(item.routes, prefix + item.prefix, name + str(item.name))
        elif isinstance(item, Route) and isinstance(item.pattern, str):
            own = f"{name}{item.name}" if isinstance(item.name, str) else None
            methods = item.methods if isinstance(item.methods, tuple) else ()
            yield Route(prefix + item.pattern, item.view, own, methods, item.location)


def facts_of(routes: Iterable[Route], problems: Iterable[Problem]) -> Iterator[RouteFact]:
    """Routes as plain values; those on a line with a mistake are vague."""
    wrong = {(problem.file, problem.line) for problem in problems if problem.id.startswith("urls.")}
    for route in routes:
        file, line = shown(route.location.file), route.location.line
        vague = (file, line) in wrong
        try:
            parameters = tuple((name, kind.name) for name, kind in route.parsed.parameters)
        except RouteSyntaxError:
            parameters, vague = (), True
        place = (file, line, vague, default_name(route.view), _function_of(route))
        yield RouteFact(route.pattern, route.name, route.methods, parameters, *place)


def _function_of(route: Route) -> tuple[str, int] | None:
    *_, view = layers(route.view)
    if not isinstance(view, FunctionType) or hasattr(view, "__wrapped__"):
        return None
    return shown(view.__code__.co_filename), view.__code__.co_firstlineno
