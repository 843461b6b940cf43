"""Values in templates that are used in a way that their type does not allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.findings import (
    AnyUsage,
    Called,
    Quoted,
    Uncalled,
    URLParameter,
    Use,
)
from mtvgen.checks.parameters import call_mistake
from mtvgen.checks.python.members import Members
from mtvgen.checks.python.types import Types
from mtvgen.checks.python_types import Type
from mtvgen.checks.rendering.attributes import attribute_check, is_account, type_of
from mtvgen.checks.rendering.mistakes import WrongAttribute
from mtvgen.checks.rendering.visitors import VisitorPages
from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.views.calls import RenderCall, URLCall
from mtvgen.runtime.routing.converters import CONVERTERS

_CALL = "templates.method-call"
_AS_AN_ERROR = "visitors see this on error pages"


class UsageCheck:
    """Asks whether a value can be used as it is, by the types that a call passes.

    Args:
        project_types: The types of the project.
        members: Their members.
        addresses: The routes; None where they are not known.
        visitors: What renders pages for visitors.
    """

    def __init__(
        self,
        project_types: Types,
        members: Members,
        addresses: Addresses | None,
        visitors: VisitorPages,
    ) -> None:
        self._types = project_types
        self._members = members
        self._addresses = addresses
        self._visitors = visitors
        self._attribute = attribute_check(project_types)

    def mistake(self, usage: AnyUsage, call: RenderCall) -> WrongAttribute | None:
        """Return what is wrong with a use of a value that a call passes; None if nothing is."""
        match usage:
            case Quoted(attribute, text):
                wrong = self._attribute(attribute, call)
                if wrong is None or wrong.owner == "a list":
                    return None
                meant = wrong.meant and text.replace(attribute.name, wrong.meant)
                return WrongAttribute(wrong.kind, wrong.owner, wrong.message, meant)
            case Uncalled(attribute):
                return self._uncalled(attribute, call)
            case Called():
                return self._called(usage, call)
            case URLParameter():
                return self._parameter(usage, call)
            case _:
                assert_never(usage)

    def _uncalled(self, attribute: values.Attribute, call: RenderCall) -> WrongAttribute | None:
        member = self._members.find(type_of(attribute.base, call), attribute.name)
        if member is None or member.parameters is None:
            return None
        written = f"{attribute.name}()"
        message = f"{attribute.name} is a method of {member.owner}, and is not called here."
        return WrongAttribute(_CALL, member.owner, message, advice=arrow(written))

    def _called(self, called: Called, call: RenderCall) -> WrongAttribute | None:
        attribute = called.attribute
        member = self._members.find(type_of(attribute.base, call), attribute.name)
        if member is None:
            return None
        name = attribute.name
        if member.parameters is None:
            message = f"{name} of {member.owner} is not a method, so it can't be called."
            return WrongAttribute(_CALL, member.owner, message, advice=arrow(name))
        mistake = call_mistake(
            name, member.parameters, called.count, called.keywords, is_open=called.is_open
        )
        if mistake is None:
            return None
        return WrongAttribute(_CALL, member.owner, mistake.message)

    def unguarded(
        self, attribute: values.Attribute, use: Use, call: RenderCall
    ) -> WrongAttribute | None:
        """Return a note on an attribute of a column or a relation that may be None, or of `user`.

        None where a test around it looks at the value, or at the object that it belongs to.
        """
        base = attribute.base
        if is_account(base, call):
            return self._of_visitor(attribute, use, call)
        if not isinstance(base, values.Attribute):
            return None
        owner = self._types.resolve(type_of(base.base, call))
        if not isinstance(owner, types.Instance):
            return None
        fact = self._types.class_fact(owner.dotted)
        if fact is None or base.name not in fact.nullable or is_guarded(attribute, use):
            return None
        message = f"{base.name} of {fact.name} may be None, which has no {attribute.name!r}."
        advice = f"Write {{% if ... .{base.name} %}} around it."
        kind = "templates.maybe-none"
        return WrongAttribute(kind, fact.name, message, advice=advice, severity="note")

    def _of_visitor(
        self, attribute: values.Attribute, use: Use, call: RenderCall
    ) -> WrongAttribute | None:
        """Return a note on an attribute of `user`, in a page that a visitor gets too."""
        if call not in self._visitors or self._types.resolve(type_of(attribute.base, call)) is None:
            return None
        # What a view passes that does not look at who asks tells nothing about the user either.
        if any(not names_in(test) <= {*call.names} for test, _ in use.conditions):
            return None
        written = "request.user" if isinstance(attribute.base, values.Attribute) else "user"
        where = f"{call.shown} renders this for visitors" if call.place else _AS_AN_ERROR
        message = f"{written} may be None, which has no {attribute.name!r}: {where}, too."
        advice = f"Write {{% if {written} %}} around it."
        kind = "templates.maybe-none"
        return WrongAttribute(kind, "Account", message, advice=advice, severity="note")

    def _parameter(self, parameter: URLParameter, call: RenderCall) -> WrongAttribute | None:
        if isinstance(parameter.value, values.Constant):
            return None  # a literal is checked where it is written
        kind = type_of(parameter.value, call)
        return self._wrong_parameter(parameter.route, parameter.name, kind)

    def problems_of_urls(self, calls: Iterable[URLCall]) -> Iterator[Problem]:
        """Yield what the url_for() calls of Python files pass, and no converter takes."""
        for call in calls:
            for name, kind in call.types.items() if call.is_certain else ():
                wrong = self._wrong_parameter(call.name, name, kind)
                if wrong is not None:
                    place = call.values[name][1] if name in call.values else call.place
                    yield replace(wrong, kind="views.url-type").problem(place)

    def _wrong_parameter(self, route_name: str, name: str, kind: Type) -> WrongAttribute | None:
        routes = self._addresses.by_name.get(route_name, ()) if self._addresses else ()
        converters = {dict(route.parameters).get(name) for route in routes}
        converter = next(iter(converters)) if len(converters) == 1 else None
        if converter is None:
            return None
        resolved = self._types.resolve(kind)
        given = self._refused(resolved, converter)
        if not given:
            return None
        label = CONVERTERS[converter].label
        message = f"url_for({route_name!r}): {name} is {label}, not {given}."
        is_sure = not isinstance(resolved, types.Builtin) or resolved.name != "str"
        return WrongAttribute(
            "templates.url-type", given, message, severity="error" if is_sure else "note"
        )

    def _refused(self, given: Type, converter: str) -> str:
        """Return the type of a value in words, if a converter does not take it; empty if it may."""
        if isinstance(given, types.ListOf):
            return "a list"
        if isinstance(given, types.Instance):
            fact = self._types.class_fact(given.dotted)
            is_model = fact is not None and "metadata" in fact.attributes
            return f"{_article(fact.name)} {fact.name}" if is_model and fact is not None else ""
        if converter == "int" and isinstance(given, types.Builtin) and given.name != "int":
            name = given.name.rpartition(".")[2]
            return "" if name == "bool" else f"{_article(name)} {name}"
        return ""


def _article(name: str) -> str:
    return "an" if name[0] in "aeioAEIO" else "a"


def names_in(value: object) -> frozenset[str]:
    """Return the names of views, and of all templates, that a value is made of; "" for others."""
    if isinstance(value, values.Passed | values.Global):
        return frozenset({value.name})
    if isinstance(value, values.Opaque):
        return frozenset({""})
    if isinstance(value, tuple):
        return frozenset().union(*map(names_in, value))
    fields = getattr(type(value), "__dataclass_fields__", ())
    return frozenset().union(*(names_in(getattr(value, name)) for name in fields))


def is_guarded(attribute: values.Attribute, use: Use) -> bool:
    """Return whether a test around a use names the value, or the object that it belongs to."""
    base = attribute.base
    owner = base.base if isinstance(base, values.Attribute) else base
    return any(_names(test, base) or _asks(test, owner) for test, _ in use.conditions)


def _names(value: object, wanted: values.Value) -> bool:
    """Return whether a value is made of another one."""
    if value == wanted:
        return True
    if isinstance(value, tuple):
        return any(_names(part, wanted) for part in value)
    fields = getattr(type(value), "__dataclass_fields__", ())
    return any(_names(getattr(value, name), wanted) for name in fields)


def _asks(test: values.Value, owner: values.Value) -> bool:
    """Return whether a test is about an attribute of an object, or what a method of it gives."""
    match test:
        case values.Attribute(base, _):
            return base == owner
        case values.Returned(inner) | values.Not(inner) | values.Tested(_, inner, _):
            return _asks(inner, owner)
        case values.All(conditions):
            return any(_asks(inner, owner) for inner, _ in conditions)
        case values.Comparison(_, left, right):
            return _asks(left, owner) or _asks(right, owner)
        case values.Either(inner, then, otherwise):
            return any(_asks(part, owner) for part in (inner, then, otherwise))
        case values.Passed() | values.Undefined() | values.Lazy() | values.MaybeSet():
            return False
        case values.Existing() | values.Uncertain():
            return False
        case _:
            assert_never(test)
