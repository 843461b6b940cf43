"""Values as the checks know them: not what a name holds, but where it comes from.

A value is a tuple that begins with its kind, so that it can be compared, hashed and kept:

    ("const", 3, "int")       written in the template; the type, because True == 1 in Python
    ("context", "note")       the view's name
    ("attr", value, "title")  ("elem", value)  ("item", value, key)  ("call", value)
    ("aslist", value)         the same elements: sorted, filtered, sliced
    ("list", (value, ...))    a literal
    ("either", test, a, b)    a where the test holds, else b
    ("maybe_set", value)      may have been set by then: used, and never reported
    ("undefined", why, name, template, line, detail)
    ("global", name)          something that every template has
    ("macro", Macro)  ("module", TemplateModule)
    anything else             opaque: known to exist, and to be the same where it is equal

A test is a value of which only the truth matters: ("defined", v), ("not", t), ("all", conditions),
("cmp", op, a, b), ("test", name, v, args).
A condition is a pair: a test, and the truth that it needs to have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

Value: TypeAlias = tuple[Any, ...]
Condition: TypeAlias = tuple[Value, bool]
Conditions: TypeAlias = tuple[Condition, ...]

TRUE: Value = ("const", True, "bool")
FALSE: Value = ("const", False, "bool")
UNKNOWN: Value = ("opaque",)


def constant(value: object) -> Value:
    """The value of a literal."""
    return ("const", value, type(value).__name__)


def choose(test: Value, then: Value, otherwise: Value) -> Value:
    """The value that is `then` where the test holds, else `otherwise`."""
    if then == otherwise or test == TRUE:
        return then
    if test == FALSE:
        return otherwise
    if _depth(then) + _depth(otherwise) > 6:
        return ("maybe_set", UNKNOWN)
    return ("either", test, then, otherwise)


def _depth(value: Value) -> int:
    if value[0] == "either":
        return 1 + max(_depth(value[2]), _depth(value[3]))
    return _depth(value[1]) if value[0] == "maybe_set" else 0


def negate(test: Value) -> Value:
    """The opposite of a test."""
    if test == TRUE:
        return FALSE
    if test == FALSE:
        return TRUE
    return test[1] if test[0] == "not" else ("not", test)


def comparison(op: str, left: Value, right: Value) -> Value:
    """The test `left op right`, by the names of Jinja2's operators."""
    if op == "ne":
        return ("not", ("cmp", "eq", left, right))
    if op == "notin":
        return ("not", ("cmp", "in", left, right))
    return ("cmp", op, left, right)


def conjunction(conditions: Iterable[Condition]) -> Value:
    """One test that holds where all conditions do."""
    return ("all", tuple(conditions))


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
