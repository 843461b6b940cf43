"""Controls that a form class draws: `<input {{ form.code.attributes }}>`."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mtvgen.checks.markup.constants import source_of
from mtvgen.checks.markup.elements import Element
from mtvgen.checks.markup.pieces import Expression, Path
from mtvgen.checks.report import Problem

# What the attributes of every field have (mtvgen.runtime.forms, drawing.py).
_ALWAYS_DRAWN = frozenset({"id", "name"})


def drawn_field(element: Element) -> str:
    """Return the name of the field that an element's attributes are of; empty if there is none."""
    for attribute in element.attributes:
        expressions = attribute.value.expressions if attribute.value is not None else []
        if not attribute.name and len(expressions) == 1:
            return _field_of(expressions[0], element.path)
    return ""


def _field_of(expression: Expression, path: Path) -> str:
    """`code` of `form.code.attributes`."""
    node = expression.node
    if not isinstance(node, nodes.Getattr) or node.attr != "attributes":
        return ""
    return _field(Expression(node.node, expression.template, expression.names), path)


def _field(expression: Expression, path: Path) -> str:
    source = source_of(expression)
    node = source.node
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        is_line = _loop_over(node.node.name, path) is not None
        return "" if is_line else node.attr
    loop = _loop_over(node.name, path) if isinstance(node, nodes.Name) else None
    if loop is None or not isinstance(loop.node, nodes.Getattr) or loop.node.attr != "options":
        return ""
    # One of the choices of a field, which has that field's name.
    return _field(Expression(loop.node.node, loop.template, loop.names), path)


def _loop_over(name: str, path: Path) -> Expression | None:
    """Return what the loop goes over that a name is the target of."""
    for step in reversed(path):
        if isinstance(step.node, nodes.For) and getattr(step.node.target, "name", "") == name:
            return Expression(step.node.iter, step.template, step.names)
    return None


def dead_attributes(element: Element) -> Iterator[Problem]:
    """Yield what is written behind `{{ field.attributes }}`, which has it already."""
    attributes = element.attributes
    first = next((index for index, one in enumerate(attributes) if not one.name), len(attributes))
    dead = _ALWAYS_DRAWN | {"type"} if element.name == "input" else _ALWAYS_DRAWN
    for attribute in attributes[first:]:
        if attribute.name in dead:
            message = f"{attribute.name!r} is written by attributes already, and a browser keeps"
            message, advice = f"{message} the first.", "Write it before them."
            yield Problem("forms.dead-attribute", attribute.place, message, advice, "note")
