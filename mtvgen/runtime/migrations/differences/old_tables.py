"""The tables of a database: as the migrations made them, or else as they look."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table

from mtvgen.runtime.migrations.differences.tables import Written
from mtvgen.runtime.migrations.history import History
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts
from mtvgen.runtime.migrations.schema.text_facts import normal_type


class OldTables:
    """The tables that there were, as SQLAlchemy's objects.

    Args:
        connection: To the database.
        history: What the migrations have made.
        held: The facts of the database.

    Attributes:
        sure: The tables that look as the migrations have made them.
    """

    def __init__(self, connection: Connection, history: History, held: SchemaFacts) -> None:
        self._connection = connection
        self._held = held
        self._written: dict[Name, Written] = {}
        self.sure = {
            name: table
            for table in history.state.metadata().tables.values()
            for name in [Name(table.schema, table.name)]
            if name not in history.uncertain and self._agrees(name, table)
        }

    def _agrees(self, name: Name, table: Table) -> bool:
        held = self._held.tables.get(name)
        if held is None or set(held.columns) != {column.name for column in table.columns}:
            return False
        if self._connection.dialect.name != "sqlite":
            return True
        return all(
            normal_type(self._spelled(column)) == held.columns[column.name].type
            for column in table.columns
        )

    def _spelled(self, column: Column[Any]) -> str:
        return column.type.compile(dialect=self._connection.dialect).partition(" COLLATE ")[0]

    def table(self, name: Name) -> Written:
        """Return a table as a migration writes it."""
        if name not in self._written:
            table = self.sure[name] if name in self.sure else self._reflected(name)
            self._written[name] = Written(table, self._connection.dialect)
        return self._written[name]

    def _reflected(self, name: Name) -> Table:
        table = Table(
            name.name,
            MetaData(),
            schema=name.schema,
            autoload_with=self._connection,
            resolve_fks=False,
        )
        _stand_for_targets(table)
        for column in table.columns:
            collation = self._held.tables[name].columns[column.name].collation
            if collation is not None and isinstance(column.type, String):
                column.type = type(column.type)(column.type.length, collation=collation)
        return table


def _stand_for_targets(table: Table) -> None:
    """Add the tables that its foreign keys refer to next to it, by their keys alone.

    Alembic asks for the columns that a key refers to; whole tables would be a query for each.
    """
    for key in table.foreign_keys:
        *schema, target, column = key.target_fullname.split(".")
        if ".".join([*schema, target]) != table.fullname:
            Table(
                target,
                table.metadata,
                Column(column, Integer),
                schema=".".join(schema) or None,
                extend_existing=True,
            )
