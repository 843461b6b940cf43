"""Values of expressions that are written out, also by way of a macro's arguments.

What depends on anything that a view passes is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import nodes

from mtvgen.checks.markup.pieces import Expression


class Unknown(Exception):
    """A value depends on what is passed."""


def constant_of(expression: Expression) -> Any:
    """Return the value of an expression.

    Raises:
        Unknown: It depends on what a view passes, or takes more than comparing literals.
    """
    node = expression.node
    evaluate = _EVALUATE.get(type(node))
    if evaluate is None:
        raise Unknown
    return evaluate(expression, node)


def is_true(expression: Expression) -> bool | None:
    """Return whether a test holds; None where that depends on what is passed."""
    try:
        return bool(constant_of(expression))
    except Unknown:
        return None


def source_of(expression: Expression) -> Expression:
    """Return the expression that a name stands for, as far back as that is known."""
    node = expression.node
    while isinstance(node, nodes.Name) and node.name in expression.names:
        expression = expression.names[node.name]
        node = expression.node
    return expression


def _inner(expression: Expression, node: Any) -> Any:
    return constant_of(Expression(node, expression.template, expression.names))


def _constant(expression: Expression, node: nodes.Const) -> Any:
    return node.value


def _name(expression: Expression, node: nodes.Name) -> Any:
    if node.name not in expression.names:
        raise Unknown
    return constant_of(expression.names[node.name])


def _items(expression: Expression, node: nodes.List | nodes.Tuple) -> Any:
    return tuple(_inner(expression, item) for item in node.items)


def _not(expression: Expression, node: nodes.Not) -> bool:
    return not _inner(expression, node.node)


def _and(expression: Expression, node: nodes.And) -> Any:
    return _inner(expression, node.left) and _inner(expression, node.right)


def _or(expression: Expression, node: nodes.Or) -> Any:
    return _inner(expression, node.left) or _inner(expression, node.right)


def _choice(expression: Expression, node: nodes.CondExpr) -> Any:
    if _inner(expression, node.test):
        return _inner(expression, node.expr1)
    return "" if node.expr2 is None else _inner(expression, node.expr2)


def _comparison(expression: Expression, node: nodes.Compare) -> bool:
    left = _inner(expression, node.expr)
    for operand in node.ops:
        right = _inner(expression, operand.expr)
        compare = _COMPARE.get(operand.op)
        if compare is None:
            raise Unknown
        try:
            if not compare(left, right):
                return False
        except TypeError:
            raise Unknown from None
        left = right
    return True


def _joined(expression: Expression, node: nodes.Concat) -> str:
    return "".join(str(_inner(expression, part)) for part in node.nodes)


def _sum(expression: Expression, node: nodes.Add) -> Any:
    left, right = _inner(expression, node.left), _inner(expression, node.right)
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    raise Unknown


def _test(expression: Expression, node: nodes.Test) -> bool:
    if node.name == "none":
        return _inner(expression, node.node) is None
    raise Unknown


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}
_EVALUATE: dict[type[nodes.Node], Callable[[Expression, Any], Any]] = {
    nodes.Const: _constant,
    nodes.Name: _name,
    nodes.List: _items,
    nodes.Tuple: _items,
    nodes.Not: _not,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.CondExpr: _choice,
    nodes.Compare: _comparison,
    nodes.Concat: _joined,
    nodes.Add: _sum,
    nodes.Test: _test,
}
