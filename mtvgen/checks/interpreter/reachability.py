"""Whether a place in a template is reached, by what one render call passes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from jinja2.tests import TESTS

from mtvgen.checks.interpreter.recording import Use
from mtvgen.checks.interpreter.values import SILENT_TESTS, Conditions, Value

# More undecided tests than this are not played through: the place counts as reachable.
MAX_GUESSES = 8


class Undecided(Exception):
    """A test whose truth depends on something that is not known."""

    def __init__(self, atom: Value) -> None:
        self.atom = atom


class Unreachable(Exception):
    """The test itself raises, so nothing behind it runs."""


class Reachability:
    """Which places of a template one render call reaches, by the names that it passes.

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

    def reaches(self, use: Use) -> bool:
        """Whether a use has to be answered for: what may be set counts only where it is certain."""
        return self.reachable(use.conditions, surely=use.maybe_set)

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
        if kind == "maybe_set":
            return self.truth(value[1], guesses)
        if kind == "not":
            return not self.truth(value[1], guesses)
        if kind == "either":
            return self.truth(self._side(value, guesses), guesses)
        if kind == "defined":
            return self._is_defined(value[1], guesses)
        if kind == "all":
            return all(self.truth(test, guesses) is wanted for test, wanted in value[1])
        if kind == "undefined" or (kind == "context" and not self.has(value[1])):
            raise Unreachable
        if kind in ("macro", "module") or _counts_from_one(value):
            return True
        if kind == "list":
            return bool(value[1])
        try:
            return bool(self._constant(value, guesses))
        except LookupError:
            return self._guess(value, guesses)

    def _side(self, either: Value, guesses: Mapping[Value, bool]) -> Value:
        _, test, then, otherwise = either
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
        if kind == "either":
            return self._is_defined(self._side(value, guesses), guesses)
        if kind == "maybe_set":
            return self._is_defined(value[1], guesses)
        if kind == "context":
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
        if kind == "context":
            if not self.has(value[1]):
                raise Unreachable
            return self.constants[value[1]]
        if kind == "either":
            return self._constant(self._side(value, guesses), guesses)
        if kind == "maybe_set":
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
        if left == right and op == "eq" and left[0] in ("context", "attr", "item"):
            raise LookupError
        left_value = self._constant(left, guesses)
        right_value = self._container(right, guesses)
        try:
            return COMPARE[op](left_value, right_value)
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

# Tests of Jinja2's own that need nothing but their arguments.
SAFE_TESTS = frozenset(
    {"odd", "even", "divisibleby", "number", "string", "none", "boolean", "true", "false"}
    | {"integer", "float", "sequence", "iterable", "mapping", "lower", "upper", "sameas"}
)
