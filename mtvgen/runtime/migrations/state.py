"""The state of models, migrations and database: which is ahead of which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData

from mtvgen.runtime.migrations.applied import (
    applied_revisions,
    check_known,
    lacking_migrations,
    unheld_changes,
)
from mtvgen.runtime.migrations.missing_columns import file_of_table
from mtvgen.runtime.migrations.revisions import Revisions, read_revisions
from mtvgen.runtime.migrations.schema.created_tables import created_tables
from mtvgen.runtime.migrations.schema.same_tables import are_same_tables
from mtvgen.runtime.models import Model
from mtvgen.runtime.models.database import Database


@dataclass(frozen=True)
class MigrationState:
    """The differences between the database, the migrations and the models.

    Attributes:
        exists: Whether there is a database at all.
        applied: The newest migration that the database holds; several where branches are open.
        lacking: The migrations that it lacks, oldest first.
        unheld: The files of models with changes that no migration holds: `models/note.py`.
    """

    exists: bool
    applied: tuple[str, ...]
    lacking: tuple[str, ...]
    unheld: tuple[str, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """One line each, with the cure; none when all is well."""
        lines = [str(lacking_migrations(self.lacking))] if self.exists and self.lacking else []
        return (*lines, *(str(unheld_changes(file)) for file in self.unheld))


def migration_state(
    database: Database, directory: Path, metadata: MetaData | None = None
) -> MigrationState:
    """Compare models, migrations and database; nothing is written.

    Args:
        database: It may be missing.
        directory: The project's `migrations/`.
        metadata: The models; None: all that derive from `Model`.

    Raises:
        MigrationError: The files do not form a chain.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    revisions.head()
    applied = applied_revisions(database)
    check_known(applied, revisions)
    lacking = revisions.missing_from(applied)
    unheld: tuple[str, ...] = ()
    if not (database.exists and lacking):
        unheld = files_of_changes(database, directory, metadata)
    return MigrationState(database.exists, applied, lacking, unheld)


def files_of_changes(
    database: Database, directory: Path, metadata: MetaData | None = None
) -> tuple[str, ...]:
    """Return the files whose models differ from the database: `models/note.py`.

    Raises:
        MigrationError, DatabaseFault: As for `make_migration()`.
    """
    revisions = read_revisions(directory)
    metadata = Model.metadata if metadata is None else metadata
    if _are_created(database, revisions, metadata):
        return ()
    # Imported on use, because they import Alembic.
    from mtvgen.runtime.migrations.compared import compared
    from mtvgen.runtime.migrations.differences.difference import find_difference

    with compared(database, directory, revisions) as (connection, history):
        difference = find_difference(connection, history, metadata).difference
    tables = {name.name for name in [*difference.added, *difference.dropped, *difference.tables]}
    return tuple(sorted({file_of_table(table, metadata) for table in tables}))


def _are_created(database: Database, revisions: Revisions, metadata: MetaData) -> bool:
    """Return whether all models are certainly as migrations create them, and as the database is."""
    file = database.file if database.exists else None
    if database.exists and file is None:  # a server's
        return False
    created = created_tables(revisions)
    if created is None or not are_same_tables(created.tables, metadata):
        return False
    is_migrated = applied_revisions(database) == tuple(sorted(revisions.heads))
    return file is None or (is_migrated and created.are_all_of(file))
