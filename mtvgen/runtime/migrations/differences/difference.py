"""The difference between models and database: found, and put into operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alembic.operations import ops
from sqlalchemy import Connection, Enum, MetaData, Table

from mtvgen.runtime.migrations.differences.build import build
from mtvgen.runtime.migrations.differences.compare import Difference, TableDifference, compare
from mtvgen.runtime.migrations.differences.elsewhere import add_what_the_other_sees
from mtvgen.runtime.migrations.differences.mistakes import (
    project_mappers,
    refuse_plain_attributes,
    refuse_texts_for_moments,
    refuse_what_nobody_makes,
)
from mtvgen.runtime.migrations.differences.old_tables import OldTables
from mtvgen.runtime.migrations.differences.renames import Rename, check
from mtvgen.runtime.migrations.differences.sides import Sides
from mtvgen.runtime.migrations.differences.tables import Written, type_checks
from mtvgen.runtime.migrations.history import History
from mtvgen.runtime.migrations.operations.enums import enums_in, type_name
from mtvgen.runtime.migrations.revisions import VERSIONS
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts
from mtvgen.runtime.migrations.schema.models import held_and_wanted


@dataclass(frozen=True)
class Found:
    """The changes to be made.

    Attributes:
        difference: Fact by fact.
        upgrade: As operations.
    """

    difference: Difference
    upgrade: ops.UpgradeOps


class _Models(Mapping[Name, Written]):
    """The models' tables as a migration writes them, each when it is asked for."""

    def __init__(self, connection: Connection, metadata: MetaData) -> None:
        self._dialect = connection.dialect
        usual = connection.dialect.default_schema_name
        self.tables = {
            Name(None if table.schema == usual else table.schema, table.name): table
            for table in metadata.tables.values()
        }
        self._written: dict[Name, Written] = {}

    def __getitem__(self, name: Name) -> Written:
        if name not in self._written:
            self._written[name] = Written(self.tables[name], self._dialect)
        return self._written[name]

    def __iter__(self) -> Iterator[Name]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


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
        MigrationError: The models can't be made in this database or hold a mistake, or a rename is
            wrong.
    """
    refuse_texts_for_moments(metadata)
    refuse_what_nobody_makes(connection, metadata)
    _check_renames(connection, metadata, renames)
    held, wanted = held_and_wanted(connection, metadata, [rename.sql for rename in renames])
    for rename in renames:
        history.state.apply(rename.operation)
    held = _known(held, wanted, history)
    new, old = _Models(connection, metadata), OldTables(connection, history, held)
    enums = _Enums(new.tables)
    options: dict[str, Any] = {
        "is_ours": history.state.tables.__contains__,
        "type_checks": dict(_type_checks(old.sure, new.tables)),
        "enums_of": enums.of,
    }
    wanted = replace(wanted, enums=enums.labels if held.enums else {})
    difference = compare(held, wanted, **options)
    dropped = [(t.name, column) for t in difference.tables.values() for column in t.dropped]
    refuse_plain_attributes(metadata, dropped, project_mappers())
    both = {name: (old.sure[name], new.tables[name]) for name in new if name in old.sure}
    _add_labels(difference, both)
    add_what_the_other_sees(difference, connection.dialect, both, options)
    upgrade = build(difference, Sides(held, wanted, old.table, new))
    upgrade.ops = [*(rename.operation for rename in renames), *upgrade.ops]
    return Found(difference, upgrade)


def _check_renames(connection: Connection, metadata: MetaData, renames: Sequence[Rename]) -> None:
    for number, rename in enumerate(renames):
        before = [earlier.sql for earlier in renames[:number]]
        check(rename, *held_and_wanted(connection, metadata, before))


def _known(held: SchemaFacts, wanted: SchemaFacts, history: History) -> SchemaFacts:
    """Return the database without the tables that no migration speaks of.

    Somebody else made them.
    """
    state = history.state.tables
    tables = {
        name: table
        for name, table in held.tables.items()
        # The words of all migrations are only looked through for what might be theirs.
        if name in state
        or (name in wanted.tables and name.name != VERSIONS and name.name in history.words)
    }
    return replace(held, tables=tables)


class _Enums:
    """The enumerated types of the models' columns."""

    def __init__(self, tables: Mapping[Name, Table]) -> None:
        self._by_column: dict[tuple[Name, str], list[Name]] = {}
        self.labels: dict[Name, tuple[str, ...]] = {}
        for name, table in tables.items():
            for column in table.columns:
                for enum in enums_in(column):
                    self._by_column.setdefault((name, column.name), []).append(type_name(enum))
                    self.labels[type_name(enum)] = tuple(map(str, enum.enums))

    def of(self, table: Name, column: str) -> list[Name]:
        """Those of one column."""
        return self._by_column.get((table, column), [])


def _type_checks(*sides: Mapping[Name, Table]) -> Iterable[tuple[tuple[Name, str], str]]:
    for side in sides:
        for name, table in side.items():
            for check_name, column in type_checks(table):
                yield (name, check_name), column


def _add_labels(difference: Difference, both: Mapping[Name, tuple[Table, Table]]) -> None:
    """Add the labels of an Enum: with others it is another type, even if not stored."""
    for name, (before, after) in both.items():
        for column in after.columns:
            old = before.columns.get(column.name)
            types = (None if old is None else old.type, column.type)
            labels = [tuple(t.enums) if isinstance(t, Enum) else None for t in types]
            if None not in labels and labels[0] != labels[1]:
                table = difference.tables.setdefault(name, TableDifference(name))
                table.changed.setdefault(column.name, set()).add("type")
