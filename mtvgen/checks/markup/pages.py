"""A page as a row of pieces: through parents, includes, and macros whose names are written out.

A macro's arguments stand for what a call hands to it, loops over literal lists are written out
round by round, and tests that are decided by that take one branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from jinja2 import nodes

from mtvgen.checks.markup.constants import is_true, source_of
from mtvgen.checks.markup.elements import Markup
from mtvgen.checks.markup.flatten import Flattener, branches
from mtvgen.checks.markup.macros import Macros
from mtvgen.checks.markup.parser import markup_of
from mtvgen.checks.markup.pieces import NO_NAMES, Expression, Names, Piece, Step, Written
from mtvgen.checks.templates.file_rules import Chain, chain_of
from mtvgen.checks.templates.mixing import written_names
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template

MOST_PIECES = 40_000  # of a page; one with more is a list of data
DEEPEST = 40  # statements, includes and macros in each other
MOST_ROUNDS = 24  # of a loop over a literal list


def markup_of_page(template: Template, store: Store) -> Markup:
    """Return the elements of the page that a template makes."""
    page = _Page(template, store)
    pieces = list(page.pieces())
    return markup_of(pieces, is_whole=page.is_whole)


def markup_of_blocks(template: Template, store: Store) -> Markup:
    """Return the elements that a template adds to a page: of its blocks, or of all of it.

    What its parents write is left out, and what children may write into its blocks.
    """
    page = _Page(template, store)
    pieces = list(page.own_pieces(template))
    return markup_of(pieces, is_whole=page.is_whole)


class _TooMuchError(Exception):
    pass


class _Page(Flattener):
    """The pieces of one page."""

    def __init__(self, template: Template, store: Store) -> None:
        self.is_whole = True
        self._store = store
        self._chain: Chain = chain_of(template, store)
        self._macros = Macros(self._chain, store)
        self._count = 0
        self._depth = 0
        # The block that is being shown, and the call blocks whose bodies caller() shows.
        self._blocks: list[tuple[str, int]] = []
        self._callers: list[tuple[nodes.CallBlock, Template, Names] | None] = []

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces, up to a limit."""
        templates = [template for template in self._chain if template is not None]
        self.is_whole = len(templates) == len(self._chain)
        root = templates[-1]
        try:
            if root.tree is not None:
                yield from self.body(root.tree.root.body, root, NO_NAMES)
        except _TooMuchError:
            self.is_whole = False

    def own_pieces(self, template: Template) -> Iterator[Piece]:
        """Yield the pieces of a template's own blocks; all of them where it has no parent."""
        if len(self._chain) == 1 or template.tree is None:
            yield from self.pieces()
            return
        try:
            for name in template.tree.blocks:
                if name not in template.tree.nested:
                    yield from self._block(name, 0, NO_NAMES)
        except _TooMuchError:
            self.is_whole = False

    def inside(
        self, step: Step, body: Iterable[nodes.Node], template: Template, names: Names
    ) -> Iterator[Piece]:
        self._count += 1
        self._depth += 1
        if self._count > MOST_PIECES or self._depth > DEEPEST:
            raise _TooMuchError
        yield from super().inside(step, body, template, names)
        self._depth -= 1

    def names_after(self, node: nodes.Node, template: Template, names: Names) -> Names:
        if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
            return {**names, node.target.name: Expression(node.node, template, names)}
        if not names or isinstance(node, nodes.Output):
            return names
        assigned = [node, *node.find_all((nodes.Assign, nodes.AssignBlock))]
        targets = [
            target for each in assigned for target in _targets(getattr(each, "target", None))
        ]
        return without(names, targets)

    def output(self, node: nodes.Expr, template: Template, names: Names) -> Iterator[Piece]:
        expression = Expression(node, template, names)
        if isinstance(node, nodes.Call):
            yield from self._call(node, expression)
            return
        source = source_of(expression)
        if source is not expression and isinstance(source.node, nodes.Const):
            text, literal = str(source.node.value), source.node
            yield Written(escape(text), source.template, literal.lineno, node=literal)
        else:
            yield expression

    def choice(self, node: nodes.If, template: Template, names: Names) -> Iterator[Piece]:
        for branch, (test, body) in enumerate(branches(node)):
            holds = is_true(Expression(test, template, names))
            if holds is None:
                yield from self.inside(Step(node, branch, template), body, template, names)
            elif holds:
                # The last branch that can be taken: the others' `else`.
                yield from self.inside(Step(node, -1, template), body, template, names)
                return
        if node.else_:
            yield from self.inside(Step(node, -1, template), node.else_, template, names)

    def loop(self, node: nodes.For, template: Template, names: Names) -> Iterator[Piece]:
        items = source_of(Expression(node.iter, template, names))
        written = items_of(items) if node.test is None and not node.recursive else None
        if written is None or len(written) > MOST_ROUNDS:
            yield from super().loop(node, template, without(names, _targets(node.target)))
            return
        for number, item in enumerate(written, 1):
            bound = {**without(names, _targets(node.target)), **_bound(node.target, item)}
            yield from self.inside(Step(node, number, template), node.body, template, bound)

    def statement(self, node: nodes.Node, template: Template, names: Names) -> Iterator[Piece]:
        match node:
            case nodes.Macro() | nodes.AssignBlock() | nodes.Extends():
                return  # shown where it is called
            case nodes.Block():
                yield from self._block(node.name, 0, names)
            case nodes.Include():
                yield from self._include(node, template, names)
            case nodes.CallBlock():
                yield from self._call(node.call, Expression(node.call, template, names), node)
            case nodes.With():
                values = zip(node.targets, node.values, strict=True)
                bound = dict(names)
                for target, value in values:
                    bound |= _bound(target, Expression(value, template, names))
                yield from self.inside(Step(node, 0, template), node.body, template, bound)
            case _:
                yield from super().statement(node, template, names)

    def _block(self, name: str, skipped: int, names: Names) -> Iterator[Piece]:
        """Yield a block as the template nearest to the page writes it."""
        found = [
            (template, template.tree.blocks[name])
            for template in self._chain
            if template is not None and template.tree is not None and name in template.tree.blocks
        ]
        if skipped < len(found) and (name, skipped) not in self._blocks:
            template, block = found[skipped]
            self._blocks.append((name, skipped))
            names = names if block.scoped else NO_NAMES
            yield from self.inside(Step(block, 0, template), block.body, template, names)
            self._blocks.pop()

    def _include(self, node: nodes.Include, template: Template, names: Names) -> Iterator[Piece]:
        written = [name for name, _ in written_names(node.template)]
        resolved = [self._store.get(self._store.resolve(name, template.name)) for name in written]
        included = next((each for each in resolved if each is not None), None)
        is_plain = isinstance(node.template, nodes.Const | nodes.List | nodes.Tuple)
        if not is_plain or included is None or included.tree is None:
            self.is_whole = self.is_whole and is_plain and included is None
            return
        has_parent = bool(included.tree.by_kind.get(nodes.Extends))
        self.is_whole = self.is_whole and not has_parent
        body = included.tree.root.body
        given = names if node.with_context else NO_NAMES
        yield from self.inside(Step(node, 0, template), body, included, given)

    def _call(
        self, node: nodes.Call, expression: Expression, block: nodes.CallBlock | None = None
    ) -> Iterator[Piece]:
        """Yield what a call shows: a macro's body, a parent's block, a call block's body."""
        template, names = expression.template, expression.names
        called = node.node
        if isinstance(called, nodes.Name) and called.name == "super" and self._blocks:
            name, skipped = self._blocks[-1]
            yield from self._block(name, skipped + 1, names)
        elif isinstance(called, nodes.Name) and called.name == "caller" and self._callers:
            yield from self._caller(node)
        elif (macro := self._macros.find(called, template)) is not None:
            caller = None if block is None else (block, template, names)
            self._callers.append(caller)
            bound = macro.bind(node, template, names)
            step = Step(node, 0, template)
            yield from self.inside(step, macro.node.body, macro.template, bound)
            self._callers.pop()
        elif name := _named_block(called):
            yield from self._block(name, 0, NO_NAMES)
        else:
            yield expression

    def _caller(self, node: nodes.Call) -> Iterator[Piece]:
        held = self._callers.pop()
        if held is not None:
            block, template, names = held
            inner = without(names, [argument.name for argument in block.args])
            yield from self.inside(Step(node, 0, template), block.body, template, inner)
        self._callers.append(held)


def _named_block(called: nodes.Node) -> str:
    """`title` for `self.title`; empty for anything else."""
    if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
        return called.attr if called.node.name == "self" else ""
    return ""


def items_of(source: Expression) -> list[Expression] | None:
    """Return the items of a list or a tuple that is written out; None for anything else."""
    node = source.node
    if not isinstance(node, nodes.List | nodes.Tuple):
        return None
    return [Expression(item, source.template, source.names) for item in node.items]


def _bound(target: nodes.Node, value: Expression) -> dict[str, Expression]:
    """Return what the names of a target stand for."""
    if isinstance(target, nodes.Name):
        return {target.name: value}
    names: dict[str, Expression] = {}
    for part, item in zip(
        getattr(target, "items", ()), items_of(source_of(value)) or (), strict=False
    ):
        names |= _bound(part, item)
    return names


def _targets(target: object) -> list[str]:
    """Return the names that a target binds; an import's is a text."""
    if isinstance(target, str):
        return [target]
    if isinstance(target, nodes.Name):
        return [target.name]
    return (
        [name.name for name in target.find_all(nodes.Name)]
        if isinstance(target, nodes.Node)
        else []
    )


def without(names: Names, taken: Sequence[str]) -> Names:
    """Return names without those that mean something else here."""
    return {name: value for name, value in names.items() if name not in taken}
