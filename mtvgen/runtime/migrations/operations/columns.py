"""Columns, constraints and tables of SQLAlchemy, made again so that they belong to nobody yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.elements import conv

from mtvgen.runtime.models import Model

_COUNTING = (
    "always",
    "start",
    "increment",
    "minvalue",
    "maxvalue",
    "nominvalue",
    "nomaxvalue",
    "cycle",
    "cache",
)
_UNCHANGED: Any = object()


def fresh_column(
    column: Column[Any],
    *,
    name: str | None = None,
    type_: Any = None,
    nullable: bool | None = None,
    server_default: Any = _UNCHANGED,
    comment: Any = _UNCHANGED,
) -> Column[Any]:
    """Return a column like another one, with some of it changed.

    Its keys and constraints stay behind.
    """
    default = default_of(column) if server_default is _UNCHANGED else server_default
    made = [fresh_default(default)] if isinstance(default, Computed | Identity) else []
    return Column(
        name or column.name,
        type_ if type_ is not None else column.type,
        *made,
        nullable=bool(column.nullable) if nullable is None else nullable,
        server_default=None if made else default,
        comment=column.comment if comment is _UNCHANGED else comment,
        autoincrement=column.autoincrement,
        **column.dialect_kwargs,
    )


def default_of(column: Column[Any]) -> Any:
    """Return what the database puts into a column.

    A text, an expression, a Computed, an Identity.
    """
    default = column.server_default
    return getattr(default, "arg", default)


def fresh_default(default: Computed | Identity) -> Computed | Identity:
    """Return the same, for another column."""
    if isinstance(default, Computed):
        return Computed(default.sqltext, persisted=default.persisted)
    return Identity(**{word: getattr(default, word) for word in _COUNTING})


def checks_of_type(column: Column[Any]) -> set[str]:
    """Return the conditions that a column's type brings.

    An Enum's and a Boolean's `create_constraint`.
    """
    if not getattr(column.type, "create_constraint", False):
        return set()
    name = column.table.name if column.table is not None else "probe"
    table = Table(name, MetaData(), Column(column.name, column.type))
    return {str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint)}


def name_checks_of_types(table: Table) -> None:
    """Name the conditions that types bring as the models do: an Enum's name is its type's."""
    convention = str(Model.metadata.naming_convention["ck"])
    for column in table.columns:
        brought = checks_of_type(column)
        for check in table.constraints:
            if not isinstance(check, CheckConstraint) or not check.name:
                continue
            if str(check.sqltext) in brought and check.name == getattr(column.type, "name", None):
                words = {"table_name": table.name, "constraint_name": check.name}
                check.name = conv(convention % words)


def constraints_of(table: Table) -> Iterator[Constraint]:
    """Yield a table's constraints without those that come with the types of its columns."""
    brought = {condition for column in table.columns for condition in checks_of_type(column)}
    for constraint in [*table.constraints, *_checks_in_columns(table)]:
        if isinstance(constraint, CheckConstraint) and str(constraint.sqltext) in brought:
            continue
        if isinstance(constraint, PrimaryKeyConstraint) and not constraint.columns:
            continue
        yield constraint


def _checks_in_columns(table: Table) -> Iterator[CheckConstraint]:
    """Return the conditions in a column's definition, as conditions of a table of that name."""
    beside = Table(table.name, MetaData(), schema=table.schema)
    for column in table.columns:
        for check in column.constraints:
            if isinstance(check, CheckConstraint):
                name = None if check.name is None else conv(str(check.name))
                copied = CheckConstraint(detached(check.sqltext), name=name)
                beside.append_constraint(copied)
                yield copied


def detached(condition: Any) -> Any:
    """Return a condition as text: one made of columns would join itself to the table of those."""
    if isinstance(condition, str | TextClause):
        return condition
    options = {"literal_binds": True, "include_table": False}
    sql = str(condition.compile(compile_kwargs=options))
    return text(sql.replace(":", r"\:"))


def fresh_constraint(operation: Any) -> Constraint:
    """Return the constraint that an operation adds, for another table.

    Args:
        operation: Of the family of AddConstraintOp.
    """
    name = operation.constraint_name
    left_out = ("referent_schema", "source_schema", "use_alter")
    more = {k: v for k, v in operation.kw.items() if k not in left_out and v is not None}
    if isinstance(operation, ops.CreatePrimaryKeyOp):
        return PrimaryKeyConstraint(*operation.columns, name=name, **more)
    if isinstance(operation, ops.CreateUniqueConstraintOp):
        return UniqueConstraint(*operation.columns, name=name, **more)
    if isinstance(operation, ops.CreateCheckConstraintOp):
        return CheckConstraint(detached(operation.condition), name=name, **more)
    if isinstance(operation, ops.CreateForeignKeyOp):
        schema = operation.kw.get("referent_schema")
        table = f"{schema}.{operation.referent_table}" if schema else operation.referent_table
        remote = [f"{table}.{column}" for column in operation.remote_cols]
        return ForeignKeyConstraint(operation.local_cols, remote, name=name, **more)
    # PostgreSQL's EXCLUDE, whose class only its dialect knows.
    class_: Any = type(operation.to_constraint())
    made: Constraint = class_(*operation.elements, name=name, where=operation.where, **more)
    return made


def fresh_index(operation: ops.CreateIndexOp) -> Index:
    """Return the index that an operation adds, for another table."""
    return Index(operation.index_name, *operation.columns, unique=operation.unique, **operation.kw)
