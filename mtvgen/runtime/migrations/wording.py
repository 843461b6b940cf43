"""A difference in words: what changes, and what may be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy import Connection, MetaData, Table, func, select

from mtvgen.runtime.migrations.difference import flat, table_of


def changes(upgrade: ops.UpgradeOps) -> Iterator[str]:
    """One line each: `create table note`, `add note.title`, `drop index ix_note_text on note`."""
    for op in flat(upgrade):
        table = table_of(op)
        if isinstance(op, ops.CreateTableOp):
            yield f"create table {table}"
        elif isinstance(op, ops.DropTableOp):
            yield f"drop table {table}"
        elif isinstance(op, ops.AddColumnOp):
            yield f"add {table}.{op.column.name}"
        elif isinstance(op, ops.DropColumnOp):
            yield f"drop {table}.{op.column_name}"
        elif isinstance(op, ops.AlterColumnOp):
            yield f"change {table}.{op.column_name} ({', '.join(_altered(op))})"
        else:
            yield _change_of_constraint(op, table)


def _altered(op: ops.AlterColumnOp) -> Iterator[str]:
    if op.modify_type is not None:
        yield f"{op.existing_type} to {op.modify_type}"
    if op.modify_nullable is not None:
        yield "NULL" if op.modify_nullable else "NOT NULL"
    if op.modify_server_default is not False:
        yield "default"
    if op.modify_comment is not False:
        yield "comment"


def _change_of_constraint(op: Any, table: str) -> str:
    """`add index ix_note_title on note`, after the name of Alembic's operation."""
    words = re.findall("[A-Z][a-z]+", type(op).__name__.removesuffix("Op"))
    verb = "drop" if words[0] == "Drop" else "add"
    kind = getattr(op, "constraint_type", None) if words[1] == "Constraint" else None
    what = kind or " ".join(words[1:]).lower()
    name = getattr(op, "constraint_name", None) or getattr(op, "index_name", None) or ""
    return f"{verb} {what} {name} on {table}".replace("  ", " ")


def summary(upgrade: ops.UpgradeOps) -> str:
    """A name for the file, out of what changes: `title`, `note`, `note_and_more`."""
    subjects = []
    for op in flat(upgrade):
        column = getattr(op, "column", None)
        name = getattr(op, "column_name", None) if column is None else column.name
        subjects.append(name or table_of(op))
    distinct = list(dict.fromkeys(subjects))
    return distinct[0] + ("_and_more" if len(distinct) > 1 else "")


def warnings(upgrade: ops.UpgradeOps, connection: Connection) -> Iterator[str]:
    """What may be lost, or fail, when it is applied; with the number of rows that it is about."""
    every = list(flat(upgrade))
    for op in every:
        table = table_of(op)
        if isinstance(op, ops.DropTableOp):
            if rows := _rows(connection, op.to_table()):
                yield f"drops table {table} with its {_counted(rows)}."
        elif isinstance(op, ops.DropColumnOp):
            yield from _warn_of_drop(connection, op, every)
        elif isinstance(op, ops.AddColumnOp):
            yield from _warn_of_lack(connection, op)


def _warn_of_drop(connection: Connection, op: ops.DropColumnOp, every: list[Any]) -> Iterator[str]:
    table, column = op.table_name, op.column_name
    reflected = Table(table, MetaData(), autoload_with=connection, schema=op.schema)
    rows = _rows(connection, reflected, reflected.c[column].is_not(None))
    if rows:
        yield f"drops {table}.{column}, which holds data in {_counted(rows)}."
    for other in every:
        if isinstance(other, ops.AddColumnOp) and other.table_name == table:
            yield (
                f"is {table}.{column} now called {other.column.name}? Then write op.alter_column("
                f'"{table}", "{column}", new_column_name="{other.column.name}") in place of the '
                "two, or its data is lost."
            )


def _warn_of_lack(connection: Connection, op: ops.AddColumnOp) -> Iterator[str]:
    column = op.column
    if column.nullable or column.server_default is not None or column.computed is not None:
        return
    if rows := _rows(connection, Table(op.table_name, MetaData(), schema=op.schema)):
        yield (
            f"adds {op.table_name}.{column.name}, NOT NULL and without a default, to "
            f"{_counted(rows)}: that will fail. Give the column a server_default=..."
        )


def _rows(connection: Connection, table: Table, *where: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _counted(rows: int) -> str:
    return f"{rows} row{'s' * (rows != 1)}"
