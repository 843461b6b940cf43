"""Keys that a view asks for, and what becomes of their values: noted while it is read."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.reading.reads import Flow, Read, Reads, Source, Spot
from mtvgen.checks.reading.values import (
    UNKNOWN,
    Data,
    Items,
    Literal,
    Record,
    Sent,
    TheRequest,
    Value,
    made_of,
)

# Methods of a text after which it is still what was sent, or less of it.
_KEEPS_TEXT = frozenset({"strip", "lstrip", "rstrip", "lower", "casefold", "upper", "title"})
_ASKS = frozenset({"get", "getlist"})


class Noting(ABC):
    """Notes what is read, and how surely.

    Args:
        sources: The project's files.
        models: The dotted names of its models.
        method: The method that the view is called with.
    """

    def __init__(self, sources: Sources, models: Container[str], method: str) -> None:
        self.sources = sources
        self.models = models
        self.method = method
        self.reads = Reads()
        self.module = Module("", "", None)
        self.names: dict[str, Value] = {}
        # Whether what is read now is read whatever else is sent, and what has been asked before.
        self.is_sure = True
        self.is_caught = False
        self.after: frozenset[str] = frozenset()
        self._steps = 0

    @abstractmethod
    def value(self, node: ast.AST | None) -> Value:
        """Return what an expression is, and note what it reads."""

    @abstractmethod
    def constant(self, node: ast.expr) -> Value:
        """Return what an expression is, or what a name at the top of a file is bound to."""

    @abstractmethod
    def piece(self, part: ast.expr) -> str | None:
        """Return the text of a part of an f-string; None where it is computed."""

    def leak(self, *values: Value) -> None:
        """Note that something unknown gets a value: it may read everything there is in it."""
        for value in values:
            if isinstance(value, TheRequest):
                self.reads.open.update(Source)
            elif isinstance(value, Data):
                self.reads.open.add(value.source)
            elif isinstance(value, Record):
                self.leak(*value.items.values())
            elif isinstance(value, Items):
                self.leak(*value.values)

    @contextmanager
    def maybe(self) -> Iterator[None]:
        """Read something that is not always reached."""
        is_sure, self.is_sure = self.is_sure, False
        yield
        self.is_sure = is_sure

    def note_key(self, data: Data, node: ast.expr, *, is_required: bool) -> Value:
        """Note that a key is asked for; returns what it gives."""
        written = self.constant(node)
        if not isinstance(written, Literal) or not isinstance(written.value, str):
            self._note_computed(data.source, node)
            return UNKNOWN
        key, spot = written.value, written.spot or Spot(self.module, node)
        required = is_required and not self.is_caught
        read = Read(data.source, key, spot, required, self.is_sure, self.after)
        self.reads.keys.append(read)
        return Sent(data.source, key)

    def _note_computed(self, source: Source, node: ast.expr) -> None:
        """Note a key that is computed: the two ends of an f-string are known."""
        pieces = (
            [self.piece(part) for part in node.values] if isinstance(node, ast.JoinedStr) else []
        )
        start = "".join(_known_first(pieces))
        end = "".join(reversed(list(_known_first(reversed(pieces)))))
        if start or end:
            self.reads.affixes.add((source, start, end))
        else:
            self.reads.open.add(source)

    def note_flow(self, model: str, attribute: str, value: Value, node: ast.AST) -> None:
        """Note that a value becomes an attribute of a model."""
        if isinstance(value, Sent):
            spot = Spot(self.module, node)
            flow = Flow(value.source, value.key, model, attribute, spot, value.has_null)
            self.reads.flows.append(flow)

    def ask(self, data: Data, method: str, node: ast.Call) -> Value:
        """Note what a call of a method of `request.form` reads."""
        if method not in _ASKS or not node.args:
            self.leak(data)
            self.leak(*map(self.value, node.args))
            return UNKNOWN
        sent = self.note_key(data, node.args[0], is_required=False)
        for other in (*node.args[1:], *(word.value for word in node.keywords)):
            self.value(other)
        return sent if method == "get" else made_of(sent)

    def keeps(self, value: Sent, method: str, node: ast.Call) -> Value:
        """Return what a method makes of a text that was sent."""
        for argument in node.args:
            self.value(argument)
        return value if method in _KEEPS_TEXT and not node.args else made_of(value)


def _known_first(pieces: Iterable[str | None]) -> Iterator[str]:
    """Yield the pieces up to the first that is not known."""
    for piece in pieces:
        if piece is None:
            return
        yield piece
