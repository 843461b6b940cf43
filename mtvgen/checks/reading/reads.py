"""What a view reads of a form, a query and the files: each key, and how it is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.records import record


class Source(Enum):
    """A mapping of a request that a form may fill; the value is its attribute's name."""

    FORM = "form"
    QUERY = "query"
    FILES = "files"


class Spot(NamedTuple):
    """An expression in a Python file."""

    module: Module
    node: ast.AST

    @property
    def place(self) -> Place:
        """Its place: the text in quotes of a key."""
        return self.module.place(self.node)

    @property
    def shown(self) -> str:
        """`views/notes.py:12`, as sentences name it."""
        return f"{self.module.file}:{getattr(self.node, 'lineno', 1)}"


@record(frozen=True, eq=False)
class Read:
    """One key that is asked for.

    Attributes:
        source: What is asked.
        key: The key.
        spot: Where the key is written.
        is_required: Whether it is asked for by `[...]`, which a missing key makes a 400.
        is_sure: Whether that happens whatever else is sent.
        after: The keys whose values may have ended the view before.
        form: The name of the form class whose field it is; empty if it is asked for by hand.
    """

    source: Source
    key: str
    spot: Spot
    is_required: bool
    is_sure: bool
    after: frozenset[str] = frozenset()
    form: str = ""

    @property
    def shown(self) -> str:
        """`request.form['text']` or `NoteForm.text`, as sentences name it."""
        if self.form:
            return f"{self.form}.{self.key}"
        return f"request.{self.source.value}[{self.key!r}]"


@record(frozen=True, eq=False)
class Flow:
    """A value that is sent and becomes an attribute of a model, as it is.

    Attributes:
        source: Where it comes from.
        key: Its key.
        model: The dotted name of the class.
        attribute: The attribute's name.
        spot: Where it is stored.
        has_null: Whether an empty text becomes None, as with `or None`.
    """

    source: Source
    key: str
    model: str
    attribute: str
    spot: Spot
    has_null: bool = False


@dataclass
class Reads:
    """All that a view reads when it is called with one method.

    Attributes:
        keys: The keys that are asked for.
        flows: What becomes of their values.
        open: The sources of which everything may be read: they are handed to something unknown.
        affixes: Beginnings and ends of keys that are computed, as in `form[f"line-{number}"]`.
        modules: The files that this was read from.
    """

    keys: list[Read] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    open: set[Source] = field(default_factory=set)
    affixes: set[tuple[Source, str, str]] = field(default_factory=set)
    modules: dict[str, Module] = field(default_factory=dict)

    def of(self, source: Source) -> Iterator[Read]:
        """Yield what is asked of one source."""
        return (read for read in self.keys if read.source is source)

    def may_read(self, source: Source, key: str) -> bool:
        """Return whether the value of a key may be looked at."""
        return (
            source in self.open
            or any(read.key == key for read in self.of(source))
            or any(
                of is source and key.startswith(start) and key.endswith(end)
                for of, start, end in self.affixes
            )
        )
