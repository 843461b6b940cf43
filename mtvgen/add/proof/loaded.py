"""A project that has an addition, loaded: its new migration, and the routes that it closes.

A copy is imported in a process of its own, which writes its answer into a file: what the project
prints is not the answer.

    python -m mtvgen.add.proof.loaded COPY ANSWER TEXT
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtvgen.add.proof.processes import run
from mtvgen.errors import MtvgenError
from mtvgen.project.database import database_errors_as_cli_errors, load_database
from mtvgen.project.loading import Project, ProjectError, load_application, unwrap_application
from mtvgen.runtime.support.locations import of_function, shown

if TYPE_CHECKING:
    from mtvgen.runtime.models.database import Database

PATIENCE = 60  # seconds that the import and all migrations may take
# What production requires; the answer depends on neither.
_ALWAYS_THERE = {"SECRET_KEY": "a key for this look alone", "ALLOWED_HOSTS": "localhost"}


@dataclass(frozen=True)
class Loaded:
    """What only the running project knows.

    Attributes:
        migration: The migration that was written into the copy: its path; "" for none.
        changed_models: The files whose models the migration is about: `models/user.py`.
        closed: The routes that visitors may not use: the pattern of each, and the file of its
            view: `("/notes/<int:id>", "views/notes.py")`.
        problem: What kept it from being loaded, as a sentence; "" for nothing.
        cure: What to do about it.
    """

    migration: str = ""
    changed_models: Sequence[str] = ()
    closed: Sequence[Sequence[str]] = ()
    problem: str = ""
    cure: str = ""


def load_copy(copy: Path, text: str) -> Loaded:
    """Load a copy of a project, and write the migration for what changed in its models.

    Args:
        copy: Its directory.
        text: What the migration is called; "" for an addition without tables.

    Raises:
        TimeoutError: It takes longer than `PATIENCE`.
    """
    answer = copy.parent / "loaded.json"
    _, output = run(
        [sys.executable, "-m", __name__, str(copy), str(answer), text],
        copy,
        patience=PATIENCE,
        environment={name: os.environ.get(name, value) for name, value in _ALWAYS_THERE.items()},
    )
    if not answer.exists():
        return Loaded(problem=f"the project can't be loaded.\n{output}")
    return Loaded(**json.loads(answer.read_text("utf-8")))


def main(copy: Path, answer: Path, text: str) -> None:
    """Be the process: import the copy, and write the answer."""
    try:
        loaded = _loaded(Project(copy), text)
    except MtvgenError as error:
        file = error.file if isinstance(error, ProjectError) else ""
        loaded = Loaded(
            problem=f"{file}: {error.message}" if file else error.message, cure=error.cure
        )
    answer.write_text(json.dumps(asdict(loaded)), "utf-8")


def _loaded(project: Project, text: str) -> Loaded:
    closed = _closed_routes(load_application(project))
    if not text:
        return Loaded(closed=closed)
    found = load_database(project)
    with database_errors_as_cli_errors(), _blank(found.database, project.root):
        from mtvgen.runtime.migrations import make_migration
        from mtvgen.runtime.migrations.state import files_of_changes

        changed = files_of_changes(found.database, found.migrations)
        migration = make_migration(found.database, found.migrations, text)
    file = migration.file.relative_to(project.root).as_posix() if migration else ""
    return Loaded(file, changed, closed)


def _closed_routes(application: object) -> list[tuple[str, str]]:
    itself = unwrap_application(application)
    return [
        (route.pattern, shown(place.file) if (place := of_function(route.view)) else "")
        for route in (itself.router.routes if itself else ())
        if not route.is_built_in and route.access is not None and not route.access.allows(None)
    ]


@contextlib.contextmanager
def _blank(database: Database, root: Path) -> Iterator[None]:
    """Let a SQLite database be one that the migrations make, whatever the user's own holds.

    That of a server is compared as it is, as `mtvgen makemigrations` does it.
    """
    if database.url.get_backend_name() != "sqlite":
        yield
        return
    with database.temporarily(root / "missing.sqlite3"):
        yield


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
