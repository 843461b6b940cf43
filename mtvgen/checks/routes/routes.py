"""Routes as plain values, and the mistakes that the Router finds in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import FunctionType

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.ids import URLS
from mtvgen.checks.places import Place
from mtvgen.checks.python.written import place_of_argument
from mtvgen.checks.report import Problem, Related
from mtvgen.checks.routes.wrappers import layers
from mtvgen.runtime.routing.errors import RouteSyntaxError, RoutingErrors, RoutingMistake
from mtvgen.runtime.routing.routes import Include, Route, default_name
from mtvgen.runtime.support.locations import shown

_IDS: dict[RoutingMistake, str] = {
    "pattern": "urls.pattern",
    "converter": "urls.unknown-converter",
    "parameter-twice": "urls.parameter-twice",
    "view": "views.not-callable",
    "method": "urls.method",
    "name": "urls.pattern",
    "name-twice": "urls.name-twice",
    "route-twice": "urls.route-twice",
    "access": "urls.access",
}


def routing_problems(error: RoutingErrors) -> Iterator[Problem]:
    """Yield the mistakes that the Router found, each at the argument that is wrong."""
    for mistake in error.errors:
        place = Place.at("urls.py")
        related: tuple[Related, ...] = ()
        if mistake.location is not None:
            place = place_of_argument(mistake.location, mistake.part, mistake.pattern)
        if mistake.other is not None and mistake.other != mistake.location:
            first = place_of_argument(mistake.other, mistake.part, mistake.pattern)
            related = (Related(first, f"has this {mistake.part} already"),)
        message, hint = _ended(mistake.message), mistake.fault.hint
        yield Problem(_IDS[mistake.kind], place, message, hint, related=related)


def _ended(message: str) -> str:
    return message if message.endswith((".", "?", "!")) else f"{message}."


def routes_in(urlpatterns: object, prefix: str = "", name: str = "") -> Iterator[Route]:
    """Yield the routes of a list that the Router refuses, as far as they go."""
    if not isinstance(urlpatterns, Iterable) or isinstance(urlpatterns, str | bytes):
        return
    for item in urlpatterns:
        if isinstance(item, Include) and isinstance(item.prefix, str):
            yield from routes_in(item.routes, prefix + item.prefix, name + str(item.name))
        elif isinstance(item, Route) and isinstance(item.pattern, str):
            own = f"{name}{item.name}" if isinstance(item.name, str) else None
            methods = item.methods if isinstance(item.methods, tuple) else ()
            yield Route(prefix + item.pattern, item.view, own, methods, item.location)


def facts_of(
    routes: Iterable[Route], problems: Iterable[Problem], *, has_accounts: bool = False
) -> Iterator[RouteFact]:
    """Routes as plain values; those on a line with a mistake are vague."""
    wrong = {(problem.file, problem.line) for problem in problems if problem.id in URLS}
    path_of = cache(shown)  # many routes are in one file
    for route in routes:
        file, line = path_of(route.location.file), route.location.line
        vague = (file, line) in wrong
        try:
            parameters = tuple((name, kind.name) for name, kind in route.parsed.parameters)
        except RouteSyntaxError:
            parameters, vague = (), True
        yield RouteFact(
            route.pattern,
            route.name,
            route.methods,
            parameters,
            file,
            line,
            vague=vague,
            view=default_name(route.view),
            function=_function_of(route, path_of),
            admits_visitors=has_accounts and _admits_visitors(route),
        )


def _admits_visitors(route: Route) -> bool:
    if len(list(layers(route.view))) != 1 or hasattr(route.view, "__wrapped__"):
        return False
    try:
        return route.access is not None and route.access.allows(None)
    except Exception:  # a rule of the project's own
        return False


def _function_of(route: Route, path_of: Callable[[str], str]) -> tuple[str, str, int] | None:
    *_, view = layers(route.view)
    if not isinstance(view, FunctionType) or hasattr(view, "__wrapped__"):
        return None
    code = view.__code__
    return path_of(code.co_filename), code.co_qualname, code.co_firstlineno
