"""Writing a migration: the difference between the models and the database, as a Python file.

What the difference does not say is never guessed: a rename looks like a column that goes and
one that comes, and says so in a warning.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData

from mtvgen.runtime.migrations.compared import compared
from mtvgen.runtime.migrations.differences.difference import find_difference
from mtvgen.runtime.migrations.differences.renames import read_rename
from mtvgen.runtime.migrations.differences.render import python_of
from mtvgen.runtime.migrations.differences.wording import changes, summary, warnings
from mtvgen.runtime.migrations.history import history_of
from mtvgen.runtime.migrations.revisions import MigrationError, next_name, read_revisions
from mtvgen.runtime.migrations.steps import Scripts
from mtvgen.runtime.models import Model
from mtvgen.runtime.models.database import Database

ROOM = 80  # characters for what a migration does, in the first line of its file


@dataclass(frozen=True)
class NewMigration:
    """A migration that was written.

    Attributes:
        file: Where.
        changes: What it does, one line each: `add note.title`.
        warnings: What may be lost, or fail, when it is applied.
    """

    file: Path
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


def make_migration(
    database: Database,
    directory: Path,
    text: str = "",
    metadata: MetaData | None = None,
    *,
    renames: Iterable[str] = (),
) -> NewMigration | None:
    """Write the migration that brings the database to the models; None where they agree.

    Args:
        database: One that holds all migrations; a SQLite file that is missing is imagined.
        directory: The project's `migrations/`, made where it is missing.
        text: What the migration does, for its name; "" takes that from the changes.
        metadata: The models; None: all that derive from `Model`.
        renames: What has another name now: `thing.author:writer`, `thing:item`.

    Raises:
        MigrationError: The database lacks a migration, the files do not form a chain,
            a rename is wrong, or the file can't be written.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    head = revisions.head()
    metadata = Model.metadata if metadata is None else metadata
    with compared(database, directory, revisions) as (connection, history):
        found = find_difference(connection, history, metadata, [*map(read_rename, renames)])
        upgrade = found.upgrade
        if upgrade.is_empty():
            return None
        lines = tuple(changes(upgrade))
        again = history_of(Scripts(revisions), revisions.heads, connection.dialect)
        dangers = tuple(warnings(upgrade, connection, again))
        name = next_name(revisions, text or summary(upgrade))
        bodies = [python_of(each, connection.dialect) for each in (upgrade, upgrade.reverse())]
    imports = sorted({line for _, found_imports in bodies for line in found_imports})
    (up, _), (down, _) = bodies
    source = _source(name, text or _in_short(lines), head, up, down, imports)
    return NewMigration(_write(directory / f"{name}.py", source), lines, dangers)


def _in_short(lines: tuple[str, ...]) -> str:
    """Return the changes as one sentence, as many as a line has room for."""
    shown = list(lines)
    while len(shown) > 1 and len("; ".join(shown)) > ROOM:
        shown.pop()
    more = len(lines) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _source(
    name: str, text: str, head: str | None, upgrade: str, downgrade: str, imports: Iterable[str]
) -> str:
    summary = re.sub(r"\s+", " ", text.replace("\\", "").replace('"', "'")).strip()
    summary = summary[:1].upper() + summary[1:].rstrip(".") + "."
    head_as_source = f'"{head}"' if head else "None"
    return "\n".join(
        [
            f'"""{summary}"""',
            "",
            "import sqlalchemy as sa",
            "from alembic import op",
            *imports,
            "",
            f'revision = "{name}"',
            f"down_revision = {head_as_source}",
            "",
            "",
            "def upgrade() -> None:",
            upgrade,
            "",
            "",
            "def downgrade() -> None:",
            downgrade,
            "",
        ]
    )


def _write(file: Path, source: str) -> Path:
    """Write the whole file, or none.

    A name that is taken, a full disk and Ctrl-C leave nothing.
    """
    try:
        file.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent) as draft:
            draft.write(source)
            draft.flush()
            os.chmod(draft.name, 0o644)  # noqa: PTH101
            os.link(draft.name, file)
    except OSError as error:
        raise MigrationError(
            f"{file.parent.name}/{file.name}: {error.strerror}. Nothing was written.",
        ) from error
    return file
