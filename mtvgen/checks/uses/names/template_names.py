"""The names of one template: where each is written, and which scope of it may bind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Literal, TypeAlias

from jinja2 import nodes

from mtvgen.checks.places import Place
from mtvgen.records import record


@record(frozen=True, slots=True)
class Binding:
    """A name in a scope.

    Attributes:
        order: When it is first bound whatever happens; None where an `if` decides.
        is_parameter: Whether it is bound before anything in the scope is read.
    """

    order: int | None
    is_parameter: bool = False


@dataclass(eq=False)
class NameScope:
    """A piece of a template with names of its own.

    Attributes:
        number: Its number in the template; 0 is the top.
        parent: The scope around it that it sees; None for the top and for blocks.
        block: The block that it is in; empty outside.
        bound: The names that it binds.
    """

    number: int
    parent: NameScope | None = None
    block: str = ""
    bound: dict[str, Binding] = field(default_factory=dict)

    def outwards(self) -> Iterator[NameScope]:
        """Yield this scope and those around it that it sees."""
        scope: NameScope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


@record(frozen=True, eq=False)
class Spot:
    """A point in the run of a template, at which a name can be looked up.

    Attributes:
        scope: Where it is.
        order: When it is, compared with what is bound in the template.
    """

    scope: NameScope
    order: int

    def find(self, name: str) -> tuple[list[NameScope], bool]:
        """Return the scopes that may have bound a name here, and whether what is outside may."""
        found: list[NameScope] = []
        for scope in self.scope.outwards():
            binding = scope.bound.get(name)
            if binding is None:
                continue
            found.append(scope)
            is_before = binding.order is not None and binding.order < self.order
            if binding.is_parameter or is_before:
                return found, False
        return found, True


@record(frozen=True, eq=False)
class Read:
    """A name that is read at a spot."""

    name: str
    spot: Spot


@record(frozen=True, eq=False)
class Bound:
    """A name in the scope that binds it."""

    name: str
    scope: NameScope


@record(frozen=True, eq=False)
class Member:
    """An attribute of a name.

    Attributes:
        name: Its name.
        base: What it is of; None where that is more than a name.
        mark: Where it is written (templates/parsing/marks).
    """

    name: str
    base: Read | None
    mark: int


@record(frozen=True, eq=False)
class Named:
    """A thing that is known by its name alone: a block, a filter, a route, a template."""

    sort: Literal["block", "filter", "test", "template", "route", "static"]
    name: str


@record(frozen=True, eq=False)
class Imported:
    """A name that another template exports."""

    name: str
    templates: tuple[str, ...]


@record(frozen=True, eq=False)
class Argument:
    """The name of an argument of a call."""

    name: str
    call: CallOf


Meaning: TypeAlias = Read | Bound | Member | Named | Imported | Argument


@record(frozen=True, eq=False)
class Mention:
    """A name, as it is written in one place.

    Attributes:
        place: Its place.
        means: What it is the name of.
        is_definition: Whether it gets its value or its contents here.
        also: What else it is the name of: `from "m.html" import field` names two things at once.
        is_translated: Whether it is in a text to translate, of which it is a part.
    """

    place: Place
    means: Meaning
    is_definition: bool = False
    also: Meaning | None = None
    is_translated: bool = False


@record(frozen=True, eq=False)
class CallOf:
    """A call with arguments by name.

    Attributes:
        callee: What is called; None where that is not a name or an attribute of one.
        names: The names of the arguments.
        is_open: Whether `**` passes more.
    """

    callee: Read | Member | None
    names: tuple[str, ...]
    is_open: bool


@record(frozen=True, eq=False)
class MacroOf:
    """A macro: what it is called, and the scope of its parameters."""

    name: Bound
    parameters: NameScope
    takes_any: bool


@record(frozen=True, eq=False)
class Included:
    """Templates that are run with the names of a spot, by an include or an import with context."""

    templates: tuple[str, ...]
    spot: Spot


@dataclass(eq=False)
class TemplateNames:
    """The names of one template, without a look at any other.

    Attributes:
        mentions: All names, in the order of the source.
        scopes: All scopes; the first is the top.
        parents: The templates that it extends.
        included: What it includes.
        modules: What imports bind to a name, each with the templates that it may be.
        macros: Its macros.
        calls: Its calls with arguments by name.
        aliases: Names that hold what another name, an attribute or an import holds.
        namespaces: Names that are set to `namespace(...)`.
        scoped_blocks: Where blocks are shown that see the names around them.
        is_computed: Whether it names a template that is computed.
    """

    mentions: list[Mention] = field(default_factory=list)
    scopes: list[NameScope] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    included: list[Included] = field(default_factory=list)
    modules: list[tuple[Bound, tuple[str, ...]]] = field(default_factory=list)
    macros: list[MacroOf] = field(default_factory=list)
    calls: list[CallOf] = field(default_factory=list)
    aliases: list[tuple[Bound, Read | Member | Imported]] = field(default_factory=list)
    namespaces: list[tuple[Bound, CallOf]] = field(default_factory=list)
    scoped_blocks: dict[str, Spot] = field(default_factory=dict)
    is_computed: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, list[Mention]]:
        """The mentions of each name."""
        found: dict[str, list[Mention]] = {}
        for mention in self.mentions:
            found.setdefault(mention.means.name, []).append(mention)
        return found

    @property
    def top(self) -> NameScope:
        """The scope of the template itself."""
        return self.scopes[0]


def is_const_text(node: nodes.Node | None) -> bool:
    """Return whether an expression is a text that is written there."""
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def orders() -> Iterator[int]:
    """Return the numbers of what happens in a template, one after the other."""
    return count(1)
