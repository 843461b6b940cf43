"""Tests and conditions: how values follow from them, and which tests Jinja2 knows."""

from __future__ import annotations

from functools import lru_cache

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.values import FALSE, TRUE, UNKNOWN, Value


@lru_cache(typed=True)
def constant(value: object) -> Value:
    """Return the value of a literal."""
    return values.Constant(value, type(value).__name__)


def choose(test: Value, then: Value, otherwise: Value) -> Value:
    """Return the value that is `then` where the test holds, and `otherwise` where it does not."""
    if then == otherwise or test == TRUE:
        return then
    if test == FALSE:
        return otherwise
    if _depth(then) + _depth(otherwise) > 6:
        return values.MaybeSet(UNKNOWN)
    return values.Either(test, then, otherwise)


def _depth(value: Value) -> int:
    if isinstance(value, values.Either):
        return 1 + max(_depth(value.then), _depth(value.otherwise))
    return _depth(value.value) if isinstance(value, values.MaybeSet) else 0


def negate(test: Value) -> Value:
    """Return the opposite of a test."""
    if test == TRUE:
        return FALSE
    if test == FALSE:
        return TRUE
    return test.test if isinstance(test, values.Not) else values.Not(test)


def comparison(operator: str, left: Value, right: Value) -> Value:
    """Return the test `left operator right`, by the names of Jinja2's operators."""
    if operator == "ne":
        return values.Not(values.Comparison("eq", left, right))
    if operator == "notin":
        return values.Not(values.Comparison("in", left, right))
    return values.Comparison(operator, left, right)


# Tests that may be put to an undefined value: they answer instead of raising.
SILENT_TESTS = frozenset(
    {"defined", "undefined", "none", "string", "number", "mapping", "sequence", "callable"}
    | {"boolean", "true", "false", "integer", "float", "escaped", "sameas"}
)

# Tests of Jinja2's that are comparisons, by the operator's name.
COMPARING: dict[str, str] = {
    **dict.fromkeys(("==", "eq", "equalto"), "eq"),
    **dict.fromkeys(("!=", "ne"), "ne"),
    **dict.fromkeys((">", "gt", "greaterthan"), "gt"),
    **dict.fromkeys(("<", "lt", "lessthan"), "lt"),
    ">=": "gteq",
    "ge": "gteq",
    "<=": "lteq",
    "le": "lteq",
    "in": "in",
}
