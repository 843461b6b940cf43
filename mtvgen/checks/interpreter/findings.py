"""Findings that a render call may have to answer for: missing names, and mistakes without it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.values import Conditions, Position
from mtvgen.records import record


class Fault:
    """An expression that raises when it is reached, whatever is passed."""

    __slots__ = ()


class BlockFault(Fault):
    """A fault that follows from the parents, and so is not known where those are not."""

    __slots__ = ()


@record(frozen=True, slots=True)
class NotFound(Fault):
    """A template that names another, or several of which one would do; none is there."""

    names: tuple[str, ...]


@record(frozen=True, slots=True)
class Recursion(Fault):
    """A template that leads to itself, by way of the others."""

    ring: tuple[str, ...]


@record(frozen=True, slots=True)
class SecondExtends(Fault):
    """An `extends` behind another one."""


@record(frozen=True, slots=True)
class Unregistered(Fault):
    """A filter or a test that nobody registered."""

    sort: Literal["filter", "test"]
    name: str


@record(frozen=True, slots=True)
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


@record(frozen=True, slots=True)
class IncludeMistake(Fault):
    """An include that fails whatever it names: the id of the problem, and a sentence."""

    id: str
    message: str


@record(frozen=True, slots=True)
class RequiredBlock(BlockFault):
    """A required block that no child fills."""

    name: str


@record(frozen=True, slots=True)
class UnknownSelfBlock(BlockFault):
    """`self.name()` where no template has that block."""

    name: str
    known: frozenset[str]


@record(frozen=True, slots=True)
class SuperWithoutParent(BlockFault):
    """`super()` in a block that no parent has."""

    name: str


@record(frozen=True, slots=True)
class WrongImport:
    """The import of a name that the other template lacks."""

    value: values.Undefined


@record(frozen=True, slots=True)
class LeftAlone:
    """A place that can't be judged without running it, and why."""

    what: str
    why: str


@record(frozen=True, slots=True)
class NoMember(Fault):
    """An attribute that one of Jinja2's own objects lacks: `loop.idnex`.

    Attributes:
        owner: The object, as it is written.
        name: The attribute.
        known: What it has.
    """

    owner: str
    name: str
    known: tuple[str, ...]


@record(frozen=True, slots=True)
class SuperMisused(Fault):
    """`super` without its parentheses, or with something in them."""


class Usage:
    """A way to use a value that depends on its type, which a render call decides."""

    __slots__ = ()


@record(frozen=True, slots=True)
class Quoted(Usage):
    """An attribute that is named in quotes: `note["title"]`, `notes|map(attribute="title")`.

    Attributes:
        attribute: The attribute.
        text: All that is between the quotes.
    """

    attribute: values.Attribute
    text: str


@record(frozen=True, slots=True)
class Uncalled(Usage):
    """An attribute whose value is needed at once: a method should have been called."""

    attribute: values.Attribute


@record(frozen=True, slots=True)
class Called(Usage):
    """An attribute that is called.

    Attributes:
        attribute: The attribute.
        count: How many arguments are passed by position.
        keywords: The names of the others.
        is_open: Whether more are passed that can't be known.
    """

    attribute: values.Attribute
    count: int
    keywords: tuple[str, ...]
    is_open: bool


@record(frozen=True, slots=True)
class URLParameter(Usage):
    """What a url_for() passes for a parameter of a route.

    Attributes:
        route: The route's name.
        name: The parameter's.
        value: What is passed.
    """

    route: str
    name: str
    value: values.Value


@record(frozen=True, slots=True)
class Link:
    """A call of url_for() or static(), which the routes and the static files have to answer."""


_Fault: TypeAlias = (
    NotFound | Recursion | SecondExtends | Unregistered | MacroMistake | NoMember | SuperMisused
)
AnyUsage: TypeAlias = Quoted | Uncalled | Called | URLParameter
AnyFault: TypeAlias = (
    _Fault | IncludeMistake | RequiredBlock | UnknownSelfBlock | SuperWithoutParent
)
Finding: TypeAlias = (
    values.Passed
    | values.Attribute
    | values.Undefined
    | WrongImport
    | LeftAlone
    | Link
    | AnyUsage
    | AnyFault
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
        # To hash all that a condition is made of takes longer; the uses that share a place are
        # mostly in other arms of the same tests.
        return hash((self.position, *[wanted for _, wanted in self.conditions]))
