"""Reachability: whether one render call reaches a place in a template, by what it passes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from jinja2.tests import TESTS

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.conditions import SILENT_TESTS
from mtvgen.checks.interpreter.findings import Use
from mtvgen.checks.interpreter.macros import Macro, TemplateModule
from mtvgen.checks.interpreter.values import Condition, Conditions, Reason, Value

# More tests than this that no condition decides are not played through: the place counts as
# reachable.
MAX_GUESSES = 8


_ARGUMENTS = (Reason.ARGUMENT, Reason.CALLER)


class Undecided(Exception):
    """A test whose truth depends on something that is not known."""

    def __init__(self, atom: Value) -> None:
        self.atom = atom


class Unreachable(Exception):
    """The test itself raises, so nothing behind it runs."""


class Reachability:
    """The places of a template that one render call reaches, by the names that it passes.

    Args:
        passed: The names that are there, the globals included; None if that can't be known.
        constants: The values of those that were passed as literals.
        lacks: Whether a value is known to lack an attribute.
    """

    def __init__(
        self,
        passed: frozenset[str] | None,
        constants: Mapping[str, Any] | None = None,
        lacks: Callable[[values.Attribute], bool] = lambda attribute: False,
    ) -> None:
        self.passed = passed
        self.constants = constants or {}
        self.lacks = lacks

    def has(self, name: str) -> bool:
        """Return whether the template sees a name."""
        return self.passed is None or name in self.passed

    def reaches(self, use: Use) -> bool:
        """Return whether a use has to be answered for.

        What may be set counts only where that is certain; and so does an argument that a call
        leaves out, because a macro may look at the others before it uses that one.
        """
        what = use.what
        is_argument = isinstance(what, values.Undefined) and what.reason in _ARGUMENTS
        return self.reachable(use.conditions, surely=use.maybe_set or is_argument)

    def reachable(self, conditions: Conditions, *, surely: bool = False) -> bool:
        """Return whether a place can be reached: by some play of the undecided tests, or surely.

        What each condition says by itself is looked at first, however many there are; only what
        is still open then is played through.
        """
        if not conditions:
            return True
        guesses: dict[Value, bool] = {}
        waiting = list(conditions)
        while True:
            count, still_open = len(guesses), []
            for condition in waiting:
                plays = self._plays(condition, guesses, surely=surely)
                if not plays:
                    return False
                if len(plays) == 1:
                    guesses.update(plays[0])
                if plays != [{}]:
                    still_open.append(condition)
            waiting = still_open
            if len(guesses) == count:
                return self._play(tuple(waiting), guesses, MAX_GUESSES)

    def _plays(
        self, condition: Condition, guesses: Mapping[Value, bool], *, surely: bool
    ) -> list[dict[Value, bool]]:
        """Return the guesses about one test that a condition leaves.

        An empty one where it holds.
        """
        test, wanted = condition
        try:
            return [{}] if self.truth(test, guesses) is wanted else []
        except Unreachable:
            return []
        except Undecided as undecided:
            atom = undecided.atom
        if surely:
            return []
        plays = ({atom: guess} for guess in (True, False))
        return [play for play in plays if self._may_hold(condition, {**guesses, **play})]

    def _may_hold(self, condition: Condition, guesses: Mapping[Value, bool]) -> bool:
        try:
            return self.truth(condition[0], guesses) is condition[1]
        except Unreachable:
            return False
        except Undecided:
            return True

    def _play(self, conditions: Conditions, guesses: Mapping[Value, bool], left: int) -> bool:
        try:
            return all(self.truth(test, guesses) is wanted for test, wanted in conditions)
        except Unreachable:
            return False
        except Undecided as undecided:
            if not left:
                return True
            plays = ({**guesses, undecided.atom: guess} for guess in (True, False))
            return any(
                self._play(conditions, play, left - 1)
                for play in plays
                if all(self._may_hold(condition, play) for condition in conditions)
            )

    def truth(self, value: Value, guesses: Mapping[Value, bool]) -> bool:
        """Return the truth of a value.

        Raises:
            Undecided: It depends on something that no guess was made for.
            Unreachable: Asking for it raises.
        """
        match value:
            case values.Not(test):
                return not self.truth(test, guesses)
            case values.Either():
                return self.truth(self._side(value, guesses), guesses)
            case values.MaybeSet(inner):
                return self.truth(inner, guesses)
            case values.Defined(inner):
                return self._is_defined(inner, guesses)
            case values.All(conditions):
                return all(self.truth(test, guesses) is wanted for test, wanted in conditions)
            case values.ListLiteral(items):
                return bool(items)
            case Macro() | TemplateModule():
                return True
            case values.Undefined():
                raise Unreachable
            case values.Attribute() if _counts_from_one(value):
                return True
            case values.Passed() | values.Existing() | values.Lazy() | values.Uncertain():
                try:
                    return bool(self._constant(value, guesses))
                except LookupError:
                    return self._guess(value, guesses)
            case _:
                assert_never(value)

    def _side(self, either: values.Either, guesses: Mapping[Value, bool]) -> Value:
        return either.then if self.truth(either.test, guesses) else either.otherwise

    def _guess(self, atom: Value, guesses: Mapping[Value, bool]) -> bool:
        if _is_text(atom):
            # Whether some text is empty follows from what it is made of, in ways not played here.
            raise Unreachable
        if atom not in guesses:
            raise Undecided(atom)
        return guesses[atom]

    def _is_defined(self, value: Value, guesses: Mapping[Value, bool]) -> bool:
        match value:
            case values.Either():
                return self._is_defined(self._side(value, guesses), guesses)
            case values.MaybeSet(inner):
                return self._is_defined(inner, guesses)
            case values.Passed(name):
                return self.has(name)
            case values.Undefined():
                return False
            case values.Attribute() if self.lacks(value):
                return False
            case values.Attribute() if _counts_from_one(value):
                return True
            case values.Filtered(name) if name != "attr":
                return True
            case values.Existing() | values.Lazy():
                return True
            case values.Uncertain():
                return self._guess(values.Defined(value), guesses)
            case _:
                assert_never(value)

    def _constant(self, value: Value, guesses: Mapping[Value, bool]) -> Any:
        """Return the value itself.

        Raises:
            LookupError: It is not known.
        """
        match value:
            case values.Constant(constant):
                return constant
            case values.EmptyDict():
                return {}
            case values.Passed(name):
                if not self.has(name):
                    raise Unreachable
                return self.constants[name]
            case values.Either():
                return self._constant(self._side(value, guesses), guesses)
            case values.MaybeSet(inner):
                return self._constant(inner, guesses)
            case values.Not(test):
                return not self.truth(test, guesses)
            case values.Defined(inner):
                return self._is_defined(inner, guesses)
            case values.Comparison():
                return self._compare(value, guesses)
            case values.Tested():
                return self._test(value, guesses)
            case values.Undefined():
                raise Unreachable
            case values.Existing() | values.Lazy() | values.Uncertain():
                raise LookupError
            case _:
                assert_never(value)

    def _compare(self, test: values.Comparison, guesses: Mapping[Value, bool]) -> Any:
        left, right = test.left, test.right
        is_same = left == right and test.operator == "eq"
        if is_same and isinstance(left, values.Passed | values.Attribute | values.Item):
            raise LookupError
        left_value = self._constant(left, guesses)
        right_value = self._container(right, guesses)
        try:
            return COMPARE[test.operator](left_value, right_value)
        except Exception as error:
            raise Unreachable from error

    def _container(self, value: Value, guesses: Mapping[Value, bool]) -> Any:
        if isinstance(value, values.ListLiteral):
            return [self._constant(item, guesses) for item in value.items]
        return self._constant(value, guesses)

    def _test(self, test: values.Tested, guesses: Mapping[Value, bool]) -> Any:
        name = test.name
        if name in SILENT_TESTS and not self._is_defined(test.subject, guesses):
            return name == "callable"
        if name not in SAFE_TESTS:
            raise LookupError
        arguments = [self._constant(argument, guesses) for argument in test.arguments]
        subject = test.subject
        if self._lacks_telltale(name, subject):
            return False
        try:
            ask: Any = TESTS[name]
            if isinstance(subject, values.ListLiteral) and name in _TELLTALES:
                return ask([], *arguments)
            return ask(self._constant(subject, guesses), *arguments)
        except (LookupError, Unreachable, Undecided):
            raise
        except Exception as error:
            raise Unreachable from error

    def _lacks_telltale(self, name: str, subject: Value) -> bool:
        """Return whether a value lacks, by its type, the attribute that a test asks for."""
        may_tell = isinstance(subject, values.Passed | values.Uncertain) and name in _TELLTALES
        return may_tell and self.lacks(values.Attribute(subject, _TELLTALES[name]))


# Whatever lacks such an attribute is not what the test asks for.
_TELLTALES = {"mapping": "keys", "string": "upper", "iterable": "__iter__", "sequence": "__len__"}


def _counts_from_one(value: values.Attribute) -> bool:
    """`loop.index` and its like, which are never 0."""
    counters = ("index", "length", "revindex", "depth")
    return isinstance(value.base, values.LoopVariable) and value.name in counters


def _is_text(value: Value) -> bool:
    if isinstance(value, values.Filtered):
        return value.filter in _TEXT_FILTERS
    if isinstance(value, values.Comparison):
        return _is_text(value.left) or _is_text(value.right)
    is_concatenated = isinstance(value, values.Operation) and value.operator == "~"
    return is_concatenated or isinstance(value, values.Text)


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
