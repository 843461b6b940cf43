"""violated(): which constraint of the database said no, in one shape for SQLite and PostgreSQL.

PostgreSQL names the constraint, the table and the column in separate fields. SQLite names some
of it in a sentence, and nothing about a foreign key; the models and the statement know the rest.
The sentences of SQLite are read here and nowhere else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

from mtvgen.runtime.models.columns.names import tables_of_models
from mtvgen.runtime.models.foreign_keys import broken_foreign_key

Kind = Literal["unique", "primary key", "foreign key", "not null", "check", "exclusion", "other"]


@dataclass(frozen=True)
class Violation:
    """A constraint that a statement would have broken.

    Attributes:
        kind: Which sort it is; "exclusion" is PostgreSQL's alone, and "other" is what a trigger
            or a STRICT table of SQLite refuses.
        constraint: Its name, or that of the unique index; None where it has none (NOT NULL) or
            where the database does not say which it is.
        table: The table that has the constraint; of a foreign key the one that refers.
        columns: The columns that it is about, as the database calls them; () where they are not
            known, as for an index on an expression.
    """

    kind: Kind
    constraint: str | None = None
    table: str | None = None
    columns: tuple[str, ...] = ()


def violated(error: IntegrityError) -> Violation:
    """Find the constraint that an error is about.

        except IntegrityError as error:
            request.db.rollback()
            if violated(error).columns != ("name",):
                raise

    Args:
        error: From a flush, a commit or a statement.

    Raises:
        TypeError: It is another error.
    """
    if not isinstance(error, IntegrityError):
        raise TypeError(f"violated() takes an IntegrityError, not {type(error).__name__}.")
    known = _known.get(error)
    return known if known is not None else _read(error.orig, None)


_known: WeakKeyDictionary[IntegrityError, Violation] = WeakKeyDictionary()


def remember_violation(context: ExceptionContext) -> None:
    """Note what an error is about, while the connection can still be asked."""
    error = context.sqlalchemy_exception
    if not isinstance(error, IntegrityError):
        return
    compiled = getattr(context.execution_context, "compiled", None)
    table = getattr(getattr(compiled, "statement", None), "table", None)
    violation = _read(error.orig, table if isinstance(table, Table) else None)
    if violation == Violation("foreign key") and (key := broken_foreign_key(context)) is not None:
        violation = Violation(
            "foreign key", _text(key.name), key.table.name, tuple(c.name for c in key.columns)
        )
    _known[error] = violation


def _read(cause: Any, table: Table | None) -> Violation:
    """Return what the driver's error says, and what the models say to that.

    Args:
        cause: The driver's error.
        table: The one that the statement wrote to, where that is known.
    """
    if isinstance(cause, sqlite3.Error):
        return _read_sqlite(cause, table)
    return _read_postgresql(cause, table)


# --- PostgreSQL: Appendix A of its manual, class 23

_STATES: dict[str, Kind] = {
    "23001": "foreign key",  # restrict
    "23502": "not null",
    "23503": "foreign key",
    "23505": "unique",
    "23514": "check",
    "23P01": "exclusion",
}


def _read_postgresql(cause: Any, written: Table | None) -> Violation:
    kind = _STATES.get(getattr(cause, "sqlstate", None) or "", "other")
    told = getattr(cause, "diag", None)
    name, table_name = getattr(told, "constraint_name", None), getattr(told, "table_name", None)
    column = getattr(told, "column_name", None)
    columns: tuple[str, ...] = () if column is None else (column,)
    for table in _tables(written):
        for constraint in _named(table) if name and table.name == table_name else ():
            if name in (constraint.name, _cut_off(constraint)):
                if isinstance(constraint, PrimaryKeyConstraint):
                    kind = "primary key"
                return Violation(kind, name, table_name, _names(constraint))
    if kind == "unique" and name == f"{table_name}_pkey":  # as PostgreSQL calls one itself
        kind = "primary key"
    return Violation(kind, name, table_name, columns)


# --- SQLite: https://sqlite.org/rescode.html, and src/insert.c for the sentences

_CODES: dict[int, Kind] = {
    sqlite3.SQLITE_CONSTRAINT_CHECK: "check",
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: "foreign key",
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: "not null",
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: "primary key",
    sqlite3.SQLITE_CONSTRAINT_ROWID: "primary key",
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: "unique",
}


def _read_sqlite(cause: sqlite3.Error, written: Table | None) -> Violation:
    kind = _CODES.get(getattr(cause, "sqlite_errorcode", 0), "other")
    # "UNIQUE constraint failed: note.text, note.author", "CHECK constraint failed: ck_note_text".
    subject = str(cause).partition(" constraint failed: ")[2]
    if kind == "check":
        return _read_check(subject, written)
    if kind not in ("unique", "primary key", "not null"):
        return Violation(kind)
    for table in _tables(written):
        for constraint in _sets(table) if kind != "not null" else ():
            is_key = isinstance(constraint, PrimaryKeyConstraint)
            told = (_columns_in(constraint), f"index '{constraint.name}'")
            if subject in told and is_key == (kind == "primary key"):
                return Violation(kind, _text(constraint.name), table.name, _names(constraint))
    return _from_words(kind, subject)


def _read_check(subject: str, written: Table | None) -> Violation:
    for table in _tables(written):
        for constraint in _checks(table):
            if constraint.name == subject:
                return Violation("check", subject, table.name, _names(constraint))
    # One without a name is known by its SQL.
    name = subject if subject.isidentifier() else None
    return Violation("check", name, None if written is None else written.name)


def _from_words(kind: Kind, subject: str) -> Violation:
    """Return a table that no model has, or a column that is NOT NULL."""
    if subject.startswith("index '"):
        return Violation(kind, subject.removeprefix("index '").removesuffix("'"))
    table = subject.split(", ")[0].rpartition(".")[0]
    columns = subject.removeprefix(f"{table}.").split(f", {table}.")
    return Violation(kind, None, table or None, tuple(columns) if table else ())


# --- The models


def _tables(written: Table | None) -> Iterator[Table]:
    """Yield the table that was written to, and those of its models; then those of all models."""
    if written is not None:
        yield written
        yield from written.metadata.tables.values()
    yield from tables_of_models()


def _named(table: Table) -> Iterator[Any]:
    """Everything that has a name and can be violated."""
    yield from _sets(table)
    yield from _checks(table)
    yield from table.foreign_key_constraints


def _sets(table: Table) -> Iterator[Any]:
    """Yield the sets of columns that are unique: the key, constraints and indexes."""
    yield table.primary_key
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield constraint
    yield from (index for index in table.indexes if index.unique)


def _checks(table: Table) -> Iterator[CheckConstraint]:
    of_columns = [constraint for column in table.columns for constraint in column.constraints]
    for constraint in (*table.constraints, *of_columns):
        if isinstance(constraint, CheckConstraint):
            yield constraint


def _names(constraint: Any) -> tuple[str, ...]:
    if isinstance(constraint, CheckConstraint) and isinstance(constraint.parent, Column):
        return (constraint.parent.name,)
    columns = constraint.expressions if isinstance(constraint, Index) else constraint.columns
    return tuple(column.name for column in columns if isinstance(column, Column))


def _cut_off(constraint: Any) -> str:
    """Return a name as PostgreSQL has it, which takes 63 bytes of one; empty without a name."""
    if constraint.name is None:
        return ""
    # It brings six drivers' modules and asyncio along, 5 MB, and a site with SQLite needs none.
    from sqlalchemy.dialects import postgresql

    name = postgresql.dialect().identifier_preparer.format_constraint(constraint)  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return (name or "").strip('"')


def _columns_in(constraint: Any) -> str:
    """Return a constraint's columns as SQLite's sentence has them."""
    return ", ".join(f"{constraint.table.name}.{name}" for name in _names(constraint))


def _text(name: Any) -> str | None:
    return None if name is None else str(name)
