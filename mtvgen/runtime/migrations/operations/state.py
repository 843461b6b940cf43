"""The tables that operations leave when they have run, as SQLAlchemy's objects.

A database forgets what was asked for: on SQLite a UUID is CHAR(32). The migrations remember, so
the way back gives back the types that there were, on any database.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from alembic.operations import ops
from sqlalchemy import ClauseElement, Column, Computed, MetaData, Table, text

from mtvgen.runtime.migrations.operations.columns import (
    constraints_of,
    fresh_column,
    fresh_constraint,
    fresh_index,
)
from mtvgen.runtime.migrations.operations.renames import RenameOp
from mtvgen.runtime.migrations.schema.create_table import mentions
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.schema.sql_text import rename_word


@dataclass
class TableState:
    """A table, while operations change it.

    Attributes:
        name: What it is called now.
        columns: By name, each belonging to no table.
        constraints: The operations that make them.
        indexes: The operations that make them, by name.
        comment: None if there is none.
        options: SQLite's and PostgreSQL's, as SQLAlchemy spells them.
    """

    name: Name
    columns: dict[str, Column[Any]] = field(default_factory=dict)
    constraints: list[Any] = field(default_factory=list)
    indexes: dict[str, ops.CreateIndexOp] = field(default_factory=dict)
    comment: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def add(self, column: Column[Any]) -> None:
        """Add a column, with the constraints and indexes that are written into it."""
        self.columns[column.name] = fresh_column(column)
        table = column.table
        if table is None:
            table = Table(self.name.name, MetaData(), column, schema=self.name.schema)
        self.take_from(table)

    def take_from(self, table: Table) -> None:
        """Take over a table's constraints and indexes."""
        for constraint in constraints_of(table):
            self.constraints.append(ops.AddConstraintOp.from_constraint(constraint))
        for index in table.indexes:
            self.indexes[str(index.name)] = ops.CreateIndexOp.from_index(index)

    def drop(self, column: str) -> None:
        """Drop a column, and with it what was about it."""
        self.columns.pop(column, None)
        self.constraints = [c for c in self.constraints if not _is_about(c, column)]
        self.indexes = {n: i for n, i in self.indexes.items() if not _indexes(i, column)}

    def rename(self, old: str, new: str) -> None:
        """Rename a column, in whatever is about it too."""
        self.columns = {
            new if name == old else name: _renamed_column(column, old, new)
            for name, column in self.columns.items()
        }
        for constraint in self.constraints:
            _rename_in(constraint, old, new)
        for index in self.indexes.values():
            index.columns = [_named_anew(column, old, new) for column in index.columns]
            index.kw = {word: _renamed_option(given, old, new) for word, given in index.kw.items()}


class SchemaState:
    """All tables that operations have made so far."""

    def __init__(self) -> None:
        self.tables: dict[Name, TableState] = {}

    def apply(self, operation: ops.MigrateOperation) -> None:
        """Do to the tables what an operation does; what is about an unknown table is ignored."""
        if isinstance(operation, ops.CreateTableOp):
            self._create(operation)
        elif isinstance(operation, ops.DropTableOp):
            self.tables.pop(Name(operation.schema, operation.table_name), None)
        elif isinstance(operation, ops.CreateIndexOp):
            self._create_index(operation)
        elif isinstance(operation, ops.DropIndexOp):
            self._drop_index(operation)
        elif isinstance(operation, ops.RenameTableOp):
            self._rename_table(operation)
        elif (table := self._table_of(operation)) is not None:
            self._change(table, operation)

    def metadata(self) -> MetaData:
        """Return the tables as models would say them; keys to tables of others are left out."""
        metadata = MetaData()
        for state in self.tables.values():
            constraints = [fresh_constraint(c) for c in state.constraints if self._is_whole(c)]
            table = Table(
                state.name.name,
                metadata,
                *(fresh_column(column) for column in state.columns.values()),
                *constraints,
                schema=state.name.schema,
                comment=state.comment,
                **state.options,
            )
            for index in state.indexes.values():
                table.append_constraint(fresh_index(index))
        return metadata

    def _is_whole(self, operation: ops.AddConstraintOp) -> bool:
        if not isinstance(operation, ops.CreateForeignKeyOp):
            return True
        target = Name(operation.kw.get("referent_schema"), operation.referent_table)
        return target in self.tables

    def _table_of(self, operation: Any) -> TableState | None:
        name = getattr(operation, "table_name", None) or getattr(operation, "source_table", None)
        schema = getattr(operation, "schema", None)
        if isinstance(operation, ops.CreateForeignKeyOp):
            schema = operation.kw.get("source_schema")
        return self.tables.get(Name(schema, str(name)))

    def _create(self, operation: ops.CreateTableOp) -> None:
        table = operation.to_table()
        name = Name(table.schema, table.name)
        options = dict(table.dialect_kwargs)
        state = TableState(name, comment=table.comment, options=options)
        state.columns = {column.name: fresh_column(column) for column in table.columns}
        state.take_from(table)
        self.tables[name] = state

    def _create_index(self, operation: ops.CreateIndexOp) -> None:
        table = self.tables.get(Name(operation.schema, str(operation.table_name)))
        if table is not None:
            table.indexes[str(operation.index_name)] = copy(operation)

    def _drop_index(self, operation: ops.DropIndexOp) -> None:
        for table in self.tables.values():
            if operation.schema == table.name.schema:
                table.indexes.pop(str(operation.index_name), None)

    def _rename_table(self, operation: ops.RenameTableOp) -> None:
        state = self.tables.pop(Name(operation.schema, operation.table_name), None)
        if state is None:
            return
        old, new = state.name, Name(operation.schema, str(operation.new_table_name))
        state.name = new
        self.tables[new] = state
        for table in self.tables.values():
            for key in table.constraints:
                if isinstance(key, ops.CreateForeignKeyOp) and key.referent_table == old.name:
                    key.referent_table = new.name

    def _change(self, table: TableState, operation: ops.MigrateOperation) -> None:
        if isinstance(operation, ops.AddColumnOp):
            table.add(operation.column)
        elif isinstance(operation, ops.DropColumnOp):
            table.drop(operation.column_name)
        elif isinstance(operation, ops.AlterColumnOp):
            self._alter(table, operation)
        elif isinstance(operation, ops.AddConstraintOp):
            table.constraints.append(copy(operation))
        elif isinstance(operation, ops.DropConstraintOp):
            table.constraints = [c for c in table.constraints if not _is_dropped(c, operation)]
        elif isinstance(operation, ops.CreateTableCommentOp):
            table.comment = operation.comment
        elif isinstance(operation, ops.DropTableCommentOp):
            table.comment = None
        elif isinstance(operation, RenameOp):
            _rename(table, operation)

    def _alter(self, table: TableState, operation: ops.AlterColumnOp) -> None:
        name = operation.column_name
        if name not in table.columns:
            return
        changes: dict[str, Any] = {
            "type_": operation.modify_type,
            "nullable": operation.modify_nullable,
        }
        if operation.modify_server_default is not False:
            changes["server_default"] = operation.modify_server_default
        if operation.modify_comment is not False:
            changes["comment"] = operation.modify_comment
        table.columns[name] = fresh_column(table.columns[name], **changes)
        if operation.modify_name:
            table.rename(name, operation.modify_name)
            self._rename_target(table.name, name, operation.modify_name)

    def _rename_target(self, table: Name, old: str, new: str) -> None:
        for state in self.tables.values():
            for key in state.constraints:
                if isinstance(key, ops.CreateForeignKeyOp) and key.referent_table == table.name:
                    key.remote_cols = [new if c == old else c for c in key.remote_cols]


def _is_about(constraint: Any, column: str) -> bool:
    if isinstance(constraint, ops.CreateCheckConstraintOp):
        return mentions(str(constraint.condition), column)
    return column in (getattr(constraint, "local_cols", None) or getattr(constraint, "columns", []))


def _indexes(index: ops.CreateIndexOp, column: str) -> bool:
    return any(
        c == column or (not isinstance(c, str) and mentions(str(c), column)) for c in index.columns
    )


def _renamed_column(column: Column[Any], old: str, new: str) -> Column[Any]:
    computed = column.server_default
    if column.name == old:
        return fresh_column(column, name=new)
    if isinstance(computed, Computed) and mentions(str(computed.sqltext), old):
        source = rename_word(str(computed.sqltext), old, new)
        again = Computed(source, persisted=computed.persisted)
        return fresh_column(column, server_default=again)
    return column


def _named_anew(column: Any, old: str, new: str) -> Any:
    if isinstance(column, str):
        return new if column == old else column
    return text(rename_word(str(column), old, new))


def _renamed_option(given: Any, old: str, new: str) -> Any:
    """Return what an option of an index says of columns.

    Its condition, operators, columns kept along.
    """
    if isinstance(given, ClauseElement):
        return text(rename_word(str(given), old, new))
    if isinstance(given, Mapping):
        return {new if column == old else column: what for column, what in given.items()}
    if isinstance(given, list | tuple):
        return [new if column == old else column for column in given]
    return given


def _rename_in(constraint: Any, old: str, new: str) -> None:
    if isinstance(constraint, ops.CreateCheckConstraintOp):
        constraint.condition = text(rename_word(str(constraint.condition), old, new))
        return
    for word in ("local_cols", "columns"):
        if hasattr(constraint, word):
            setattr(constraint, word, [new if c == old else c for c in getattr(constraint, word)])


def _is_dropped(constraint: Any, operation: ops.DropConstraintOp) -> bool:
    is_key = operation.constraint_type == "primary"
    if is_key and isinstance(constraint, ops.CreatePrimaryKeyOp):
        return True
    return bool(constraint.constraint_name == operation.constraint_name)


def _rename(table: TableState, operation: RenameOp) -> None:
    if operation.kind == "index" and operation.old in table.indexes:
        index = table.indexes.pop(operation.old)
        index.index_name = operation.new
        table.indexes[operation.new] = index
    for constraint in table.constraints:
        if operation.kind == "constraint" and constraint.constraint_name == operation.old:
            constraint.constraint_name = operation.new
