"""Where a form or a link goes: the routes that may answer at its address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlsplit

from jinja2 import nodes

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.markup.constants import Unknown, constant_of, source_of
from mtvgen.checks.markup.pieces import Boundary, Expression, Piece, Written
from mtvgen.checks.markup.values import Value
from mtvgen.checks.places import Place
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.records import record

MOST_ROWS = 8  # addresses of one attribute, where branches choose among them


@record(frozen=True, eq=False)
class Target:
    """One address that something goes to.

    Attributes:
        shown: The route's name or the address, as sentences name it.
        pattern: The pattern of the address.
        addresses: All routes.
        call: The call of url_for(); None if there is none.
        written: The address, if it is written out; None for the address of the page itself.
    """

    shown: str
    pattern: str
    addresses: Addresses
    call: Expression | None = None
    written: Value | None = None

    @property
    def place(self) -> Place | None:
        """Where the route's name or the address is written; None for the page's own address."""
        if self.call is not None and isinstance(self.call.node, nodes.Call):
            return self.call.template.place(self.call.node.args[0])
        return self.written.place if self.written is not None else None

    @property
    def is_here(self) -> bool:
        """Whether it is the address of the page itself, which is written nowhere."""
        return self.call is None and self.written is None

    def taking(self, method: str) -> list[RouteFact]:
        """Return the routes that may take a method there: of this pattern, or else of others."""
        exact = self.addresses.exactly(self.pattern)
        taking = [route for route in exact if method in route.methods]
        return taking or [route for route in self._meeting if method in route.methods]

    @cached_property
    def _meeting(self) -> list[RouteFact]:
        return self.addresses.meeting(self.pattern)

    @property
    def routes(self) -> list[RouteFact]:
        """The routes of exactly this address; those that may answer there, if there is none."""
        return self.addresses.exactly(self.pattern) or self._meeting

    @property
    def named(self) -> list[RouteFact]:
        """The routes of its name, where it is one."""
        return self.addresses.by_name.get(self.shown, []) if self.call else self.routes

    @property
    def takes(self) -> str:
        """What the routes take, in words: `GET and POST`."""
        methods = {method for route in self.named for method in route.methods}
        return " and ".join(sorted(methods - {"HEAD"}))

    @property
    def is_vague(self) -> bool:
        """Whether one of the routes has a mistake of its own, so that nothing is sure."""
        return any(route.vague for route in self.routes)


def targets_of(value: Value | None, addresses: Addresses) -> list[Target] | None:
    """Return where an attribute leads.

    None where that is not known, and none where it leads to the page itself.

    Args:
        value: The value of `action` or `href`; None if it has none.
        addresses: The routes.
    """
    targets: list[Target] = []
    rows = _rows(value.pieces) if value is not None else []
    if rows is None:
        return None
    for row in rows:
        found = _target(row, addresses)
        if found is None:
            return None
        targets += found
    return targets


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]] | None:
    """Return the rows of pieces that a value can be; None where that takes more than one `if`."""
    steps = [piece.step.node for piece in pieces if isinstance(piece, Boundary)]
    if any(isinstance(node, nodes.If | nodes.For) for node in steps):
        return _rows_of_choice(pieces)
    return _chosen([piece for piece in pieces if not isinstance(piece, Boundary)])


def _rows_of_choice(pieces: Sequence[Piece]) -> list[list[Piece]] | None:
    """`{% if note %}{{ url_for("edit") }}{% else %}{{ url_for("create") }}{% endif %}`."""
    before: list[Piece] = []
    inside: dict[int, list[Piece]] = {}
    node, branch = None, None
    for piece in pieces:
        if isinstance(piece, Boundary):
            if node not in (None, piece.step.node) or not isinstance(piece.step.node, nodes.If):
                return None
            node, branch = piece.step.node, piece.step.branch if piece.enters else None
        elif branch is not None:
            inside.setdefault(branch, []).append(piece)
        elif node is None:
            before.append(piece)
        else:
            return None
    if -1 not in inside and isinstance(node, nodes.If) and not before:
        inside[-1] = []
    return [row for part in inside.values() for row in _chosen([*before, *part])]


def _chosen(row: list[Piece]) -> list[list[Piece]]:
    """Return a row for each side of a choice: `{{ url_for("a") if new else url_for("b") }}`."""
    for index, piece in enumerate(row):
        source = source_of(piece) if isinstance(piece, Expression) else None
        if source is not None and isinstance(source.node, nodes.CondExpr):
            sides = [side for side in (source.node.expr1, source.node.expr2) if side is not None]
            rows = []
            for side in sides:
                chosen = Expression(side, source.template, source.names)
                rows += _chosen([*row[:index], chosen, *row[index + 1 :]])
            return rows[:MOST_ROWS]
    return [row]


def _target(row: list[Piece], addresses: Addresses) -> list[Target] | None:
    """Return where one address leads; None where that is not known."""
    if not row:
        return []
    first = row[0]
    source = source_of(first) if isinstance(first, Expression) else None
    if source is not None and _is_url_for(source.node):
        return _of_call(source, row[1:], addresses)
    text = "".join(map(_text, row))
    if not text or text.startswith(("?", "#")):
        return []
    if not text.startswith("/") or text.startswith("//"):
        return None
    pattern = urlsplit(text).path
    shown = "".join(piece.text if isinstance(piece, Written) else "..." for piece in row)
    target = Target(shown, pattern, addresses, written=Value(tuple(row)))
    return [target] if target.routes else None


def _text(piece: Piece) -> str:
    if isinstance(piece, Written):
        return piece.text
    try:
        return str(constant_of(piece)) if isinstance(piece, Expression) else ""
    except Unknown:
        return "<part>"


def _is_url_for(node: nodes.Node) -> bool:
    """`url_for(...)`, `request.url_for(...)`."""
    called = node.node if isinstance(node, nodes.Call) else None
    if isinstance(called, nodes.Getattr):
        is_method = called.attr == "url_for" and isinstance(called.node, nodes.Name)
        return is_method and getattr(called.node, "name", "") == "request"
    return isinstance(called, nodes.Name) and called.name == "url_for"


def _of_call(call: Expression, rest: list[Piece], addresses: Addresses) -> list[Target] | None:
    assert isinstance(call.node, nodes.Call)  # noqa: S101  # _target() has looked
    behind = rest[0].text[:1] if rest and isinstance(rest[0], Written) else ""
    if not call.node.args or (rest and behind not in ("?", "#")):
        return None
    try:
        name = constant_of(Expression(call.node.args[0], call.template, call.names))
    except Unknown:
        return None
    routes = addresses.by_name.get(name, [])
    if not routes or addresses.is_conditional(name):
        return None
    pattern = routes[0].pattern
    return [Target(name, pattern, addresses, call)]
