"""Facts: the tables of a database, or of models, as plain data that can be compared.

Every text in them is in the spelling of one database, so two that mean the same are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Name(NamedTuple):
    """The name of a table or a type.

    Attributes:
        schema: None for the schema that needs no name.
        name: Without the schema.
    """

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True)
class ColumnFacts:
    """A column.

    Attributes:
        name: Its name.
        type: As the database spells it.
        nullable: Whether NULL is a value; never for a column of the primary key.
        default: An expression; None if there is none.
        generated: The expression of a computed column, and how it is kept.
        identity: How an identity column counts; None for any other.
        collation: None for the usual one.
        comment: None if there is none.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    generated: str | None = None
    identity: str | None = None
    collation: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class ConstraintFacts:
    """A constraint.

    Attributes:
        kind: `primary key`, `unique`, `check`, `foreign key` or `exclude`.
        name: None where the database has none, or hides it.
        definition: All but the name.
        columns: Those that it is about.
        source: The expression of a CHECK, as a migration may write it.
        refers_to: The table of a foreign key.
    """

    kind: str
    name: str | None
    definition: str
    columns: tuple[str, ...] = ()
    source: str = field(default="", compare=False)
    refers_to: Name | None = field(default=None, compare=False)


@dataclass(frozen=True)
class IndexFacts:
    """An index, but for those that belong to a constraint.

    Attributes:
        name: Its name.
        definition: All but the name and the table.
        source: The statement that makes it.
    """

    name: str
    definition: str
    source: str = field(default="", compare=False)


@dataclass(frozen=True)
class TableFacts:
    """A table.

    Attributes:
        name: Its name.
        columns: By name, in their order.
        constraints: In any order.
        indexes: By name.
        comment: None if there is none.
        options: SQLite's: `strict`, `without rowid`, `autoincrement`.
    """

    name: Name
    columns: Mapping[str, ColumnFacts]
    constraints: tuple[ConstraintFacts, ...] = ()
    indexes: Mapping[str, IndexFacts] = field(default_factory=dict)
    comment: str | None = None
    options: frozenset[str] = frozenset()

    def key(self) -> tuple[str, ...]:
        """Return the columns of the primary key."""
        return next((c.columns for c in self.constraints if c.kind == "primary key"), ())


@dataclass(frozen=True)
class SchemaFacts:
    """Tables, and PostgreSQL's enumerated types with their labels."""

    tables: Mapping[Name, TableFacts]
    enums: Mapping[Name, tuple[str, ...]] = field(default_factory=dict)


def by_name(tables: Iterable[TableFacts]) -> dict[Name, TableFacts]:
    """Tables under their names."""
    return {table.name: table for table in tables}
