"""The parameters of views, against what the patterns of their routes pass."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mtvgen.checks.python.runtime_names import is_of_runtime
from mtvgen.checks.report import Problem, suggest
from mtvgen.runtime.routing.errors import RouteSyntaxError
from mtvgen.runtime.routing.routes import Route
from mtvgen.runtime.support.locations import of_function, shown

# What a parameter may be annotated with although its converter gives another type.
_WIDE = frozenset({"Any", "object", "typing.Any"})


def view_problems(routes: Iterable[Route]) -> Iterator[Problem]:
    """Views whose parameters are not what their patterns pass."""
    for route in routes:
        if not callable(route.view) or isinstance(route.view, type) or not _is_sound(route):
            continue
        place = of_function(route.view) or route.location
        file, line = shown(place.file), place.line
        if is_of_runtime(getattr(route.view, "__module__", None) or ""):
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
