"""The arguments of a call, matched with the parameters of a macro (`jinja2.runtime.Macro`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mtvgen.checks.interpreter.macros import Macro
from mtvgen.checks.interpreter.values import UNKNOWN, Value
from mtvgen.checks.report import did_you_mean, meant_by

Fault = tuple[str, str, str]  # id, message, hint


def bind_arguments(
    macro: Macro,
    given: Sequence[Value],
    named: Mapping[str, Value],
    dynamic: bool,
    place: tuple[str, int],
) -> tuple[dict[str, Value], list[Fault]]:
    """The values of a macro's parameters, and what is wrong with the call.

    Args:
        macro: The macro.
        given: The positional arguments.
        named: The keyword arguments, `caller` among them in a call block.
        dynamic: Whether `*args` or `**kwargs` hand over more that can't be known.
        place: The template and line of the call.
    """
    parameters = [argument.name for argument in macro.node.args]
    left = dict(named)
    bound = dict(zip(parameters, given, strict=False))
    for name in parameters[len(given) :]:
        if name in left:
            bound[name] = left.pop(name)
        elif dynamic:
            bound[name] = UNKNOWN
        elif name in macro.required:
            bound[name] = ("undefined", "argument", name, *place, macro)
    _bind_special(macro, bound, left, given, place)
    return bound, _faults(macro, len(given), left)


def _bind_special(
    macro: Macro,
    bound: dict[str, Value],
    left: dict[str, Value],
    given: Sequence[Value],
    place: tuple[str, int],
) -> None:
    """`caller`, `kwargs` and `varargs`, which a macro has if its body mentions them."""
    accepts = macro.accepts - {argument.name for argument in macro.node.args}
    if "caller" in accepts:
        bound["caller"] = left.pop("caller", ("undefined", "caller", "caller", *place, macro))
    if "kwargs" in accepts:
        bound["kwargs"] = ("kwargs", tuple(left.items()))
        left.clear()
    if "varargs" in accepts:
        bound["varargs"] = ("list", tuple(given[len(macro.node.args) :]))


def _faults(macro: Macro, given: int, left: Mapping[str, Value]) -> list[Fault]:
    parameters = [argument.name for argument in macro.node.args]
    if "caller" in left:
        message = f"{macro.signature} does not use caller(), so it can't be used with call."
        return [("macro-no-caller", message, "")]
    for name in left:
        if name in parameters:
            message = f"{macro.signature} gets {name!r} twice."
            return [("macro-keyword", message, "")]
        message = f"{macro.signature} has no argument {name!r}."
        return [("macro-keyword", message, did_you_mean(meant_by(name, parameters)))]
    if given > len(parameters) and "varargs" not in macro.accepts:
        count = f"{len(parameters)} argument{'s' * (len(parameters) != 1)}"
        return [("macro-arguments", f"{macro.signature} takes {count}, not {given}.", "")]
    return []
