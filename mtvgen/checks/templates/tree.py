"""A parsed template: its nodes by kind, and which names each of its scopes hides.

Jinja2's parser is asked once for each version of a file, and the tree is read once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from jinja2 import nodes
from jinja2.idtracking import VAR_LOAD_UNDEFINED, Symbols

# The names that a loop, a macro or a block gets only if its body mentions them.
SPECIAL = frozenset({"loop", "caller", "kwargs", "varargs", "self", "super"})

# What a scope is known by: the node that opens it, and which part of a `for` it is.
ScopeKey: TypeAlias = tuple[int, str]

# Nodes without children, and nodes with few: generic iteration costs a third of the whole check.
_CHILDREN: dict[type[nodes.Node], tuple[str, ...]] = {
    nodes.Const: (),
    nodes.Name: (),
    nodes.TemplateData: (),
    nodes.NSRef: (),
    nodes.Getattr: ("node",),
    nodes.Getitem: ("node", "arg"),
    nodes.Keyword: ("value",),
    nodes.Operand: ("expr",),
    nodes.Output: ("nodes",),
    nodes.Call: ("node", "args", "kwargs", "dyn_args", "dyn_kwargs"),
    nodes.Filter: ("node", "args", "kwargs", "dyn_args", "dyn_kwargs"),
    nodes.Test: ("node", "args", "kwargs", "dyn_args", "dyn_kwargs"),
    nodes.Include: ("template",),
    nodes.Import: ("template",),
    nodes.FromImport: ("template",),
    nodes.Extends: ("template",),
    nodes.Block: ("body",),
    nodes.Macro: ("args", "defaults", "body"),
}


def children(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the nodes right below a node, in the order of the source."""
    for name in _CHILDREN.get(type(node), node.fields):
        below = getattr(node, name)
        if isinstance(below, nodes.Node):
            yield below
        elif isinstance(below, list):
            for item in below:
                if isinstance(item, nodes.Node):
                    yield item


class _SourceScope:
    """A scope as the compiler sees it: a piece of template with names of its own."""

    __slots__ = ("_symbols", "branch", "node", "parent", "stores")

    def __init__(self, node: nodes.Node, branch: str, parent: _SourceScope | None) -> None:
        self.node = node
        self.branch = branch
        self.parent = parent
        self.stores: dict[str, int] = {}
        self._symbols: Symbols | None = None

    @property
    def symbols(self) -> Symbols:
        """Jinja2's own account of the names, made only where a scope stores something."""
        if self._symbols is None:
            self._symbols = Symbols(self.parent.symbols if self.parent else None)
            options = {"for_branch": self.branch} if self.branch else {}
            self._symbols.analyze_node(self.node, **options)
        return self._symbols

    def masked(self) -> dict[str, int]:
        """Names that are set further down, with that line: undefined in here until then."""
        loads, refs = self.symbols.loads, self.symbols.refs
        return {
            name: line
            for name, line in self.stores.items()
            if name in refs and loads[refs[name]][0] == VAR_LOAD_UNDEFINED
        }


class Tree:
    """Facts about one parsed template that the checks need.

    Attributes:
        root: Jinja2's tree; every node has a line.
        by_kind: The nodes of each class, in the order of the source.
        blocks: The first block of each name.
        repeated_blocks: Blocks whose name was taken already.
        nested: Names of blocks that this template shows by itself: inside another block, a loop,
            a macro, a `with`.
        specials: For each loop, macro, call and block: which of SPECIAL its body mentions.
        masks: For each scope that has some: the names it hides until they are set.
        guarded: The ids of filters and tests that are looked up only when they are reached.
        dropped: The ids of filters and tests below an `extends`, which are never compiled.
        misplaced: Each `extends` that is not at the top level.
        loops_assigned: Each place inside a loop that assigns to `loop`.
    """

    def __init__(self, root: nodes.Template) -> None:
        self.root = root
        self.by_kind: dict[type[nodes.Node], list[Any]] = {}
        self.blocks: dict[str, nodes.Block] = {}
        self.repeated_blocks: list[nodes.Block] = []
        self.nested: set[str] = set()
        self.specials: dict[int, frozenset[str]] = {}
        self.guarded: set[int] = set()
        self.dropped: set[int] = set()
        self.misplaced: list[nodes.Extends] = []
        self.loops_assigned: list[nodes.Name] = []
        # The loops around what is being visited.
        self._loops: list[nodes.For] = []
        self._scopes: list[_SourceScope] = []
        self._extended = False
        self._visit_all(root.body, self._open(root, "", None), "top", 1)
        self.masks: dict[ScopeKey, dict[str, int]] = {
            (id(scope.node), scope.branch): masked
            for scope in self._scopes
            if scope.stores and (masked := scope.masked())
        }

    def all(self, *kinds: type[nodes.Node]) -> Iterator[Any]:
        """Yield the nodes of some classes."""
        for kind in kinds:
            yield from self.by_kind.get(kind, ())

    def _open(self, node: nodes.Node, branch: str, parent: _SourceScope | None) -> _SourceScope:
        scope = _SourceScope(node, branch, parent)
        self._scopes.append(scope)
        return scope

    def _visit_all(
        self, below: list[Any] | None, scope: _SourceScope, place: str, line: int
    ) -> frozenset[str]:
        """Visit nodes in order; returns the special names that they mention.

        `place` is `top`, `if` (a soft scope: filters are looked up at run time), `in` another
        scope at the top, or `off` where an `extends` does not drop output.
        """
        seen: frozenset[str] = frozenset()
        for node in below or ():
            seen |= self._visit(node, scope, place, line)
        return seen

    def _visit(
        self, node: nodes.Node, scope: _SourceScope, place: str, line: int
    ) -> frozenset[str]:
        # Operands and a few assignments have no line of their own.
        if node.lineno is None:
            node.lineno = line
        line = node.lineno
        kind = type(node)
        self.by_kind.setdefault(kind, []).append(node)
        if kind is nodes.Name:
            return self._visit_name(node, scope)
        if kind is nodes.TemplateData or kind is nodes.Const:
            return frozenset()
        visit = _VISITORS.get(kind)
        if visit is not None:
            seen: frozenset[str] = visit(self, node, scope, place)
            return seen
        return self._visit_plain(node, scope, place, line)

    def _visit_plain(
        self, node: nodes.Node, scope: _SourceScope, place: str, line: int
    ) -> frozenset[str]:
        seen: frozenset[str] = frozenset()
        for child in children(node):
            seen_below = self._visit(child, scope, place, line)
            if seen_below:
                seen |= seen_below
        return seen

    def _visit_name(self, node: Any, scope: _SourceScope) -> frozenset[str]:
        if node.ctx == "store":
            scope.stores.setdefault(node.name, node.lineno)
            if node.name == "loop" and self._loops:
                self.loops_assigned.append(node)
        elif node.name in SPECIAL:
            return frozenset((node.name,))
        return frozenset()

    def _visit_output(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        if self._extended and place in ("top", "if", "in"):
            self.dropped.update(id(below) for below in node.find_all((nodes.Filter, nodes.Test)))
        return self._visit_plain(node, scope, place, node.lineno)

    def _visit_extends(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        if place == "top":
            self._extended = True
        elif place != "if":
            self.misplaced.append(node)
        return self._visit_plain(node, scope, place, node.lineno)

    def _visit_filter(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        if place in ("if", "soft"):
            self.guarded.add(id(node))
        return self._visit_plain(node, scope, place, node.lineno)

    def _visit_soft(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        """Visit an `if`, or a conditional expression."""
        return self._visit_plain(node, scope, _SOFT[place], node.lineno)

    def _visit_for(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        line, inside = node.lineno, _INSIDE[place]
        seen = self._visit(node.iter, scope, place, line)
        self._loops.append(node)
        self.specials[id(node)] = frozenset()
        # A loop's target is a parameter of its scope, which masks nothing.
        self._visit(node.target, _SourceScope(node, "test", scope), inside, line)
        if node.test is not None:
            seen |= self._visit(node.test, scope, inside, line)
        body = self._visit_body(node, node.body, self._open(node, "body", scope), inside)
        if node.recursive:
            self.specials[id(node)] |= {"loop"}
        other = self._visit_all(node.else_, self._open(node, "else", scope), inside, line)
        self._loops.pop()
        return seen | body | other

    def _visit_body(
        self, node: Any, body: list[nodes.Node], scope: _SourceScope, place: str
    ) -> frozenset[str]:
        seen = self._visit_all(body, scope, place, node.lineno)
        self.specials[id(node)] = self.specials.get(id(node), frozenset()) | seen
        return seen

    def _visit_macro(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        """Visit a macro, or a call block, which is a macro without a name."""
        if isinstance(node, nodes.Macro):
            scope.stores.setdefault(node.name, node.lineno)
        seen: frozenset[str] = frozenset()
        if isinstance(node, nodes.CallBlock):
            seen = self._visit(node.call, scope, place, node.lineno)
        inner = self._open(node, "", scope)
        seen |= self._visit_all([*node.args, *node.defaults], inner, "off", node.lineno)
        return seen | self._visit_body(node, node.body, inner, "off")

    def _visit_block(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        if node.name in self.blocks:
            self.repeated_blocks.append(node)
        else:
            self.blocks[node.name] = node
        if place not in ("top", "if"):
            self.nested.add(node.name)
        if node.scoped:
            for loop in self._loops:
                self.specials[id(loop)] |= {"loop"}
        self._visit_body(node, node.body, self._open(node, "", None), "off")
        return frozenset()

    def _visit_assign(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        """`set`, in the order in which it happens; the block of a `set` has a scope of its own."""
        line = node.lineno
        if isinstance(node, nodes.Assign):
            seen = self._visit(node.node, scope, place, line)
        else:
            inner = self._open(node, "", scope)
            filters = [node.filter] if node.filter is not None else []
            seen = self._visit_all([*node.body, *filters], inner, "off", line)
        return seen | self._visit(node.target, scope, place, line)

    def _visit_import(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        seen = self._visit(node.template, scope, place, node.lineno)
        for name in import_targets(node):
            scope.stores.setdefault(name, node.lineno)
        return seen

    def _visit_with(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        seen = self._visit_all(node.values, scope, place, node.lineno)
        inner = self._open(node, "", scope)
        return seen | self._visit_all(
            [*node.targets, *node.body], inner, _INSIDE[place], node.lineno
        )

    def _visit_scope(self, node: Any, scope: _SourceScope, place: str) -> frozenset[str]:
        """`filter` blocks and `autoescape`."""
        inner = self._open(node, "", scope)
        return self._visit_plain(node, inner, _INSIDE[place], node.lineno)


# Whether an output is dropped below `extends` follows the scopes; whether a filter is looked up
# when the template is compiled only the nearest one.
_SOFT = {"top": "if", "if": "if", "in": "if", "off": "soft", "soft": "soft"}
_INSIDE = {"top": "in", "if": "in", "in": "in", "off": "off", "soft": "off"}

_VISITORS: dict[type[nodes.Node], Any] = {
    nodes.Output: Tree._visit_output,
    nodes.Extends: Tree._visit_extends,
    nodes.Filter: Tree._visit_filter,
    nodes.Test: Tree._visit_filter,
    nodes.If: Tree._visit_soft,
    nodes.CondExpr: Tree._visit_soft,
    nodes.For: Tree._visit_for,
    nodes.Macro: Tree._visit_macro,
    nodes.CallBlock: Tree._visit_macro,
    nodes.Block: Tree._visit_block,
    nodes.Assign: Tree._visit_assign,
    nodes.AssignBlock: Tree._visit_assign,
    nodes.Import: Tree._visit_import,
    nodes.FromImport: Tree._visit_import,
    nodes.With: Tree._visit_with,
    nodes.FilterBlock: Tree._visit_scope,
    nodes.Scope: Tree._visit_scope,
}


def import_targets(node: nodes.Import | nodes.FromImport) -> list[str]:
    """Return the names that an import binds."""
    if isinstance(node, nodes.Import):
        return [node.target]
    return [name[1] if isinstance(name, tuple) else name for name in node.names]


def differ_in_text_alone(one: nodes.Node, other: nodes.Node) -> bool:
    """Return whether two trees have the same tags in the same lines, whatever is around them."""
    waiting: list[tuple[Any, Any]] = [(one, other)]
    while waiting:
        here, there = waiting.pop()
        if isinstance(here, nodes.Node):
            if type(here) is not type(there) or here.lineno != there.lineno:
                return False
            if type(here) is not nodes.TemplateData:
                names = (*here.fields, *here.attributes)
                waiting += ((getattr(here, name), getattr(there, name)) for name in names)
        elif isinstance(here, list | tuple):
            if type(here) is not type(there) or len(here) != len(there):
                return False
            waiting += zip(here, there, strict=True)
        elif here is not there and (type(here) is not type(there) or here != there):
            return False
    return True
