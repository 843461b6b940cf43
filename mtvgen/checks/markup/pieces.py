"""What a template writes, piece by piece: text, expressions, and the ends of what may be left out.

Each piece knows where it is written, also if a page has it from an include, a parent or a macro.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from jinja2 import nodes

from mtvgen.checks.places import Place
from mtvgen.checks.templates.template import Template
from mtvgen.records import record


@record(frozen=True, eq=False, slots=True)
class Step:
    """A statement around a piece: a branch of an `if`, a loop, a block, a macro's body, an include.

    Attributes:
        node: The statement; the call for a macro's body.
        branch: Of an `if`: 0 for its own body, then each `elif`, -1 for `else`. Of a loop: the
            round, if its list is written out, otherwise 0; -1 for `else`.
        template: Where it is written.
        names: Of a loop that is not written out: what the names in its list stand for.
    """

    node: nodes.Node
    branch: int
    template: Template
    names: Names = field(default_factory=dict)

    @property
    def may_be_left_out(self) -> bool:
        """Whether what is inside is shown only sometimes."""
        return isinstance(self.node, nodes.If | nodes.For)

    @property
    def is_block(self) -> bool:
        """Whether it is a block, which a page shows where it is, or replaces."""
        return isinstance(self.node, nodes.Block)

    @property
    def is_elsewhere(self) -> bool:
        """Whether what is inside may be shown in another place, or never, as far as this says."""
        elsewhere = nodes.Block | nodes.Macro | nodes.CallBlock | nodes.FilterBlock
        return isinstance(self.node, elsewhere | nodes.AssignBlock)


Path: TypeAlias = tuple[Step, ...]


def exclude_each_other(left: Path, right: Path) -> bool:
    """Return whether two paths lead into two branches of one `if`, or into a loop and its else."""
    if left is right:
        return False  # most elements are in no other branch than what they are in
    for a, b in zip(left, right, strict=False):
        if a is b:
            continue
        if a.node is not b.node or a.branch == b.branch:
            return False
        return isinstance(a.node, nodes.If) or -1 in (a.branch, b.branch)
    return False


@record(frozen=True, eq=False, slots=True)
class Written:
    """Text that is written in a template.

    Attributes:
        text: The text.
        template: Where it is written.
        mark: The mark of the token that it is in.
        start: Where it begins in that token.
        node: The literal that it is the value of, if it was handed to a macro; otherwise None.
    """

    text: str
    template: Template
    mark: int
    start: int = 0
    node: nodes.Const | None = None

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """Return the place of a part of it, by offsets."""
        if self.node is not None:
            return self.template.place(self.node)
        end = len(self.text) if end is None else end
        return self.template.tokens.inside(self.mark, self.start + start, self.start + end)

    def part(self, start: int, end: int) -> Written:
        """Return a part of it, by offsets."""
        text = self.text[start:end]
        return Written(text, self.template, self.mark, self.start + start, self.node)


@record(frozen=True, eq=False, slots=True)
class Expression:
    """An expression whose value is written: `{{ ... }}`.

    Attributes:
        node: The expression.
        template: Where it is written.
        names: What the names that it uses stand for, where that is known: a macro's arguments,
            and a loop's target, each with its own expression.
    """

    node: nodes.Node
    template: Template
    names: Names

    def place(self) -> Place:
        """Return the place of the whole tag."""
        return self.template.tokens.tag(self.node.lineno)

    def place_inside(self) -> Place:
        """Return the place of what is written in the tag."""
        return self.template.tokens.inside_tag(self.node.lineno)


Names: TypeAlias = Mapping[str, Expression]
NO_NAMES: Names = {}


@record(frozen=True, eq=False, slots=True)
class Boundary:
    """The beginning or the end of what a statement holds."""

    step: Step
    enters: bool


Piece: TypeAlias = Written | Expression | Boundary
