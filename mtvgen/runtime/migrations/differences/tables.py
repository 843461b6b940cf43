"""Tables as a migration writes them: with names for everything, and nothing that is implied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy import CheckConstraint, Constraint, Enum, MetaData, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import conv

from mtvgen.runtime.migrations.operations.columns import (
    checks_of_type,
    constraints_of,
    detached,
    fresh_column,
    name_checks_of_types,
)
from mtvgen.runtime.migrations.schema.facts import Name


class Written:
    """A table of models or of a database, taken apart for a migration.

    Args:
        table: SQLAlchemy's.
        dialect: It shortens names that are too long.

    Attributes:
        name: The table's.
        columns: By name, each belonging to nobody.
        constraints: As operations, by name; the keys of PostgreSQL's and SQLite's own naming too.
        indexes: As operations, by name.
    """

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self.table = table
        self.name = Name(table.schema, table.name)
        self._dialect = dialect
        self.columns = {c.name: fresh_column(c, type_=_plain(c.type)) for c in table.columns}
        self.constraints: dict[str, Any] = {}
        self.unnamed: list[Any] = []
        for constraint in [*constraints_of(table), *_explicit_checks(table)]:
            self._take(constraint)
        self.indexes = {
            self._spelled(index): ops.CreateIndexOp.from_index(index) for index in table.indexes
        }
        for name, operation in self.indexes.items():
            operation.index_name = conv(name)

    def _take(self, constraint: Constraint) -> None:
        name = self._spelled(constraint)
        operation: Any = ops.AddConstraintOp.from_constraint(constraint)
        operation.constraint_name = conv(name) if name else None
        if isinstance(operation, ops.CreateCheckConstraintOp):
            operation.condition = detached(operation.condition)
        if name:
            self.constraints[name] = operation
        else:
            self.unnamed.append(operation)

    def _spelled(self, item: Any) -> str:
        """Return what a constraint or an index is called in the database."""
        if item.name is None:
            return ""
        preparer = self._dialect.identifier_preparer
        is_index = hasattr(item, "expressions")
        shown = preparer.format_index(item) if is_index else preparer.format_constraint(item)
        if shown is None:  # a name that the database gives
            return ""
        quote = preparer.final_quote
        return shown[1:-1].replace(quote * 2, quote) if shown.startswith(quote) else shown


def _plain(type_: Any) -> Any:
    """Return the type without the condition that it would bring on every database.

    A condition that only one database needs stays with the type.
    """
    if isinstance(type_, Enum) and type_.create_constraint and not type_.native_enum:
        return Enum(
            *type_.enums,
            name=type_.name,
            native_enum=False,
            length=type_.length,
            create_constraint=False,
        )
    return type_


def _explicit_checks(table: Table) -> list[CheckConstraint]:
    """Return the conditions of types that every database gets, as constraints of their own."""
    columns = [c for c in table.columns if _plain(c.type) is not c.type]
    brought = {text: column for column in columns for text in checks_of_type(column)}
    return [
        constraint
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) and str(constraint.sqltext) in brought
    ]


def type_checks(table: Table) -> Iterator[tuple[str, str]]:
    """Yield the conditions that come with types, by name, and their columns."""
    if not any(getattr(column.type, "create_constraint", False) for column in table.columns):
        return
    copy = Table(
        table.name,
        MetaData(),
        *(fresh_column(column, type_=_plain(column.type)) for column in table.columns),
    )
    name_checks_of_types(copy)
    for column in copy.columns:
        texts = checks_of_type(column)
        for check in copy.constraints:
            if isinstance(check, CheckConstraint) and str(check.sqltext) in texts and check.name:
                yield str(check.name), column.name
