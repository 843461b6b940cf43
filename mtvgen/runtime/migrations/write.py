"""Writing a migration: the difference between the models and the database, as a Python file.

What the difference does not tell is never guessed: a rename looks like a column that goes and
one that comes, and says so in a warning.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData

from mtvgen.runtime.migrations.difference import compared, difference
from mtvgen.runtime.migrations.revisions import MigrationError, next_name, read_revisions
from mtvgen.runtime.migrations.wording import changes, summary, warnings
from mtvgen.runtime.models.database import Database


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
    database: Database, directory: Path, text: str = "", metadata: MetaData | None = None
) -> NewMigration | None:
    """Write the migration that brings the database to the models; None where they agree.

    Args:
        database: One that holds all migrations; a SQLite file that is missing is imagined.
        directory: The project's `migrations/`, made where it is missing.
        text: What the migration does, for its name; "" takes that from the changes.
        metadata: The models; None: all that derive from `Model`.

    Raises:
        MigrationError: The database lacks a migration, the files do not form a chain,
            or the file can't be written.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    head = revisions.head()
    with compared(database, directory, revisions) as connection:
        context, script = difference(connection, directory, revisions, metadata)
        upgrade, downgrade = script.upgrade_ops, script.downgrade_ops
        if upgrade is None or downgrade is None or upgrade.is_empty():
            return None
        lines = tuple(changes(upgrade))
        dangers = tuple(warnings(upgrade, connection))
        name = next_name(revisions, text or summary(upgrade))
        bodies = _render(upgrade, downgrade, context)
    source = _source(name, text or "; ".join(lines), head, *bodies)
    return NewMigration(_write(directory / f"{name}.py", source), lines, dangers)


def _render(
    upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps, context: MigrationContext
) -> tuple[str, str, tuple[str, ...]]:
    """The bodies of upgrade() and downgrade(), and the imports that they need."""
    imports: set[str] = set()

    def note_import(kind: str, item: Any, autogen: Any) -> Literal[False]:
        module = type(item).__module__
        if kind == "type" and not module.startswith("sqlalchemy."):
            imports.add(f"import {module}")
        imports.update(autogen.imports)
        autogen.imports = imports
        return False

    bodies = [
        # A batch is right on every database, so a project may move from SQLite to PostgreSQL.
        render_python_code(
            each, render_as_batch=True, migration_context=context, render_item=note_import
        )
        for each in (upgrade, downgrade)
    ]
    return (*map(_formatted, bodies), tuple(sorted(imports)))  # type: ignore[return-value]  # two


def _formatted(body: str) -> str:
    """What Alembic wrote, without its comments, and indented as a person would."""
    body = re.sub(r"^ *# ###.*\n?", "", body, flags=re.M).strip("\n")
    body = body.replace(", schema=None", "")
    body = re.sub(r"(op\.create_table\()('[^']+',)", r"\1\n    \2", body)
    lines = []
    depth = 0
    for line in body.splitlines():
        lines.append("    " * (depth > 0 and line.strip() != ")") + line)
        code = re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", "", line)
        depth += sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))
    return "\n".join(lines)


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
    """The whole file, or none: a name that is taken, a full disk and Ctrl-C leave nothing."""
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
