"""Values as the checks know them: not what a name holds, but where it comes from.

What is equal is the same thing in a template; so values can be compared, hashed and kept. `Value`
lists their classes, and a `match` over them ends in assert_never(), so that mypy finds the one
that forgets a class.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mtvgen.records import record

if TYPE_CHECKING:
    from mtvgen.checks.interpreter.macros import Macro, TemplateModule


class Position(NamedTuple):
    """A place in a template: its name, and the mark of a node (templates/parsing/marks)."""

    template: str
    mark: int


class Existing:
    """A value that is there whatever a view passes, so that using it is never wrong."""

    __slots__ = ()


class Uncertain:
    """A value that may turn out to be undefined; whether it does can't be known."""

    __slots__ = ()


# What a template is given


@record(frozen=True, slots=True)
class Passed:
    """A value that the view passes by a name; `hidden_by` is the file that hides a loop's name."""

    name: str
    hidden_by: str = ""

    # Names and attributes are hashed most: by the name alone it takes a third of the time.
    def __hash__(self) -> int:
        return hash(self.name)


@record(frozen=True, slots=True)
class Global(Existing):
    """A name that every template has."""

    name: str


class Reason(Enum):
    """The reason why something is undefined whatever a view passes: the id of the problem."""

    BEFORE_SET = "templates.used-before-set"
    NO_CONTEXT = "templates.no-context"
    IMPORT = "templates.import-name"
    MODULE = "templates.module-attribute"
    ARGUMENT = "templates.macro-missing"
    CALLER = "templates.macro-caller"


@record(frozen=True, slots=True)
class Undefined:
    """A value that is undefined whatever a view passes, and an error once it is used.

    Attributes:
        reason: Why.
        name: Its name.
        position: Where it should have got a value.
        owner: What should have given it: an imported template, the signature of a macro.
        known: The names that the owner has.
    """

    reason: Reason
    name: str
    position: Position
    owner: str = ""
    known: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Opaque(Uncertain):
    """A value of which nothing is known."""


# What a template makes itself


@record(frozen=True, slots=True)
class Constant(Existing):
    """A literal of the template; the name of its type, because True == 1 in Python."""

    value: object
    type_name: str


@record(frozen=True, slots=True)
class ListLiteral(Existing):
    """A list or a tuple of values."""

    items: tuple[Value, ...]


@record(frozen=True, slots=True)
class EmptyDict(Existing):
    """`{}`."""


@record(frozen=True, slots=True)
class Operation(Existing):
    """The result of an operator."""

    operator: str
    operands: tuple[Value, ...]


@record(frozen=True, slots=True)
class Text(Existing):
    """The output of a macro or a block; the id of its node."""

    node: int


@record(frozen=True, slots=True)
class LoopVariable(Existing):
    """`loop`, in the loop of an id."""

    node: int


@record(frozen=True, slots=True)
class KeywordArguments(Existing):
    """`kwargs` in a macro."""

    items: tuple[tuple[str, Value], ...]


@record(frozen=True, slots=True)
class TemplateReference(Existing):
    """`self`, whose attributes are blocks."""


@record(frozen=True, slots=True)
class SelfBlock(Uncertain):
    """`self.name`."""

    name: str


@record(frozen=True, slots=True)
class ParentBlock(Existing):
    """`super`."""


# What comes from another value


@record(frozen=True, slots=True)
class Attribute(Uncertain):
    """`base.name`."""

    base: Value
    name: str

    def __hash__(self) -> int:
        return hash(self.name)


@record(frozen=True, slots=True)
class Item(Uncertain):
    """`base[key]`."""

    base: Value
    key: Value


@record(frozen=True, slots=True)
class Element(Uncertain):
    """An element of a value that is looped over."""

    source: Value


@record(frozen=True, slots=True)
class Returned(Uncertain):
    """The result of calling a value."""

    callee: Value


@record(frozen=True, slots=True)
class Filtered(Uncertain):
    """The result of a filter."""

    filter: str
    base: Value
    arguments: tuple[Value, ...]


@record(frozen=True, slots=True)
class SameElements(Existing):
    """The same elements as another value's: sorted, filtered, sliced."""

    source: Value


@record(frozen=True, slots=True)
class Lazy:
    """A generator, which touches its source once it is looped over."""

    source: Value
    filter: str


# What a template decides


@record(frozen=True, slots=True)
class Either:
    """One value where a test holds, and another where not."""

    test: Value
    then: Value
    otherwise: Value


@record(frozen=True, slots=True)
class MaybeSet:
    """A value that may have been set by then: used, and never reported."""

    value: Value


# Tests: only whether they are true matters


@record(frozen=True, slots=True)
class Defined(Existing):
    """The test whether a value is defined."""

    value: Value


@record(frozen=True, slots=True)
class Not(Existing):
    """The opposite of a test."""

    test: Value


@record(frozen=True, slots=True)
class All(Existing):
    """The test whether all conditions hold."""

    conditions: Conditions


@record(frozen=True, slots=True)
class Comparison(Existing):
    """`left == right`; the operator by Jinja2's name."""

    operator: str
    left: Value
    right: Value


@record(frozen=True, slots=True)
class Tested(Existing):
    """`subject is name(arguments)`."""

    name: str
    subject: Value
    arguments: tuple[Value, ...]


@record(frozen=True, slots=True)
class HasElements(Existing):
    """The test whether a value has elements: any, or any that the loop of an id lets pass."""

    source: Value
    loop: int = 0


@record(frozen=True, slots=True)
class IsTurn(Uncertain):
    """The test whether the loop of an id is at one of the elements that are written in it."""

    loop: int
    index: int


_Given: TypeAlias = "Passed | Global | Undefined | Opaque"
_Made: TypeAlias = (
    "Constant | ListLiteral | EmptyDict | Operation | Text | LoopVariable | KeywordArguments"
    " | TemplateReference | SelfBlock | ParentBlock | Macro | TemplateModule"
)
_Derived: TypeAlias = "Attribute | Item | Element | Returned | Filtered | SameElements | Lazy"
_Test: TypeAlias = "Defined | Not | All | Comparison | Tested | HasElements | IsTurn"
Value: TypeAlias = "_Given | _Made | _Derived | Either | MaybeSet | _Test"
# A test, and the truth that it needs to have.
Condition: TypeAlias = "tuple[Value, bool]"
Conditions: TypeAlias = "tuple[Condition, ...]"

TRUE: Value = Constant(True, "bool")
FALSE: Value = Constant(False, "bool")
UNKNOWN: Value = Opaque()
