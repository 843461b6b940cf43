"""Findings that a render call may have to answer for: missing names, and mistakes without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.values import Conditions, Position


class Fault:
    """An expression that raises when it is reached, whatever is passed."""

    __slots__ = ()


class BlockFault(Fault):
    """A fault that follows from the parents, and so is not known where those are not."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class NotFound(Fault):
    """A template that names another, or several of which one would do; none is there."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recursion(Fault):
    """A template that leads to itself, by way of the others."""

    ring: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecondExtends(Fault):
    """An `extends` behind another one."""


@dataclass(frozen=True, slots=True)
class Unregistered(Fault):
    """A filter or a test that nobody registered."""

    sort: Literal["filter", "test"]
    name: str


@dataclass(frozen=True, slots=True)
class MacroMistake(Fault):
    """A call that does not fit its macro: the id of the problem, and a sentence.

    Attributes:
        argument: The argument that is wrong, where it is one that is passed by name.
        meant: The parameter that was probably meant.
    """

    id: str
    message: str
    argument: str = ""
    meant: str = ""


@dataclass(frozen=True, slots=True)
class IncludeMistake(Fault):
    """An include that fails whatever it names: the id of the problem, and a sentence."""

    id: str
    message: str


@dataclass(frozen=True, slots=True)
class RequiredBlock(BlockFault):
    """A required block that no child fills."""

    name: str


@dataclass(frozen=True, slots=True)
class UnknownSelfBlock(BlockFault):
    """`self.name()` where no template has that block."""

    name: str
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class SuperWithoutParent(BlockFault):
    """`super()` in a block that no parent has."""

    name: str


@dataclass(frozen=True, slots=True)
class WrongImport:
    """The import of a name that the other template lacks."""

    value: values.Undefined


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A place that can't be judged without running it, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """A call of url_for() or static(), which the routes and the static files have to answer."""


_Fault: TypeAlias = NotFound | Recursion | SecondExtends | Unregistered | MacroMistake
AnyFault: TypeAlias = (
    _Fault | IncludeMistake | RequiredBlock | UnknownSelfBlock | SuperWithoutParent
)
Finding: TypeAlias = (
    values.Passed | values.Attribute | values.Undefined | WrongImport | LeftAlone | Link | AnyFault
)


class Use(NamedTuple):
    """Something that a render call may have to answer for.

    Attributes:
        what: A name of the view, an attribute of a value, or what is wrong whatever is passed.
        position: Where.
        conditions: What has to be true for the place to be reached.
        maybe_set: It may have been set by then, so it counts only where that is certain.
    """

    what: Finding
    position: Position
    conditions: Conditions = ()
    maybe_set: bool = False

    def __hash__(self) -> int:
        # Few uses share a place, and to hash all that a condition is made of takes longer.
        return hash(self.position) ^ len(self.conditions)
