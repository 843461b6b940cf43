"""Attributes in templates, against the types of what a render call passes."""

from __future__ import annotations

from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.values import Value
from mtvgen.checks.objects.attributes import OF_ACCOUNTS
from mtvgen.checks.python.runtime_names import is_of_accounts
from mtvgen.checks.python.types import Types
from mtvgen.checks.python_types import Type
from mtvgen.checks.rendering.mistakes import AttributeCheck, WrongAttribute
from mtvgen.checks.report import arrow, meant_by
from mtvgen.checks.views.calls import RenderCall
from mtvgen.runtime import Request
from mtvgen.runtime.support.other_frameworks import ACCOUNT_ATTRIBUTES, REQUEST_ATTRIBUTES


def attribute_check(project_types: Types) -> AttributeCheck:
    """Return what asks whether a value can lack an attribute, and what it says then, or None.

    Args:
        project_types: The types of the project.
    """

    def check(attribute: values.Attribute, call: RenderCall) -> WrongAttribute | None:
        name = attribute.name
        kind_of_owner = type_of(attribute.base, call)
        lack = project_types.attribute_error(kind_of_owner, name)
        if lack is None:
            return None
        owner, known = lack
        if owner == "Request" and name in REQUEST_ATTRIBUTES:
            return None  # rendering/old_names.py says what to write
        if owner == "a list":
            message = f"a list has no {name!r}; loop over it."
            return WrongAttribute("templates.attribute-of-list", owner, message)
        passed_by = call if _is_passed(attribute, call) else None
        by = f" ({call.shown} passes it)" if passed_by else ""
        message = f"{owner} has no {name!r}{by}."
        meant = meant_by(name, known.split())
        resolved = project_types.resolve(kind_of_owner)
        if isinstance(resolved, types.Instance) and is_of_accounts(resolved.dotted):
            return _of_account(attribute, call, message, meant)
        kind = "templates.unknown-attribute"
        return WrongAttribute(kind, owner, message, meant, passed_by=passed_by)

    return check


def _of_account(
    attribute: values.Attribute, call: RenderCall, message: str, meant: str
) -> WrongAttribute:
    """Return what is wrong with an attribute of an account, as Django and Flask have many."""
    written = "user"
    if is_account(attribute.base, call) and isinstance(attribute.base, values.Attribute):
        written = "request.user"
    if cure := ACCOUNT_ATTRIBUTES.get(attribute.name, "").format(account=written):
        kind = "templates.other-framework"
        return WrongAttribute(kind, "Account", message, advice=arrow(cure))
    return WrongAttribute("templates.unknown-attribute", "Account", message, meant, OF_ACCOUNTS)


def _is_passed(value: Value, call: RenderCall) -> bool:
    """Return whether a value comes from a name that the view passes."""
    match value:
        case values.Passed(name):
            return name in call.names
        case values.Attribute(inner, _) | values.Item(inner, _) | values.Element(inner):
            return _is_passed(inner, call)
        case values.Returned(inner) | values.SameElements(inner) | values.MaybeSet(inner):
            return _is_passed(inner, call)
        case values.Undefined() | values.Lazy() | values.Either():
            return True
        case values.Existing() | values.Uncertain():
            return True
        case _:
            assert_never(value)


_REQUEST = types.Instance(f"{Request.__module__}.{Request.__qualname__}")

# What a template has besides what a view passes. A name that the view passes comes first.
OF_EVERY_TEMPLATE: dict[str, Type] = {
    "request": _REQUEST,
    "user": types.Attribute(_REQUEST, "user"),  # on a site with accounts
}

# What the functions give that every template has.
_RESULTS: dict[str, Type] = {
    "get_flashed_messages": types.ListOf(types.Builtin("str")),
    "static": types.Builtin("str"),
    "url_for": types.Builtin("str"),
}


def is_account(value: Value, call: RenderCall) -> bool:
    """Return whether a value is who asks, `user` or `request.user`, and not what a view passes."""
    if isinstance(value, values.Attribute):
        return value.name == "user" and _is_called(value.base, "request")
    return _is_called(value, "user") and "user" not in call.names and not call.open


def _is_called(value: Value, name: str) -> bool:
    return isinstance(value, values.Passed | values.Global) and value.name == name


def _type_of_name(name: str, call: RenderCall) -> Type:
    if name == "user" and (name in call.names or call.open):
        return call.names.get(name)  # a row, mostly; of `request` nobody passes another one
    return call.names.get(name) or OF_EVERY_TEMPLATE.get(name)


def type_of(value: Value, call: RenderCall) -> Type:
    """Return the type of a template's value, by what a call passes."""
    match value:
        case values.Passed(name):
            return _type_of_name(name, call)
        case values.Global(name):
            return OF_EVERY_TEMPLATE.get(name)
        case values.MaybeSet(inner):
            return type_of(inner, call)
        case values.Constant(constant):
            return types.Literal(constant)
        case values.ListLiteral():
            return types.ListOf(None)
        case values.Attribute(base, name):
            owner = type_of(base, call)
            return owner and types.Attribute(owner, name)
        case values.Element(source):
            kind = type_of(source, call)
            return kind and types.Element(kind)
        case values.Returned(values.Passed(name)) if name not in call.names:
            return _RESULTS.get(name)
        case values.Returned(callee):
            kind = type_of(callee, call)
            return kind and types.Returned(kind)
        case values.SameElements(source):
            kind = type_of(source, call)
            return kind and types.ListOf(types.Element(kind))
        case values.Item(base, key):
            kind = type_of(base, call)
            return kind and types.Item(
                kind, key.value if isinstance(key, values.Constant) else None
            )
        case values.Either(_, then, otherwise):
            kind = type_of(then, call)
            return kind if kind == type_of(otherwise, call) else None
        case values.Undefined() | values.Lazy() | values.Existing() | values.Uncertain():
            return None
        case _:
            assert_never(value)
