"""Where a name in a template gets its value: looked up from its place outwards.

To know every place that means the same takes all templates (linking). What a name means in one
place is asked oftener, and while somebody waits: no more templates are read than lead there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mtvgen.checks.places import Place
from mtvgen.checks.templates.links import is_rebound
from mtvgen.checks.templates.store import Store
from mtvgen.checks.uses.names.template_names import (
    Argument,
    Bound,
    CallOf,
    Imported,
    MacroOf,
    Member,
    Mention,
    NameScope,
    Read,
    Spot,
    TemplateNames,
)
from mtvgen.checks.uses.names.ways import Ways
from mtvgen.checks.views.calls import RenderCall


class Origin(NamedTuple):
    """A place where a name gets its value, or may get it.

    Attributes:
        place: The place.
        template: The template that it is in; empty for a render call.
        bound: What is bound there.
    """

    place: Place
    template: str = ""
    bound: Bound | None = None


class Origins:
    """Looks names up.

    Args:
        names: The names of each template, read when they are asked for.
        store: The templates.
        renders: The render calls.
    """

    def __init__(
        self, names: Mapping[str, TemplateNames], store: Store, renders: Iterable[RenderCall]
    ) -> None:
        self._names = names
        self._store = store
        templates = (store.get(name) for name in store.names())
        self.ways = Ways(template for template in templates if template is not None)
        self._calls: dict[str, list[RenderCall]] = {}
        for call in renders:
            self._calls.setdefault(call.template or "", []).append(call)

    def of(self, template: str, mention: Mention) -> list[Place]:
        """Return where what is written in a template gets its value.

        Args:
            template: The template's name.
            mention: A name in it, other than that of a block, a route, a file.
        """
        search = _Search(self)
        if isinstance(mention.means, Argument):
            found = search.argument(template, mention.means)
        elif isinstance(mention.means, Member):
            found = search.member(template, mention.means)
        elif isinstance(mention.means, Read | Bound | Imported):
            found = search.value(template, mention.means)
        else:
            found = iter(())
        return [origin.place for origin in found]

    def names_of(self, template: str) -> TemplateNames | None:
        """Return the names of a template; None if there is none."""
        return self._names.get(template)

    def may_bind(self, template: str, name: str) -> bool:
        """Return whether a template may give a name a value, by a look at its tree alone."""
        known = self._store.get(template)
        return known is not None and is_rebound(known, name)

    def calls_of(self, template: str) -> Sequence[RenderCall]:
        """Return the calls that render a template."""
        return self._calls.get(template, ())


class _Search:
    """One search: nothing is looked at twice."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._ways = origins.ways
        self._seen: set[tuple[object, ...]] = set()

    def value(self, template: str, means: Read | Bound | Imported) -> Iterator[Origin]:
        """Yield where a name gets its value."""
        match means:
            case Read(name, spot):
                yield from self._at(template, spot, name)
            case Bound(name, scope):
                yield from self._in_scope(template, scope, name)
            case Imported(name, templates):
                yield from self._exported(templates, name)

    def _is_new(self, *key: object) -> bool:
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    # Names

    def _at(self, template: str, spot: Spot, name: str) -> Iterator[Origin]:
        scopes, may_be_outside = spot.find(name)
        for scope in scopes:
            yield from self._in_scope(template, scope, name)
        if not may_be_outside:
            return
        yield from self._from_outside(template, name)
        block = spot.scope.block
        for ancestor in self._ways.ancestors(template) if block else ():
            names = self._origins.names_of(ancestor)
            at = names.scoped_blocks.get(block) if names is not None else None
            if at is not None:
                yield from self._at(ancestor, at, name)

    def _in_scope(self, template: str, scope: NameScope, name: str) -> Iterator[Origin]:
        """Yield where a scope binds a name; what it imports comes from where that is made."""
        names = self._origins.names_of(template)
        if names is None or not self._is_new(template, scope.number, name):
            return
        imported = {bound: meant for bound, meant in names.aliases if isinstance(meant, Imported)}
        for mention in names.by_name.get(name, ()):
            means = mention.means
            if not (isinstance(means, Bound) and means.scope is scope and mention.is_definition):
                continue
            meant = mention.also if isinstance(mention.also, Imported) else imported.get(means)
            there = list(self._exported(meant.templates, meant.name)) if meant else []
            yield from there or [Origin(mention.place, template, means)]

    def _exported(self, templates: Iterable[str], name: str) -> Iterator[Origin]:
        """Yield where templates bind a name that is imported from them."""
        for template in templates:
            names = self._origins.names_of(template)
            if names is not None:
                yield from self._in_scope(template, names.top, name)

    def _from_outside(self, template: str, name: str) -> Iterator[Origin]:
        """Yield what may give a template a name that it has not bound where it is read."""
        if not self._is_new(template, name):
            return
        origins, ancestors = self._origins, self._ways.ancestors(template)
        for one in (template, *ancestors):
            if origins.may_bind(one, name):
                yield from self._exported([one], name)
        for call in origins.calls_of(template):
            if name in call.keywords:
                yield Origin(call.keywords[name])
            elif name in call.names and call.place is not None:
                yield Origin(call.place)  # in a dict, or by way of another function
        for other in self._ways.includers.get(template, ()):
            yield from self._where_included(template, other, name)
        for child in self._ways.children.get(template, ()):
            yield from self._from_outside(child, name)

    def _where_included(self, template: str, other: str, name: str) -> Iterator[Origin]:
        if not any(
            self._origins.may_bind(one, name) for one in (other, *self._ways.ancestors(other))
        ):
            yield from self._from_outside(other, name)
            return
        names = self._origins.names_of(other)
        for included in names.included if names is not None else ():
            if template in included.templates:
                yield from self._at(other, included.spot, name)

    # What names hold

    def member(self, template: str, member: Member) -> Iterator[Origin]:
        """Yield where an attribute of an import or of a namespace is made."""
        if member.base is None:
            return
        for _, owner, bound in list(self.value(template, member.base)):
            names = self._origins.names_of(owner)
            if names is None:
                continue
            for module, templates in names.modules:
                if _are_same(module, bound):
                    yield from self._exported(templates, member.name)
            for namespace, call in names.namespaces:
                if _are_same(namespace, bound):
                    yield from _arguments(names, call, member.name)

    def argument(self, template: str, argument: Argument) -> Iterator[Origin]:
        """Yield the parameters that an argument is given to."""
        if (names := self._origins.names_of(template)) is not None and any(
            call is argument.call for _, call in names.namespaces
        ):
            yield from _arguments(names, argument.call, argument.name)
        callee = argument.call.callee
        for owner, macro in self._macros(template, callee) if callee is not None else ():
            if argument.name in macro.parameters.bound:
                yield from self._in_scope(owner, macro.parameters, argument.name)

    def _macros(
        self, template: str, callee: Read | Member | Imported
    ) -> Iterator[tuple[str, MacroOf]]:
        """Yield the macros that a name or an attribute may be, each with its template."""
        if isinstance(callee, Member):
            found = self.member(template, callee)
        else:
            found = self.value(template, callee)
        for _, owner, bound in list(found):
            names = self._origins.names_of(owner)
            if names is None:
                continue
            for macro in names.macros:
                if _are_same(macro.name, bound):
                    yield owner, macro
            for alias, meant in names.aliases:
                if _are_same(alias, bound):
                    yield from self._macros(owner, meant)


def _are_same(one: Bound, other: Bound | None) -> bool:
    return other is not None and one.scope is other.scope and one.name == other.name


def _arguments(names: TemplateNames, call: CallOf, name: str) -> Iterator[Origin]:
    """Yield where a call names an argument."""
    for mention in names.by_name.get(name, ()):
        if isinstance(mention.means, Argument) and mention.means.call is call:
            yield Origin(mention.place)
