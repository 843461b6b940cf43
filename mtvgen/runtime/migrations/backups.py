"""A copy of a SQLite file before a migration changes it: `db.sqlite3.before-0005`."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing, suppress
from itertools import chain, count
from pathlib import Path

from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.sql_text import quoted

KEPT = 3  # the newest copies that stay
MODE = 0o600  # a database holds what only its owner may read


def back_up(file: Path, name: str) -> Path | None:
    """Copy a database that has rows; None where it has none.

    SQLite copies it itself (https://sqlite.org/backup.html), so the copy is whole whoever reads
    or has it open meanwhile. Of the copies the newest few stay.

    Args:
        file: The database.
        name: The migration before which it is: `0005_title`.

    Raises:
        MigrationError: There is no room, or no permission.
    """
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as source:
        if not _has_rows(source):
            return None
        copy = _place(file, name)
        draft = copy.with_name(f"{copy.name}.part")
        try:
            _copy(source, draft)
            draft.replace(copy)
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError):
                draft.unlink()
            raise MigrationError(
                f"{copy.name}, a copy of the database, can't be written: {error}. "
                "Nothing was changed.",
                cure="make room, or do without it: mtvgen migrate --no-backup",
            ) from error
    _forget_old_ones(file)
    return copy


def _place(file: Path, name: str) -> Path:
    """Return where a copy goes.

    Next to the one of an earlier try, which may hold what this one lacks.
    """
    number = re.match("[0-9]+", name)
    first = file.with_name(f"{file.name}.before-{number[0] if number else name}")
    places = chain([first], (first.with_name(f"{first.name}-{n}") for n in count(2)))
    return next(place for place in places if not place.is_file())


def _has_rows(source: sqlite3.Connection) -> bool:
    tables = source.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name <> 'alembic_version'"
    ).fetchall()
    return any(
        source.execute(f"SELECT 1 FROM {quoted(name)} LIMIT 1").fetchone() for (name,) in tables
    )


def _copy(source: sqlite3.Connection, draft: Path) -> None:
    draft.unlink(missing_ok=True)
    # The file is made with its mode, so there is no moment in which others may read it.
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE))
    with closing(sqlite3.connect(draft)) as target:
        source.backup(target)
        # One file, complete in itself: what is in a -wal next to it would be forgotten.
        target.execute("PRAGMA journal_mode = DELETE")


def _forget_old_ones(file: Path) -> None:
    copies = [p for p in file.parent.glob(f"{_escaped(file.name)}.before-*") if p.suffix != ".part"]
    for old in sorted(copies, key=lambda path: path.stat().st_mtime_ns)[:-KEPT]:
        with suppress(OSError):
            old.unlink()


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
