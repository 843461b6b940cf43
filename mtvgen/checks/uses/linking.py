"""Names of all templates, linked: what may be bound in the same place is in one group.

A name that its own template has not bound comes from outside: from the view, from the templates
that include it, from its parents and its children, which share their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import assert_never

from mtvgen.checks.uses.template_names import (
    Argument,
    Bound,
    CallOf,
    Imported,
    Meaning,
    Member,
    Named,
    NameScope,
    Read,
    Spot,
    TemplateNames,
)
from mtvgen.checks.views.calls import RenderCall


class Kind(Enum):
    """The kinds of things that have names."""

    LOCAL = auto()  # a name in a scope of a template
    OUTSIDE = auto()  # a name that a template has from outside
    KEYWORD = auto()  # a name that a render call passes
    ELSEWHERE = auto()  # a name of a template that is not known
    MEMBER = auto()  # an attribute of something that is not known
    ATTRIBUTE = auto()  # an attribute of a class
    NAMESPACE = auto()  # an attribute of a namespace()
    ARGUMENT = auto()  # an argument of something that is not known
    BLOCK = auto()
    FILTER = auto()
    TEST = auto()
    TEMPLATE = auto()
    ROUTE = auto()
    STATIC = auto()
    VIEW = auto()


@dataclass(frozen=True, slots=True)
class Node:
    """A thing that has a name.

    Attributes:
        kind: Its kind.
        key: Its name and its place: it is the only one of its kind with these.
    """

    kind: Kind
    key: tuple[str | int, ...]

    # Nodes are hashed more than anything else: by the key alone it takes a third of the time.
    def __hash__(self) -> int:
        return hash(self.key)


class Groups:
    """Nodes that mean the same."""

    def __init__(self) -> None:
        self._parents: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """Return the node that stands for a group."""
        parents, start = self._parents, node
        while (parent := parents.get(node, node)) != node:
            node = parent
        while (parent := parents.get(start, node)) != node:
            parents[start], start = node, parent
        return node

    def join(self, left: Node, right: Node) -> None:
        """Make one group of two."""
        left, right = self.find(left), self.find(right)
        if left != right:
            self._parents[left] = right


def local(template: str, scope: NameScope, name: str) -> Node:
    """Return the node of a name in a scope of a template."""
    return Node(Kind.LOCAL, (template, scope.number, name))


def outside(template: str, name: str) -> Node:
    """Return the node of a name that a template has from outside."""
    return Node(Kind.OUTSIDE, (template, name))


def keyword(call: RenderCall, name: str) -> Node:
    """Return the node of a name that a render call passes."""
    place = call.keywords.get(name) or call.place
    return Node(Kind.KEYWORD, (name, *(place or ())))


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
        self._outside: set[Node] = set()
        self._waiting: list[tuple[str, str]] = []
        # The templates that a name may be an import of, by the group of the name.
        self._modules: dict[Node, list[str]] = {}
        self._namespaces: set[Node] = set()
        self._of_namespace: dict[int, Node] = {}
        self._macros: dict[Node, list[tuple[str, NameScope, bool]]] = {}

    def _parents_of(self, name: str) -> Sequence[str]:
        names = self._templates.get(name)
        return names.parents if names is not None else ()

    def run(self) -> Linking:
        """Link everything."""
        for name, names in self._templates.items():
            for mention in names.mentions:
                for meaning in (mention.means, mention.also):
                    if isinstance(meaning, Read):
                        self._look_up(name, meaning.spot, meaning.name)
        while self._waiting:
            self._link_outside(*self._waiting.pop())
        self._link_imports()
        self._link_blocks()
        self._link_namespaces()
        self._link_macros()
        return self

    def node_of(self, template: str, meaning: Meaning) -> Node:
        """Return the node that stands for all that means the same."""
        return self.groups.find(self._node_of(template, meaning))

    def _node_of(self, template: str, meaning: Meaning) -> Node:
        match meaning:
            case Read(name, spot):
                scopes, _ = spot.find(name)
                return local(template, scopes[0], name) if scopes else outside(template, name)
            case Bound(name, scope):
                return local(template, scope, name)
            case Member():
                return self._member(template, meaning)
            case Imported(name, templates):
                return self._exported(templates, name)
            case Argument(name, call):
                return self._argument(template, name, call)
            case Named("block", name):
                return Node(Kind.BLOCK, (template, name))
            case Named(sort, name):
                return Node(Kind[sort.upper()], (name,))
            case _:
                assert_never(meaning)

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
            self._waiting.append((template, name))
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

    # What names hold

    def _link_imports(self) -> None:
        for template, names in self._templates.items():
            for bound, modules in names.modules:
                root = self.node_of(template, bound)
                self._modules.setdefault(root, []).extend(modules)
            for mention in names.mentions:
                if isinstance(mention.also, Imported):
                    # One text names both; to tell them apart takes an `as`.
                    exported = self._exported(mention.also.templates, mention.also.name)
                    self.groups.join(self._node_of(template, mention.means), exported)
        self._modules = self._by_group(self._modules)

    def _by_group(self, known: Mapping[Node, list[str]]) -> dict[Node, list[str]]:
        found: dict[Node, list[str]] = {}
        for node, values in known.items():
            found.setdefault(self.groups.find(node), []).extend(values)
        return found

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
        base = self.node_of(template, member.base) if member.base is not None else None
        if base is not None and base in self._modules:
            return self._exported(self._modules[base], member.name)
        if base is not None and base in self._namespaces:
            return Node(Kind.NAMESPACE, (*base.key, member.name))
        return Node(Kind.MEMBER, (template, member.mark, member.name))

    def _link_namespaces(self) -> None:
        for template, names in self._templates.items():
            for bound, call in names.namespaces:
                root = self.node_of(template, bound)
                self._namespaces.add(root)
                self._of_namespace[id(call)] = root

    def _link_blocks(self) -> None:
        for template in self._templates:
            for ancestor in self.ancestors[template]:
                names = self._templates.get(ancestor)
                for mention in names.mentions if names is not None else ():
                    if isinstance(mention.means, Named) and mention.means.sort == "block":
                        name = mention.means.name
                        below, above = (template, name), (ancestor, name)
                        self.groups.join(Node(Kind.BLOCK, below), Node(Kind.BLOCK, above))

    def _link_macros(self) -> None:
        for template, names in self._templates.items():
            for macro in names.macros:
                root = self.node_of(template, macro.name)
                found = (template, macro.parameters, macro.takes_any)
                self._macros.setdefault(root, []).append(found)
        aliases = [
            (self.node_of(template, bound), self.node_of(template, meaning))
            for template, names in self._templates.items()
            for bound, meaning in names.aliases
        ]
        for _ in range(len(aliases)):
            before = sum(map(len, self._macros.values()))
            for alias, meant in aliases:
                known = self._macros.get(alias, [])
                added = [macro for macro in self._macros.get(meant, ()) if macro not in known]
                if added:
                    self._macros[alias] = known + added
            if sum(map(len, self._macros.values())) == before:
                break
        for template, names in self._templates.items():
            for call in names.calls:
                for name in call.names:
                    self._argument(template, name, call)

    def macros_of(self, template: str, call: CallOf) -> Sequence[tuple[str, NameScope, bool]]:
        """Return the macros that a call may call: the template, and the scope of the parameters."""
        if call.callee is None:
            return ()
        return self._macros.get(self.node_of(template, call.callee), ())

    def _argument(self, template: str, name: str, call: CallOf) -> Node:
        """Return the parameter that an argument is given to; macros that share a call share it."""
        if id(call) in self._of_namespace:
            return Node(Kind.NAMESPACE, (*self._of_namespace[id(call)].key, name))
        found = [
            local(other, parameters, name)
            for other, parameters, _ in self.macros_of(template, call)
            if name in parameters.bound
        ]
        for node in found[1:]:
            self.groups.join(found[0], node)
        return found[0] if found else Node(Kind.ARGUMENT, (template, id(call), name))


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
