"""The project's database: what `models/__init__.py` calls `database`, and its migrations.

Nothing of the views is imported, so a database can be migrated while a view is broken; and what
goes wrong becomes one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtvgen.errors import MtvgenError, printable
from mtvgen.project import Project, ProjectError, load_module

if TYPE_CHECKING:
    from mtvgen.runtime.database import Database


@dataclass(frozen=True)
class ProjectDatabase:
    """A database, with the migrations that it is made by.

    Attributes:
        database: From `models/__init__.py`.
        migrations: The project's `migrations/`, which may be missing.
    """

    database: Database
    migrations: Path


def load_database(project: Project, *, all_frames: bool = False) -> ProjectDatabase:
    """Import the project's models, and give their database.

    Raises:
        ProjectError: The models can't be imported, or have no `database`.
    """
    found = find_database(project, all_frames=all_frames)
    if found is None:
        raise ProjectError(
            "models/__init__.py has no 'database'.",
            cure="database = Database(settings.database_url)",
        )
    return found


def find_database(project: Project, *, all_frames: bool = False) -> ProjectDatabase | None:
    """As `load_database()`; None where the project has no database, and then loads no SQLAlchemy.

    Raises:
        ProjectError: The models can't be imported.
    """
    if not (project.root / "models").is_dir() and not (project.root / "models.py").is_file():
        return None
    database: Any = getattr(load_module(project, "models", all_frames=all_frames), "database", None)
    if not hasattr(database, "temporarily"):  # asked so, because a class would have to be imported
        return None
    return ProjectDatabase(database, project.root / "migrations")


@contextmanager
def one_line_each() -> Iterator[None]:
    """Turn what a database or a migration refuses into an error of the command line.

    Raises:
        MtvgenError: In its place.
    """
    from mtvgen.runtime.database_faults import DatabaseFault
    from mtvgen.runtime.revisions import MigrationError

    try:
        yield
    except (MigrationError, DatabaseFault) as error:
        raise MtvgenError(printable(error.message), cure=printable(error.cure)) from error
