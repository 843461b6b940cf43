"""Adopting a database that has its tables: compared first, then it counts as migrated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.runtime.migration import StampStep
from sqlalchemy import Connection

from mtvgen.runtime.migrations.differences.compare import TableDifference, compare
from mtvgen.runtime.migrations.history import history_of
from mtvgen.runtime.migrations.locks import locked
from mtvgen.runtime.migrations.operations.environment import migration_context
from mtvgen.runtime.migrations.revisions import MigrationError, Revisions, read_revisions
from mtvgen.runtime.migrations.schema.facts import ColumnFacts, SchemaFacts
from mtvgen.runtime.migrations.schema.models import held_and_wanted
from mtvgen.runtime.migrations.steps import Scripts
from mtvgen.runtime.models.database import Database


class AdoptionError(MigrationError):
    """A database differs from what migrations would have made; nothing was changed.

    Attributes:
        message: How much, in one line.
        cure: What to type.
        differences: One line each: `note has no column title.`
    """

    kind = "differs"

    def __init__(self, message: str, *, cure: str, differences: tuple[str, ...]) -> None:
        super().__init__(message, cure=cure)
        self.differences = differences


def adopt(
    database: Database, directory: Path, revision: str, *, accept_differences: bool = False
) -> tuple[str, ...]:
    """Let a database count as migrated to a revision, without running a migration.

    Args:
        database: One whose tables were made otherwise.
        directory: The project's `migrations/`.
        revision: The last migration whose tables it has: a name or its beginning.
        accept_differences: Whether it is adopted though it differs.

    Returns:
        What differs, one line each.

    Raises:
        AdoptionError: It differs from what the migrations make.
        MigrationError: There is no such migration, or the database is at one already.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    target = revisions.find(revision)
    if target is None:
        raise MigrationError(f"{revision!r} is before the first migration.", cure=_names(revisions))
    scripts = Scripts(revisions)

    def stamp(heads: Any, _context: Any) -> list[StampStep]:
        return [StampStep(tuple(heads), target, is_upgrade=True, branch_move=True)]

    with (
        database.own_engine() as engine,
        engine.connect() as connection,
        migration_context(stamp, connection=connection) as context,
        locked(connection, context.begin_transaction, lambda: None),
    ):
        if heads := context.get_current_heads():
            raise MigrationError(
                f"The database is at {', '.join(heads)}: it is migrated already.",
                cure="mtvgen migrate",
            )
        differences = tuple(_differences(connection, scripts, target))
        if differences and not accept_differences:
            raise AdoptionError(
                f"The database differs from what {target} makes. Nothing was changed.",
                cure=f"change it, or adopt it as it is: mtvgen migrate --adopt {target} --yes",
                differences=differences,
            )
        context.run_migrations()
    return differences


def _names(revisions: Revisions) -> str:
    return f"name one of {', '.join(revisions.by_name)}" if revisions.by_name else ""


def _differences(connection: Connection, scripts: Scripts, target: str) -> Iterator[str]:
    history = history_of(scripts, [target], connection.dialect)
    metadata = history.state.metadata()
    held, wanted = held_and_wanted(connection, metadata)
    difference = compare(
        held, wanted, is_ours=lambda _: False, type_checks={}, enums_of=lambda *_: ()
    )
    for name in difference.added:
        yield f"there is no table {name}."
    for table in difference.tables.values():
        yield from _of_table(table, held, wanted)


def _of_table(table: TableDifference, held: SchemaFacts, wanted: SchemaFacts) -> Iterator[str]:
    name = table.name
    for column in table.added:
        yield f"{name} has no column {column}."
    for column in table.dropped:
        yield f"{name} has a column {column}, which the migrations do not make."
    for column, parts in table.changed.items():
        old, new = held.tables[name].columns[column], wanted.tables[name].columns[column]
        for part in sorted(parts):
            by_migrations = f"by the migrations {_shown(new, part)}"
            yield f"{name}.{column}: {_shown(old, part)}, and {by_migrations}."
    for constraint in table.new_constraints:
        words = f" {constraint.name}" if constraint.name else ""
        yield f"{name} has no {constraint.kind}{words} ({constraint.definition})."
    for constraint in table.old_constraints:
        words = f" {constraint.name}" if constraint.name else ""
        yield f"{name} has a {constraint.kind}{words} ({constraint.definition}) too many."
    for index in table.new_indexes:
        yield f"{name} has no index {index.name} ({index.definition})."
    for index in table.old_indexes:
        yield f"{name} has an index {index.name} too many."
    for renamed in [*table.renamed_constraints, *table.renamed_indexes]:
        yield f"{name}: {renamed.old} is called {renamed.new} by the migrations."


def _shown(column: ColumnFacts, part: str) -> str:
    if part == "nullable":
        return "NULL" if column.nullable else "NOT NULL"
    value = getattr(column, part)
    if part == "type" and column.collation:
        value = f"{value} COLLATE {column.collation}"
    return f"{part} {value}" if value is not None else f"no {part}"
