"""Whether two tables are the same, item by item, so that no database could tell them apart.

Only what is common is looked at: what else a table has, as an option for PostgreSQL or an
expression in an index, has to be compared in the words of each database (declared.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    TextClause,
    Time,
    UniqueConstraint,
)
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator, TypeEngine

from mtvgen.runtime.models import UTCDateTime


class _Unusual(Exception):
    """Something has to be compared in the words of each database."""


class _Dialect(DefaultDialect):
    """Names a database, by which a type chooses what it is there."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


_DIALECTS = (_Dialect("sqlite"), _Dialect("postgresql"))


def are_same_tables(some: MetaData, others: MetaData) -> bool:
    """Return whether tables are certainly the same; False may also mean: not certain.

    Args:
        some: Tables.
        others: Those that they are compared with.
    """
    if some.tables.keys() != others.tables.keys():
        return False
    try:
        return all(_table(some.tables[name]) == _table(others.tables[name]) for name in some.tables)
    except (_Unusual, SQLAlchemyError):
        return False


def _table(table: Table) -> Hashable:
    _refuse(table.schema, table.comment, table.dialect_kwargs, _has_prefix(table))
    return (
        frozenset(map(_column, table.columns)),
        frozenset(map(_constraint, table.constraints)),
        frozenset(map(_index, table.indexes)),
    )


def _has_prefix(table: Table) -> bool:
    """Return whether a table is made as `CREATE UNLOGGED TABLE`, or the like."""
    statement = str(CreateTable(table).compile(dialect=_DIALECTS[0]))
    return not statement.lstrip().startswith("CREATE TABLE")


def _refuse(*options: object) -> None:
    """Refuse options that are given."""
    if any(options):
        raise _Unusual


def _column(column: Column[Any]) -> Hashable:
    _refuse(
        column.comment,
        column.computed is not None,
        column.identity is not None,
        isinstance(column.default, Sequence),
    )
    return (
        column.name,
        _type(column.type),
        column.nullable,
        column.autoincrement,
        column.table.autoincrement_column is column,
        _default(column),
    )


def _type(type_: TypeEngine[Any]) -> Hashable:
    """Return a type: what makes it, and how it is spelled where it has another form."""
    is_own = isinstance(type_, TypeDecorator) and type(type_) is not UTCDateTime
    _refuse(is_own, not type(type_).__module__.startswith(("sqlalchemy.", "mtvgen.")))
    spellings = tuple(type_.compile(dialect=dialect) for dialect in _DIALECTS)
    return type(type_), repr(type_), spellings, tuple(getattr(type_, "enums", ()))


def _default(column: Column[Any]) -> Hashable:
    """Return a default of the database's: a text, SQL, or a function without arguments."""
    default = column.server_default
    value = getattr(default, "arg", None)
    if isinstance(value, str):
        # A word for a moment is a mistake, with a message of its own.
        _refuse(isinstance(column.type, Date | DateTime | Time | UTCDateTime))
        return value
    if isinstance(value, TextClause):
        return "SQL", value.text
    if isinstance(value, GenericFunction) and not value.clauses.clauses:
        return "function", type(value)
    _refuse(default is not None)
    return None


def _names(constraint: Any) -> tuple[str, ...]:
    return tuple(column.name for column in constraint.columns)


def _check(check: CheckConstraint) -> Hashable:
    _refuse(not isinstance(check.sqltext, TextClause))
    return str(check.sqltext)


def _foreign_key(key: ForeignKeyConstraint) -> Hashable:
    targets = tuple(element.target_fullname for element in key.elements)
    return _names(key), targets, key.ondelete, key.onupdate, key.match, key.use_alter


_KINDS: dict[type, Callable[[Any], Hashable]] = {
    PrimaryKeyConstraint: _names,
    UniqueConstraint: _names,
    CheckConstraint: _check,
    ForeignKeyConstraint: _foreign_key,
}


def _constraint(constraint: Any) -> Hashable:
    described_by = _KINDS.get(type(constraint))
    _refuse(described_by is None, constraint.comment, constraint.dialect_kwargs)
    assert described_by is not None  # noqa: S101  # as it was not refused
    name, when = constraint.name, (constraint.deferrable, constraint.initially)
    return type(constraint), name, when, described_by(constraint)


def _index(index: Index) -> Hashable:
    is_plain = all(isinstance(expression, Column) for expression in index.expressions)
    _refuse(not is_plain, index.dialect_kwargs)
    return index.name, _names(index), index.unique
