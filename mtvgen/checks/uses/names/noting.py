"""Notes the names of a template, each with its place, and opens their scopes."""

from __future__ import annotations

from collections.abc import Set

from mtvgen.checks.places import Place
from mtvgen.checks.templates.template import Template
from mtvgen.checks.uses.names.template_names import (
    Binding,
    Bound,
    Meaning,
    Mention,
    Named,
    NameScope,
    TemplateNames,
    orders,
)
from mtvgen.records import record


@record(frozen=True)
class NewName:
    """A name that is tried out: it is read in some places, whatever is written there.

    Attributes:
        name: The name.
        places: The places, in any file.
    """

    name: str
    places: Set[Place]


class Noting:
    """The notes on one template.

    Attributes:
        names: The names.
        template: The template.
        text: Its text, as its tokens count in it.
        orders: The numbers of what happens in it.
        conditions: How many `if` are around what is read, inside its scope.
    """

    def __init__(self, template: Template, new: NewName | None) -> None:
        self.names = TemplateNames(scopes=[NameScope(0)])
        self.template = template
        self._new = new
        self.text = template.tokens.text
        self.orders = orders()
        self.conditions = 0
        self.translated: set[int] = set()

    def open(self, parent: NameScope | None, block: str = "") -> NameScope:
        """Open a scope inside another one, or that of a block."""
        around = block or (parent.block if parent is not None else "")
        scope = NameScope(len(self.names.scopes), parent, around)
        self.names.scopes.append(scope)
        return scope

    def bind(self, name: str, place: Place, scope: NameScope, also: Meaning | None = None) -> Bound:
        """Note that a scope binds a name."""
        name = self.called(name, place)
        order = next(self.orders)
        known = scope.bound.get(name)
        if known is None or known.order is None:
            scope.bound[name] = Binding(None if self.conditions else order)
        bound = Bound(name, scope)
        self.mention(place, bound, is_definition=True, also=also)
        return bound

    def mention(
        self,
        place: Place,
        means: Meaning,
        *,
        is_definition: bool = False,
        also: Meaning | None = None,
        is_translated: bool = False,
    ) -> None:
        """Note a name in a place, if it is written there: extensions make nodes up."""
        written = self.text.at(place)
        is_named = written and isinstance(means, Named)
        if is_named or self.called(written, place) == means.name:
            mention = Mention(place, means, is_definition, also, is_translated)
            self.names.mentions.append(mention)

    def called(self, written: str, place: Place) -> str:
        """Return the name that is read in a place."""
        new = self._new
        return new.name if new is not None and place in new.places else written
