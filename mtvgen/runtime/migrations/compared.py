"""The database that models are compared with: one that holds all migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from mtvgen.runtime.migrations.applied import applied_revisions, check_known, lacking_migrations
from mtvgen.runtime.migrations.history import History, history_of
from mtvgen.runtime.migrations.revisions import MigrationError, Revisions
from mtvgen.runtime.migrations.run import migrate
from mtvgen.runtime.migrations.steps import Scripts
from mtvgen.runtime.models.database import Database


@contextmanager
def compared(
    database: Database, directory: Path, revisions: Revisions
) -> Iterator[tuple[Connection, History]]:
    """Open a connection to a database with all migrations, and say what they have made.

    A SQLite file that is missing is imagined in memory.

    Raises:
        MigrationError: The database lacks a migration.
    """
    if not database.exists:
        imagined = Database("sqlite://")
        migrate(imagined, directory)
        with imagined.engine.connect() as connection:
            yield connection, _history(revisions, connection)
        imagined.close()
        return
    applied = applied_revisions(database)
    check_known(applied, revisions)
    if lacking := revisions.missing_from(applied):
        fault = lacking_migrations(lacking)
        raise MigrationError(fault.message, cure=fault.cure)
    with database.engine.connect() as connection:
        yield connection, _history(revisions, connection)


def _history(revisions: Revisions, connection: Connection) -> History:
    return history_of(Scripts(revisions), revisions.heads, connection.dialect)
