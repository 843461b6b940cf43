"""`op` on SQLite: what SQLite can't alter is made again (rebuild.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.schema import CreateColumn

from mtvgen.runtime.migrations.operations.columns import fresh_column, name_checks_of_types
from mtvgen.runtime.migrations.operations.hooks import TableChange
from mtvgen.runtime.migrations.operations.rebuild import (
    Stored,
    everything,
    problem_of,
    rebuild,
)
from mtvgen.runtime.migrations.operations.renames import RenameOp
from mtvgen.runtime.migrations.operations.table_edit import TableEdit
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.create_table import ColumnText, parse_create_table, parse_part
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.schema.sql_text import quoted

_ON_A_TABLE = (
    ops.AddColumnOp,
    ops.AddConstraintOp,
    ops.AlterColumnOp,
    ops.DropColumnOp,
    ops.DropConstraintOp,
    RenameOp,
)
_INDEXES = (ops.CreateIndexOp, ops.DropIndexOp)
_COMMENTS = (ops.CreateTableCommentOp, ops.DropTableCommentOp)  # SQLite has none


class SQLiteHandler:
    """Does what a migration says, on SQLite.

    Args:
        context: With a connection in a transaction, and foreign keys off.
    """

    def __init__(self, context: MigrationContext) -> None:
        self._plain = Operations(context)
        assert context.connection is not None  # noqa: S101  # there is no SQL without a database
        self._connection: Connection = context.connection

    def bind(self) -> Connection:
        """Return the migration's connection."""
        return self._connection

    def run(self, operation: ops.MigrateOperation) -> Any:
        """Do what a single operation says."""
        if isinstance(operation, _ON_A_TABLE):
            self.change(TableChange(_table_of(operation), [operation]))
            return None
        if isinstance(operation, _COMMENTS):
            return None
        if isinstance(operation, ops.DropTableOp | ops.RenameTableOp):
            return self._watched(lambda: self._plain.invoke(operation))
        if isinstance(operation, ops.CreateTableOp):
            return self._create(operation)
        return self._plain.invoke(operation)

    def _create(self, operation: ops.CreateTableOp) -> Any:
        table = operation.to_table(self._plain.get_context())
        name_checks_of_types(table)
        self._plain.impl.create_table(table)
        return table

    def collect(self, operation: ops.MigrateOperation) -> None:
        """Wait for the end of the batch."""

    def change(self, change: TableChange) -> None:
        """Do what a batch of operations on one table says."""
        for part in _parts(change):
            part.operations = [op for op in part.operations if not _is_nothing(op)]
            if len(part.operations) == 1 and (renamed := _renamed(part.operations[0])):
                self._watched(lambda: self._rename_column(part.table.name, *renamed))  # noqa: B023  # called at once
            elif part.recreate != "always" and all(map(self._is_easy, part.operations)):
                for operation in part.operations:
                    self._do_easily(operation)
            else:
                self._watched(lambda: self._rebuild(part))  # noqa: B023  # called at once

    def _watched(self, work: Callable[[], Any]) -> Any:
        """Do something, and refuse it where a view or a trigger no longer works afterwards.

        Raises:
            MigrationError: It names the view or the trigger.
        """
        before = problem_of(self._connection)
        done = work()
        after = problem_of(self._connection)
        if after is not None and after != before:
            named = re.match(r"error in (view|trigger) (.+?)(?: after [a-z ]+)?: ", after)
            what = f"{named[1]} {named[2]}" if named else "what needs it"
            raise MigrationError(
                f"{after}. Nothing was changed.",
                cure=f"drop {what} before it and make it again after it, by op.execute()",
            )
        return done

    def _rename_column(self, table: str, old: str, new: str) -> None:
        self._connection.exec_driver_sql(
            f"ALTER TABLE {quoted(table)} RENAME COLUMN {quoted(old)} TO {quoted(new)}"
        )

    # --- What SQLite can do by itself

    def _is_easy(self, operation: ops.MigrateOperation) -> bool:
        if isinstance(operation, ops.AddColumnOp):
            return self._is_easy_column(operation)
        is_index_name = isinstance(operation, RenameOp) and operation.kind == "index"
        return is_index_name or isinstance(operation, (*_INDEXES, *_COMMENTS, ops.ExecuteSQLOp))

    def _is_easy_column(self, operation: ops.AddColumnOp) -> bool:
        """Return whether ADD COLUMN takes it (https://sqlite.org/lang_altertable.html#altertabaddcol)."""
        column = operation.column
        table = self._plain.schema_obj.table(operation.table_name, column)
        if table.constraints - {table.primary_key} or table.indexes or column.primary_key:
            return False
        text = self._column_text(operation)
        default = text.clause("default")
        if text.clause("generated"):
            return False
        if default is None:
            return text.clause("not null") is None
        return re.match(r"DEFAULT ('|[0-9+-]|TRUE\b|FALSE\b)", default.text, re.I) is not None

    def _column_text(self, operation: ops.AddColumnOp) -> ColumnText:
        column = fresh_column(operation.column)
        self._plain.schema_obj.table(operation.table_name, column)
        dialect = self._plain.get_context().dialect
        part = parse_part(str(CreateColumn(column).compile(dialect=dialect)))
        assert isinstance(part, ColumnText)  # noqa: S101  # it was compiled from a column
        return part

    def _do_easily(self, operation: ops.MigrateOperation) -> None:
        if isinstance(operation, ops.AddColumnOp):
            table = quoted(operation.table_name)
            text = self._column_text(operation)
            self._connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {text.raw.strip()}")
        elif isinstance(operation, RenameOp):
            self._rename_index(operation)
        elif not isinstance(operation, _COMMENTS):
            self._plain.invoke(operation)

    def _rename_index(self, operation: RenameOp) -> None:
        index = self._stored("index", operation.old)
        on = re.search(r"\bON\b", index.sql, re.I)
        assert on is not None  # noqa: S101  # a CREATE INDEX
        unique = "UNIQUE " * bool(re.match(r"CREATE\s+UNIQUE", index.sql, re.I))
        self._connection.exec_driver_sql(f"DROP INDEX {quoted(operation.old)}")
        self._connection.exec_driver_sql(
            f"CREATE {unique}INDEX {quoted(operation.new)} {index.sql[on.start() :]}"
        )

    # --- What is made again

    def _rebuild(self, change: TableChange) -> None:
        stored = self._stored("table", change.table.name)
        try:
            table = parse_create_table(stored.sql)
        except ValueError as error:
            raise MigrationError(
                f"table {change.table.name} can't be changed: it is virtual.",
                cure="drop it and make it again, by op.execute() in the migration",
            ) from error
        edit = TableEdit(table, self._plain)
        edit.apply(change)
        dropped = {
            str(operation.index_name)
            for operation in change.operations
            if isinstance(operation, ops.DropIndexOp)
        }
        rebuild(self._connection, edit, dropped)
        for operation in change.operations:
            if isinstance(operation, ops.CreateIndexOp | ops.ExecuteSQLOp):
                self._plain.invoke(operation)
            elif isinstance(operation, RenameOp) and operation.kind == "index":
                self._rename_index(operation)

    def _stored(self, kind: str, name: str) -> Stored:
        for stored in everything(self._connection):
            if stored.kind == kind and stored.name.lower() == name.lower():
                return stored
        raise LookupError(f"there is no {kind} {name}")


def _table_of(operation: Any) -> Name:
    name = getattr(operation, "table_name", None) or operation.source_table
    return Name(getattr(operation, "schema", None), str(name))


def _parts(change: TableChange) -> Iterator[TableChange]:
    """Yield the change in parts, cut where a column is renamed: SQLite follows into triggers."""
    part: list[ops.MigrateOperation] = []
    for operation in change.operations:
        if isinstance(operation, ops.AlterColumnOp) and operation.modify_name:
            rest, rename = _without_name(operation)
            part += [rest] if rest else []
            if part:
                yield TableChange(change.table, part)
            yield TableChange(change.table, [rename])
            part = []
        else:
            part.append(operation)
    if part or change.items or change.options or change.order or change.recreate == "always":
        yield replace(change, operations=part)


def _without_name(
    operation: ops.AlterColumnOp,
) -> tuple[ops.AlterColumnOp | None, ops.AlterColumnOp]:
    rename = ops.AlterColumnOp(
        operation.table_name,
        operation.column_name,
        schema=operation.schema,
        modify_name=operation.modify_name,
    )
    rest = ops.AlterColumnOp(
        operation.table_name,
        operation.column_name,
        schema=operation.schema,
        existing_type=operation.existing_type,
        existing_server_default=operation.existing_server_default,
        existing_nullable=operation.existing_nullable,
        existing_comment=operation.existing_comment,
        modify_nullable=operation.modify_nullable,
        modify_comment=operation.modify_comment,
        modify_server_default=operation.modify_server_default,
        modify_type=operation.modify_type,
        **operation.kw,
    )
    changes = (rest.modify_nullable, rest.modify_type)
    is_empty = changes == (None, None) and rest.modify_server_default is False
    return None if is_empty else rest, rename


def _is_nothing(operation: ops.MigrateOperation) -> bool:
    """Return whether SQLite has nothing of the kind: a comment, a SERIAL."""
    if isinstance(operation, _COMMENTS):
        return True
    if not isinstance(operation, ops.AlterColumnOp) or operation.modify_server_default is not False:
        return False
    return (operation.modify_nullable, operation.modify_type, operation.modify_name) == (
        None,
        None,
        None,
    )


def _renamed(operation: ops.MigrateOperation) -> tuple[str, str] | None:
    if isinstance(operation, ops.AlterColumnOp) and operation.modify_name:
        return operation.column_name, operation.modify_name
    return None
