"""`op` on PostgreSQL: Alembic's, with enumerated types, and values that move with their types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Identity, text
from sqlalchemy.schema import (
    CreateIndex,
    CreateSchema,
    CreateTable,
    DropTable,
    SetColumnComment,
    SetTableComment,
)

from mtvgen.runtime.migrations.operations.columns import default_of
from mtvgen.runtime.migrations.operations.enums import Enums, enums_in, enums_of_type, type_name
from mtvgen.runtime.migrations.operations.hooks import TableChange
from mtvgen.runtime.migrations.operations.renames import RenameOp
from mtvgen.runtime.migrations.operations.state import SchemaState
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.schema.sql_text import literal, quoted
from mtvgen.runtime.migrations.values.conversions import conversion
from mtvgen.runtime.migrations.values.kinds import kind_of
from mtvgen.runtime.migrations.values.postgresql import (
    IS_JSON,
    IS_JSON_FUNCTION,
    PostgreSQLValues,
)


class PostgreSQLHandler:
    """Does what a migration says, on PostgreSQL, or writes it down.

    Args:
        context: The migration's; with `as_sql` the statements are written.
        state: The tables as the migrations have made them so far; it is kept up to date.
        replaces_enums: Whether a type with a new label is made again (`Enums`).
    """

    def __init__(
        self, context: MigrationContext, state: SchemaState, *, replaces_enums: bool = False
    ) -> None:
        self._plain = Operations(context)
        self._context = context
        self._state = state
        self._enums = Enums(context, state, replaces=replaces_enums)

    def bind(self) -> Any:
        """Return the migration's connection; None if there is none."""
        return self._context.bind

    def collect(self, operation: ops.MigrateOperation) -> None:
        """Wait for the end of the batch."""

    def change(self, change: TableChange) -> None:
        """Do what a batch of operations on one table says."""
        for operation in change.operations:
            self.run(operation)
        for item in change.items:
            self._plain.invoke(ops.AddConstraintOp.from_constraint(item))

    def run(self, operation: ops.MigrateOperation) -> Any:
        """Do what a single operation says."""
        enums_before = self._enums_of(operation)
        done = self._run(operation)
        self._state.apply(operation)
        self._enums.drop_unused(iter(enums_before))
        return done

    def _run(self, operation: ops.MigrateOperation) -> Any:
        if isinstance(operation, ops.CreateTableOp):
            return self._create_table(operation)
        if isinstance(operation, ops.DropTableOp):
            return self._drop_table(operation)
        if isinstance(operation, ops.AlterColumnOp):
            return self._alter_column(operation)
        if isinstance(operation, RenameOp):
            return self._rename(operation)
        if isinstance(operation, ops.AddColumnOp):
            self._enums.make(operation.column)
        return self._plain.invoke(operation)

    def _enums_of(self, operation: Any) -> list[Name]:
        """Return the types of the columns that an operation drops or changes."""
        table = self._state.tables.get(_table_of(operation))
        if table is None:
            return []
        columns: list[Column[Any]] = []
        if isinstance(operation, ops.DropTableOp):
            columns = list(table.columns.values())
        elif isinstance(operation, ops.DropColumnOp | ops.AlterColumnOp):
            column = table.columns.get(operation.column_name)
            columns = [column] if column is not None else []
        return [type_name(enum) for column in columns for enum in enums_in(column)]

    # --- Tables

    def _create_table(self, operation: ops.CreateTableOp) -> Any:
        # Without the events of SQLAlchemy, which make a type whether it is there or not.
        table = operation.to_table(self._context)
        if table.schema:
            self._make_schema(table.schema)
        for column in table.columns:
            self._enums.make(column)
        self._context.execute(CreateTable(table, if_not_exists=bool(operation.if_not_exists)))
        for index in table.indexes:
            self._context.execute(CreateIndex(index))
        if table.comment is not None:
            self._context.execute(SetTableComment(table))
        for column in table.columns:
            if column.comment is not None:
                self._context.execute(SetColumnComment(column))
        return table

    def _make_schema(self, name: str) -> None:
        """Make a schema with its first table; one that somebody else has made needs no right."""
        question = text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
        connection = self._context.connection
        if connection is None or connection.scalar(question, {"name": name}) is None:
            self._context.execute(CreateSchema(name, if_not_exists=True))

    def _drop_table(self, operation: ops.DropTableOp) -> None:
        table = operation.to_table(self._context)
        self._context.execute(DropTable(table, if_exists=bool(operation.if_exists)))

    def _rename(self, operation: RenameOp) -> None:
        old, new = quoted(operation.old), quoted(operation.new)
        schema = f"{quoted(operation.schema)}." if operation.schema else ""
        if operation.kind == "index":
            self._execute(f"ALTER INDEX {schema}{old} RENAME TO {new}")
        else:
            table = f"{schema}{quoted(operation.table_name)}"
            self._execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")

    # --- Columns

    def _alter_column(self, operation: ops.AlterColumnOp) -> None:
        column = self._known(operation)
        old_type = operation.existing_type if column is None else column.type
        options = dict(operation.kw)
        counts = options.pop("autoincrement", None)
        options.pop("existing_autoincrement", None)
        options.pop("sqlite_using", None)
        default = operation.modify_server_default
        if operation.modify_type is not None:
            default = self._change_type(operation, old_type, options)
        if counts is not None:
            self._count(operation, is_on=bool(counts))
        if default is not False:
            self._set_default(operation, default)
        if operation.modify_nullable is False:
            c = quoted(operation.column_name)
            # A column that must have a value, and has a default, gets it where it has none.
            self._execute(f"UPDATE {self._table(operation)} SET {c} = DEFAULT WHERE {c} IS NULL")
        self._plain.invoke(
            ops.AlterColumnOp(
                operation.table_name,
                operation.column_name,
                schema=operation.schema,
                existing_type=operation.modify_type or old_type,
                modify_nullable=operation.modify_nullable,
                modify_comment=operation.modify_comment,
                existing_comment=operation.existing_comment,
                modify_name=operation.modify_name,
            )
        )

    def _known(self, operation: ops.AlterColumnOp) -> Column[Any] | None:
        table = self._state.tables.get(_table_of(operation))
        return table.columns.get(operation.column_name) if table is not None else None

    def _change_type(
        self, operation: ops.AlterColumnOp, old_type: Any, options: dict[str, Any]
    ) -> Any:
        """Change the type; the default that is still to be set, False for none."""
        new_type: Any = operation.modify_type
        old_enum = next(enums_of_type(old_type), None) if old_type is not None else None
        new_enum = next(enums_of_type(new_type), None)
        if old_enum and new_enum and type_name(old_enum) == type_name(new_enum):
            self._enums.change(old_enum, new_enum)
            return operation.modify_server_default
        self._enums.make(Column(operation.column_name, new_type))
        using = options.get("postgresql_using") or self._using(operation, old_type)
        default = operation.modify_server_default
        alter = f"ALTER TABLE {self._table(operation)} ALTER COLUMN {quoted(operation.column_name)}"
        if using is not None:
            # PostgreSQL would cast the default too, and can't.
            held = self._default(operation)
            if held is not None:
                self._execute(f"{alter} DROP DEFAULT")
                default = held if default is False else default
            if IS_JSON in using:
                self._execute(IS_JSON_FUNCTION)
        sql = new_type.compile(dialect=self._context.dialect)
        self._execute(f"{alter} TYPE {sql}" + (f" USING {using}" if using else ""))
        return default

    def _using(self, operation: ops.AlterColumnOp, old_type: Any) -> str | None:
        dialect = self._context.dialect
        new = kind_of(operation.modify_type, dialect)  # type: ignore[arg-type]  # there is one
        c = quoted(operation.column_name)
        if old_type is None:
            return f"{c}::{new.sql}"
        made = conversion(kind_of(old_type, dialect), new, c, PostgreSQLValues())
        return None if made is None else f"({made.value})::{new.sql}"

    def _default(self, operation: ops.AlterColumnOp) -> Any:
        """Return the default that a column has so far; None where it has none."""
        column = self._known(operation)
        if column is not None:
            return default_of(column)
        given: Any = operation.existing_server_default
        return None if given is False else given

    def _set_default(self, operation: ops.AlterColumnOp, default: Any) -> None:
        held = self._default(operation)
        if isinstance(held, Identity) and not isinstance(default, Identity):
            self._alter(operation, "DROP IDENTITY")
            if default is None:
                return
        if isinstance(default, Identity) and isinstance(held, Identity):
            self._alter(operation, " ".join(_identity_options(default)))
            return
        if isinstance(default, Identity):
            self._alter(operation, "DROP DEFAULT")
        self._plain.invoke(
            ops.AlterColumnOp(
                operation.table_name,
                operation.column_name,
                schema=operation.schema,
                existing_type=operation.modify_type or operation.existing_type,
                modify_server_default=default,
            )
        )
        if isinstance(default, Identity):
            self._count_on(operation)

    def _count(self, operation: ops.AlterColumnOp, *, is_on: bool) -> None:
        """Make of a column what SERIAL makes, or the other way round."""
        sequence = f"{operation.table_name}_{operation.column_name}_seq"
        prefix = f"{quoted(operation.schema)}." if operation.schema else ""
        name = f"{prefix}{quoted(sequence)}"
        if not is_on:
            self._alter(operation, "DROP DEFAULT")
            self._execute(f"DROP SEQUENCE IF EXISTS {name}")
            return
        column = f"{self._table(operation)}.{quoted(operation.column_name)}"
        self._execute(f"CREATE SEQUENCE IF NOT EXISTS {name} OWNED BY {column}")
        self._alter(operation, f"SET DEFAULT nextval({literal(name)})")
        self._count_on(operation)

    def _count_on(self, operation: ops.AlterColumnOp) -> None:
        """Let a column count on from the highest number that it has."""
        table, c = self._table(operation), quoted(operation.column_name)
        sequence = f"pg_get_serial_sequence({literal(table)}, {literal(operation.column_name)})"
        self._execute(f"SELECT setval({sequence}, coalesce(max({c}), 0) + 1, false) FROM {table}")

    def _alter(self, operation: ops.AlterColumnOp, what: str) -> None:
        column = quoted(operation.column_name)
        self._execute(f"ALTER TABLE {self._table(operation)} ALTER COLUMN {column} {what}")

    @staticmethod
    def _table(operation: ops.AlterColumnOp) -> str:
        prefix = f"{quoted(operation.schema)}." if operation.schema else ""
        return f"{prefix}{quoted(operation.table_name)}"

    def _execute(self, statement: str) -> None:
        self._context.execute(text(statement.replace(":", r"\:")))


def _identity_options(identity: Identity) -> Iterator[str]:
    """Yield how an identity is to count, all of it, as ALTER COLUMN takes it."""
    yield f"SET GENERATED {'ALWAYS' if identity.always else 'BY DEFAULT'}"
    yield f"SET START WITH {identity.start or 1}"
    yield f"SET INCREMENT BY {identity.increment or 1}"
    for word, limit in (("MINVALUE", identity.minvalue), ("MAXVALUE", identity.maxvalue)):
        yield f"SET NO {word}" if limit is None else f"SET {word} {limit}"
    yield f"SET CACHE {identity.cache or 1}"
    yield "SET CYCLE" if identity.cycle else "SET NO CYCLE"


def _table_of(operation: Any) -> Name:
    name = getattr(operation, "table_name", None) or getattr(operation, "source_table", "")
    return Name(getattr(operation, "schema", None), str(name))
