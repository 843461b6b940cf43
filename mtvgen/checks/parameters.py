"""Parameters of functions as plain values, and what is wrong with a call's arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mtvgen.checks.report import meant_by
from mtvgen.records import record

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@record(frozen=True)
class Parameters:
    """What a function takes, without what a caller never writes, such as `self`.

    Attributes:
        positional: The names of those that may be passed by position, in order.
        required: How many of those have no default, from the first on.
        named: The names of those that may be passed by name.
        required_named: Those of them that can be passed by name alone, and have no default.
        takes_more: Whether further ones may be passed by position, as `*args`.
        takes_any_name: Whether others may be passed by name, as `**kwargs`.
    """

    positional: tuple[str, ...]
    required: int
    named: tuple[str, ...]
    required_named: tuple[str, ...] = ()
    takes_more: bool = False
    takes_any_name: bool = False


@record(frozen=True)
class CallMistake:
    """A mistake in a call.

    Attributes:
        message: The sentence.
        keyword: The argument that is wrong, if it is one that is passed by name.
        index: The number of the argument that is too many; -1 if none is.
        meant: The name that was probably meant.
    """

    message: str
    keyword: str = ""
    index: int = -1
    meant: str = ""


def parameters_of(function: Callable[..., Any], skipped: int) -> Parameters | None:
    """Return the parameters of a function without the first ones; None if it does not say."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    parameters = list(signature.parameters.values())
    positional = [each for each in parameters if each.kind in _POSITIONAL]
    takes_more = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters)
    if len(positional) < skipped and not takes_more:
        return None
    positional = positional[skipped:]
    only_named = [each for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
    by_name = [each for each in positional if each.kind is not inspect.Parameter.POSITIONAL_ONLY]
    return Parameters(
        tuple(each.name for each in positional),
        sum(each.default is inspect.Parameter.empty for each in positional),
        tuple(each.name for each in (*by_name, *only_named)),
        tuple(each.name for each in only_named if each.default is inspect.Parameter.empty),
        takes_more,
        any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters),
    )


def written_parameters(function: Callable[..., Any]) -> Parameters | None:
    """Return what a template writes of a filter's or a test's parameters, behind the value."""
    passes = getattr(function, "jinja_pass_arg", None) is not None
    return parameters_of(function, 1 + passes)


def own_parameters(
    functions: Mapping[str, Any], built_in: Mapping[str, Any]
) -> dict[str, Parameters | None]:
    """Return those of the functions that are not Jinja2's own, None where one does not say."""
    return {
        name: written_parameters(function)
        for name, function in functions.items()
        if built_in.get(name) is not function
    }


def call_mistake(
    shown: str, parameters: Parameters, count: int, keywords: Sequence[str], *, is_open: bool
) -> CallMistake | None:
    """Return what is wrong with the arguments of a call; None if they fit.

    Args:
        shown: The function as a message names it: `truncate`.
        parameters: What it takes.
        count: How many arguments are passed by position.
        keywords: The names of the others.
        is_open: Whether more are passed that can't be known, as `*args` or `**kwargs`.
    """
    most = len(parameters.positional)
    if count > most and not parameters.takes_more:
        takes = _counted(most)
        return CallMistake(f"{shown}() takes {takes}, not {count}.", index=most)
    for keyword in keywords:
        if keyword in parameters.positional[:count]:
            return CallMistake(f"{shown}() gets {keyword!r} twice.", keyword)
        if keyword not in parameters.named and not parameters.takes_any_name:
            known = ", ".join(parameters.named) or "none by name"
            meant = meant_by(keyword, parameters.named)
            return CallMistake(
                f"{shown}() has no argument {keyword!r}; it takes {known}.", keyword, meant=meant
            )
    needed = (*parameters.positional[count : parameters.required], *parameters.required_named)
    missing = [name for name in needed if name not in keywords]
    if missing and not is_open:
        names = " and ".join(map(repr, missing))
        return CallMistake(f"{shown}() needs {names}, which this call leaves out.")
    return None


def _counted(most: int) -> str:
    if most == 0:
        return "no arguments"
    return f"{most} argument{'s' * (most != 1)}"
