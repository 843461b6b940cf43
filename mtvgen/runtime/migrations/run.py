"""Migrations: Alembic, driven from code. The project holds migrations/*.py and nothing else.

One run is one transaction, from reading the version to the last statement: of two processes that
migrate at once one does and the other waits, and what fails leaves the database as it was.
"""

from __future__ import annotations

import io
import re
import sqlite3
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError

from mtvgen.runtime.migrations.applied import applied_revisions, check_known
from mtvgen.runtime.migrations.revisions import MigrationError, Revisions, read_revisions
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.models.faults import DatabaseFault, DatabaseUnavailable
from mtvgen.runtime.support.locations import shown

# PostgreSQL's advisory locks are numbers; this one is "mtvgen" in ASCII.
LOCK = int.from_bytes(b"mtvgen", "big")
BUSY_TIMEOUT = 5000  # milliseconds that a migration waits for readers at its commit
WAIT = 600  # seconds to wait for another process that migrates; then something is wrong with it


@dataclass(frozen=True)
class Step:
    """One migration that was run.

    Attributes:
        name: `0002_title`.
        direction: `applied` or `undone`.
    """

    name: str
    direction: str


def migrate(
    database: Database,
    directory: Path,
    revision: str = "head",
    *,
    waiting: Callable[[], None] = lambda: None,
) -> tuple[Step, ...]:
    """Bring a database to a revision, forwards or back; all of it, or nothing.

    Args:
        database: Where to.
        directory: The project's `migrations/`.
        revision: A name or its beginning; "head" is the newest, "base" is before the first.
        waiting: Called once when another process is migrating, which is waited for.

    Raises:
        MigrationError: The files do not form a chain, there is no such revision, or a migration
            failed; the database is as it was.
        DatabaseFault: The database can't be reached.
    """
    revisions = read_revisions(directory)
    target = revisions.find(revision)
    if not revisions.order:
        return ()
    script = _load(directory)
    plan = _planner(revisions, script, target)
    with (
        database.own_engine() as engine,
        engine.connect() as connection,
        _environment(script, plan, connection=connection) as environment,
    ):
        with _locked(connection, environment, waiting), _explained(directory):
            environment.run_migrations()
        steps: list[Step] = environment.get_context().opts["mtvgen_steps"]
    return tuple(steps)


def migrate_if_missing(database: Database, directory: Path) -> str | None:
    """Make a SQLite database that is not there yet; one line about it, None where it was there.

    Raises:
        MigrationError, DatabaseFault: As for `migrate()`.
    """
    file = database.file
    if file is None or database.exists:
        return None
    names = ", ".join(step.name for step in migrate(database, directory))
    return f"Made {shown(str(file))}: applied {names}." if names else None


def migration_sql(database: Database, directory: Path, revision: str = "head") -> str:
    """The SQL that `migrate()` would run; the database is only read.

    Raises:
        MigrationError, DatabaseFault: As for `migrate()`.
    """
    revisions = read_revisions(directory)
    target = revisions.find(revision)
    if not revisions.order:
        return ""
    script = _load(directory)
    plan = _planner(revisions, script, target)
    applied = applied_revisions(database)
    check_known(applied, revisions)
    if database.url.get_backend_name() == "sqlite":
        return _sqlite_sql(database, script, plan, directory)
    output = io.StringIO()
    options = {"url": str(database.url), "output_buffer": output, "literal_binds": True}
    start: dict[str, Any] = {"as_sql": True, "starting_rev": applied or None}
    with (
        _environment(script, plan, options, **start) as environment,
        _explained(directory),
        environment.begin_transaction(),
    ):
        environment.run_migrations()
    return output.getvalue()


def _load(directory: Path) -> ScriptDirectory:
    """The migrations as Alembic runs them.

    Raises:
        MigrationError: One can't be imported.
    """
    script = ScriptDirectory(str(directory), version_locations=[str(directory)])
    with _explained(directory):
        script.get_heads()
    return script


Plan = Callable[[Any, MigrationContext], list[Any]]


def _planner(revisions: Revisions, script: ScriptDirectory, target: str | None) -> Plan:
    """What Alembic asks for the steps from where the database is, once it is locked."""

    def plan(heads: tuple[str, ...], context: MigrationContext) -> list[Any]:
        check_known(heads, revisions)
        done = revisions.up_to(heads)
        back = target is None or (target in done and target not in heads)
        if back:
            steps = list(script._downgrade_revs(target or "base", heads)) if heads else []  # type: ignore[arg-type]  # Alembic's own command hands it tuples too
        else:
            steps = list(script._upgrade_revs(str(target), heads))  # type: ignore[arg-type]  # likewise
        word = "undone" if back else "applied"
        context.opts["mtvgen_steps"] = [Step(step.revision.revision, word) for step in steps]
        return steps

    return plan


@contextmanager
def _environment(
    script: ScriptDirectory,
    plan: Plan,
    options: dict[str, Any] | None = None,
    connection: Connection | None = None,
    **start: Any,
) -> Iterator[EnvironmentContext]:
    """Alembic's environment, as an env.py would make it."""
    with EnvironmentContext(Config(), script, fn=plan, **start) as environment:
        environment.configure(connection=connection, transactional_ddl=True, **(options or {}))
        yield environment


def _locked(
    connection: Connection, environment: EnvironmentContext, waiting: Callable[[], None]
) -> AbstractContextManager[None]:
    """A transaction that no other process migrates beside.

    It is Alembic's own, which ends and resumes it around an `autocommit_block()`.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    lock = _lock_sqlite if is_sqlite else _lock_postgresql
    return lock(connection, environment.begin_transaction, waiting)


Begin = Callable[[], AbstractContextManager[Any]]


@contextmanager
def _lock_postgresql(
    connection: Connection, begin: Begin, waiting: Callable[[], None]
) -> Iterator[None]:
    with begin():
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({LOCK})").scalar():
            waiting()
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        yield


@contextmanager
def _lock_sqlite(
    connection: Connection, begin: Begin, waiting: Callable[[], None]
) -> Iterator[None]:
    dbapi: Any = connection.connection.dbapi_connection
    # A batch migration makes a table anew and drops the old one; with foreign keys on that
    # deletes the rows of other tables that refer to it. SQLite ignores the switch within a
    # transaction (https://sqlite.org/lang_altertable.html#otheralter).
    dbapi.execute("PRAGMA foreign_keys = OFF")
    try:
        with _begun_sqlite(begin, waiting):
            dbapi.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
            broken = _broken_references(dbapi)
            yield
            if new := _broken_references(dbapi) - broken:
                table, parent = min(new)
                raise MigrationError(
                    f"{new.total()} rows of {table} would refer to rows of {parent} that are not "
                    "there. Nothing was changed.",
                    cure="mend the migration, or delete those rows in it",
                )
    finally:
        dbapi.execute("PRAGMA foreign_keys = ON")


def _begun_sqlite(begin: Begin, waiting: Callable[[], None]) -> AbstractContextManager[Any]:
    """BEGIN IMMEDIATE, as soon as nobody else holds it."""
    deadline = time.monotonic() + WAIT
    told = False
    while True:
        try:
            return begin()
        except DatabaseUnavailable as fault:
            locked = getattr(fault.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not locked or time.monotonic() > deadline:
                raise
        if not told:
            waiting()
            told = True


def _broken_references(dbapi: Any) -> Counter[tuple[str, str]]:
    """How many rows of a table refer to rows of another that are not there."""
    rows = dbapi.execute("PRAGMA foreign_key_check").fetchall()
    return Counter((table, parent) for table, _, parent, _ in rows)


@contextmanager
def _explained(directory: Path) -> Iterator[None]:
    """One line, with the migration's file and line, for whatever goes wrong in one.

    Raises:
        MigrationError: In the place of any other exception.
    """
    try:
        yield
    except (MigrationError, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        line = _line_in(directory, error)
        if line is None and isinstance(error, DatabaseFault):
            raise
        place = f"{line}: " if line else ""
        raise MigrationError(
            f"{place}{_sentence(error)} Nothing was changed.",
            cure="mend it, then: mtvgen migrate" if line else "",
        ) from error


def _line_in(directory: Path, error: BaseException) -> str | None:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).parent == directory]
    return (
        f"{directory.name}/{Path(inside[-1].filename).name}:{inside[-1].lineno}" if inside else None
    )


def _sentence(error: BaseException) -> str:
    """The exception on one line; of a driver's error what the driver says."""
    if isinstance(error, CommandError):
        return f"{error}".rstrip(".") + "."
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = re.sub(r"\s+", " ", str(said).partition("\nLINE ")[0]).strip().rstrip(".")
    return f"{type(said).__name__}: {text}." if text else f"{type(said).__name__}."


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
            _environment(script, plan, connection=connection) as environment,
            _explained(directory),
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
