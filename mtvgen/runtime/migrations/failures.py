"""Failures of migrations: one line with file and line, and what is left in the database."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.util.exc import CommandError
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.models.faults import DatabaseFault


class Commits:
    """The commits of a migration itself, which outlive its failure.

    `autocommit_block()`, `op.get_bind().commit()` and `op.execute("COMMIT")` all do so.

    Attributes:
        places: Where: the file, `migrations/0002_index.py`, and the line.
    """

    def __init__(self, connection: Connection, directory: Path) -> None:
        self.places: list[tuple[str, int]] = []
        self._directory = directory
        event.listen(connection, "commit", self._note)
        event.listen(connection, "before_cursor_execute", self._note_statement)

    def _note(self, _connection: Connection) -> None:
        if place := _place_of_caller(self._directory):
            self.places.append(place)

    def _note_statement(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if re.match(r"\s*(COMMIT|END)\b", statement, re.I):
            self._note(connection)


@contextmanager
def explained(directory: Path, commits: Commits | None = None) -> Iterator[None]:
    """One line, with the migration's file and line, for whatever goes wrong in one.

    Args:
        directory: That of the migrations.
        commits: What the run has committed on its way.

    Raises:
        MigrationError: In place of any other exception.
    """
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        raise
    except MigrationError as error:
        place = _line_in(directory, error)
        if place is None or error.location is not None:
            raise
        file, line = place
        raise MigrationError(error.message, cure=error.cure, place=file, line=line) from error
    except BaseException as error:
        place = _line_in(directory, error)
        if place is None and isinstance(error, DatabaseFault):
            raise
        file, line = place or ("", 0)
        kept, cure = _outcome(commits, file, _remedy(error))
        message = f"{_sentence(error)} {kept}"
        raise MigrationError(message, cure=cure, place=file, line=line) from error


def _outcome(commits: Commits | None, failed: str, remedy: str) -> tuple[str, str]:
    """Return what of the run stays in the database, and what to do."""
    if commits is None or not commits.places:
        return "Nothing was changed.", f"{remedy}, then: mtvgen migrate" if failed else ""
    last_file, last_line = commits.places[-1]
    file = failed or last_file
    return (
        f"Everything up to {last_file}:{last_line} was committed there, and stays.",
        f"undo that by hand, or let {file} pass over it; then: mtvgen migrate",
    )


def _line_in(directory: Path, error: BaseException) -> tuple[str, int] | None:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).parent == directory]
    return _place(directory, inside[-1].filename, inside[-1].lineno or 1) if inside else None


def _place_of_caller(directory: Path) -> tuple[str, int] | None:
    frame = sys._getframe(1)
    while frame is not None:
        if Path(frame.f_code.co_filename).parent == directory:
            return _place(directory, frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
    return None


def _place(directory: Path, file: str, line: int) -> tuple[str, int]:
    return f"{directory.name}/{Path(file).name}", line


# PostgreSQL's codes for what another object, mostly a view, still needs as it is.
_IS_NEEDED = ("0A000", "2BP01")


def _dependents(error: BaseException) -> str:
    """`rule _RETURN on view cheap depends on column "price"`; "" where that is not the matter."""
    said = getattr(getattr(error, "orig", None), "diag", None)
    if said is None or said.sqlstate not in _IS_NEEDED:
        return ""
    return str(said.message_detail or "").partition("\n")[0]


def _remedy(error: BaseException) -> str:
    if _dependents(error):
        return "drop that before, and make it again after, by op.execute()"
    return "fix it"


def _sentence(error: BaseException) -> str:
    """Return the exception on one line; of a driver's error what the driver says."""
    if isinstance(error, CommandError):
        return f"{error}".rstrip(".") + "."
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    message = str(said).partition("\nLINE ")[0]
    if needed := _dependents(error):  # the HINT speaks of CASCADE, which would lose that
        message = f"{message.partition(chr(10))[0]}: {needed}"
    text = re.sub(r"\s+", " ", message).strip().rstrip(".")
    text = text.replace("_mtvgen_new_", "")
    return f"{type(said).__name__}: {text}." if text else f"{type(said).__name__}."
