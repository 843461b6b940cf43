"""Fresh databases for tests: the migrations run once, and each test gets a copy."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import mtvgen.runtime.models.loading  # noqa: F401 (before all that imports SQLAlchemy)

# isort: split
from sqlalchemy.engine import URL

from mtvgen.runtime.migrations.fresh.created import make_created
from mtvgen.runtime.migrations.fresh.files import copied_file
from mtvgen.runtime.migrations.fresh.servers import copied_on_server
from mtvgen.runtime.migrations.revisions import read_revisions
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.models.urls import is_in_memory, parse_url


class FreshDatabases:
    """Databases for the tests of a project, each as the migrations leave it.

        with FreshDatabases(database, tmp_path / "test.sqlite3", directory) as databases:
            with databases.fresh():
                ...

    The migrations run once, when the first block begins; a copy of their result costs a test next
    to nothing on SQLite, and some hundredths of a second on PostgreSQL.

    Args:
        database: The project's, which is another one for as long as a test lasts.
        url: The Path of a SQLite file, which is made; or a PostgreSQL URL: the databases of the
            tests are made on its server, next to the one that it names, and dropped at the end.
            What a killed run left there, the next one drops.
        directory: The project's `migrations/`.

    Raises:
        ValueError: A SQLite database in memory can't be copied.
        MigrationError, DatabaseFault: As for `migrate()`.
    """

    def __init__(self, database: Database, url: str | Path, directory: Path) -> None:
        self._database = database
        self._directory = directory
        self._url = parse_url(url)
        if is_in_memory(self._url):
            raise ValueError(f'{str(url)!r} can\'t be copied. -> tmp_path / "test.sqlite3"')
        self._ends = ExitStack()
        self._has_run = False

    def __enter__(self) -> Self:
        is_sqlite = self._url.get_backend_name() == "sqlite"
        prepare = copied_file if is_sqlite else copied_on_server
        with ExitStack() as ends:
            self._test, self._copy = ends.enter_context(prepare(self._migrated, self._url))
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ends.close()

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        """Let the project use a fresh database until the block ends."""
        self._copy()
        try:
            with self._database.temporarily(self._test):
                yield self._database
        finally:
            self._keep_what_is_imported()

    def _keep_what_is_imported(self) -> None:
        """After the first test, have the garbage collector pass over all that there is by then.

        The project, and what it imports, live to the end. To look through them again and again,
        pytest's five looks at its end included, took 0.2 s, a sixth of a new project's tests.
        """
        if not self._has_run:
            self._has_run = True
            gc.collect(1)  # or the garbage of this test would be frozen too
            gc.freeze()

    def _migrated(self, url: URL) -> Database:
        """Return a database with all tables, and without an open connection."""
        database = Database(url.render_as_string(hide_password=False), limits=self._database.limits)
        if not make_created(database, read_revisions(self._directory)):
            # Imported on use, because it imports Alembic.
            from mtvgen.runtime.migrations.run import migrate

            # What a migration imports may ask the project's own database.
            with self._database.temporarily(database):
                migrate(self._database, self._directory)
        return database
