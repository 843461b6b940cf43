"""Attributes in templates, against the types of what a render call passes."""

from __future__ import annotations

from mtvgen.checks.facts import Type
from mtvgen.checks.interpreter.values import Value
from mtvgen.checks.python.calls import RenderCall
from mtvgen.checks.python.types import Types
from mtvgen.checks.rendering.matching import AttributeCheck, WrongAttribute
from mtvgen.checks.report import meant_by


def attribute_check(types: Types) -> AttributeCheck:
    """What asks whether a value can lack an attribute, and what it says then, or None.

    Args:
        types: The types of the project.
    """

    def check(value: Value, call: RenderCall) -> WrongAttribute | None:
        _, base, name = value
        lack = types.attribute_error(type_of(base, call), name)
        if lack is None:
            return None
        owner, known = lack
        if owner == "a list":
            message = f"a list has no {name!r}; loop over it."
            return WrongAttribute("templates.attribute-of-list", owner, message)
        message = f"{owner} has no {name!r} ({call.shown} passes it)."
        meant = meant_by(name, known.split())
        return WrongAttribute("templates.unknown-attribute", owner, message, meant)

    return check


def type_of(value: Value, call: RenderCall) -> Type:
    """The type of a template's value, by what a call passes."""
    kind = value[0]
    if kind == "context":
        return call.names.get(value[1])
    if kind == "maybe_set":
        return type_of(value[1], call)
    if kind == "const":
        return ("const", value[1])
    if kind == "list":
        return ("list", None)
    if kind in ("attr", "elem", "item", "call", "aslist"):
        base = type_of(value[1], call)
        if base is None:
            return None
        if kind == "attr":
            return ("attrof", base, value[2])
        if kind == "elem":
            return ("elemof", base)
        if kind == "call":
            return ("callof", base)
        if kind == "aslist":
            return ("list", ("elemof", base))
        return ("itemof", base, value[2][1] if value[2][0] == "const" else None)
    if kind == "either":
        then, otherwise = type_of(value[2], call), type_of(value[3], call)
        return then if then == otherwise else None
    return None
