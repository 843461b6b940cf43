"""Names of all templates, linked: what may be bound in the same place is in one group.

A name that its own template has not bound comes from outside: from the view, from the templates
that include it, from its parents and its children, which share their names. All that is in a group
goes by one name, so a name is linked when it is asked for, and the others wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from mtvgen.checks.uses.groups import Groups, Kind, Node, keyword, local, outside
from mtvgen.checks.uses.held import Held, MacroIn
from mtvgen.checks.uses.names.template_names import (
    Argument,
    Bound,
    CallOf,
    Imported,
    Meaning,
    Member,
    Named,
    Read,
    Spot,
    TemplateNames,
)
from mtvgen.checks.views.calls import RenderCall


@dataclass
class Doubts:
    """Facts about names besides where they are written, by the node of each.

    Attributes:
        given: Names that every template has, or that mtvgen itself passes.
        unwritten: The calls that pass a name in a dict, or by way of another function.
        open: The calls whose `**names` may hold a name.
        translated: Names in texts to translate.
    """

    given: list[tuple[Node, str]] = field(default_factory=list)
    unwritten: list[tuple[Node, RenderCall]] = field(default_factory=list)
    open: list[tuple[Node, RenderCall]] = field(default_factory=list)


class Linking:
    """Links the names of all templates.

    Args:
        templates: Their names, by template.
        renders: The render calls.
        known: The names that every template has.

    Attributes:
        groups: What means the same.
        doubts: What is known of groups besides.
    """

    def __init__(
        self,
        templates: Mapping[str, TemplateNames],
        renders: Iterable[RenderCall],
        known: frozenset[str],
    ) -> None:
        self.groups = Groups()
        self.doubts = Doubts()
        self._templates = templates
        self._known = known
        self._calls: dict[str, list[RenderCall]] = {}
        for call in renders:
            self._calls.setdefault(call.template or "", []).append(call)
        self.ancestors = {name: _reached(name, self._parents_of) for name in templates}
        self._descendants: dict[str, list[str]] = {}
        for name, ancestors in self.ancestors.items():
            for ancestor in ancestors:
                self._descendants.setdefault(ancestor, []).append(name)
        self._included_at: dict[str, list[tuple[str, Spot]]] = {}
        for name, names in templates.items():
            for included in names.included:
                for other in included.templates:
                    self._included_at.setdefault(other, []).append((name, included.spot))
        self._linked: set[str] = set()
        self._linked_blocks: set[str] = set()
        self._outside: set[Node] = set()
        self._waiting: list[str] = []
        self._held = Held(templates)

    def _parents_of(self, name: str) -> Sequence[str]:
        names = self._templates.get(name)
        return names.parents if names is not None else ()

    def node_of(self, template: str, meaning: Meaning) -> Node:
        """Return the node that stands for all that means the same."""
        return self.groups.find(self._node_of(template, meaning))

    def _node_of(self, template: str, meaning: Meaning) -> Node:
        match meaning:
            case Read(name, spot):
                self.link(name)
                scopes, _ = spot.find(name)
                return local(template, scopes[0], name) if scopes else outside(template, name)
            case Bound(name, scope):
                self.link(name)
                return local(template, scope, name)
            case Member(name):
                self.link(name)
                return self._member(template, meaning)
            case Imported(name, templates):
                self.link(name)
                return self._exported(templates, name)
            case Argument(name, call):
                self.link(name)
                return self._argument(template, name, call)
            case Named("block", name):
                self._link_block(name)
                return Node(Kind.BLOCK, (template, name))
            case Named(sort, name):
                return Node(Kind[sort.upper()], (name,))
            case _:
                assert_never(meaning)

    def link(self, name: str) -> None:
        """Link a name, wherever it is."""
        if name in self._linked:
            return
        self._linked.add(name)
        mentions = [
            (template, mention)
            for template, names in self._templates.items()
            for mention in names.by_name.get(name, ())
        ]
        for template, mention in mentions:
            if isinstance(mention.means, Read):
                self._look_up(template, mention.means.spot, name)
        while self._waiting:
            self._link_outside(self._waiting.pop(), name)
        for template, mention in mentions:
            means, also = mention.means, mention.also
            if isinstance(also, Imported) and isinstance(means, Bound):
                # One text names both; to tell them apart takes an `as`.
                exported = self._exported(also.templates, name)
                self.groups.join(local(template, means.scope, name), exported)
            if isinstance(means, Member):
                self._member(template, means)
        for template, mention in mentions:
            if isinstance(mention.means, Argument):
                self._argument(template, name, mention.means.call)

    # Names

    def _look_up(self, template: str, spot: Spot, name: str) -> Node:
        """Link all that a name may be at a spot; returns one of them."""
        scopes, may_be_outside = spot.find(name)
        nodes = [local(template, scope, name) for scope in scopes]
        if may_be_outside:
            nodes.append(self._from_outside(template, name))
            nodes += self._from_scoped_block(template, spot, name)
        for node in nodes[1:]:
            self.groups.join(nodes[0], node)
        return nodes[0]

    def _from_outside(self, template: str, name: str) -> Node:
        node = outside(template, name)
        if node not in self._outside:
            self._outside.add(node)
            self._waiting.append(template)
        return node

    def _from_scoped_block(self, template: str, spot: Spot, name: str) -> list[Node]:
        """Return what a parent's `{% block x scoped %}` hands on to a block of that name."""
        block = spot.scope.block
        if not block:
            return []
        spots = (
            (ancestor, self._templates[ancestor].scoped_blocks.get(block))
            for ancestor in self.ancestors[template]
            if ancestor in self._templates
        )
        return [self._look_up(ancestor, at, name) for ancestor, at in spots if at is not None]

    def _link_outside(self, template: str, name: str) -> None:
        """Link a name that a template has from outside with all that it may come from."""
        node, names = outside(template, name), self._templates.get(template)
        if names is not None and name in names.top.bound:
            self.groups.join(node, local(template, names.top, name))
        if name in self._known:
            self.doubts.given.append((node, name))
        for call in self._calls.get(template, ()):
            self._link_call(node, call, name)
        for other, spot in self._included_at.get(template, ()):
            self.groups.join(node, self._look_up(other, spot, name))
        for descendant in self._descendants.get(template, ()):
            self.groups.join(node, self._from_outside(descendant, name))
        for ancestor in self.ancestors.get(template, ()):
            above = self._templates.get(ancestor)
            if above is not None and name in above.top.bound:
                self.groups.join(node, local(ancestor, above.top, name))

    def _link_call(self, node: Node, call: RenderCall, name: str) -> None:
        if name in call.names:
            self.groups.join(node, keyword(call, name))
            if call.place is None:
                self.doubts.given.append((node, name))
            elif name not in call.keywords:
                self.doubts.unwritten.append((node, call))
        elif call.open:
            self.doubts.open.append((node, call))

    def _link_block(self, name: str) -> None:
        if name in self._linked_blocks:
            return
        self._linked_blocks.add(name)
        for template in self._templates:
            for ancestor in self.ancestors[template]:
                above = Node(Kind.BLOCK, (ancestor, name))
                if ancestor in self._templates and _has_block(self._templates[ancestor], name):
                    self.groups.join(Node(Kind.BLOCK, (template, name)), above)

    # What names hold

    def _modules_of(self, template: str, base: Read) -> list[str]:
        """Return the templates that a name may be an import of."""
        node = self.node_of(template, base)
        return [
            module
            for other, bound, modules in self._held.modules.get(base.name, ())
            if self.node_of(other, bound) == node
            for module in modules
        ]

    def _exported(self, templates: Sequence[str], name: str) -> Node:
        """Return what an import takes from a template; several that it may be are one."""
        found: list[Node] = []
        for template in templates:
            names = self._templates.get(template)
            if names is not None:
                found.append(local(template, names.top, name))
        for node in found[1:]:
            self.groups.join(found[0], node)
        return found[0] if found else Node(Kind.ELSEWHERE, (name,))

    def _member(self, template: str, member: Member) -> Node:
        base = member.base
        if base is not None and (modules := self._modules_of(template, base)):
            return self._exported(modules, member.name)
        if base is not None and base.name in self._held.namespaces:
            node = self.node_of(template, base)
            for other, bound, _ in self._held.namespaces[base.name]:
                if self.node_of(other, bound) == node:
                    return Node(Kind.NAMESPACE, (*node.key, member.name))
        return Node(Kind.MEMBER, (template, member.mark, member.name))

    def macros_of(self, template: str, call: CallOf) -> list[MacroIn]:
        """Return the macros that a call may call."""
        return self._macros_of(template, call.callee, ()) if call.callee is not None else []

    def _macros_of(
        self, template: str, meaning: Read | Member | Imported, way: tuple[Node, ...]
    ) -> list[MacroIn]:
        node = self.node_of(template, meaning)
        if node in way:
            return []
        name, way = meaning.name, (*way, node)
        found = [
            macro
            for macro in self._held.macros.get(name, ())
            if self.node_of(macro.template, macro.name) == node
        ]
        for other, bound, meant in self._held.aliases.get(name, ()):
            if self.node_of(other, bound) == node:
                found += self._macros_of(other, meant, way)
        return found

    def _argument(self, template: str, name: str, call: CallOf) -> Node:
        """Return the parameter that an argument is given to; macros that share a call share it."""
        for other, bound, made in self._held.namespaces_by_call.get(id(call), ()):
            if made is call:
                node = self.node_of(other, bound)
                return Node(Kind.NAMESPACE, (*node.key, name))
        found = [
            local(macro.template, macro.parameters, name)
            for macro in self.macros_of(template, call)
            if name in macro.parameters.bound
        ]
        for node in found[1:]:
            self.groups.join(found[0], node)
        return found[0] if found else Node(Kind.ARGUMENT, (template, id(call), name))


def _has_block(names: TemplateNames, name: str) -> bool:
    return any(
        isinstance(mention.means, Named) and mention.means.sort == "block"
        for mention in names.by_name.get(name, ())
    )


def _reached(start: str, parents: Callable[[str], Sequence[str]]) -> list[str]:
    """Return what is above a template, without itself."""
    found: dict[str, None] = {}
    waiting = list(parents(start))
    while waiting:
        name = waiting.pop()
        if name not in found and name != start:
            found[name] = None
            waiting += parents(name)
    return list(found)
