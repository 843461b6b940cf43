"""Calls that are tried with the values that a file writes there: the runtime itself refuses them.

So a check and a running site say the same, and neither knows what the other one accepts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Mapping
from inspect import Parameter
from typing import Any

from mtvgen.runtime import HTTPError, Response, json_response, redirect

# Nothing but a value comes of these; they neither read nor write anything.
_WITHOUT_EFFECT = (Response, redirect, json_response)
_METHODS = (Response.set_cookie, Response.delete_cookie)
# A value for each of their arguments that has to be there, where it is not known.
_TAKEN = {"url": "/", "value": None, "name": "name", "allowed": (), "place": ""}


def refusal(
    thing: Callable[..., Any],
    call: ast.Call,
    parameters: Mapping[str, Parameter],
    caught: Container[ast.expr],
) -> str:
    """Return what the runtime says of a call's values; empty where it takes those that are known.

    Args:
        thing: What is called.
        call: The call, whose arguments fit the parameters.
        parameters: What `thing` takes.
        caught: Arguments that are exceptions.
    """
    is_error = isinstance(thing, type) and issubclass(thing, HTTPError)
    if not is_error and thing not in _WITHOUT_EFFECT and thing not in _METHODS:
        return ""
    known = _known(call, parameters, caught)
    if not known:
        return ""
    for name, parameter in parameters.items():
        if parameter.default is Parameter.empty:
            known.setdefault(name, _TAKEN[name])
    try:
        if thing in _METHODS:
            thing(Response(), **known)
        else:
            thing(**known)
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def _known(
    call: ast.Call, parameters: Mapping[str, Parameter], caught: Container[ast.expr]
) -> dict[str, Any]:
    """Return the arguments whose value is written there, or that are exceptions."""
    by_place = zip(parameters, call.args, strict=False)
    by_name = ((word.arg, word.value) for word in call.keywords if word.arg is not None)
    known: dict[str, Any] = {}
    for name, node in [*by_place, *by_name]:
        if isinstance(node, ast.Starred):
            return {}
        try:
            known[name] = ast.literal_eval(node)
        except (ValueError, TypeError):  # no literal, or one that Python refuses: {[]: 1}
            if node in caught:
                known[name] = _Written(ast.unparse(node))
    return known


class _Written:
    """A value that is known by its expression alone, which messages show."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text
