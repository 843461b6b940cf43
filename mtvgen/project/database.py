"""The project's database: what `models/__init__.py` calls `database`, and its migrations.

Nothing of the views is imported, so a database can be migrated while a view is broken; and what
goes wrong becomes one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from mtvgen.errors import MtvgenError, printable
from mtvgen.project.loading import Project, ProjectError, load_module

if TYPE_CHECKING:
    from mtvgen.runtime.models.database import Database
    from mtvgen.runtime.support.faults import Fault


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
    project_database = find_database(project, all_frames=all_frames)
    if project_database is None:
        raise ProjectError(
            "models/__init__.py has no 'database'.",
            cure="database = Database(settings.database_url)",
        )
    return project_database


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


def report_database_state(project: Project, say: Callable[[str], None]) -> None:
    """Say what `runserver` has to say about the database of a project that it has imported.

    A SQLite database that is not there yet is made; one that lacks a migration, or has no column
    for what a model has, gets a line that names the command. No Alembic, unless one is made.

    Args:
        project: Its `models` is imported.
        say: Prints a line. For a server it may be called later, from another thread: one that
            does not answer keeps no page waiting that needs none.
    """
    project_database = find_database(project)
    if project_database is None:
        return
    if project_database.database.file is not None:
        _tell(project_database, say)
    else:
        Thread(target=_tell, args=(project_database, say), daemon=True).start()


def is_database_missing(project: Project) -> bool:
    """Return whether a project, its `models` imported, has a database that is still to be made."""
    project_database = find_database(project)
    return project_database is not None and not project_database.database.exists


def _tell(project_database: ProjectDatabase, say: Callable[[str], None]) -> None:
    try:
        with database_errors_as_cli_errors():
            for note in _notes(project_database):
                say(str(note))
    except MtvgenError as error:
        say(str(error))  # the pages that need no database are served all the same


def describe_database_state(project: Project) -> Iterator[Fault]:
    """Yield what keeps models, migrations and database apart, each with the command that helps.

    Raises:
        ProjectError: The models can't be imported.
        DatabaseFault: The database can't be reached.
    """
    project_database = find_database(project)
    if project_database is not None and project_database.database.exists:
        yield from _notes(project_database)


def _notes(project_database: ProjectDatabase) -> Iterator[Fault]:
    from mtvgen.runtime.migrations.applied import (
        is_blank,
        lacking_migrations,
        lacking_revisions,
        unheld_changes,
    )
    from mtvgen.runtime.migrations.missing_columns import files_with_gaps
    from mtvgen.runtime.support.faults import Fault

    database, migrations = project_database.database, project_database.migrations
    lacking = lacking_revisions(database, migrations)
    if not database.exists or (lacking and is_blank(database)):
        from mtvgen.runtime.migrations.run import migrate_if_missing

        made = migrate_if_missing(database, migrations)
        if made:
            yield Fault("made", made)
    elif lacking:
        yield lacking_migrations(lacking)
    else:
        yield from map(unheld_changes, files_with_gaps(database))


@contextmanager
def database_errors_as_cli_errors() -> Iterator[None]:
    """Turn what a database or a migration refuses into an error of the command line.

    Raises:
        MtvgenError: In its place.
    """
    from mtvgen.runtime.migrations.revisions import MigrationError
    from mtvgen.runtime.models.faults import DatabaseFault

    try:
        yield
    except (MigrationError, DatabaseFault) as error:
        fault = error.fault
        raise MtvgenError(printable(fault.sentence), cure=printable(fault.cure)) from error
