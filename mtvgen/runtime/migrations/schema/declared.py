"""The facts of tables on a database that is not there: what their statements say.

A project is developed on SQLite and deployed on PostgreSQL; a label that an Enum gets is nothing
to the one and an error on the other. So a change is looked for in the words of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from mtvgen.runtime.migrations.schema.create_table import parse_create_table
from mtvgen.runtime.migrations.schema.facts import Name, TableFacts
from mtvgen.runtime.migrations.schema.models import silent
from mtvgen.runtime.migrations.schema.text_facts import table_facts

_SERIAL = {"SERIAL": "INTEGER", "BIGSERIAL": "BIGINT", "SMALLSERIAL": "SMALLINT"}


class Declared(NamedTuple):
    """A table in a database's words.

    Attributes:
        name: The table.
        statement: Its CREATE TABLE.
        indexes: Their statements, in the order of their texts.
        comments: Of its columns, and under "" its own; none where the database has none.
    """

    name: Name
    statement: str
    indexes: tuple[str, ...]
    comments: Mapping[str, str | None]

    def is_like(self, other: Declared) -> bool:
        """Return whether the words are the same, in whatever order a table lists what it has."""
        return (
            self.indexes == other.indexes
            and self.comments == other.comments
            and _lines(self.statement) == _lines(other.statement)
        )

    def facts(self) -> TableFacts:
        """Return what the words mean."""
        facts = table_facts(parse_create_table(self.statement), self.name, self.indexes)
        columns = {}
        for name, fact in facts.columns.items():
            if fact.type in _SERIAL:
                fact = replace(fact, type=_SERIAL[fact.type], default="serial")
            columns[name] = replace(fact, comment=self.comments.get(name))
        return replace(facts, columns=columns, comment=self.comments.get(""))


def _lines(statement: str) -> list[str]:
    return sorted(line.strip(", \t") for line in statement.splitlines())


def declared(table: Table, dialect: Dialect) -> Declared | None:
    """Return a table in a database's words; None where it has no words for it."""
    try:
        with silent():
            statement = str(CreateTable(table).compile(dialect=dialect))
            indexes = [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    except (SQLAlchemyError, NotImplementedError):  # the latter of sequences on SQLite
        return None
    comments: dict[str, str | None] = {}
    if dialect.supports_comments:
        comments = {"": table.comment, **{c.name: c.comment for c in table.columns}}
    name = Name(table.schema, table.name)
    return Declared(name, statement, tuple(sorted(indexes)), comments)
