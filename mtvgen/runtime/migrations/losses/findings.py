"""Findings about operations: what they would lose, or fail on, in a database's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from alembic.operations import ops
from sqlalchemy import Column

from mtvgen.runtime.migrations.losses.contents import Contents, Held
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.schema.sql_text import sql_of
from mtvgen.runtime.migrations.values.conversions import conversion
from mtvgen.runtime.migrations.values.kinds import Kind, kind_of


@dataclass(frozen=True)
class Finding:
    """The effect of an operation on rows.

    Attributes:
        text: In words, with their number.
        rows: How many.
        is_loss: Whether values go; else it is what the operation fails on.
        is_there: Whether it is about a table that somebody has made already.
    """

    text: str
    rows: int
    is_loss: bool
    is_there: bool = False


def counted(rows: int, what: str = "row") -> str:
    """`1 row`, `2 rows`."""
    return f"{rows} {what}{'s' * (rows != 1)}"


def _obstacle(text: str, rows: int) -> Iterator[Finding]:
    if rows:
        yield Finding(text, rows, is_loss=False)


def findings(operation: ops.MigrateOperation, contents: Contents) -> Iterator[Finding]:
    """Yield what one operation would do, on top of those before it; the contents follow it.

    Args:
        operation: Alembic's.
        contents: What the tables hold when it runs.
    """
    look = _LOOKS.get(type(operation))
    if look is not None:
        yield from look(operation, contents)
    contents.apply(operation)
    if isinstance(operation, ops.AlterColumnOp):
        yield from _still_unique(operation, contents)


def _create_table(operation: ops.CreateTableOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, operation.table_name)
    if not operation.if_not_exists and contents.table(name) is not None:
        text = f"creates table {name}, which already exists: that will fail."
        yield Finding(text, 1, is_loss=False, is_there=True)


def _drop_table(operation: ops.DropTableOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, operation.table_name)
    held = contents.table(name)
    if held is not None and (rows := contents.count(held)):
        yield Finding(f"drops table {name} with its {counted(rows)}.", rows, is_loss=True)


def _drop_column(operation: ops.DropColumnOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, operation.table_name)
    held = contents.table(name)
    value = held and held.values.get(operation.column_name)
    if held is None or not value or operation.column_name in held.computed | held.new:
        return
    if rows := contents.count(held, f"{value} IS NOT NULL"):
        text = f"drops {name}.{operation.column_name}, which holds data in {counted(rows)}."
        yield Finding(text, rows, is_loss=True)


def _add_column(operation: ops.AddColumnOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, operation.table_name)
    held = contents.table(name)
    column: Column[Any] = operation.column
    is_filled = column.nullable or column.server_default is not None or column.primary_key
    if held is None or is_filled:
        return
    rows = contents.count(held)
    yield from _obstacle(
        f"adds {name}.{column.name}, NOT NULL and without a default, to {counted(rows)}: "
        "that will fail. Give the column a server_default=...",
        rows,
    )


def _alter_column(operation: ops.AlterColumnOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, operation.table_name)
    held = contents.table(name)
    value = held and held.values.get(operation.column_name)
    if held is None or not value:
        return
    column = f"{name}.{operation.column_name}"
    if operation.modify_type is not None:
        yield from _changed_type(operation, contents, held, value, column)
    if operation.modify_nullable is False and contents.default(operation) is None:
        rows = contents.count(held, f"{value} IS NULL")
        fill = _FILL.format(table=name, column=operation.column_name)
        text = f"{column} becomes NOT NULL, and is NULL in {counted(rows)}: that will fail. {fill}"
        yield from _obstacle(text, rows)


_FILL = (
    "Give the column a server_default=..., or fill it first: "
    'op.execute("UPDATE {table} SET {column} = ... WHERE {column} IS NULL")'
)


def _changed_type(
    operation: ops.AlterColumnOp, contents: Contents, held: Held, value: str, column: str
) -> Iterator[Finding]:
    if operation.kw.get(f"{contents.dialect.name}_using"):
        return  # the migration says itself how
    new_type: Any = operation.modify_type
    old, new = contents.old_kind(operation), kind_of(new_type, contents.dialect)
    made = conversion(old, new, value, contents.spelling)
    if made is None:
        return
    contents.prepare(made.survives)
    rows = contents.count(held, f"NOT ({made.survives})")
    if not rows:
        return
    words = f"{old.sql} to {new.sql}" if old.sql != new.sql else _fewer_labels(old, new)
    text = f"changes {column} from {words}: {counted(rows, 'value')} would not survive."
    if old.family == "text" == new.family:
        text = f"cuts {column} to {new.length} characters: {counted(rows, 'value')} would be cut."
    yield Finding(text, rows, is_loss=True)
    if _is_not_null(operation, contents):
        gone = contents.count(held, f"{value} IS NOT NULL AND ({made.value}) IS NULL")
        text = f"{column} is NOT NULL, and {counted(gone, 'value')} would be NULL: that will fail."
        yield from _obstacle(text, gone)


def _fewer_labels(old: Kind, new: Kind) -> str:
    return f"{', '.join(old.labels)} to {', '.join(new.labels)}"


def _is_not_null(operation: ops.AlterColumnOp, contents: Contents) -> bool:
    if operation.modify_nullable is not None:
        return not operation.modify_nullable
    if operation.existing_nullable is not None:
        return not operation.existing_nullable
    return False


# --- Constraints


def _unique(operation: Any, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, str(operation.table_name))
    columns = [str(column) for column in operation.columns]
    yield from _duplicates(name, columns, contents)


def _key(operation: ops.CreatePrimaryKeyOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, operation.table_name)
    yield from _duplicates(name, list(operation.columns), contents)
    held = contents.table(name)
    for column in operation.columns:
        value = held and held.values.get(column)
        if held is None or not value:
            continue
        rows = contents.count(held, f"{value} IS NULL")
        where = f"{name}.{column} joins the primary key"
        yield from _obstacle(f"{where}, and is NULL in {counted(rows)}: that will fail.", rows)


def _index(operation: ops.CreateIndexOp, contents: Contents) -> Iterator[Finding]:
    is_partial = any(word.endswith("_where") for word in operation.kw)
    if operation.unique and not is_partial:
        yield from _unique(operation, contents)


def _still_unique(operation: ops.AlterColumnOp, contents: Contents) -> Iterator[Finding]:
    """Yield what was different before its type changed, or before NULL was filled in."""
    if operation.modify_type is None and operation.modify_nullable is not False:
        return
    name = Name(operation.schema, operation.table_name)
    column = operation.modify_name or operation.column_name
    for columns in contents.unique_columns(name):
        if column in columns:
            yield from _duplicates(name, columns, contents, "stays unique")


def _duplicates(
    name: Name, columns: list[str], contents: Contents, what: str = "becomes unique"
) -> Iterator[Finding]:
    held = contents.table(name)
    if held is None:
        return
    values = [held.expression(column) for column in columns]
    if not all(values):
        return
    is_whole = " AND ".join(f"{value} IS NOT NULL" for value in values)
    rows = contents.ask(
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {held.source} "
        f"WHERE {is_whole} GROUP BY {', '.join(map(str, values))} HAVING count(*) > 1) AS d"
    )
    subject = f"{name} ({', '.join(columns)}) {what}"
    repeat = "repeats" if rows == 1 else "repeat"
    yield from _obstacle(
        f"{subject}, and {counted(rows)} {repeat} another one: that will fail.", rows
    )


def _check(operation: ops.CreateCheckConstraintOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.schema, operation.table_name)
    held = contents.table(name)
    condition = held and held.expression(_sql_of(operation.condition, contents))
    if held is None or not condition:
        return
    rows = contents.count(held, f"NOT ({condition})")
    what = f"{name} gets CHECK ({_sql_of(operation.condition, contents)})"
    yield from _obstacle(f"{what}, which {counted(rows)} would not pass: that will fail.", rows)


def _sql_of(condition: Any, contents: Contents) -> str:
    return condition if isinstance(condition, str) else sql_of(condition, contents.dialect)


def _foreign_key(operation: ops.CreateForeignKeyOp, contents: Contents) -> Iterator[Finding]:
    name = Name(operation.kw.get("source_schema"), operation.source_table)
    target = Name(operation.kw.get("referent_schema"), operation.referent_table)
    child, parent = contents.table(name), contents.table(target)
    if child is None:
        return
    refers = _keys(child, operation.local_cols)
    there = _keys(parent, operation.remote_cols) if parent is not None else None
    if refers is None or (parent is not None and there is None):
        return
    pairs = range(len(operation.local_cols))
    lacks = " AND ".join(f"c.key{n} IS NOT NULL" for n in pairs)
    if there is not None:
        same = " AND ".join(f"p.key{n} = c.key{n}" for n in pairs)
        lacks += f" AND NOT EXISTS (SELECT 1 FROM {there} AS p WHERE {same})"
    rows = contents.ask(f"SELECT count(*) FROM {refers} AS c WHERE {lacks}")
    what = f"{counted(rows)} of {name} would refer to rows of {target} that are not there"
    yield from _obstacle(f"{what}: that will fail.", rows)


def _keys(held: Held, columns: Iterable[str]) -> str | None:
    """Return the columns of a key as a table, by what they will hold.

    None where that is not known.
    """
    values = [held.values.get(column) for column in columns]
    if not all(values):
        return None
    named = ", ".join(f"{value} AS key{number}" for number, value in enumerate(values))
    return f"(SELECT {named} FROM {held.source})"


_LOOKS: dict[type[Any], Any] = {
    ops.AddColumnOp: _add_column,
    ops.AlterColumnOp: _alter_column,
    ops.CreateCheckConstraintOp: _check,
    ops.CreateForeignKeyOp: _foreign_key,
    ops.CreateIndexOp: _index,
    ops.CreatePrimaryKeyOp: _key,
    ops.CreateTableOp: _create_table,
    ops.CreateUniqueConstraintOp: _unique,
    ops.DropColumnOp: _drop_column,
    ops.DropTableOp: _drop_table,
}
