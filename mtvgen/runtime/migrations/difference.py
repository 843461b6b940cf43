"""What separates the models from the database: in words, and as Alembic's operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, func, select

from mtvgen.runtime.migrations.applied import (
    applied_revisions,
    check_known,
    lacking_message,
    unheld_message,
)
from mtvgen.runtime.migrations.missing_columns import file_of_table
from mtvgen.runtime.migrations.revisions import MigrationError, Revisions, read_revisions
from mtvgen.runtime.migrations.run import migrate
from mtvgen.runtime.models import Model
from mtvgen.runtime.models.database import Database


@dataclass(frozen=True)
class MigrationState:
    """What separates the database, the migrations and the models.

    Attributes:
        exists: Whether there is a database at all.
        applied: The newest migration that the database holds; several where branches are open.
        lacking: The migrations that it lacks, oldest first.
        unheld: The files of models with changes that no migration holds: `models/note.py`.
    """

    exists: bool
    applied: tuple[str, ...]
    lacking: tuple[str, ...]
    unheld: tuple[str, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """One line each, with the cure; none when all is well."""
        lines = [lacking_message(self.lacking)] if self.exists and self.lacking else []
        return (*lines, *map(unheld_message, self.unheld))


def migration_state(
    database: Database, directory: Path, metadata: MetaData | None = None
) -> MigrationState:
    """Compare models, migrations and database; nothing is written.

    Args:
        database: It may be missing.
        directory: The project's `migrations/`.
        metadata: The models; None: all that derive from `Model`.

    Raises:
        MigrationError: The files do not form a chain.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    revisions.head()
    applied = applied_revisions(database)
    check_known(applied, revisions)
    lacking = revisions.missing_from(applied)
    unheld: tuple[str, ...] = ()
    if not (database.exists and lacking):
        unheld = files_of_changes(database, directory, metadata)
    return MigrationState(database.exists, applied, lacking, unheld)


def files_of_changes(
    database: Database, directory: Path, metadata: MetaData | None = None
) -> tuple[str, ...]:
    """The files whose models differ from the database: `models/note.py`.

    Raises:
        MigrationError, DatabaseFault: As for `make_migration()`.
    """
    revisions = read_revisions(directory)
    metadata = Model.metadata if metadata is None else metadata
    with compared(database, directory, revisions) as connection:
        _, script = difference(connection, directory, revisions, metadata)
    tables = {_table(op) for op in _flat(script.upgrade_ops)}
    return tuple(sorted({file_of_table(table, metadata) for table in tables}))


@contextmanager
def compared(database: Database, directory: Path, revisions: Revisions) -> Iterator[Connection]:
    """A connection to what holds all migrations: the database, or one in memory.

    Raises:
        MigrationError: The database lacks a migration.
    """
    if not database.exists:
        imagined = Database("sqlite://")
        migrate(imagined, directory)
        with imagined.engine.connect() as connection:
            yield connection
        imagined.close()
        return
    applied = applied_revisions(database)
    check_known(applied, revisions)
    if lacking := revisions.missing_from(applied):
        message, _, cure = lacking_message(lacking).partition(" -> ")
        raise MigrationError(message, cure=cure)
    with database.engine.connect() as connection:
        yield connection


def difference(
    connection: Connection, directory: Path, revisions: Revisions, metadata: MetaData | None
) -> tuple[MigrationContext, ops.MigrationScript]:
    """What Alembic finds between the models and what a connection holds.

    Returns:
        Its context, which is needed to write the operations down, and the operations.
    """
    metadata = Model.metadata if metadata is None else metadata
    ours = {table.name for table in metadata.tables.values()}
    sources = "\n".join(revision.file.read_text("utf-8") for revision in revisions.order)

    def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
        # A table that no migration speaks of was made by somebody else, and is left alone.
        return kind != "table" or name in ours or f"'{name}'" in sources or f'"{name}"' in sources

    options = {
        "compare_type": True,
        "compare_server_default": _differs_by_default,
        "include_name": is_ours,
    }
    context = MigrationContext.configure(connection, opts=options)
    script = produce_migrations(context, metadata)
    if script.upgrade_ops is not None:
        script.upgrade_ops.ops = _drops_last(script.upgrade_ops.ops)
        script.downgrade_ops = script.upgrade_ops.reverse()
    return context, script


def _drops_last(operations: Sequence[Any]) -> list[Any]:
    """Dropped tables behind all else, each before those that it refers to; Alembic sorts none."""
    drops = {_table(op): op for op in operations if isinstance(op, ops.DropTableOp)}
    refers_to = {
        name: {key.target_fullname.split(".")[-2] for key in op.to_table().foreign_keys} - {name}
        for name, op in drops.items()
    }
    try:
        order = [*TopologicalSorter(refers_to).static_order()][::-1]
    except CycleError:  # two that refer to each other, which takes a hand
        order = list(drops)
    others = [op for op in operations if not isinstance(op, ops.DropTableOp)]
    return [*others, *(drops[name] for name in order if name in drops)]


def _flat(container: Any) -> Iterator[Any]:
    """Single operations, out of the groups that Alembic makes for each table."""
    for op in container.ops:
        if isinstance(op, ops.ModifyTableOps):
            yield from op.ops
        else:
            yield op


def _table(op: Any) -> str:
    return str(getattr(op, "table_name", None) or getattr(op, "source_table", ""))


def _differs_by_default(
    _context: Any, _held: Any, _column: Any, held: str | None, _default: Any, wanted: str | None
) -> bool | None:
    """Whether a column's default changed; None leaves it to Alembic, which takes '' for nothing."""
    if held is None or wanted is None:
        return None
    return False if _bare(held) == _bare(wanted) else None


def _bare(default: str) -> str:
    return default.strip("()").strip("'\"")


def changes(upgrade: ops.UpgradeOps) -> Iterator[str]:
    """One line each: `create table note`, `add note.title`, `drop index ix_note_text on note`."""
    for op in _flat(upgrade):
        table = _table(op)
        if isinstance(op, ops.CreateTableOp):
            yield f"create table {table}"
        elif isinstance(op, ops.DropTableOp):
            yield f"drop table {table}"
        elif isinstance(op, ops.AddColumnOp):
            yield f"add {table}.{op.column.name}"
        elif isinstance(op, ops.DropColumnOp):
            yield f"drop {table}.{op.column_name}"
        elif isinstance(op, ops.AlterColumnOp):
            yield f"change {table}.{op.column_name} ({', '.join(_altered(op))})"
        else:
            yield _change_of_constraint(op, table)


def _altered(op: ops.AlterColumnOp) -> Iterator[str]:
    if op.modify_type is not None:
        yield f"{op.existing_type} to {op.modify_type}"
    if op.modify_nullable is not None:
        yield "NULL" if op.modify_nullable else "NOT NULL"
    if op.modify_server_default is not False:
        yield "default"
    if op.modify_comment is not False:
        yield "comment"


def _change_of_constraint(op: Any, table: str) -> str:
    """`add index ix_note_title on note`, after the name of Alembic's operation."""
    words = re.findall("[A-Z][a-z]+", type(op).__name__.removesuffix("Op"))
    verb = "drop" if words[0] == "Drop" else "add"
    kind = getattr(op, "constraint_type", None) if words[1] == "Constraint" else None
    what = kind or " ".join(words[1:]).lower()
    name = getattr(op, "constraint_name", None) or getattr(op, "index_name", None) or ""
    return f"{verb} {what} {name} on {table}".replace("  ", " ")


def summary(upgrade: ops.UpgradeOps) -> str:
    """A name for the file, out of what changes: `title`, `note`, `note_and_more`."""
    subjects = []
    for op in _flat(upgrade):
        column = getattr(op, "column", None)
        name = getattr(op, "column_name", None) if column is None else column.name
        subjects.append(name or _table(op))
    distinct = list(dict.fromkeys(subjects))
    return distinct[0] + ("_and_more" if len(distinct) > 1 else "")


def warnings(upgrade: ops.UpgradeOps, connection: Connection) -> Iterator[str]:
    """What may be lost, or fail, when it is applied; with the number of rows that it is about."""
    every = list(_flat(upgrade))
    for op in every:
        table = _table(op)
        if isinstance(op, ops.DropTableOp):
            if rows := _rows(connection, op.to_table()):
                yield f"drops table {table} with its {_counted(rows)}."
        elif isinstance(op, ops.DropColumnOp):
            yield from _warn_of_drop(connection, op, every)
        elif isinstance(op, ops.AddColumnOp):
            yield from _warn_of_lack(connection, op)


def _warn_of_drop(connection: Connection, op: ops.DropColumnOp, every: list[Any]) -> Iterator[str]:
    table, column = op.table_name, op.column_name
    reflected = Table(table, MetaData(), autoload_with=connection, schema=op.schema)
    rows = _rows(connection, reflected, reflected.c[column].is_not(None))
    if rows:
        yield f"drops {table}.{column}, which holds data in {_counted(rows)}."
    for other in every:
        if isinstance(other, ops.AddColumnOp) and other.table_name == table:
            yield (
                f"is {table}.{column} now called {other.column.name}? Then write op.alter_column("
                f'"{table}", "{column}", new_column_name="{other.column.name}") in place of the '
                "two, or its data is lost."
            )


def _warn_of_lack(connection: Connection, op: ops.AddColumnOp) -> Iterator[str]:
    column = op.column
    if column.nullable or column.server_default is not None or column.computed is not None:
        return
    if rows := _rows(connection, Table(op.table_name, MetaData(), schema=op.schema)):
        yield (
            f"adds {op.table_name}.{column.name}, NOT NULL and without a default, to "
            f"{_counted(rows)}: that will fail. Give the column a server_default=..."
        )


def _rows(connection: Connection, table: Table, *where: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _counted(rows: int) -> str:
    return f"{rows} row{'s' * (rows != 1)}"
