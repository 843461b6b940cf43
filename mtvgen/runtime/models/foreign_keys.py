"""Broken foreign keys on SQLite: which one it was, as SQLite itself does not say.

The values of the statement show it: of a row that is written, the key whose other end is not there;
of a row that is deleted, or whose key changes, the one by which another row refers to it. Where
that takes more (a cascade, a trigger, a key that is looked at by the commit), it stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Delete, ForeignKeyConstraint, Table, Update, and_, exists, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

Row = Mapping[str, Any]


def broken_foreign_key(context: ExceptionContext) -> ForeignKeyConstraint | None:
    """Return the foreign key that the statement of an error broke; None where that can't be known.

    Args:
        context: Of a `handle_error`, so that the connection has undone nothing but the statement.
    """
    execution: Any = context.execution_context
    statement = getattr(getattr(execution, "compiled", None), "statement", None)
    table = getattr(statement, "table", None)
    if context.connection is None or not isinstance(table, Table):
        return None
    rows: Sequence[Row] = execution.compiled_parameters
    with suppress(SQLAlchemyError):
        for key in _broken(context.connection, statement, table, rows):
            return key
    return None


def _broken(
    connection: Connection, statement: Any, table: Table, rows: Sequence[Row]
) -> Iterator[ForeignKeyConstraint]:
    if not isinstance(statement, Delete):
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            if any(_lacks_parent(connection, key, row, rows) for row in rows):
                yield key
    if isinstance(statement, Delete | Update):
        for key in _referring_to(table):
            if _has_child(connection, statement, key, rows):
                yield key


def _lacks_parent(
    connection: Connection, key: ForeignKeyConstraint, row: Row, rows: Sequence[Row]
) -> bool:
    """Return whether a row refers by a key to one that is not there."""
    values = [row.get(column.key) for column in key.columns]
    if None in values:  # refers to nothing, or the statement leaves the column alone
        return False
    parents = [element.column for element in key.elements]
    if key.referred_table is key.table and any(
        [other.get(parent.key) for parent in parents] == values for other in rows
    ):
        return False  # one that comes with the same statement
    is_it = and_(*(parent == value for parent, value in zip(parents, values, strict=True)))
    return not connection.scalar(select(exists().where(is_it)))


def _referring_to(table: Table) -> Iterator[ForeignKeyConstraint]:
    """Yield the foreign keys of all tables that refer to this one, and refuse that it goes."""
    for other in table.metadata.sorted_tables:
        for key in other.foreign_key_constraints:
            # Not "is": the ORM puts its own notes on a copy of the table.
            if key.referred_table.key == table.key and _refuses(key):
                yield key


def _refuses(key: ForeignKeyConstraint) -> bool:
    return (key.ondelete or "NO ACTION").upper() in ("NO ACTION", "RESTRICT")


def _has_child(
    connection: Connection,
    statement: Delete | Update,
    key: ForeignKeyConstraint,
    rows: Sequence[Row],
) -> bool:
    """Return whether a row that the statement is about has one that refers to it."""
    pairs = [(element.parent, element.column) for element in key.elements]
    if isinstance(statement, Update) and not any(
        parent.key in row for _, parent in pairs for row in rows
    ):
        return False
    refers = and_(*(child == parent for child, parent in pairs))
    asked = select(exists().where(refers, *_where(statement)))
    return any(connection.scalar(asked, dict(row)) for row in rows)


def _where(statement: Delete | Update) -> list[Any]:
    return [] if statement.whereclause is None else [statement.whereclause]
