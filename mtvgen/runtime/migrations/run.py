"""Migrations: Alembic, driven from code. The project holds migrations/*.py and nothing else.

One run is one transaction, from reading the version to the last statement: of two processes that
migrate at once one does and the other waits, and what fails leaves the database as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mtvgen.runtime.migrations.applied import is_blank
from mtvgen.runtime.migrations.environment import (
    Step,
    load_scripts,
    migration_environment,
    planner,
)
from mtvgen.runtime.migrations.failures import explained
from mtvgen.runtime.migrations.locks import locked
from mtvgen.runtime.migrations.revisions import read_revisions
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.support.locations import shown


def migrate(
    database: Database,
    directory: Path,
    revision: str = "head",
    *,
    waiting: Callable[[], None] = lambda: None,
) -> tuple[Step, ...]:
    """Bring a database to a revision, forwards or back; all of it, or nothing.

    Args:
        database: Where to.
        directory: The project's `migrations/`.
        revision: A name or its beginning; "head" is the newest, "base" is before the first.
        waiting: Called once when another process is migrating, which is waited for.

    Raises:
        MigrationError: The files do not form a chain, there is no such revision, or a migration
            failed; the database is as it was.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    target = revisions.find(revision)
    if not revisions.order:
        return ()
    script = load_scripts(directory)
    plan = planner(revisions, script, target)
    with (
        database.own_engine() as engine,
        engine.connect() as connection,
        migration_environment(script, plan, connection=connection) as environment,
    ):
        with locked(connection, environment, waiting), explained(directory):
            environment.run_migrations()
        steps: list[Step] = environment.get_context().opts["mtvgen_steps"]
    return tuple(steps)


def migrate_if_missing(database: Database, directory: Path) -> str | None:
    """Make a SQLite database that has no table yet; one line about it, None where it has one.

    Raises:
        MigrationError, DatabaseFault: As for `migrate()`.
    """
    file = database.file
    if file is None or not is_blank(database):
        return None
    names = ", ".join(step.name for step in migrate(database, directory))
    return f"Made {shown(str(file))}: applied {names}." if names else None
