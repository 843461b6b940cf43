"""Values as the checks know them: not what a name holds, but where it comes from.

A value is a tuple that begins with its kind, so that it can be compared, hashed and kept:

    ("const", 3, "int")       written in the template; the type, because True == 1 in Python
    ("ctx", "note")           the view's name
    ("attr", value, "title")  ("elem", value)  ("item", value, key)  ("call", value)
    ("aslist", value)         the same elements: sorted, filtered, sliced
    ("list", (value, ...))    a literal
    ("phi", test, a, b)       a where the test holds, else b
    ("soft", value)           may have been set by then: used, and never reported
    ("undefined", why, name, template, line, detail)
    ("global", name)          something that every template has
    ("macro", Macro) ("module", Module)
    anything else             opaque: known to exist, and to be the same where it is equal

A test is a value of which only the truth matters: ("defined", v), ("not", t), ("all", conditions),
("cmp", op, a, b), ("test", name, v, args).
A condition is a pair: a test, and the truth that it needs to have.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from jinja2.tests import TESTS

Value: TypeAlias = tuple[Any, ...]
Condition: TypeAlias = tuple[Value, bool]
Conditions: TypeAlias = tuple[Condition, ...]

TRUE: Value = ("const", True, "bool")
FALSE: Value = ("const", False, "bool")
UNKNOWN: Value = ("opaque",)

# More undecided tests than this are not played through: the place counts as reachable.
MAX_GUESSES = 8


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
        return ("soft", UNKNOWN)
    return ("phi", test, then, otherwise)


def _depth(value: Value) -> int:
    if value[0] == "phi":
        return 1 + max(_depth(value[2]), _depth(value[3]))
    return _depth(value[1]) if value[0] == "soft" else 0


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


class Undecided(Exception):
    """A test whose truth depends on something that is not known."""

    def __init__(self, atom: Value) -> None:
        self.atom = atom


class Unreachable(Exception):
    """The test itself raises, so nothing behind it runs."""


class Known:
    """What one render call tells about its names.

    Args:
        passed: The names that are there, the globals included; None if that can't be known.
        constants: The values of those that were passed as literals.
        lacks: Whether a value is known to lack an attribute.
    """

    def __init__(
        self,
        passed: frozenset[str] | None,
        constants: Mapping[str, Any] | None = None,
        lacks: Callable[[Value], bool] = lambda value: False,
    ) -> None:
        self.passed = passed
        self.constants = constants or {}
        self.lacks = lacks

    def has(self, name: str) -> bool:
        """Whether the template sees a name."""
        return self.passed is None or name in self.passed

    def reachable(self, conditions: Conditions, *, surely: bool = False) -> bool:
        """Whether a place can be reached: by some play of the undecided tests, or surely."""
        return self._play(conditions, {}, surely)

    def _play(self, conditions: Conditions, guesses: dict[Value, bool], surely: bool) -> bool:
        try:
            return all(self.truth(test, guesses) is wanted for test, wanted in conditions)
        except Unreachable:
            return False
        except Undecided as undecided:
            if surely:
                return False
            if len(guesses) >= MAX_GUESSES:
                return True
            return any(
                self._play(conditions, {**guesses, undecided.atom: guess}, surely)
                for guess in (True, False)
            )

    def truth(self, value: Value, guesses: Mapping[Value, bool]) -> bool:
        """The truth of a value.

        Raises:
            Undecided: It depends on something that no guess was made for.
            Unreachable: Asking for it raises.
        """
        kind = value[0]
        if kind == "soft":
            return self.truth(value[1], guesses)
        if kind == "not":
            return not self.truth(value[1], guesses)
        if kind == "phi":
            return self.truth(self._side(value, guesses), guesses)
        if kind == "defined":
            return self._is_defined(value[1], guesses)
        if kind == "all":
            return all(self.truth(test, guesses) is wanted for test, wanted in value[1])
        if kind == "undefined" or (kind == "ctx" and not self.has(value[1])):
            raise Unreachable
        if kind in ("macro", "module") or _counts_from_one(value):
            return True
        if kind == "list":
            return bool(value[1])
        try:
            return bool(self._constant(value, guesses))
        except LookupError:
            return self._guess(value, guesses)

    def _side(self, phi: Value, guesses: Mapping[Value, bool]) -> Value:
        _, test, then, otherwise = phi
        return then if self.truth(test, guesses) else otherwise  # type: ignore[no-any-return]

    def _guess(self, atom: Value, guesses: Mapping[Value, bool]) -> bool:
        if _is_text(atom):
            # Whether some text is empty follows from what it is made of, in ways not played here.
            raise Unreachable
        if atom not in guesses:
            raise Undecided(atom)
        return guesses[atom]

    def _is_defined(self, value: Value, guesses: Mapping[Value, bool]) -> bool:
        kind = value[0]
        if kind == "phi":
            return self._is_defined(self._side(value, guesses), guesses)
        if kind == "soft":
            return self._is_defined(value[1], guesses)
        if kind == "ctx":
            return self.has(value[1])
        if kind == "undefined" or (kind == "attr" and self.lacks(value)):
            return False
        if kind in _ALWAYS_DEFINED or _counts_from_one(value):
            return True
        if kind == "filter" and value[1] != "attr":
            return True
        return self._guess(("defined", value), guesses)

    def _constant(self, value: Value, guesses: Mapping[Value, bool]) -> Any:
        """The value itself.

        Raises:
            LookupError: It is not known.
        """
        kind = value[0]
        if kind == "const":
            return value[1]
        if kind == "ctx":
            if not self.has(value[1]):
                raise Unreachable
            return self.constants[value[1]]
        if kind == "phi":
            return self._constant(self._side(value, guesses), guesses)
        if kind == "soft":
            return self._constant(value[1], guesses)
        if kind == "not":
            return not self.truth(value[1], guesses)
        if kind == "defined":
            return self._is_defined(value[1], guesses)
        if kind == "cmp":
            return self._compare(value, guesses)
        if kind == "test":
            return self._test(value, guesses)
        if kind == "undefined":
            raise Unreachable
        raise LookupError

    def _compare(self, value: Value, guesses: Mapping[Value, bool]) -> Any:
        _, op, left, right = value
        if left == right and op == "eq" and left[0] in ("ctx", "attr", "item"):
            raise LookupError
        one = self._constant(left, guesses)
        other = self._container(right, guesses)
        try:
            return COMPARE[op](one, other)
        except Exception as error:
            raise Unreachable from error

    def _container(self, value: Value, guesses: Mapping[Value, bool]) -> Any:
        if value[0] == "list":
            return [self._constant(item, guesses) for item in value[1]]
        return self._constant(value, guesses)

    def _test(self, value: Value, guesses: Mapping[Value, bool]) -> Any:
        _, name, subject, arguments = value
        if name in SILENT_TESTS and not self._is_defined(subject, guesses):
            return name == "callable"
        if name not in SAFE_TESTS:
            raise LookupError
        values = [self._constant(argument, guesses) for argument in arguments]
        try:
            ask: Any = TESTS[name]
            return ask(self._constant(subject, guesses), *values)
        except (LookupError, Unreachable, Undecided):
            raise
        except Exception as error:
            raise Unreachable from error


_ALWAYS_DEFINED = frozenset(
    {"const", "global", "macro", "module", "list", "cmp", "not", "op", "test", "text", "lazy"}
    | {"aslist", "loop", "self", "super", "kwargs", "defined", "all", "some"}
)


def _counts_from_one(value: Value) -> bool:
    """`loop.index` and its like, which are never 0."""
    return (
        value[0] == "attr"
        and value[1][0] == "loop"
        and value[2] in ("index", "length", "revindex", "depth")
    )


def _is_text(value: Value) -> bool:
    if value[0] == "filter":
        return value[1] in _TEXT_FILTERS
    if value[0] == "cmp":
        return _is_text(value[2]) or _is_text(value[3])
    return value[0] == "text" or value[:2] == ("op", "~")


_TEXT_FILTERS = frozenset(
    {"string", "upper", "lower", "title", "capitalize", "join", "e", "escape", "forceescape"}
)

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda item, container: item in container,
    "notin": lambda item, container: item not in container,
}

# Tests that may be put to an undefined value: they answer instead of raising.
SILENT_TESTS = frozenset(
    {"defined", "undefined", "none", "string", "number", "mapping", "sequence", "callable"}
    | {"boolean", "true", "false", "integer", "float", "escaped", "sameas"}
)

# Tests of Jinja2's own that need nothing but their arguments.
SAFE_TESTS = frozenset(
    {"odd", "even", "divisibleby", "number", "string", "none", "boolean", "true", "false"}
    | {"integer", "float", "sequence", "iterable", "mapping", "lower", "upper", "sameas"}
)


def conjunction(conditions: Iterable[Condition]) -> Value:
    """One test that holds where all conditions do."""
    return ("all", tuple(conditions))


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
