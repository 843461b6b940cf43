"""Attributes in templates, and the classes of what views pass that have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mtvgen.checks import python_types
from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.python.types import Types
from mtvgen.checks.rendering.attributes import type_of
from mtvgen.checks.views.calls import RenderCall


def owners_of_attributes(
    interpreter: Interpreter, types: Types, renders: Iterable[RenderCall]
) -> Mapping[tuple[Position, str], set[str]]:
    """Return the classes of what each attribute in a template is of.

    Args:
        interpreter: Has walked the templates that calls render.
        types: The types of the project.
        renders: The calls.

    Returns:
        The dotted names of classes, by the position of the attribute, and its name.
    """
    owners: dict[tuple[Position, str], set[str]] = {}
    by_template: dict[str, list[RenderCall]] = {}
    for call in renders:
        if call.template is not None:
            by_template.setdefault(call.template, []).append(call)
    for template, calls in by_template.items():
        for value, position in interpreter.entry(template).written:
            if isinstance(value, values.Attribute):
                for owner in _owners(value, calls, types):
                    owners.setdefault((position, value.name), set()).add(owner)
    return owners


def _owners(value: values.Attribute, calls: Iterable[RenderCall], types: Types) -> Iterator[str]:
    for call in calls:
        owner = types.resolve(type_of(value.base, call))
        if isinstance(owner, python_types.Instance | python_types.Generic):
            yield owner.dotted
