"""The facts of models on a database that is not there: what their statements say.

A project is developed on SQLite and deployed on PostgreSQL; a label that an Enum gets is nothing
to the one and an error on the other. So a change is looked for in the words of both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.create_table import parse_create_table
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts, TableFacts, by_name
from mtvgen.runtime.migrations.schema.models import silent, statements_of
from mtvgen.runtime.migrations.schema.text_facts import table_facts

_SERIAL = {"SERIAL": "INTEGER", "BIGSERIAL": "BIGINT", "SMALLSERIAL": "SMALLINT"}


def declared_facts(metadata: MetaData, dialect: Dialect) -> SchemaFacts | None:
    """The facts of tables in a database's own words; None where it has no words for them.

    Args:
        metadata: The tables.
        dialect: The database's.
    """
    try:
        statements = statements_of(metadata, dialect)
        tables = [s.element for s in statements if isinstance(s, CreateTable)]
        found = by_name(_table(table, dialect) for table in tables)
    except (SQLAlchemyError, MigrationError, ValueError):
        return None
    return SchemaFacts(found)


def _table(table: Any, dialect: Dialect) -> TableFacts:
    with silent():
        text = str(CreateTable(table).compile(dialect=dialect))
        indexes = [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    name = Name(table.schema, table.name)
    facts = table_facts(parse_create_table(text), name, indexes)
    columns = dict(facts.columns)
    for column in table.columns:
        fact = columns[column.name]
        if fact.type in _SERIAL:
            fact = replace(fact, type=_SERIAL[fact.type], default="serial")
        if dialect.supports_comments:
            fact = replace(fact, comment=column.comment)
        columns[column.name] = fact
    comment = table.comment if dialect.supports_comments else None
    return replace(facts, columns=columns, comment=comment)
