"""A template as a row of pieces, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import nodes

from mtvgen.checks.markup.pieces import NO_NAMES, Boundary, Expression, Names, Piece, Step, Written
from mtvgen.checks.templates.template import Template


def pieces_of_file(template: Template) -> Iterator[Piece]:
    """Yield the pieces of one file; includes, macros and blocks are not followed."""
    if template.tree is not None:
        yield from Flattener().body(template.tree.root.body, template, NO_NAMES)


class Flattener:
    """Makes pieces of statements; what a page has from elsewhere is for a subclass to follow."""

    def body(
        self, statements: Iterable[nodes.Node], template: Template, names: Names
    ) -> Iterator[Piece]:
        """Yield the pieces of some statements."""
        for node in statements:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    if isinstance(part, nodes.TemplateData):
                        yield Written(part.data, template, part.lineno)
                    else:
                        yield from self.output(part, template, names)
            elif isinstance(node, nodes.If):
                yield from self.choice(node, template, names)
            elif isinstance(node, nodes.For):
                yield from self.loop(node, template, names)
            else:
                yield from self.statement(node, template, names)
            names = self.names_after(node, template, names)

    def names_after(self, node: nodes.Node, template: Template, names: Names) -> Names:
        """Return what names stand for behind a statement."""
        return names

    def output(self, node: nodes.Expr, template: Template, names: Names) -> Iterator[Piece]:
        """Yield the pieces of an expression that is written."""
        yield Expression(node, template, names)

    def choice(self, node: nodes.If, template: Template, names: Names) -> Iterator[Piece]:
        """Yield the branches of an `if`."""
        for branch, (_, body) in enumerate(branches(node)):
            yield from self.inside(Step(node, branch, template), body, template, names)
        if node.else_:
            yield from self.inside(Step(node, -1, template), node.else_, template, names)

    def loop(self, node: nodes.For, template: Template, names: Names) -> Iterator[Piece]:
        """Yield the body of a loop, once, and its `else`."""
        yield from self.inside(Step(node, 0, template, names), node.body, template, names)
        if node.else_:
            yield from self.inside(Step(node, -1, template), node.else_, template, names)

    def statement(self, node: nodes.Node, template: Template, names: Names) -> Iterator[Piece]:
        """Yield what any other statement holds."""
        body: Any = getattr(node, "body", None)
        if body:
            yield from self.inside(Step(node, 0, template), body, template, names)

    def inside(
        self, step: Step, body: Iterable[nodes.Node], template: Template, names: Names
    ) -> Iterator[Piece]:
        """Yield the pieces of a body between its two ends."""
        yield Boundary(step, enters=True)
        yield from self.body(body, template, names)
        yield Boundary(step, enters=False)


def branches(node: nodes.If) -> list[tuple[nodes.Node, list[nodes.Node]]]:
    """Return the tests of an `if` and its `elif`s, each with its body."""
    return [(node.test, node.body), *((other.test, other.body) for other in node.elif_)]
