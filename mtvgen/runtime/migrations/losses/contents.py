"""Contents of tables while operations are looked at that have not run.

A table that is renamed is still the one that the database has, and a column that got another type
holds what its values would become: so each column is an expression over what there is now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from alembic.operations import ops
from sqlalchemy import Column, Computed, Connection, Identity, inspect, text
from sqlalchemy.exc import DBAPIError, NoSuchTableError

from mtvgen.runtime.migrations.operations.columns import default_of
from mtvgen.runtime.migrations.operations.enums import enums_of_type
from mtvgen.runtime.migrations.operations.state import SchemaState
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.schema.sql_text import literal, quoted, sql_of, tokens_of
from mtvgen.runtime.migrations.values.conversions import Spelling, conversion
from mtvgen.runtime.migrations.values.kinds import Kind, kind_declared, kind_of
from mtvgen.runtime.migrations.values.postgresql import (
    IS_JSON,
    IS_JSON_FUNCTION,
    PostgreSQLValues,
)
from mtvgen.runtime.migrations.values.sqlite import SQLiteValues
from mtvgen.runtime.models.faults import DatabaseUnavailable


@dataclass
class Held:
    """A table that the database has.

    Attributes:
        source: What it is called there, as SQL writes it.
        values: Each column that it will have by then, as an expression; None for one whose
            values are not known.
        new: The columns that nobody has written to yet.
        computed: The columns that can be computed again.
        declared: The types as the database spells them.
    """

    source: str
    values: dict[str, str | None]
    new: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    declared: dict[str, str] = field(default_factory=dict)

    def expression(self, sql: str) -> str | None:
        """Return a piece of SQL about its columns, over what there is now.

        None where one is new.
        """
        if sql in self.values:
            return self.values[sql]
        written = []
        for token in tokens_of(sql):
            if token.kind in ("word", "quoted") and token.name in self.values:
                value = self.values[token.name]
                if value is None:
                    return None
                written.append(value)
            else:
                written.append(token.text)
        return "".join(written)


class Contents:
    """The contents of a database's tables, as operations go on.

    Args:
        connection: To the database; only asked.
        state: The tables as migrations made them so far; it is kept up to date.
    """

    def __init__(self, connection: Connection, state: SchemaState) -> None:
        self.state = state
        self.dialect = connection.dialect
        self._connection = connection
        self._tables: dict[Name, Held | None] = {}

    def table(self, name: Name) -> Held | None:
        """Return a table; None for one that the database does not have yet."""
        if name not in self._tables:
            self._tables[name] = self._found(name)
        return self._tables[name]

    def _found(self, name: Name) -> Held | None:
        try:
            columns = inspect(self._connection).get_columns(name.name, schema=name.schema)
        except NoSuchTableError:
            return None
        source = ".".join(quoted(part) for part in name if part)
        values: dict[str, str | None] = {c["name"]: quoted(c["name"]) for c in columns}
        computed = {c["name"] for c in columns if c.get("computed")}
        declared = {c["name"]: str(c["type"]) for c in columns}
        return Held(source, values, set(), computed, declared)

    @property
    def spelling(self) -> Spelling:
        """How the database reads and writes values."""
        return SQLiteValues() if self.dialect.name == "sqlite" else PostgreSQLValues()

    def known(self, operation: ops.AlterColumnOp) -> Column[Any] | None:
        """Return a column as the migrations have made it; None where they have not."""
        table = self.state.tables.get(Name(operation.schema, operation.table_name))
        return table.columns.get(operation.column_name) if table is not None else None

    def old_kind(self, operation: ops.AlterColumnOp) -> Kind:
        """Return what a column's type means that is about to be another."""
        known = self.known(operation)
        type_: Any = known.type if known is not None else operation.existing_type
        if type_ is not None:
            return kind_of(type_, self.dialect)
        held = self.table(Name(operation.schema, operation.table_name))
        return kind_declared(held.declared.get(operation.column_name, "") if held else "")

    def unique_columns(self, name: Name) -> Iterator[list[str]]:
        """Yield what no two rows of a table have in common, as the migrations have made it."""
        table = self.state.tables.get(name)
        if table is None:
            return
        for constraint in table.constraints:
            if isinstance(constraint, ops.CreateUniqueConstraintOp | ops.CreatePrimaryKeyOp):
                yield [str(column) for column in constraint.columns]
        for index in table.indexes.values():
            is_partial = any(word.endswith("_where") for word in index.kw)
            if index.unique and not is_partial:
                yield [str(column) for column in index.columns]

    def type_of(self, operation: ops.AlterColumnOp) -> Any:
        """Return the type that a column has behind an operation; None where nobody knows."""
        known = self.known(operation)
        return operation.modify_type or (known.type if known is not None else None)

    def default(self, operation: ops.AlterColumnOp) -> Any:
        """Return the default that a column has behind an operation; None where it has none."""
        if operation.modify_server_default is not False:
            return getattr(operation.modify_server_default, "arg", operation.modify_server_default)
        known = self.known(operation)
        held = default_of(known) if known is not None else operation.existing_server_default
        return None if held is False else getattr(held, "arg", held)

    def count(self, held: Held, condition: str = "") -> int:
        """Return how many rows are so."""
        where = f" WHERE {condition}" if condition else ""
        return self.ask(f"SELECT count(*) FROM {held.source}{where}")

    def ask(self, question: str) -> int:
        """Return a number; 0 where the question makes no sense to the database."""
        statement = text(question.replace(":", r"\:"))
        try:
            with self._connection.begin_nested():
                return int(self._connection.scalar(statement) or 0)
        except DatabaseUnavailable:
            raise
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return 0

    def prepare(self, expression: str) -> None:
        """Make the function that an expression needs."""
        if IS_JSON in expression:
            self._connection.execute(text(IS_JSON_FUNCTION.replace(":", r"\:")))

    def apply(self, operation: ops.MigrateOperation) -> None:
        """Go on behind an operation."""
        self._move(operation)
        self.state.apply(operation)

    def _move(self, operation: Any) -> None:
        if isinstance(operation, ops.CreateTableOp | ops.DropTableOp):
            self._tables[Name(operation.schema, operation.table_name)] = None
        elif isinstance(operation, ops.RenameTableOp):
            held = self.table(Name(operation.schema, operation.table_name))
            self._tables[Name(operation.schema, operation.table_name)] = None
            self._tables[Name(operation.schema, str(operation.new_table_name))] = held
        elif isinstance(operation, ops.AddColumnOp | ops.DropColumnOp | ops.AlterColumnOp):
            held = self.table(Name(operation.schema, operation.table_name))
            if held is not None:
                self._move_column(held, operation)

    def _move_column(self, held: Held, operation: Any) -> None:
        if isinstance(operation, ops.AddColumnOp):
            column: Column[Any] = operation.column
            held.values[column.name] = self._filled_in(column.type, default_of(column))
            held.new.add(column.name)
        elif isinstance(operation, ops.DropColumnOp):
            held.values.pop(operation.column_name, None)
            held.new.discard(operation.column_name)
        else:
            self._alter_column(held, operation)

    def _alter_column(self, held: Held, operation: ops.AlterColumnOp) -> None:
        name = operation.column_name
        value = held.values.get(name)
        if operation.modify_type is not None and value:
            value = held.values[name] = self._converted(operation, value)
        if operation.modify_nullable is False and value:
            filling = self._filled_in(self.type_of(operation), self.default(operation))
            held.values[name] = value if filling is None else f"coalesce({value}, {filling})"
        if operation.modify_name and name in held.values:
            held.values[operation.modify_name] = held.values.pop(name)
            if name in held.new:
                held.new.symmetric_difference_update((name, operation.modify_name))

    def _filled_in(self, type_: Any, default: Any) -> str | None:
        """Return what the database puts where there is no value, as an expression.

        None for nothing.

        Computed columns, identities and types that are still to be made are not known here.
        """
        if default is None or isinstance(default, Computed | Identity) or type_ is None:
            return None
        if list(enums_of_type(type_)):
            return None
        sql = literal(default) if isinstance(default, str) else sql_of(default, self.dialect)
        # In a function, as a bare number or string is not an expression to group by.
        return f"coalesce({self.spelling.stored(kind_of(type_, self.dialect), sql)}, NULL)"

    def _converted(self, operation: ops.AlterColumnOp, value: str) -> str | None:
        new_type: Any = operation.modify_type
        if operation.kw.get(f"{self.dialect.name}_using") or list(enums_of_type(new_type)):
            return None  # by its own expression, or in a type that is not there yet
        old, new = self.old_kind(operation), kind_of(new_type, self.dialect)
        made = conversion(old, new, value, self.spelling)
        return value if made is None else f"({made.value})"
