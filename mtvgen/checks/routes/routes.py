"""Routes against their views, and url_for() against the routes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.python.calls import URLCall
from mtvgen.checks.report import Problem, suggest
from mtvgen.runtime.routing.converters import CONVERTERS
from mtvgen.runtime.routing.errors import RouteSyntaxError, RoutingErrors
from mtvgen.runtime.routing.routes import Include, Route, default_name
from mtvgen.runtime.support.locations import of_function, shown

# What a parameter may be annotated with although its converter gives another type.
_WIDE = frozenset({"Any", "object", "typing.Any"})

_KINDS = (
    ("no converter", "urls.unknown-converter"),
    ("appears twice", "urls.parameter-twice"),
    ("is taken by", "urls.name-twice"),
    ("is already", "urls.route-twice"),
    (" is no view", "views.not-callable"),
    (" is a class", "views.not-callable"),
    ("method", "urls.method"),
)


def routing_problems(error: RoutingErrors) -> Iterator[Problem]:
    """The mistakes that the Router found, each at its line."""
    for one in error.errors:
        text = str(one)
        place = re.match(r"(.+?):(\d+): ", text)
        file, line = (place[1], int(place[2])) if place else ("urls.py", 1)
        message = text[place.end() :] if place else text
        kind = next((kind for words, kind in _KINDS if words in message), "urls.pattern")
        message, _, hint = message.partition(" Did you mean ")
        hint = f"Did you mean {hint}" if hint else ""
        yield Problem(kind, shown(file), line, _ended(message), hint)


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
    view = route.view
    if not isinstance(view, FunctionType) or hasattr(view, "__wrapped__"):
        return None
    return shown(view.__code__.co_filename), view.__code__.co_firstlineno


def view_problems(routes: Iterable[Route]) -> Iterator[Problem]:
    """Views whose parameters are not what their patterns pass."""
    for route in routes:
        if not callable(route.view) or isinstance(route.view, type) or not _is_sound(route):
            continue
        place = of_function(route.view) or route.location
        file, line = shown(place.file), place.line
        if (getattr(route.view, "__module__", None) or "").startswith("mtvgen.runtime"):
            continue
        for kind, message, hint in _view_mistakes(route):
            yield Problem(kind, file, line, message, hint)


def _is_sound(route: Route) -> bool:
    try:
        return route.parsed is not None
    except RouteSyntaxError:
        return False


def _view_mistakes(route: Route) -> Iterator[tuple[str, str, str]]:
    view, name = route.view, getattr(route.view, "__name__", "the view")
    if inspect.iscoroutinefunction(view):
        yield "views.async", f"{name} is async, and views are plain functions.", ""
        return
    try:
        signature = inspect.signature(view)
    except (TypeError, ValueError):
        return
    parameters = list(signature.parameters.values())
    given = dict(route.parsed.parameters)
    # Without its annotations a signature reads as the pattern does.
    names = ", ".join(str(one.replace(annotation=one.empty)) for one in parameters)
    shown_as = f"{name}({names})"
    if not parameters or not _takes_request(parameters[0], given):
        first = ", ".join(["request", *(one.name for one in parameters)])
        yield (
            "views.parameter-request",
            f"{shown_as} does not take the request.",
            (f"Write {name}({first})."),
        )
        return
    takes_all = any(one.kind is one.VAR_KEYWORD for one in parameters)
    rest = {one.name: one for one in _after_request(parameters)}
    unknown = [one for one in given if one not in rest and not takes_all]
    needed = [one for one in rest.values() if _is_needed(one) and one.name not in given]
    for one in unknown:
        hint = suggest(one, [parameter.name for parameter in needed])
        if not hint and len(unknown) == len(needed) == 1:
            hint = f"Is that {needed[0].name!r}?"
        text = f"{shown_as} takes no {one!r}, but {route.pattern} passes it."
        yield "views.parameter-missing", text, hint
    if not unknown:
        for parameter in needed:
            text = f"{name} needs {parameter.name!r}, which {route.pattern} does not pass."
            yield "views.parameter-extra", text, ""
    for one, converter in given.items():
        if one in rest and not _fits(rest[one].annotation, converter.type):
            expected = _annotated(rest[one].annotation)
            kind = converter.label.replace("a uuid", "a UUID")
            text = f"{name} takes {one}: {expected}, but <{converter.name}:{one}> gives {kind}."
            yield "views.parameter-type", text, ""


def _takes_request(first: inspect.Parameter, given: Mapping[str, Any]) -> bool:
    if first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
        return False
    return first.kind in (first.VAR_POSITIONAL, first.POSITIONAL_ONLY) or first.name not in given


def _after_request(parameters: Sequence[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    for one in parameters[1:]:
        if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY):
            yield one


def _is_needed(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty


def _fits(annotation: Any, kind: type) -> bool:
    """Whether a converter's values may have an annotation; only a plain class can say no."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    plain = {"str": str, "int": int, "float": float, "bool": bool, "bytes": bytes, "UUID": None}
    text = text.removeprefix("uuid.")
    if annotation is inspect.Parameter.empty or text in _WIDE or text not in plain:
        return True
    if not isinstance(annotation, str | type):
        return True
    # An int is a float to a type checker (PEP 484, "The numeric tower").
    return text == kind.__name__ or (text == "float" and kind is int)


def _annotated(annotation: Any) -> str:
    return str(annotation if isinstance(annotation, str) else annotation.__name__)


class Addresses:
    """The names of routes, and what is wrong with a url_for().

    Args:
        routes: The routes.
        whole: Whether these are all, so that another name is none of a route.
    """

    def __init__(self, routes: Iterable[RouteFact], *, whole: bool = True) -> None:
        self.whole = whole
        self.by_name: dict[str, list[RouteFact]] = {}
        self._names_of_views: dict[str | None, str] = {}
        for route in routes:
            if route.name is not None:
                self.by_name.setdefault(route.name, []).append(route)
                # What a view would be called, had its route no name of its own.
                self._names_of_views.setdefault(route.view, route.name)

    def mistake(
        self, name: str, params: Mapping[str, Any], is_open: bool
    ) -> tuple[str, str, str] | None:
        """What is wrong with a url_for().

        Args:
            name: The route's name.
            params: What is passed; `("const", value, ...)` for a literal, None for what is not
                known.
            is_open: Whether more is passed that can't be known.

        Returns:
            The id's second half, the sentence, and the hint; None where all is well.
        """
        found = self.by_name.get(name)
        if found is None and not self.whole:
            return None
        if found is None:
            message = f"url_for({name!r}): no route has that name."
            given = self._names_of_views.get(name)
            hint = f"Did you mean {given!r}?" if given else suggest(name, self.by_name)
            return "unknown-route", message, hint
        if any(route.vague for route in found):
            return None
        needed = dict(found[0].parameters)
        lacking = [one for one in needed if _is_lacking(params, one) and not is_open]
        if lacking:
            extra = [one for one in params if one not in needed]
            hint = next((hint for one in extra if (hint := suggest(one, lacking))), "")
            return "url-missing", f"url_for({name!r}) needs {', '.join(lacking)}.", hint
        for one, kind in needed.items():
            given = params.get(one)
            if given is not None and given[0] == "const" and not _is_taken(kind, given[1]):
                label = CONVERTERS[kind].label
                return "url-type", f"url_for({name!r}): {one} is {label}, not {given[1]!r}.", ""
        return None

    def methods(self, name: str) -> frozenset[str]:
        """The methods that the routes of a name take."""
        found = self.by_name.get(name, ())
        if any(route.vague for route in found):
            return frozenset()
        return frozenset(method for route in found for method in route.methods)


def _is_lacking(params: Mapping[str, Any], name: str) -> bool:
    if name not in params:
        return True
    given = params[name]
    return given is not None and given[0] == "const" and given[1] is None


def _is_taken(converter: str, value: object) -> bool:
    try:
        CONVERTERS[converter].format(value)
    except ValueError:
        return False
    return True


def url_problems(calls: Iterable[URLCall], addresses: Addresses) -> Iterator[Problem]:
    """The url_for() calls of Python files that lead nowhere."""
    for call in calls:
        if call.is_target:
            # An address is what redirect() takes; a route's name looks like a relative one.
            if call.name in addresses.by_name and not call.name.startswith("/"):
                message = f"redirect({call.name!r}) takes an address, and that is a route's name."
                hint = f"Write redirect(request.url_for({call.name!r}))."
                yield Problem("views.redirect-name", call.file, call.line, message, hint)
            continue
        found = addresses.mistake(call.name, call.params, call.open)
        if found is not None:
            kind, message, hint = found
            text = f"redirects to {message}" if call.redirects else message
            yield Problem(f"views.{kind}", call.file, call.line, text, hint)
