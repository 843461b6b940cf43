"""`mtvgen migrate`: bring the database to the newest migration, or to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from mtvgen.errors import UsageError, printable
from mtvgen.project.database import ProjectDatabase, database_errors_as_cli_errors, load_database
from mtvgen.project.loading import current_project

if TYPE_CHECKING:
    from mtvgen.runtime.migrations import Step


@click.command()
@click.argument("revision", default="head")
@click.option(
    "--yes", "-y", "is_sure", is_flag=True, help="Go ahead even if rows or columns are lost."
)
@click.option("--status", is_flag=True, help="Show which migrations are applied.")
@click.option("--sql", is_flag=True, help="Print the SQL, and change nothing.")
@click.option("--adopt", metavar="REVISION", help="Treat the existing tables as REVISION's.")
@click.option("--no-backup", is_flag=True, help="Do not back up a SQLite database first.")
@click.option("--traceback", is_flag=True, help="Show whole tracebacks, not only your frames.")
def migrate(
    revision: str,
    is_sure: bool,
    status: bool,
    sql: bool,
    adopt: str | None,
    no_backup: bool,
    traceback: bool,
) -> None:
    """Bring the database to the newest migration.

    With REVISION it goes there, forwards or back: a migration's name or its beginning, such
    as 0002; "base" is before the first one.
    Either all of it is done or nothing: a migration that fails leaves the database as it was.
    One that would lose rows or values is not run, unless --yes.
    """
    if sum((status, sql, adopt is not None)) > 1:
        raise UsageError("--status, --sql and --adopt are three commands.", cure="give one of them")
    project = current_project()
    found = load_database(project, all_frames=traceback)
    with closing(found.database), database_errors_as_cli_errors(), _findings_first():
        if status:
            _print_status(found)
        elif sql:
            _print_sql(found, revision)
        elif adopt is not None:
            _adopt(found, adopt, is_sure=is_sure)
        else:
            _run(found, revision, is_sure=is_sure, backs_up=not no_backup)


@contextmanager
def _findings_first() -> Iterator[None]:
    """Print what an error is about, line by line, before the error itself."""
    from mtvgen.runtime.migrations import AdoptionError, DataLossError

    try:
        yield
    except DataLossError as error:
        _say(error.findings)
        raise
    except AdoptionError as error:
        _say(error.differences)
        raise


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(printable(line), err=True)


def _print_sql(found: ProjectDatabase, revision: str) -> None:
    from mtvgen.runtime.migrations import migration_sql

    click.echo(migration_sql(found.database, found.migrations, revision), nl=False)


def _adopt(found: ProjectDatabase, revision: str, *, is_sure: bool) -> None:
    from mtvgen.runtime.migrations import adopt
    from mtvgen.runtime.migrations.applied import applied_revisions

    _say(adopt(found.database, found.migrations, revision, accept_differences=is_sure))
    click.echo(_standing(found, applied_revisions(found.database), "is now"))


def _run(found: ProjectDatabase, revision: str, *, is_sure: bool, backs_up: bool) -> None:
    from mtvgen.runtime.migrations import migrate as run
    from mtvgen.runtime.migrations.applied import applied_revisions

    steps = run(
        found.database,
        found.migrations,
        revision,
        accept_losses=is_sure,
        backup=backs_up,
        waiting=_say_that_we_wait,
        tell=lambda line: _say([line]),
    )
    for step in steps:
        click.echo(_line(step, max(len(step.name) for step in steps)))
    verb = "is now" if steps else "is already"
    click.echo(_standing(found, applied_revisions(found.database), verb))


def _say_that_we_wait() -> None:
    click.echo("Another process is migrating this database: waiting for it.", err=True)


def _line(step: Step, width: int) -> str:
    return f"{step.name:<{width}}  {step.direction}"


def _print_status(found: ProjectDatabase) -> None:
    from mtvgen.runtime.migrations import migration_state
    from mtvgen.runtime.migrations.revisions import read_revisions

    revisions = read_revisions(found.migrations)
    state = migration_state(found.database, found.migrations)
    width = max((len(name) for name in revisions.by_name), default=0)
    for revision in revisions.order:
        word = "not applied" if revision.name in state.lacking else "applied"
        click.echo(f"{revision.name:<{width}}  {word}")
    click.echo(_standing(found, state.applied, "is"))
    for message in state.messages:
        click.echo(printable(message))


def _standing(found: ProjectDatabase, applied: tuple[str, ...], verb: str) -> str:
    """Return where the database is now, in words."""
    from mtvgen.runtime.migrations.revisions import WRITE_ONE, read_revisions

    revisions = read_revisions(found.migrations)
    if not revisions.order:
        return f"There are no migrations yet. -> {WRITE_ONE}"
    if not applied:
        return f"The database {verb} before the first migration."
    newest = ", the newest" if applied == revisions.heads else ""
    return f"The database {verb} at {', '.join(applied)}{newest}."
