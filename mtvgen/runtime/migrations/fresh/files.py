"""Copies of a SQLite file: its pages, written again for each test."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from mtvgen.runtime.migrations.fresh.kept_connection import KeptConnection
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.models.writers import forget_file


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
    file = Path(str(database.file))
    file.touch()  # a project without migrations
    tables = file.read_bytes()  # the last connection that closes leaves no log next to it

    def copy() -> None:
        if tables and kept.is_filled():
            return
        database.close()
        # A connection that a test has left open keeps its own file, instead of changing this one.
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        forget_file(database.engine.url.database)
        file.write_bytes(tables)
        kept.begin()

    with closing(_in_memory(file)) as template:
        kept = KeptConnection(database.engine, file, template)
        try:
            yield database, copy
        finally:
            database.close()


def _in_memory(file: Path) -> sqlite3.Connection:
    """Return a copy of a database, which is in nobody's way."""
    template = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(file)) as source:
        source.backup(template)
    return template
