"""Applied and missing migrations of a database; asked at each start, without Alembic."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from mtvgen.runtime.migrations.revisions import MigrationError, Revisions, read_revisions
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.models.faults import SchemaMismatch, read_sqlite
from mtvgen.runtime.support.faults import Fault

QUESTION = "SELECT version_num FROM alembic_version"


def lacking_revisions(database: Database, directory: Path) -> tuple[str, ...]:
    """Return the migrations that an existing database lacks; cheap enough for each start.

    Raises:
        MigrationError: The files do not form a chain.
        DatabaseFault: The database can't be reached.
    """
    if not database.exists:
        return ()
    revisions = read_revisions(directory)
    applied = applied_revisions(database)
    check_known(applied, revisions)
    return revisions.missing_from(applied)


def lacking_migrations(lacking: tuple[str, ...]) -> Fault:
    """Return `The database lacks migration 0002_title. -> mtvgen migrate`."""
    names = ", ".join(lacking)
    message = f"The database lacks migration{'s' * (len(lacking) > 1)} {names}."
    return Fault("behind", message, "mtvgen migrate")


def unheld_changes(file: str) -> Fault:
    """`models/note.py has changes that no migration holds. -> mtvgen makemigrations`."""
    message = f"{file} has changes that no migration holds."
    return Fault("unheld", message, "mtvgen makemigrations")


def applied_revisions(database: Database) -> tuple[str, ...]:
    """Return the newest migration that a database holds; none where it holds none, or is missing.

    A SQLite file is opened for reading only.

    Raises:
        DatabaseFault: The database can't be reached.
    """
    if not database.exists:
        return ()
    if database.file is not None:
        return _in_file(database, database.file)
    try:
        with database.session(read_only=True) as db:
            names = db.connection().exec_driver_sql(QUESTION).scalars().all()
    except SchemaMismatch:
        return ()
    return tuple(sorted(names))


def _in_file(database: Database, file: Path) -> tuple[str, ...]:
    try:
        with closing(_opened(file)) as connection:
            return tuple(sorted(name for (name,) in connection.execute(QUESTION)))
    except sqlite3.Error as error:
        fault = read_sqlite(error, str(database), QUESTION)
        if isinstance(fault, SchemaMismatch):
            return ()
        raise fault or error from error


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)


def is_blank(database: Database) -> bool:
    """Return whether a SQLite database is missing, or a file without a table.

    A request that comes before the migrations makes such a file.
    """
    if database.file is None or not database.exists:
        return database.file is not None
    try:
        with closing(_opened(database.file)) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    except sqlite3.Error:
        return False


def check_known(applied: Iterable[str], revisions: Revisions) -> None:
    """Refuse a database that is ahead of the files, or on another branch.

    Raises:
        MigrationError: It holds a migration that is not among them.
    """
    for name in applied:
        if name not in revisions.by_name:
            raise MigrationError(
                f"The database is at {name}, which migrations/ does not hold.",
                cure="get that file back: is it on another branch?",
            )
