"""Copies of a SQLite file: its bytes, written again for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL

from mtvgen.runtime.models.database import Database


@contextmanager
def copied_file(
    migrated: Callable[[URL], Database], url: URL
) -> Iterator[tuple[Database, Callable[[], None]]]:
    """Yield the database of all tests, and what makes its file again.

    Args:
        migrated: Makes a database with all tables, and leaves no connection open.
        url: Where.
    """
    database = migrated(url)
    event.listen(database.engine, "connect", _leave_to_the_disk)
    file = Path(str(database.file))
    file.touch()  # a project without migrations
    tables = file.read_bytes()  # the last connection that closes leaves no log next to it

    def copy() -> None:
        # A connection that a test has left open keeps its own file, instead of changing this one.
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        file.write_bytes(tables)

    yield database, copy


def _leave_to_the_disk(connection: Any, _record: object) -> None:
    """Wait for no write of the disk: a test's database need not outlive a crash of the machine."""
    connection.execute("PRAGMA synchronous = OFF")
