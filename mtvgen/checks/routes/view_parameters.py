"""The parameters of views, against what the patterns of their routes pass."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any, NamedTuple

from mtvgen.checks.python.runtime_names import is_of_runtime
from mtvgen.checks.python.written import place_of_function
from mtvgen.checks.report import Problem, did_you_mean, meant_by
from mtvgen.checks.routes.wrappers import layers
from mtvgen.runtime.routing.errors import RouteSyntaxError
from mtvgen.runtime.routing.routes import Route
from mtvgen.runtime.support.locations import of_function

# What inspect has for an annotation, or a default, that is not there.
_NONE = inspect.Parameter.empty
_NOT_PLAIN = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_COROUTINE
# What a parameter may be annotated with although its converter gives another type.
_WIDE = frozenset({"Any", "object", "typing.Any"})


def view_problems(routes: Iterable[Route]) -> Iterator[Problem]:
    """Yield views whose parameters are not what their patterns pass."""
    for route in routes:
        if not callable(route.view) or isinstance(route.view, type) or not _is_sound(route):
            continue
        if is_of_runtime(getattr(route.view, "__module__", None) or "") or _is_plain(route):
            continue
        for mistake in _view_mistakes(route):
            location = of_function(route.view) or route.location
            place = place_of_function(location, mistake.parameter)
            yield Problem(mistake.kind, place, mistake.message, mistake.advice)


def _is_sound(route: Route) -> bool:
    try:
        return route.parsed is not None
    except RouteSyntaxError:
        return False


def _is_plain(route: Route) -> bool:
    """Return whether a view is a function that takes the pattern's parameters by name, and no more.

    Nearly all do, and what `inspect` says of a function takes ten times as long to find out.
    """
    view = route.view
    if type(view) is not FunctionType or hasattr(view, "__wrapped__"):
        return False
    code, converters = view.__code__, dict(route.parsed.parameters)
    if code.co_flags & _NOT_PLAIN or code.co_kwonlyargcount or code.co_posonlyargcount:
        return False
    names = code.co_varnames[: code.co_argcount]
    first, taken = names[:1], names[1:]
    required = names[1 : len(names) - len(view.__defaults__ or ())]
    return (
        first == ("request",)
        and set(required) <= converters.keys() <= set(taken)
        and all(
            _fits(annotation, converters[name].type)
            for name, annotation in view.__annotations__.items()
            if name in converters
        )
    )


class Mistake(NamedTuple):
    """A mistake in a view.

    Attributes:
        kind: The problem's id.
        message: The sentence.
        advice: What to do about it.
        parameter: The view's parameter that is wrong; empty where it is all of them.
    """

    kind: str
    message: str
    advice: str = ""
    parameter: str = ""


def _view_mistakes(route: Route) -> Iterator[Mistake]:
    """Yield what is wrong with a view.

    In wrappers, with the outermost that is called in another way.
    """
    for view in layers(route.view):
        mistakes = list(_mistakes_of(view, route))
        if mistakes:
            yield from mistakes
            return


def _mistakes_of(view: Any, route: Route) -> Iterator[Mistake]:
    name = getattr(view, "__name__", "the view")
    if inspect.iscoroutinefunction(view):
        yield Mistake("views.async", f"{name} is async, and views are plain functions.")
        return
    try:
        signature = inspect.signature(view, follow_wrapped=False)
    except (TypeError, ValueError):
        return
    parameters = list(signature.parameters.values())
    converters = dict(route.parsed.parameters)
    if not parameters or not _takes_request(parameters[0], converters):
        names = ", ".join(["request", *(parameter.name for parameter in parameters)])
        message = f"{_call(name, parameters)} does not take the request."
        yield Mistake("views.parameter-request", message, f"Write {name}({names}).")
        return
    yield from _name_mistakes(route, name, parameters)
    if hasattr(view, "__wrapped__"):
        return  # functools.wraps has given it the annotations of what is inside
    by_name = {parameter.name: parameter for parameter in _after_request(parameters)}
    for key, converter in converters.items():
        parameter = by_name.get(key)
        if parameter is not None and not _fits(parameter.annotation, converter.type):
            takes = f"{name} takes {key}: {_annotated(parameter.annotation)}"
            kind = converter.label.replace("a uuid", "a UUID")
            gives = f"<{converter.name}:{key}> gives {kind}"
            yield Mistake("views.parameter-type", f"{takes}, but {gives}.", parameter=key)


def _name_mistakes(
    route: Route, name: str, parameters: Sequence[inspect.Parameter]
) -> Iterator[Mistake]:
    """Yield what a pattern passes and the view does not take, or else what the view lacks."""
    passed = dict(route.parsed.parameters)
    by_name = {parameter.name: parameter for parameter in _after_request(parameters)}
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    unknown = [] if takes_all else [key for key in passed if key not in by_name]
    lacking = [
        parameter.name
        for parameter in by_name.values()
        if parameter.default is _NONE and parameter.name not in passed
    ]
    for key in unknown:
        near = meant_by(key, lacking)
        hint = did_you_mean(near)
        if not hint and len(unknown) == len(lacking) == 1:
            hint, near = f"Is that {lacking[0]!r}?", lacking[0]
        message = f"{_call(name, parameters)} takes no {key!r}, but {route.pattern} passes it."
        yield Mistake("views.parameter-missing", message, hint, near)
    if not unknown:
        for key in lacking:
            message = f"{name} needs {key!r}, which {route.pattern} does not pass."
            yield Mistake("views.parameter-extra", message, parameter=key)


def _call(name: str, parameters: Iterable[inspect.Parameter]) -> str:
    """`detail(request, id)`: without its annotations a signature reads as the pattern does."""
    bare = ", ".join(str(parameter.replace(annotation=_NONE)) for parameter in parameters)
    return f"{name}({bare})"


def _takes_request(first: inspect.Parameter, given: Mapping[str, Any]) -> bool:
    if first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
        return False
    return first.kind in (first.VAR_POSITIONAL, first.POSITIONAL_ONLY) or first.name not in given


def _after_request(parameters: Sequence[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    for parameter in parameters[1:]:
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            yield parameter


def _fits(annotation: Any, kind: type) -> bool:
    """Return whether a converter's values may have an annotation; only a plain class can say no."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    plain = {"str": str, "int": int, "float": float, "bool": bool, "bytes": bytes, "UUID": None}
    text = text.removeprefix("uuid.")
    if annotation is _NONE or text in _WIDE or text not in plain:
        return True
    if not isinstance(annotation, str | type):
        return True
    # An int is a float to a type checker (PEP 484, "The numeric tower").
    return text == kind.__name__ or (text == "float" and kind is int)


def _annotated(annotation: Any) -> str:
    return str(annotation if isinstance(annotation, str) else annotation.__name__)
