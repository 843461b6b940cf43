"""PostgreSQL's enumerated types: made before their columns, changed with them, and dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import ARRAY, Column, Connection, Enum, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from mtvgen.runtime.migrations.operations.state import SchemaState
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.schema.sql_text import literal, quoted
from mtvgen.runtime.migrations.values.kinds import resolved

_DIALECT: Dialect = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
OLD = "_mtvgen_old_"  # begins the name of a type while another takes its place
STILL_USED = "2BP01"  # dependent_objects_still_exist

_LABELS = """
SELECT e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
WHERE t.oid = to_regtype(:type) ORDER BY e.enumsortorder
"""

# Everything that is written with the type's values, and so has to be written again.
_COLUMNS = """
SELECT a.attrelid::regclass::text, a.attname, pg_get_expr(d.adbin, d.adrelid), t.typcategory = 'A'
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE (t.oid = to_regtype(:type) OR t.typelem = to_regtype(:type))
    AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
"""
_CHECKS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype IN ('c', 'x') AND conrelid = to_regclass(:table)
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = to_regclass(:table) AND (indpred IS NOT NULL OR indexprs IS NOT NULL)
"""


def enums_in(column: Column[Any]) -> Iterator[Enum]:
    """Yield the enumerated types that PostgreSQL needs for a column, that migrations look after."""
    yield from enums_of_type(column.type)


def enums_of_type(type_: Any) -> Iterator[Enum]:
    """Those of a type: of an array's items too, and below a decorator and a variant."""
    found = resolved(type_, _DIALECT)
    if isinstance(found, ARRAY):
        yield from enums_of_type(found.item_type)
    elif isinstance(found, Enum) and found.native_enum and getattr(found, "create_type", True):
        yield found


def type_name(enum: Enum) -> Name:
    """Return what a type is called."""
    return Name(enum.schema, str(enum.name))


def spelled(name: Name) -> str:
    """Return a name as SQL writes it."""
    return ".".join(quoted(part) for part in name if part)


class Enums:
    """The enumerated types of a database that is migrated.

    Args:
        context: The migration's; without a connection its statements are only written.
        state: The tables as the migrations have made them so far.
        replaces: Whether a type with a new label is made again. PostgreSQL adds one to the type
            that there is, but lets nobody use it before the commit ("ALTER TYPE").
    """

    def __init__(self, context: MigrationContext, state: SchemaState, *, replaces: bool) -> None:
        self._context = context
        self._state = state
        self._replaces = replaces

    def make(self, column: Column[Any]) -> None:
        """Make the types that a column needs and that are not there.

        Raises:
            MigrationError: One of that name is there, with other labels.
        """
        for enum in enums_in(column):
            labels = ", ".join(map(literal, enum.enums))
            statement = f"CREATE TYPE {spelled(type_name(enum))} AS ENUM ({labels})"
            there = self._labels(type_name(enum))
            if there == tuple(enum.enums):
                continue
            if there:
                raise MigrationError(
                    f"type {type_name(enum)} already exists, with the labels "
                    f"{', '.join(there)}; this migration says {', '.join(enum.enums)}. "
                    "Nothing was changed.",
                    cure="give the Enum another name=",
                )
            if self._context.as_sql:
                statement = (
                    f"DO $$ BEGIN {statement}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
                )
            self._execute(statement)

    def drop_unused(self, names: Iterator[Name]) -> None:
        """Drop types that no column has any more, but for those that something else needs."""
        used = {
            type_name(enum)
            for table in self._state.tables.values()
            for column in table.columns.values()
            for enum in enums_in(column)
        }
        for name in dict.fromkeys(names):
            if name in used:
                continue
            statement = f"DROP TYPE IF EXISTS {spelled(name)}"
            if self._context.as_sql:
                self._execute(statement)
            else:
                self._drop_if_free(statement)

    def _drop_if_free(self, statement: str) -> None:
        connection = self._connection
        savepoint = connection.begin_nested()
        try:
            connection.exec_driver_sql(statement)
        except DBAPIError as error:
            savepoint.rollback()
            if getattr(error.orig, "sqlstate", None) != STILL_USED:
                raise
        else:
            savepoint.commit()

    def change(self, old: Enum, new: Enum) -> None:
        """Give a type other labels, in every column that has it."""
        name, wanted = type_name(new), tuple(map(str, new.enums))
        there = self._labels(name) or tuple(map(str, old.enums))
        if there == wanted:
            return
        if _only_adds(there, wanted) and not self._replaces:
            for statement in _added(name, there, wanted):
                self._execute(statement)
        else:
            self._replace(name, wanted)

    def _replace(self, name: Name, labels: Sequence[str]) -> None:
        """Another type takes the name; a value that it lacks becomes NULL."""
        if self._context.as_sql:
            columns = list(self._declared_columns(name))
        else:
            columns = [tuple(row) for row in self._ask(_COLUMNS, type=spelled(name))]
        again = self._written_again(dict.fromkeys(str(table) for table, *_ in columns))
        old = Name(name.schema, f"{OLD}{name.name}")
        self._execute(f"ALTER TYPE {spelled(name)} RENAME TO {quoted(old.name)}")
        among = ", ".join(map(literal, labels))
        self._execute(f"CREATE TYPE {spelled(name)} AS ENUM ({among})")
        for table, column, default, is_array in columns:
            self._recolumn(table, column, default, is_array, spelled(name), labels)
        self._execute(f"DROP TYPE {spelled(old)}")
        for statement in again:
            self._execute(statement)

    def _recolumn(
        self,
        table: str,
        column: str,
        default: str | None,
        is_array: bool,
        type_: str,
        labels: Sequence[str],
    ) -> None:
        alter = f"ALTER TABLE {table} ALTER COLUMN {quoted(column)}"
        c = quoted(column)
        among = ", ".join(map(literal, labels))
        value = f"CASE WHEN {c}::text IN ({among}) THEN {c}::text::{type_} END"
        if is_array:
            type_, value = f"{type_}[]", f"{c}::text[]::{type_}[]"
        if default is not None:
            self._execute(f"{alter} DROP DEFAULT")
        self._execute(f"{alter} TYPE {type_} USING {value}")
        if default is not None and (is_array or any(literal(x) in default for x in labels)):
            self._execute(f"{alter} SET DEFAULT {default}")

    def _written_again(self, tables: dict[str, None]) -> list[str]:
        """Drop what is written with the type's values; the statements that make it again."""
        if self._context.as_sql:
            return []
        again = []
        for table in tables:
            for owner, constraint, definition in self._ask(_CHECKS, table=table):
                self._execute(f"ALTER TABLE {owner} DROP CONSTRAINT {constraint}")
                again.append(f"ALTER TABLE {owner} ADD CONSTRAINT {constraint} {definition}")
            for index, statement in self._ask(_INDEXES, table=table):
                self._execute(f"DROP INDEX {index}")
                again.append(statement)
        return again

    def _declared_columns(self, name: Name) -> Iterator[tuple[str, str, str | None, bool]]:
        for table in self._state.tables.values():
            for column in table.columns.values():
                if any(type_name(enum) == name for enum in enums_in(column)):
                    default = getattr(column.server_default, "arg", None)
                    shown = literal(default) if isinstance(default, str) else default
                    is_array = isinstance(column.type, ARRAY)
                    yield (
                        spelled(table.name),
                        column.name,
                        None if shown is None else str(shown),
                        is_array,
                    )

    def _labels(self, name: Name) -> tuple[str, ...]:
        if self._context.as_sql:
            return ()
        return tuple(label for (label,) in self._ask(_LABELS, type=spelled(name)))

    @property
    def _connection(self) -> Connection:
        assert self._context.connection is not None  # noqa: S101  # as_sql is asked before
        return self._context.connection

    def _ask(self, question: str, **parameters: str) -> list[Any]:
        return list(self._connection.execute(text(question), parameters))

    def _execute(self, statement: str) -> None:
        self._context.execute(text(statement.replace(":", r"\:")))


def _only_adds(there: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return whether the labels that there are keep their order."""
    return [label for label in wanted if label in there] == list(there)


def _added(name: Name, there: Sequence[str], wanted: Sequence[str]) -> Iterator[str]:
    for position, label in enumerate(wanted):
        if label in there:
            continue
        place = f" AFTER {literal(wanted[position - 1])}" if position else ""
        if not position and there:
            place = f" BEFORE {literal(there[0])}"
        yield f"ALTER TYPE {spelled(name)} ADD VALUE {literal(label)}{place}"
