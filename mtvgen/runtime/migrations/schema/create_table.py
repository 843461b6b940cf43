"""The text of a CREATE TABLE, taken apart and put together again.

SQLite keeps the statement that made a table, word by word, in sqlite_master, and there is nothing
about the table that the text does not say. Who changes only the part that changes keeps all the
rest: collations, conflict clauses, AUTOINCREMENT, STRICT, comments. The same parts are read of
what SQLAlchemy writes for a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from mtvgen.runtime.migrations.schema.sql_text import (
    Token,
    closing,
    meaningful,
    quoted,
    tokens_of,
    words_in,
)

# What begins a clause of a column, and the kind of constraint that it is.
_CLAUSES = {
    "PRIMARY": "primary key",
    "NOT": "not null",
    "NULL": "null",
    "UNIQUE": "unique",
    "CHECK": "check",
    "DEFAULT": "default",
    "COLLATE": "collate",
    "REFERENCES": "foreign key",
    "GENERATED": "generated",
    "AS": "generated",
}
_TABLE_CLAUSES = {
    "PRIMARY": "primary key",
    "UNIQUE": "unique",
    "CHECK": "check",
    "FOREIGN": "foreign key",
    "EXCLUDE": "exclude",
}


@dataclass(frozen=True)
class Clause:
    """A constraint of a column or of a table, and what a column has besides its type.

    Attributes:
        kind: `primary key`, `not null`, `unique`, `check`, `default`, `collate`, `foreign key`,
            `generated`, `null` or `exclude`.
        name: Behind CONSTRAINT; None where it has none.
        text: All of it, its name too.
        raw: The same with the blanks and comments before it, where nobody has changed it.
    """

    kind: str
    name: str | None
    text: str
    raw: str = field(default="", compare=False)

    @property
    def body(self) -> list[Token]:
        """Its tokens behind the name."""
        tokens = meaningful(tokens_of(self.text))
        return tokens[2:] if tokens[0].is_word("CONSTRAINT") else tokens

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in its first brackets: of a key, a UNIQUE or a foreign key of a table."""
        tokens = self.body
        opening = next((i for i, token in enumerate(tokens) if token.text == "("), None)
        if opening is None:
            return ()
        inside = tokens[opening : closing(tokens, opening)]
        # Only what follows a bracket or a comma is a name; behind it COLLATE, ASC or DESC may be.
        return tuple(token.name for before, token in pairwise(inside) if before.text in ("(", ","))

    @property
    def inner(self) -> str:
        """Return what is in its first brackets: the expression of a CHECK, a default, a column."""
        tokens = self.body
        opening = next(i for i, token in enumerate(tokens) if token.text == "(")
        end = closing(tokens, opening)
        source = self.text[tokens[opening].end : tokens[end].start]
        return source.strip()


@dataclass(frozen=True)
class ColumnText:
    """A column: its name, its type as it is written ("" for none), and its clauses.

    Attributes:
        raw: All of it as it is written, where nobody has changed it.
    """

    name: str
    type: str
    clauses: tuple[Clause, ...] = ()
    raw: str = field(default="", compare=False)

    def with_type(self, text: str) -> ColumnText:
        """Return the column with another type."""
        return replace(self, type=text, raw="")

    def clause(self, kind: str) -> Clause | None:
        """Its first clause of a kind."""
        return next((clause for clause in self.clauses if clause.kind == kind), None)

    def without(self, *kinds: str) -> ColumnText:
        """Return the column with no clause of these kinds."""
        return replace(self, clauses=tuple(c for c in self.clauses if c.kind not in kinds), raw="")

    def with_clause(self, clause: Clause) -> ColumnText:
        """Return the column with one more clause."""
        return replace(self, clauses=(*self.clauses, clause), raw="")

    def __str__(self) -> str:
        return " ".join(
            [quoted(self.name), *filter(None, [self.type]), *(c.text for c in self.clauses)]
        )


@dataclass
class CreateTable:
    """A CREATE TABLE in its parts.

    Attributes:
        name: The table.
        columns: In their order.
        constraints: Those of the table, behind the columns.
        options: Behind the last bracket: `STRICT`, `WITHOUT ROWID`.
    """

    name: str
    columns: list[ColumnText]
    constraints: list[Clause]
    options: str = ""

    def column(self, name: str) -> ColumnText | None:
        """Return a column by its name, in either case."""
        return next((c for c in self.columns if c.name.lower() == name.lower()), None)

    def render(self, name: str) -> str:
        """Return the statement, for a table of a name."""
        lines = [column.raw or f"\n\t{column}" for column in self.columns]
        lines += [clause.raw or f"\n\t{clause.text}" for clause in self.constraints]
        options = f" {self.options}" if self.options else ""
        return f"CREATE TABLE {quoted(name)} (" + ",".join(lines) + f"\n){options}"

    def every_clause(self) -> Iterator[tuple[ColumnText | None, Clause]]:
        """Each clause with the column that it belongs to; None for those of the table."""
        for column in self.columns:
            yield from ((column, clause) for clause in column.clauses)
        yield from ((None, clause) for clause in self.constraints)


def parse_create_table(sql: str) -> CreateTable:
    """Return the parts of a CREATE TABLE.

    Raises:
        ValueError: It is another statement: CREATE VIRTUAL TABLE, CREATE TABLE ... AS SELECT.
    """
    tokens = tokens_of(sql)
    plain = meaningful(tokens)
    start = next((i for i, token in enumerate(plain) if token.is_word("TABLE")), None)
    if start is None or not plain[0].is_word("CREATE") or plain[start - 1].is_word("VIRTUAL"):
        raise ValueError(f"no CREATE TABLE: {sql[:60]}")
    opening = next((i for i, t in enumerate(plain) if t.text == "(" and i > start), None)
    if opening is None:
        raise ValueError(f"no columns: {sql[:60]}")
    end = closing(plain, opening)
    options = sql[plain[end].end :].strip()
    table = CreateTable(plain[opening - 1].name, [], [], options)
    for piece in _pieces(sql, plain[opening].end, plain[opening + 1 : end], plain[end].start):
        part = parse_part(piece)
        if isinstance(part, ColumnText):
            table.columns.append(part)
        else:
            table.constraints.append(part)
    return table


def _pieces(sql: str, start: int, tokens: list[Token], end: int) -> Iterator[str]:
    """Return what is between the commas outside brackets."""
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text == ",":
            yield sql[start : token.start]
            start = token.end
    yield sql[start:end]


@lru_cache(maxsize=4096)  # the models' and the database's are mostly the same
def parse_part(piece: str) -> ColumnText | Clause:
    """One column of a CREATE TABLE, or one constraint."""
    tokens = meaningful(tokens_of(piece))
    raw = piece[: tokens[-1].end]
    first = tokens[2] if tokens[0].is_word("CONSTRAINT") else tokens[0]
    if first.is_word(*_TABLE_CLAUSES):
        name = tokens[1].name if tokens[0].is_word("CONSTRAINT") else None
        text = piece[tokens[0].start : tokens[-1].end]
        return Clause(_TABLE_CLAUSES[first.text.upper()], name, text, raw)
    clauses = tuple(_clauses(piece, tokens))
    end = tokens[_first_clause(tokens) - 1].end
    type_start = tokens[1].start if len(tokens) > 1 else end
    type_text = piece[type_start:end] if end > type_start else ""
    return ColumnText(tokens[0].name, type_text, clauses, raw)


def _first_clause(tokens: list[Token]) -> int:
    depth = 0
    for position, token in enumerate(tokens[1:], 1):
        if depth == 0 and token.is_word("CONSTRAINT", *_CLAUSES):
            return position
        depth += (token.text == "(") - (token.text == ")")
    return len(tokens)


def _clauses(piece: str, tokens: list[Token]) -> Iterator[Clause]:
    position = _first_clause(tokens)
    while position < len(tokens):
        start = position
        name = None
        if tokens[position].is_word("CONSTRAINT"):
            name = tokens[position + 1].name
            position += 2
        kind = _CLAUSES[tokens[position].text.upper()]
        position = _end_of_clause(tokens, position + 1, kind)
        yield Clause(kind, name, piece[tokens[start].start : tokens[position - 1].end])


def _end_of_clause(tokens: list[Token], position: int, kind: str) -> int:
    """Return where the clause ends whose first word comes before a position."""
    if kind == "default" and position < len(tokens) and tokens[position].text != "(":
        position += 1  # DEFAULT NULL
    depth = 0
    while position < len(tokens):
        token = tokens[position]
        begins = depth == 0 and token.is_word("CONSTRAINT", *_CLAUSES)
        if begins and not _goes_on(tokens, position, kind):
            return position
        depth += (token.text == "(") - (token.text == ")")
        position += 1
    return position


def _goes_on(tokens: list[Token], position: int, kind: str) -> bool:
    """Return whether a word that could begin a clause belongs to the one before it."""
    before = tokens[position - 1]
    token = tokens[position]
    if kind == "not null":  # NOT NULL
        return before.is_word("NOT")
    if kind == "foreign key":  # ON DELETE SET NULL, ON DELETE SET DEFAULT, NOT DEFERRABLE
        after = tokens[position + 1] if position + 1 < len(tokens) else None
        deferrable = token.is_word("NOT") and after is not None and after.is_word("DEFERRABLE")
        return before.is_word("SET") or deferrable
    if kind == "generated":  # GENERATED ALWAYS AS, GENERATED BY DEFAULT AS IDENTITY
        return token.is_word("AS") or (token.is_word("DEFAULT") and before.is_word("BY"))
    return False


def mentions(text: str, column: str) -> bool:
    """Return whether a piece of SQL names a column."""
    return column.lower() in words_in(text)
