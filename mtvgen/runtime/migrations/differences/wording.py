"""A difference in words: what changes, and what may be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy import Connection, Interval

from mtvgen.runtime.migrations.differences.more_operations import CountOp, OptionsOp
from mtvgen.runtime.migrations.differences.renames import likely_renames
from mtvgen.runtime.migrations.history import History
from mtvgen.runtime.migrations.losses.contents import Contents
from mtvgen.runtime.migrations.losses.findings import counted, findings
from mtvgen.runtime.migrations.operations.renames import RenameOp
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.values.kinds import kind_of


def flat(container: Any) -> Iterator[Any]:
    """Single operations, out of the groups that Alembic makes for each table."""
    for op in container.ops:
        if isinstance(op, ops.ModifyTableOps):
            yield from op.ops
        else:
            yield op


def table_of(op: Any) -> str:
    """Return the table that an operation is about."""
    return str(getattr(op, "table_name", None) or getattr(op, "source_table", ""))


def changes(upgrade: ops.UpgradeOps) -> Iterator[str]:
    """One line each: `create table note`, `add note.title`, `drop index ix_note_text on note`."""
    for op in flat(upgrade):
        yield _change(op, table_of(op))


def _change(op: Any, table: str) -> str:
    if isinstance(op, ops.CreateTableOp):
        return f"create table {table}"
    if isinstance(op, ops.DropTableOp):
        return f"drop table {table}"
    if isinstance(op, ops.RenameTableOp):
        return f"rename table {table} to {op.new_table_name}"
    if isinstance(op, ops.AddColumnOp):
        return f"add {table}.{op.column.name}"
    if isinstance(op, ops.DropColumnOp):
        return f"drop {table}.{op.column_name}"
    if isinstance(op, ops.AlterColumnOp) and op.modify_name:
        return f"rename {table}.{op.column_name} to {op.modify_name}"
    if isinstance(op, ops.AlterColumnOp):
        return f"change {table}.{op.column_name} ({', '.join(_altered(op))})"
    if isinstance(op, RenameOp):
        return f"rename {op.kind} {op.old} to {op.new} on {table}"
    if isinstance(op, OptionsOp):
        return f"change {table} ({', '.join(op.options)})"
    if isinstance(op, ops.CreateTableCommentOp | ops.DropTableCommentOp):
        return f"change {table} (comment)"
    return _change_of_constraint(op, table)


def _altered(op: ops.AlterColumnOp) -> Iterator[str]:
    if op.modify_type is not None:
        old, new = spelled(op.existing_type), spelled(op.modify_type)
        yield f"{old} to {new}" if old != new else f"another spelling of {new}"
    if op.modify_nullable is not None:
        yield "NULL" if op.modify_nullable else "NOT NULL"
    if op.modify_server_default is not False:
        yield "default"
    if op.modify_comment is not False:
        yield "comment"
    if isinstance(op, CountOp):
        yield "counts up by itself" if op.is_on else "no longer counts up by itself"


def spelled(type_: Any) -> str:
    """Return a type in a word or two: what an Enum may be, and whether a time knows its zone."""
    labels = getattr(type_, "enums", None)
    if labels:
        return f"{type_.name or 'Enum'}({', '.join(labels)})"
    if isinstance(type_, Interval):
        return "INTERVAL"
    zone = " WITH TIME ZONE" * bool(getattr(type_, "timezone", False))
    return f"{type_}{zone}"


# The kinds of constraints by Alembic's words for them, which differ from operation to operation.
_KINDS = {
    "check": "check",
    "exclude": "exclude constraint",
    "foreign": "foreign key",
    "foreignkey": "foreign key",
    "index": "index",
    "primary": "primary key",
    "primarykey": "primary key",
    "unique": "unique constraint",
}


def _change_of_constraint(op: Any, table: str) -> str:
    """`add index ix_note_title on note`, after the name of Alembic's operation."""
    verb = "drop" if type(op).__name__.startswith("Drop") else "add"
    is_index = isinstance(op, ops.CreateIndexOp | ops.DropIndexOp)
    kind = "index" if is_index else getattr(op, "constraint_type", None)
    what = _KINDS.get(str(kind), "constraint")
    if isinstance(op, ops.CreateIndexOp) and op.unique:
        what = "unique index"
    name = getattr(op, "constraint_name", None) or getattr(op, "index_name", None) or ""
    return f"{verb} {what} {name} on {table}".replace("  ", " ")


def summary(upgrade: ops.UpgradeOps) -> str:
    """Return a name for the file, out of what changes: `title`, `note`, `note_and_more`."""
    subjects = []
    for op in flat(upgrade):
        column = getattr(op, "column", None)
        name = getattr(op, "column_name", None) if column is None else column.name
        subjects.append(name or table_of(op))
    distinct = list(dict.fromkeys(subjects))
    return distinct[0] + ("_and_more" if len(distinct) > 1 else "")


def warnings(upgrade: ops.UpgradeOps, connection: Connection, history: History) -> Iterator[str]:
    """Yield what may be lost, or fail, when it is applied.

    With the number of rows that it is about.
    """
    every = list(flat(upgrade))
    # First, because the other lines may be about a column that does not go at all.
    for rename in likely_renames(every, connection.dialect):
        old, _, new = rename.partition(":")
        yield (
            f"is {old} now called {new}? Then delete this migration, and type: "
            f"mtvgen makemigrations --rename {rename}"
        )
    contents = Contents(connection, history.state)
    for op in every:
        yield from (finding.text for finding in findings(op, contents))
    yield from _zones(every, contents)
    yield from _on_the_way_back(every, contents)


def _zones(every: list[Any], contents: Contents) -> Iterator[str]:
    """Yield what is believed of moments that so far have no time zone."""
    for op in every:
        if isinstance(op, ops.AlterColumnOp) and op.modify_type and op.existing_type:
            old, new = (kind_of(t, contents.dialect) for t in (op.existing_type, op.modify_type))
            if (old.family, new.family) == ("datetime", "instant"):
                yield f"takes the moments of {op.table_name}.{op.column_name} for UTC."


def _on_the_way_back(every: list[Any], contents: Contents) -> Iterator[str]:
    """Columns that a downgrade can't put back once there are rows."""
    for op in every:
        if not isinstance(op, ops.DropColumnOp):
            continue
        column = op.to_column()
        held = contents.table(Name(op.schema, op.table_name))
        is_free = column.nullable or column.server_default is not None or column.primary_key
        if held is not None and not is_free and (rows := contents.count(held)):
            yield (
                f"on the way back {op.table_name}.{op.column_name} is NOT NULL and without a "
                f"default, for {counted(rows)}: that will fail. Give it a server_default=... in "
                "downgrade()."
            )
