"""Conditions on columns that Python decides by itself: `where(Note.draft is None)`.

The database is never asked, and mostly nothing fails: the query has WHERE false, or loses a part.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.objects.owners import Owners
from mtvgen.checks.objects.uses import Condition, Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.report import Problem, arrow

KIND = "views.python-condition"
_METHODS = {ast.In: "in_", ast.NotIn: "not_in", ast.Is: "is_", ast.IsNot: "is_not"}


def python_conditions(module: Module, uses: Uses, owners: Owners) -> Iterator[Problem]:
    """Yield the conditions of a file that were meant for the database.

    Args:
        module: The file.
        uses: What it asks of objects.
        owners: What these have.
    """
    for condition in uses.conditions:
        owner = owners.owner(condition.owner)
        fact = owners.classes.get(owner.class_name) if owner is not None else None
        if owner is None or not owner.is_class or fact is None:
            continue
        if condition.column.attr in fact.columns:
            yield _problem(module, condition)


def _problem(module: Module, condition: Condition) -> Problem:
    node, column = condition.node, ast.unparse(condition.column)
    match node:
        case ast.Compare(ops=[operator, *_], comparators=[value, *_]):
            is_true = isinstance(operator, ast.IsNot | ast.NotIn)
            message = f"Python decides {ast.unparse(node)} by itself: it is always {is_true}."
            cure = f"{column}.{_METHODS[type(operator)]}({ast.unparse(value)})"
        case ast.BoolOp(operator, values):
            word = "and" if isinstance(operator, ast.And) else "or"
            message = f"Python's {word!r} decides here, and the query gets one of these conditions."
            cure = f"{word}_({', '.join(map(ast.unparse, values))}), from sqlalchemy"
        case ast.UnaryOp(operand=operand):
            message = f"Python decides {ast.unparse(node)} by itself, and the query never has it."
            is_name = isinstance(operand, ast.Attribute)
            cure = f"~{column}" if is_name else f"~({ast.unparse(operand)})"
    return Problem(KIND, module.place(condition.column), message, arrow(cure))
