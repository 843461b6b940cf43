"""Things that have names, and which of them are one: they go by one name."""

from __future__ import annotations

from enum import Enum, auto

from mtvgen.checks.uses.names.template_names import NameScope
from mtvgen.checks.views.calls import RenderCall
from mtvgen.records import record


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
    GLOBAL = auto()  # a name that every template has
    TEMPLATE = auto()
    ROUTE = auto()
    STATIC = auto()
    VIEW = auto()


@record(frozen=True, slots=True)
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
