"""`mtvgen makemigrations`: write down what changed in the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import click

from mtvgen.errors import printable
from mtvgen.project.database import database_errors_as_cli_errors, load_database
from mtvgen.project.loading import current_project

if TYPE_CHECKING:
    from pathlib import Path

    from mtvgen.runtime.migrations import NewMigration


@click.command()
@click.option(
    "-m", "--message", metavar="TEXT", default="", help="What the migration does, for its name."
)
@click.option(
    "--rename",
    "renames",
    metavar="OLD:NEW",
    multiple=True,
    help="A rename: note.text:words, or note:memo for a table.",
)
@click.option("--traceback", is_flag=True, help="Show whole tracebacks, not only your frames.")
def makemigrations(message: str, renames: tuple[str, ...], traceback: bool) -> None:
    """Write a migration for what changed in models/.

    It is the difference between the models and the database.
    Read it: a rename looks like a column that goes and one that comes, unless --rename says so.
    """
    project = current_project()
    found = load_database(project, all_frames=traceback)
    with closing(found.database), database_errors_as_cli_errors():
        # Imported on use: Alembic takes as long as everything else together.
        from mtvgen.runtime.migrations import make_migration

        migration = make_migration(found.database, found.migrations, message, renames=renames)
    if migration is None:
        click.echo("No changes.")
        for line in _not_imported(project.root):
            click.echo(printable(line), err=True)
        return
    click.echo("\n".join(description(migration)))
    for warning in migration.warnings:
        click.echo(f"Warning: {printable(warning)}", err=True)


def _not_imported(root: Path) -> Iterator[str]:
    """Yield what to do about each model that no import brings, and so no migration sees."""
    from mtvgen.checks.mapping.model_files import unimported_models  # seldom needed
    from mtvgen.checks.python.sources import Sources

    sources = Sources(root)
    sources.refresh()
    for problem in unimported_models(sources):
        yield f"{problem.message} {problem.hint}"


def description(migration: NewMigration) -> Iterator[str]:
    """Yield the file, what it does, and what to type next."""
    yield f"Wrote migrations/{migration.file.name}"
    yield from (f"  {printable(change)}" for change in migration.changes)
    yield "Next: mtvgen migrate"
