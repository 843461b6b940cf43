"""The SQL of a migration, for whoever applies it by hand; the database is only read."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event

from mtvgen.runtime.migrations.applied import applied_revisions, check_known
from mtvgen.runtime.migrations.environment import (
    Plan,
    load_scripts,
    migration_environment,
    planner,
)
from mtvgen.runtime.migrations.failures import explained
from mtvgen.runtime.migrations.revisions import read_revisions
from mtvgen.runtime.models.database import Database


def migration_sql(database: Database, directory: Path, revision: str = "head") -> str:
    """The SQL that `migrate()` would run; the database is only read.

    Raises:
        MigrationError, DatabaseFault: As for `migrate()`.
    """
    revisions = read_revisions(directory)
    target = revisions.find(revision)
    if not revisions.order:
        return ""
    script = load_scripts(directory)
    plan = planner(revisions, script, target)
    applied = applied_revisions(database)
    check_known(applied, revisions)
    if database.url.get_backend_name() == "sqlite":
        return _sqlite_sql(database, script, plan, directory)
    output = io.StringIO()
    options = {"url": str(database.url), "output_buffer": output, "literal_binds": True}
    start: dict[str, Any] = {"as_sql": True, "starting_rev": applied or None}
    with (
        migration_environment(script, plan, options, **start) as environment,
        explained(directory),
        environment.begin_transaction(),
    ):
        environment.run_migrations()
    return output.getvalue()


def _sqlite_sql(database: Database, script: ScriptDirectory, plan: Plan, directory: Path) -> str:
    """The statements, from a rehearsal on an empty copy in memory.

    Alembic can't write a batch migration without a table to look at.
    """
    engine = create_engine("sqlite://")
    statements: list[str] = []
    with engine.connect() as connection:
        _copy_schema(database, connection)
        connection.commit()
        event.listen(connection, "before_cursor_execute", _recorder(statements))
        with (
            connection.begin(),
            migration_environment(script, plan, connection=connection) as environment,
            explained(directory),
        ):
            environment.run_migrations()
    engine.dispose()
    if not statements:
        return ""
    lines = ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE", *statements, "COMMIT"]
    return "".join(f"{line};\n" for line in [*lines, "PRAGMA foreign_keys = ON"])


def _copy_schema(database: Database, connection: Connection) -> None:
    if not database.exists:
        return
    with database.engine.connect() as source:
        made = source.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        ).scalars()
        for statement in made:
            connection.exec_driver_sql(statement)
    for name in applied_revisions(database):
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (name,))


def _recorder(statements: list[str]) -> Any:
    def record(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            return
        note = f" -- {parameters!r}" if parameters else ""
        statements.append(re.sub(r"[ \t]+\n", "\n", statement.strip()) + note)

    return record
