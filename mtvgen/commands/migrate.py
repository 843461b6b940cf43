"""`mtvgen migrate`: bring the database to the newest migration, or to another one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from mtvgen.project.database import ProjectDatabase, database_errors_as_cli_errors, load_database
from mtvgen.project.loading import current_project

if TYPE_CHECKING:
    from mtvgen.runtime.migrations.environment import Step


@click.command()
@click.argument("revision", default="head")
@click.option("--sql", is_flag=True, help="Print the SQL, and change nothing.")
@click.option("--traceback", is_flag=True, help="Show whole tracebacks, not only your frames.")
def migrate(revision: str, sql: bool, traceback: bool) -> None:
    """Bring the database to the newest migration.

    With REVISION it goes there, forwards or back: a migration's name or its beginning, such
    as 0002; "base" is before the first one.
    Either all of it is done or nothing: a migration that fails leaves the database as it was.
    """
    project = current_project()
    found = load_database(project, all_frames=traceback)
    with closing(found.database), database_errors_as_cli_errors():
        if sql:
            _print_sql(found, revision)
        else:
            _run(found, revision)


def _print_sql(found: ProjectDatabase, revision: str) -> None:
    from mtvgen.runtime.migrations.sql import migration_sql

    click.echo(migration_sql(found.database, found.migrations, revision), nl=False)


def _run(found: ProjectDatabase, revision: str) -> None:
    from mtvgen.runtime.migrations.applied import applied_revisions
    from mtvgen.runtime.migrations.run import migrate as run

    steps = run(found.database, found.migrations, revision, waiting=_say_that_we_wait)
    for step in steps:
        click.echo(_line(step, max(len(step.name) for step in steps)))
    click.echo(_standing(found, applied_revisions(found.database), any_steps=bool(steps)))


def _say_that_we_wait() -> None:
    click.echo("Another process is migrating this database: waiting for it.", err=True)


def _line(step: Step, width: int) -> str:
    return f"{step.name:<{width}}  {step.direction}"


def _standing(found: ProjectDatabase, applied: tuple[str, ...], *, any_steps: bool) -> str:
    """Where the database is now, in words."""
    from mtvgen.runtime.migrations.revisions import WRITE_ONE, read_revisions

    revisions = read_revisions(found.migrations)
    if not revisions.order:
        return f"There are no migrations yet. -> {WRITE_ONE}"
    verb = "is now" if any_steps else "is already"
    if not applied:
        return f"The database {verb} before the first migration."
    newest = ", the newest" if applied == revisions.heads else ""
    return f"The database {verb} at {', '.join(applied)}{newest}."
