"""One process migrates at a time; the others wait for it, and find the work done."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection

from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.models.faults import DatabaseUnavailable

# PostgreSQL's advisory locks are numbers; this one is "mtvgen" in ASCII.
LOCK = int.from_bytes(b"mtvgen", "big")
BUSY_TIMEOUT = 5000  # milliseconds that a migration waits for readers at its commit
WAIT = 600  # seconds to wait for another process that migrates; then something is wrong with it


Begin = Callable[[], AbstractContextManager[Any]]


def locked(
    connection: Connection, begin: Begin, waiting: Callable[[], None]
) -> AbstractContextManager[None]:
    """Open a transaction during which no other process migrates.

    Args:
        connection: To the database.
        begin: Alembic's, which ends and resumes it around an `autocommit_block()`.
        waiting: Called once when another process migrates.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    return (_lock_sqlite if is_sqlite else _lock_postgresql)(connection, begin, waiting)


@contextmanager
def _lock_postgresql(
    connection: Connection, begin: Begin, waiting: Callable[[], None]
) -> Iterator[None]:
    with begin():
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({LOCK})").scalar():
            waiting()
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        yield


@contextmanager
def _lock_sqlite(
    connection: Connection, begin: Begin, waiting: Callable[[], None]
) -> Iterator[None]:
    dbapi: Any = connection.connection.dbapi_connection
    # A batch migration makes a table again and drops the old one; with foreign keys on that
    # deletes the rows of other tables that refer to it. SQLite ignores the switch within a
    # transaction (https://sqlite.org/lang_altertable.html#otheralter).
    dbapi.execute("PRAGMA foreign_keys = OFF")
    try:
        with _begun_sqlite(begin, waiting):
            dbapi.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
            broken = _broken_references(dbapi)
            yield
            if new := _broken_references(dbapi) - broken:
                table, parent = min(new)
                raise MigrationError(
                    f"{new.total()} rows of {table} would refer to rows of {parent} that are not "
                    "there. Nothing was changed.",
                    cure="fix the migration, or delete those rows in it",
                )
    finally:
        dbapi.execute("PRAGMA foreign_keys = ON")


def _begun_sqlite(begin: Begin, waiting: Callable[[], None]) -> AbstractContextManager[Any]:
    """BEGIN IMMEDIATE, as soon as nobody else holds it."""
    deadline = time.monotonic() + WAIT
    told = False
    while True:
        try:
            return begin()
        except DatabaseUnavailable as fault:
            locked = getattr(fault.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not locked or time.monotonic() > deadline:
                raise
        if not told:
            waiting()
            told = True


def _broken_references(dbapi: Any) -> Counter[tuple[str, str]]:
    """Return how many rows of a table refer to rows of another that are not there."""
    rows = dbapi.execute("PRAGMA foreign_key_check").fetchall()
    return Counter((table, parent) for table, _, parent, _ in rows)
