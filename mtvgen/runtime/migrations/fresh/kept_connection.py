"""The connection that one test leaves to the next: its file is filled again, instead of replaced.

A new file and a connection to it cost a test 0.7 ms, a quarter of what a test of a page or two
takes; to fill the file from memory costs 0.2 ms, and nothing where no page was written. It is done
only where nothing else of the test before can be left: no second connection, and no statement that
outlasts its transaction.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from mtvgen.runtime.models.pool import ConnectionPool

# The settings that each request makes (begin_sqlite()), and each copy.
_OUR_PRAGMAS = {"query_only", "wal_checkpoint"}
# Pages go through the log, so those of a larger database are written faster as a new file.
_MOST_TO_FILL = 256 * 1024  # bytes; that of a new project with accounts has 40 kB


class KeptConnection:
    """The one connection of an engine that tests use one after the other.

    Args:
        engine: The engine, which has not connected yet.
        file: Its database, in WAL mode.
        template: What the database is to hold.
    """

    def __init__(self, engine: Engine, file: Path, template: sqlite3.Connection) -> None:
        self._engine = engine
        self._file = file
        self._log = Path(f"{file}-wal")
        self._template = template
        self._is_altered = False
        self._filled = file.stat()
        self._connection: sqlite3.Connection | None = None
        event.listen(engine, "connect", self._watch)

    def is_filled(self) -> bool:
        """Return whether the database is what it was at first, and nothing else is left of a test.

        It is filled again, if that can be done.
        """
        pool = self._engine.pool
        is_idle = isinstance(pool, ConnectionPool) and pool.checkedin() == 1
        if self._is_altered or not is_idle or not self._file.is_file():
            return False
        status = self._file.stat()
        if _times_open(status) != 1:
            return False
        if self._is_unwritten(status):
            return True
        return self._filled.st_size <= _MOST_TO_FILL and self._fill()

    def begin(self) -> None:
        """Note that there is a new file, which holds what it is to hold, and no connection."""
        self._is_altered = False
        self._filled = self._file.stat()

    def _watch(self, connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        self._connection = connection
        # A test's database need not outlive a crash of the machine.
        connection.execute("PRAGMA synchronous = OFF")
        # Asked while a statement is compiled (https://sqlite.org/c3ref/set_authorizer.html).
        connection.set_authorizer(self._note)

    def _note(
        self, action: int, name: str | None, value: str | None, place: str | None, _: Any
    ) -> int:
        is_pragma = action == sqlite3.SQLITE_PRAGMA
        is_setting = is_pragma and value is not None and name not in _OUR_PRAGMAS
        is_attachment = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
        if is_setting or is_attachment or place == "temp":
            self._is_altered = True
        return sqlite3.SQLITE_OK

    def _is_unwritten(self, status: os.stat_result) -> bool:
        """Return whether no page was written: all go through the log first, which was emptied."""
        is_log_empty = self._log.is_file() and self._log.stat().st_size == 0
        return is_log_empty and status.st_mtime_ns == self._filled.st_mtime_ns

    def _fill(self) -> bool:
        # Not out of the pool, where it waits for the next request with all that is made around it.
        connection = self._connection
        assert connection is not None  # noqa: S101  # it is the one that is open
        try:
            self._template.backup(connection)
            # What a test copies or reads is the file, and an empty log says that it wrote nothing.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:  # a test has damaged the file, or has closed the connection
            return False
        self._filled = self._file.stat()
        return True


def _times_open(status: os.stat_result) -> int:
    """Return how often this process has a file open: 0 where the system does not say."""
    found = 0
    try:
        descriptors = os.listdir("/dev/fd")  # noqa: PTH208  # numbers, and no Paths
    except OSError:
        return 0
    for descriptor in descriptors:
        try:
            found += os.path.samestat(os.fstat(int(descriptor)), status)
        except OSError:  # the one that listed them
            continue
    return found
