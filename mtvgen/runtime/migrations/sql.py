"""The SQL of a migration, for whoever applies it by hand; the database is only read."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from sqlalchemy import event

from mtvgen.runtime.migrations.applied import applied_revisions, check_known
from mtvgen.runtime.migrations.failures import explained
from mtvgen.runtime.migrations.history import history_of
from mtvgen.runtime.migrations.operations.environment import migration_context
from mtvgen.runtime.migrations.operations.hooks import operations_by
from mtvgen.runtime.migrations.operations.postgresql import PostgreSQLHandler
from mtvgen.runtime.migrations.operations.sqlite import SQLiteHandler
from mtvgen.runtime.migrations.revisions import read_revisions
from mtvgen.runtime.migrations.schema.sql_text import literal, tokens_of
from mtvgen.runtime.migrations.steps import Scripts, Step
from mtvgen.runtime.models.database import Database


def migration_sql(database: Database, directory: Path, revision: str = "head") -> str:
    """Return the SQL that `migrate()` would run; a comment where there is nothing to do.

    Raises:
        MigrationError, DatabaseFault: As for `migrate()`.
    """
    revisions = read_revisions(directory)
    target = revisions.find(revision)
    scripts = Scripts(revisions)
    applied = applied_revisions(database)
    check_known(applied, revisions)
    steps = scripts.steps(applied, target)
    if not steps:
        place = f"at {', '.join(applied)}" if applied else "before the first migration"
        return f"-- Nothing to do: the database is {place}.\n"
    if database.url.get_backend_name() == "sqlite":
        return _sqlite_sql(database, scripts, steps, directory)
    return _postgresql_sql(database, scripts, steps, applied, directory)


def _plan(scripts: Scripts, steps: tuple[Step, ...]) -> Any:
    return lambda *_: scripts.for_alembic(steps)


def _postgresql_sql(
    database: Database,
    scripts: Scripts,
    steps: tuple[Step, ...],
    applied: tuple[str, ...],
    directory: Path,
) -> str:
    output = io.StringIO()
    options: dict[str, Any] = {
        "url": str(database.url),
        "output_buffer": output,
        "literal_binds": True,
        # The driver's own style would have each % doubled, which psql takes for two.
        "dialect_opts": {"paramstyle": "named"},
    }
    plan = _plan(scripts, steps)
    start = applied or None
    with migration_context(plan, as_sql=True, starting_rev=start, **options) as context:
        history = history_of(scripts, applied, context.dialect)
        handler = PostgreSQLHandler(context, history.state)
        with explained(directory), operations_by(context, handler), context.begin_transaction():
            context.run_migrations()
    return output.getvalue()


def _sqlite_sql(
    database: Database, scripts: Scripts, steps: tuple[Step, ...], directory: Path
) -> str:
    """Return the statements, from a rehearsal on an empty copy in memory.

    What a table is made of must be looked at, to make it again.
    """
    rehearsal = Database("sqlite://")
    statements: list[str] = []
    with rehearsal.engine.connect() as connection:
        _copy_schema(database, connection)
        connection.commit()
        event.listen(connection, "before_cursor_execute", _recorder(statements))
        with (
            connection.begin(),
            migration_context(_plan(scripts, steps), connection=connection) as context,
            explained(directory),
            operations_by(context, SQLiteHandler(context)),
        ):
            context.run_migrations()
    rehearsal.close()
    lines = ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE", *statements, "COMMIT"]
    return "".join(f"{line};\n" for line in [*lines, "PRAGMA foreign_keys = ON"])


def _copy_schema(database: Database, connection: Any) -> None:
    if not database.exists:
        return
    with database.engine.connect() as source:
        made = source.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
            "ORDER BY type = 'trigger', type = 'view', rowid"
        ).scalars()
        for statement in made:
            connection.exec_driver_sql(statement)
    for name in applied_revisions(database):
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (name,))


_ONLY_LOOKS = r"\s*(SELECT|SAVEPOINT|RELEASE|PRAGMA (?!legacy_alter_table))"


def _recorder(statements: list[str]) -> Any:
    def record(
        _c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, is_many: bool
    ) -> None:
        if re.match(
            r"\s*(SELECT|SAVEPOINT|RELEASE|PRAGMA (?!legacy_alter_table))", statement, re.I
        ):
            return
        for row in parameters if is_many else [parameters]:
            filled = _filled(statement, row)
            statements.append(re.sub(r"[ \t]+\n", "\n", filled.strip()))

    return record


def _filled(statement: str, parameters: Any) -> str:
    """Return a statement with its values in place of its question marks."""
    if not parameters:
        return statement
    values = iter(parameters)
    return "".join(
        _value(next(values)) if token.text == "?" else token.text for token in tokens_of(statement)
    )


def _value(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    return str(value) if isinstance(value, int | float) else literal(str(value))
