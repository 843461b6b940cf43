"""What separates the models from the database: found, and put into operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alembic.operations import ops
from sqlalchemy import Column, Connection, Enum, Integer, MetaData, String, Table
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine import Dialect

from mtvgen.runtime.migrations.differences.build import build
from mtvgen.runtime.migrations.differences.compare import Difference, TableDifference, compare
from mtvgen.runtime.migrations.differences.plain_attributes import (
    project_mappers,
    refuse_plain_attributes,
)
from mtvgen.runtime.migrations.differences.renames import Rename, check
from mtvgen.runtime.migrations.differences.sides import Sides
from mtvgen.runtime.migrations.differences.tables import Written
from mtvgen.runtime.migrations.history import History
from mtvgen.runtime.migrations.operations.enums import enums_in, type_name
from mtvgen.runtime.migrations.schema.declared import declared_facts
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts
from mtvgen.runtime.migrations.schema.models import held_and_wanted
from mtvgen.runtime.migrations.schema.text_facts import normal_type

VERSIONS = "alembic_version"


@dataclass(frozen=True)
class Found:
    """What is to be done.

    Attributes:
        difference: Fact by fact.
        upgrade: As operations.
        held: The facts of the database.
    """

    difference: Difference
    upgrade: ops.UpgradeOps
    held: SchemaFacts


def find_difference(
    connection: Connection,
    history: History,
    metadata: MetaData,
    renames: Sequence[Rename] = (),
) -> Found:
    """Compare the models with a database that holds all migrations.

    Args:
        connection: To the database, which is only looked at.
        history: What the migrations have made.
        metadata: The models.
        renames: What has another name now.

    Raises:
        MigrationError: The models can't be made in this database, or a rename is wrong.
    """
    _check_renames(connection, metadata, renames)
    held, wanted = held_and_wanted(connection, metadata, [rename.sql for rename in renames])
    for rename in renames:
        history.state.apply(rename.operation)
    held = _known(held, history)
    new = {
        written.name: written
        for table in metadata.tables.values()
        for written in [Written(table, connection.dialect)]
    }
    new = {_usual(name, connection): written for name, written in new.items()}
    old = _OldTables(connection, history, held)
    checks = {
        (name, check): column
        for tables in (old.written, new)
        for name, written in tables.items()
        for check, column in written.type_checks.items()
    }
    labels = _labels(new)

    def enums_of(name: Name, column: str) -> list[Name]:
        return [type_name(enum) for enum in enums_in(new[name].columns[column])]

    def is_ours(name: Name) -> bool:
        return name in history.state.tables

    options: dict[str, Any] = {"is_ours": is_ours, "type_checks": checks, "enums_of": enums_of}
    wanted = replace(wanted, enums=labels if held.enums else {})
    difference = compare(held, wanted, **options)
    dropped = [(t.name, column) for t in difference.tables.values() for column in t.dropped]
    refuse_plain_attributes(metadata, dropped, project_mappers())
    _take_labels(difference, old, new)
    elsewhere = _elsewhere(connection.dialect, history, metadata, options, new, old)
    _merge(difference, elsewhere, held, wanted)
    sides = Sides(held, wanted, old.table, new)
    upgrade = build(difference, sides)
    upgrade.ops = [*(rename.operation for rename in renames), *upgrade.ops]
    return Found(difference, upgrade, held)


def _check_renames(connection: Connection, metadata: MetaData, renames: Sequence[Rename]) -> None:
    for number, rename in enumerate(renames):
        before = [earlier.sql for earlier in renames[:number]]
        check(rename, *held_and_wanted(connection, metadata, before))


def _usual(name: Name, connection: Connection) -> Name:
    """A table's name without the schema that needs no name."""
    return Name(None, name.name) if name.schema == connection.dialect.default_schema_name else name


def _known(held: SchemaFacts, history: History) -> SchemaFacts:
    """The database without the tables that no migration speaks of: somebody else made them."""
    tables = {
        name: table
        for name, table in held.tables.items()
        if name.name != VERSIONS and (name in history.state.tables or name.name in history.words)
    }
    return replace(held, tables=tables)


def _labels(tables: Mapping[Name, Written]) -> dict[Name, tuple[str, ...]]:
    return {
        type_name(enum): tuple(map(str, enum.enums))
        for written in tables.values()
        for column in written.columns.values()
        for enum in enums_in(column)
    }


def _take_labels(difference: Difference, old: _OldTables, new: Mapping[Name, Written]) -> None:
    """An Enum with other labels is another type, though the database may not know its labels."""
    for name in old.written.keys() & new.keys():
        before, after = old.written[name].columns, new[name].columns
        for column in before.keys() & after.keys():
            types = before[column].type, after[column].type
            labels = [tuple(t.enums) if isinstance(t, Enum) else None for t in types]
            if None not in labels and labels[0] != labels[1]:
                table = difference.tables.setdefault(name, TableDifference(name))
                table.changed.setdefault(column, set()).add("type")


class _OldTables:
    """The tables of the database, as the migrations made them, or else as they look."""

    def __init__(self, connection: Connection, history: History, held: SchemaFacts) -> None:
        self._connection = connection
        self._held = held
        dialect = connection.dialect
        metadata = history.state.metadata()
        self.written = {
            name: Written(table, dialect)
            for table in metadata.tables.values()
            for name in [Name(table.schema, table.name)]
            if name not in history.uncertain and self._agrees(name, table)
        }

    def _agrees(self, name: Name, table: Table) -> bool:
        held = self._held.tables.get(name)
        if held is None or set(held.columns) != {column.name for column in table.columns}:
            return False
        if self._connection.dialect.name != "sqlite":
            return True
        return all(
            normal_type(self._spelled(column)) == held.columns[column.name].type
            for column in table.columns
        )

    def _spelled(self, column: Column[Any]) -> str:
        return column.type.compile(dialect=self._connection.dialect).partition(" COLLATE ")[0]

    def table(self, name: Name) -> Written:
        if name not in self.written:
            table = Table(
                name.name,
                MetaData(),
                schema=name.schema,
                autoload_with=self._connection,
                resolve_fks=False,
            )
            _stand_for_targets(table)
            for column in table.columns:
                collation = self._held.tables[name].columns[column.name].collation
                if collation is not None and isinstance(column.type, String):
                    column.type = type(column.type)(column.type.length, collation=collation)
            self.written[name] = Written(table, self._connection.dialect)
        return self.written[name]


def _stand_for_targets(table: Table) -> None:
    """Have the tables that its foreign keys refer to beside it, by their keys alone.

    Alembic asks for the columns that a key refers to; whole tables would be a query for each.
    """
    for key in table.foreign_keys:
        *schema, target, column = key.target_fullname.split(".")
        if ".".join([*schema, target]) != table.fullname:
            Table(
                target,
                table.metadata,
                Column(column, Integer),
                schema=".".join(schema) or None,
                extend_existing=True,
            )


def _elsewhere(
    dialect: Dialect,
    history: History,
    metadata: MetaData,
    options: dict[str, Any],
    new: Mapping[Name, Written],
    old: _OldTables,
) -> Difference | None:
    """What the other database would see, of the tables that the migrations are sure of."""
    other = _dialect_beside(dialect)
    held = declared_facts(history.state.metadata(), other)
    wanted = declared_facts(metadata, other)
    if held is None or wanted is None:
        return None
    sure = old.written.keys() & new.keys()
    held = SchemaFacts({n: t for n, t in held.tables.items() if n in sure}, _labels(old.written))
    wanted = SchemaFacts({n: t for n, t in wanted.tables.items() if n in sure}, _labels(new))
    return compare(held, wanted, **options)


def _dialect_beside(dialect: Dialect) -> Dialect:
    """The database that this one is not; its style leaves a % as it is."""
    other: Any = SQLiteDialect if dialect.name == "postgresql" else PGDialect
    return other(paramstyle="named")  # type: ignore[no-any-return]  # SQLAlchemy has no types for it


def _merge(
    difference: Difference, other: Difference | None, held: SchemaFacts, wanted: SchemaFacts
) -> None:
    """Add to a difference what the other database sees, of what both databases have."""
    for name, found in other.tables.items() if other is not None else ():
        if name not in held.tables or name not in wanted.tables:
            continue
        table = difference.tables.get(name) or TableDifference(name)
        for column, parts in found.changed.items():
            if column in held.tables[name].columns and column in wanted.tables[name].columns:
                table.changed.setdefault(column, set()).update(parts)
        table.has_other_comment |= found.has_other_comment
        _merge_indexes(table, found)
        if table:
            difference.tables[name] = table


def _merge_indexes(table: TableDifference, found: TableDifference) -> None:
    known = {index.name for index in [*table.old_indexes, *table.new_indexes]}
    both = {i.name for i in found.old_indexes} & {i.name for i in found.new_indexes}
    table.old_indexes += [i for i in found.old_indexes if i.name in both - known]
    table.new_indexes += [i for i in found.new_indexes if i.name in both - known]
