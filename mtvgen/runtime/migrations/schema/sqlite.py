"""The facts of a SQLite database, out of the statements that it keeps in sqlite_master."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection

from mtvgen.runtime.migrations.schema.create_table import CreateTable, parse_create_table
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts, TableFacts, by_name
from mtvgen.runtime.migrations.schema.text_facts import table_facts

_QUESTION = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def sqlite_facts(connection: Connection) -> SchemaFacts:
    """Return what a database holds, but for SQLite's own tables and virtual ones."""
    return SchemaFacts(by_name(facts_of_statements(connection.exec_driver_sql(_QUESTION))))


def facts_of_statements(rows: Iterable[tuple[str, str, str, str]]) -> list[TableFacts]:
    """Return the tables that statements make.

    Args:
        rows: Kind, name, table and statement, as sqlite_master has them.
    """
    tables: dict[str, CreateTable] = {}
    indexes: dict[str, list[str]] = defaultdict(list)
    for kind, name, table, sql in rows:
        if kind == "index":
            indexes[table.lower()].append(sql)
        elif kind == "table" and not name.startswith("sqlite_"):
            try:
                tables[name] = parse_create_table(sql)
            except ValueError:
                continue  # a virtual table, which no model stands for
    keys = {name.lower(): _key(create) for name, create in tables.items()}
    return [
        table_facts(create, Name(None, name), indexes[name.lower()], keys)
        for name, create in tables.items()
    ]


def _key(create: CreateTable) -> tuple[str, ...]:
    for column, clause in create.every_clause():
        if clause.kind == "primary key":
            return clause.columns if column is None else (column.name,)
    return ()
