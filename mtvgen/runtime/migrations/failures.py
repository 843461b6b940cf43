"""What goes wrong in a migration, as one line with its file and line."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.models.faults import DatabaseFault


@contextmanager
def explained(directory: Path) -> Iterator[None]:
    """One line, with the migration's file and line, for whatever goes wrong in one.

    Raises:
        MigrationError: In the place of any other exception.
    """
    try:
        yield
    except (MigrationError, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        line = _line_in(directory, error)
        if line is None and isinstance(error, DatabaseFault):
            raise
        place = f"{line}: " if line else ""
        raise MigrationError(
            f"{place}{_sentence(error)} Nothing was changed.",
            cure="mend it, then: mtvgen migrate" if line else "",
        ) from error


def _line_in(directory: Path, error: BaseException) -> str | None:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).parent == directory]
    return (
        f"{directory.name}/{Path(inside[-1].filename).name}:{inside[-1].lineno}" if inside else None
    )


def _sentence(error: BaseException) -> str:
    """The exception on one line; of a driver's error what the driver says."""
    if isinstance(error, CommandError):
        return f"{error}".rstrip(".") + "."
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = re.sub(r"\s+", " ", str(said).partition("\nLINE ")[0]).strip().rstrip(".")
    return f"{type(said).__name__}: {text}." if text else f"{type(said).__name__}."
