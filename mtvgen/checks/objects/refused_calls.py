"""Calls that the runtime refuses, whatever the request is: `HTTPError(404)`, `redirect()`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from inspect import Parameter
from typing import Any

from mtvgen.checks import python_types as types
from mtvgen.checks.objects.attributes import nearest
from mtvgen.checks.objects.owners import Owners
from mtvgen.checks.objects.tried_calls import refusal
from mtvgen.checks.objects.uses import Call, Uses
from mtvgen.checks.python.classes.runtime_classes import runtime_object
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.report import Problem, arrow
from mtvgen.runtime import Response, flash, render
from mtvgen.runtime.support.other_frameworks import KEYWORDS

KIND = "views.wrong-call"
# What render() is given has checks of its own, and so has a flash() that begins with its text.
_ELSEWHERE = dotted_names(render)
_RESPONSE = dotted_names(Response)

Parameters = Mapping[str, Parameter]


def refused_calls(module: Module, uses: Uses, owners: Owners) -> Iterator[Problem]:
    """Yield the calls of a file that raise an error because of what they are given.

    Args:
        module: The file.
        uses: What it calls of the runtime.
        owners: What is known of types.
    """
    for call in uses.of_runtime:
        thing = _called(call, owners)
        parameters = _parameters(thing) if thing is not None else None
        if thing is None or parameters is None or (thing is flash and _begins_with_text(call.node)):
            continue
        mistake = _unfit(module, call.node, parameters)
        if mistake is None and (message := refusal(thing, call.node, parameters, uses.caught)):
            mistake = Problem(KIND, module.place(call.node), message)
        if mistake is not None:
            yield mistake


def _called(call: Call, owners: Owners) -> Callable[..., Any] | None:
    """Return the function, the class or the method that is called; None where it is another."""
    if isinstance(call.about, types.Name):
        thing = runtime_object(call.about.dotted)
        return thing if callable(thing) and call.about.dotted not in _ELSEWHERE else None
    kind = owners.types.resolve(call.about)
    is_response = isinstance(kind, types.Instance) and kind.dotted in _RESPONSE
    method = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
    return getattr(Response, method, None) if is_response else None


@cache
def _parameters(thing: Callable[..., Any]) -> Parameters | None:
    """Return what a callable takes, by name; None where that is anything."""
    try:
        parameters = dict(inspect.signature(thing).parameters)
    except (TypeError, ValueError):
        return None
    parameters.pop("self", None)
    takes_anything = any(
        parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        for parameter in parameters.values()
    )
    return None if takes_anything else parameters


def _unfit(module: Module, call: ast.Call, parameters: Parameters) -> Problem | None:
    """Return the first argument that is one too many, of no such name, or missing."""
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg not in parameters:
            return _unknown_keyword(module, call, keyword, parameters)
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    by_place = [one.name for one in parameters.values() if one.kind is not Parameter.KEYWORD_ONLY]
    first = by_place[0] if by_place else ""
    if call.args and _is_request(call.args[0]) and first not in ("request", "value"):
        message = f"{_name(call)}() does not take the request."
        cure = arrow(_written(call, call.args[1:]))
        return Problem(KIND, module.place(call.args[0]), message, cure)
    if first == "request" and _begins_with_text(call):
        return _without_request(module, call)
    if len(call.args) > len(by_place):
        return _too_many(module, call, parameters, len(by_place))
    given = {*by_place[: len(call.args)], *(keyword.arg for keyword in call.keywords)}
    required = [name for name, one in parameters.items() if one.default is Parameter.empty]
    missing = [name for name in required if name not in given]
    if not missing or None in given:
        return None
    if first == "request" and not (call.args and _is_request(call.args[0])):
        return _without_request(module, call)
    return _missing(module, call, missing)


def _unknown_keyword(
    module: Module, call: ast.Call, keyword: ast.keyword, parameters: Parameters
) -> Problem:
    name = keyword.arg or ""
    message = f"{_name(call)}() takes no {name!r}."
    meant = KEYWORDS.get(name, "")
    meant = meant if meant in parameters else nearest(name, parameters)
    advice = f"It takes {', '.join(parameters)}." if parameters else ""
    return Problem(KIND, module.place(keyword), message, advice, meant=meant)


def _is_request(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "request"


def _begins_with_text(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return is_text or isinstance(first, ast.JoinedStr)


def _without_request(module: Module, call: ast.Call) -> Problem:
    message = f"{_name(call)}() takes the request first."
    cure = f"{_name(call)}({', '.join(['request', *map(ast.unparse, call.args)])})"
    return Problem(KIND, module.place(call), message, arrow(cure))


def _too_many(module: Module, call: ast.Call, parameters: Parameters, most: int) -> Problem:
    extra, named = call.args[most:], list(parameters)[most:]
    number = {0: "nothing", 1: "one argument"}.get(most, f"{most} arguments")
    message = f"{_name(call)}() takes {number} by position, not {len(call.args)}."
    keywords = [f"{name}={ast.unparse(extra[0])}" for name in named[:1] if len(extra) == 1]
    cure = arrow(_written(call, call.args[:most], keywords)) if keywords else ""
    return Problem(KIND, module.place(extra[0]), message, cure)


def _missing(module: Module, call: ast.Call, missing: list[str]) -> Problem:
    message = f"{_name(call)}() needs {' and '.join(missing)}."
    return Problem(KIND, module.place(call), message, arrow(_written(call, call.args, missing)))


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _written(call: ast.Call, args: list[ast.expr], more: list[str] | None = None) -> str:
    """Return the call with other arguments by position, and its own keywords."""
    arguments = [*map(ast.unparse, args), *(more or []), *map(ast.unparse, call.keywords)]
    return f"{_name(call)}({', '.join(arguments)})"
