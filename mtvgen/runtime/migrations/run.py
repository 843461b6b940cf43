"""Migrations: Alembic, driven from code. The project holds migrations/*.py and nothing else.

One run is one transaction, from reading the version to the last statement: of two processes that
migrate at once one does and the other waits, and what fails leaves the database as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from mtvgen.runtime.migrations.applied import check_known, is_blank
from mtvgen.runtime.migrations.backups import back_up
from mtvgen.runtime.migrations.failures import Commits, explained
from mtvgen.runtime.migrations.history import history_of
from mtvgen.runtime.migrations.locks import locked
from mtvgen.runtime.migrations.losses.announce import announce, refuse
from mtvgen.runtime.migrations.operations.environment import migration_context
from mtvgen.runtime.migrations.operations.hooks import Handler, operations_by
from mtvgen.runtime.migrations.operations.postgresql import PostgreSQLHandler
from mtvgen.runtime.migrations.operations.sqlite import SQLiteHandler
from mtvgen.runtime.migrations.revisions import MigrationError, read_revisions
from mtvgen.runtime.migrations.schema.models import silent
from mtvgen.runtime.migrations.steps import Scripts, Step
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.support.locations import shown

UNSAFE_LABEL = "55P04"  # unsafe_new_enum_value_usage


def migrate(
    database: Database,
    directory: Path,
    revision: str = "head",
    *,
    accept_losses: bool = False,
    backup: bool = True,
    waiting: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Step, ...]:
    """Bring a database to a revision, forwards or back; all of it, or nothing.

    Args:
        database: Where to.
        directory: The project's `migrations/`.
        revision: A name or its beginning; "head" is the newest, "base" is before the first.
        accept_losses: Whether rows and values may go; else what would lose some is refused.
        backup: Whether a SQLite file with rows is copied before it is changed.
        waiting: Called once when another process is migrating, which is waited for.
        tell: Called with each line about what is lost, what could not be looked at, and where
            the copy is.

    Raises:
        DataLossError: Rows or values would be lost, or the rows do not fit; nothing was changed.
        MigrationError: The files do not form a chain, there is no such revision, or a migration
            failed; the message says what became of the database.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    target = revisions.find(revision)
    if not revisions.order:
        return ()
    run = _Run(database, directory, Scripts(revisions), target)
    run.accepts_losses, run.backs_up, run.tell = accept_losses, backup, tell
    try:
        return run.once(waiting)
    except MigrationError as error:
        if _sqlstate(error) != UNSAFE_LABEL or run.has_committed:
            raise
        # A label was added to a type and used before the commit; the type is replaced instead.
        return run.once(waiting, replaces_enums=True)


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


class _Run:
    """One way of a database to a revision.

    Attributes:
        has_committed: Whether a migration has committed on its own.
    """

    def __init__(
        self, database: Database, directory: Path, scripts: Scripts, target: str | None
    ) -> None:
        self.accepts_losses = False
        self.backs_up = True
        self.tell: Callable[[str], None] = lambda _: None
        self.has_committed = False
        self._database = database
        self._directory = directory
        self._scripts = scripts
        self._target = target
        self._steps: tuple[Step, ...] = ()

    def once(
        self, waiting: Callable[[], None], *, replaces_enums: bool = False
    ) -> tuple[Step, ...]:
        with (
            self._database.own_engine() as engine,
            engine.connect() as connection,
            migration_context(self._planned, connection=connection) as context,
            locked(connection, context.begin_transaction, waiting),
        ):
            heads = context.get_current_heads()
            check_known(heads, self._scripts.revisions)
            self._steps = self._scripts.steps(heads, self._target)
            if self._steps:
                self._prepare(heads, connection, is_again=replaces_enums)
                self._do(context, connection, replaces_enums=replaces_enums)
        return self._steps

    def _planned(self, *_: Any) -> list[Any]:
        """Return the steps, when Alembic asks for them."""
        return self._scripts.for_alembic(self._steps)

    def _prepare(self, heads: tuple[str, ...], connection: Connection, *, is_again: bool) -> None:
        """Refuse what would lose something, and copy what is about to change."""
        if is_again:
            return
        history = history_of(self._scripts, heads, connection.dialect)
        announcement = announce(self._steps, self._scripts, connection, history)
        refuse(announcement, accepts_losses=self.accepts_losses)
        for line in (*announcement.losses, *announcement.unseen):
            self.tell(line)
        file = self._database.file
        if self.backs_up and file is not None and file.is_file():
            copy = back_up(file, self._steps[0].name)
            if copy is not None:
                self.tell(f"The database as it was: {shown(str(copy))}")

    def _do(
        self, context: MigrationContext, connection: Connection, *, replaces_enums: bool
    ) -> None:
        commits = Commits(connection, self._directory)
        handler = self._handler(context, replaces_enums=replaces_enums)
        try:
            with silent(), explained(self._directory, commits), operations_by(context, handler):
                context.run_migrations()
        finally:
            self.has_committed = bool(commits.places)

    def _handler(self, context: MigrationContext, *, replaces_enums: bool) -> Handler:
        if context.dialect.name == "sqlite":
            return SQLiteHandler(context)
        heads = context.get_current_heads()
        history = history_of(self._scripts, heads, context.dialect)
        return PostgreSQLHandler(context, history.state, replaces_enums=replaces_enums)


def _sqlstate(error: BaseException) -> str | None:
    cause = getattr(error.__cause__, "orig", None)
    return getattr(cause, "sqlstate", None)
