"""Values of attributes, and what elements such as `script` contain: pieces in a row."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

from jinja2 import nodes

from mtvgen.checks.markup.constants import Unknown, constant_of
from mtvgen.checks.markup.pieces import Boundary, Expression, Piece, Step, Written
from mtvgen.checks.places import Place
from mtvgen.records import record

MOST_WAYS = 32  # to write one value; beyond that it counts as computed


@record(frozen=True, eq=False, slots=True)
class Value:
    """A text with expressions in it: between two quotes, or between two tags.

    Attributes:
        pieces: Its pieces; the ends of branches among them.
        quote: The quote around it; empty if there is none.
    """

    pieces: tuple[Piece, ...]
    quote: str = '"'

    @property
    def literal(self) -> str | None:
        """The text, if it is always the same; otherwise None."""
        ways = self.ways()
        return ways[0] if ways is not None and len(ways) == 1 else None

    @property
    def beginning(self) -> str:
        """The text before the first expression or branch."""
        text = ""
        for piece in self.pieces:
            if not isinstance(piece, Written):
                break
            text += piece.text
        return unescape(text)

    @property
    def expressions(self) -> list[Expression]:
        """The expressions in it, in whatever branch."""
        return [piece for piece in self.pieces if isinstance(piece, Expression)]

    @property
    def place(self) -> Place | None:
        """The place of the text, or of the expression; None for an empty value."""
        places = [piece.place() for piece in self.pieces if not isinstance(piece, Boundary)]
        if not places:
            return None
        first, last = places[0], places[-1]
        if first.file != last.file:
            return first
        return Place(first.file, first.line, first.column, last.end_line, last.end_column)

    def ways(self) -> tuple[str, ...] | None:
        """Return all texts that this can be; None where one of them is computed.

        A branch may be taken or not, and a loop is not followed.
        """
        try:
            ways = _ways(_Reader(self.pieces))
        except Unknown:
            return None
        return tuple(dict.fromkeys(map(unescape, ways)))


class _Reader:
    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self._pieces = iter(pieces)
        self.held: Piece | None = next(self._pieces, None)

    def take(self) -> Piece | None:
        held, self.held = self.held, next(self._pieces, None)
        return held

    def next_branch(self, node: object) -> Step | None:
        """Return the step of the next piece, if it begins a branch of a statement."""
        held = self.held
        begins = isinstance(held, Boundary) and held.enters and held.step.node is node
        return held.step if begins and isinstance(held, Boundary) else None


def _ways(reader: _Reader) -> list[str]:
    """Return the texts up to the end of a branch, or of everything."""
    ways = [""]
    while (piece := reader.take()) is not None:
        if isinstance(piece, Boundary):
            if not piece.enters:
                break
            more = _of_branches(piece.step, reader)
        else:
            more = _of_piece(piece)
        if len(ways) * len(more) > MOST_WAYS:
            raise Unknown
        ways = [way + end for way in ways for end in more]
    return ways


def _of_branches(step: Step, reader: _Reader) -> list[str]:
    """Return the texts of a statement: of each of its branches, and none if all may be skipped."""
    if isinstance(step.node, nodes.For):
        raise Unknown
    ways, last = _ways(reader), step
    while (other := reader.next_branch(step.node)) is not None:
        reader.take()
        ways, last = ways + _ways(reader), other
    is_choice = isinstance(step.node, nodes.If)
    return [*ways, ""] if is_choice and last.branch != -1 else ways


def _of_piece(piece: Piece) -> list[str]:
    if isinstance(piece, Written):
        return [piece.text]
    assert isinstance(piece, Expression)  # noqa: S101  # the caller takes boundaries
    return list(_of_expression(piece))


def _of_expression(expression: Expression) -> Iterator[str]:
    """Yield the texts of an expression: both of a choice."""
    node = expression.node
    if isinstance(node, nodes.CondExpr):
        for side in (node.expr1, node.expr2):
            if side is None:
                yield ""
            else:
                yield from _of_expression(Expression(side, expression.template, expression.names))
        return
    value = constant_of(expression)
    yield str(value)
