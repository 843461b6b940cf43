"""What separates the models from the database, as Alembic's operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from mtvgen.runtime.migrations.applied import applied_revisions, check_known, lacking_message
from mtvgen.runtime.migrations.revisions import MigrationError, Revisions
from mtvgen.runtime.migrations.run import migrate
from mtvgen.runtime.models import Model
from mtvgen.runtime.models.database import Database


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
    drops = {table_of(op): op for op in operations if isinstance(op, ops.DropTableOp)}
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


def flat(container: Any) -> Iterator[Any]:
    """Single operations, out of the groups that Alembic makes for each table."""
    for op in container.ops:
        if isinstance(op, ops.ModifyTableOps):
            yield from op.ops
        else:
            yield op


def table_of(op: Any) -> str:
    """The table that an operation is about."""
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
