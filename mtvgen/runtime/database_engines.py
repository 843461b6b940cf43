"""From a URL to a SQLAlchemy engine that suits a web process.

SQLite and PostgreSQL get a recipe each, told beside it; both begin every transaction themselves,
so that one statement says what it is for: a reader's, a writer's, or work outside requests.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from mtvgen.runtime.database_faults import read_sqlite, translator
from mtvgen.runtime.locations import shown

EXAMPLES = "sqlite:///db.sqlite3, or postgresql://user:password@host/name"


@dataclass(frozen=True, kw_only=True)
class DatabaseLimits:
    """How many connections a process keeps, and how long it waits for what.

    Attributes:
        pool_size: Connections kept open for each process; as many as it has busy threads.
        max_overflow: Further ones for a rush, closed afterwards.
        pool_timeout: Seconds that a thread waits for a connection when all are taken.
        connect_timeout: Seconds that a server may take to answer a new connection.
        busy_timeout: Seconds that SQLite waits while another connection writes.
        statement_timeout: Seconds that PostgreSQL spends on one statement of a request;
            0 is without end. Work outside requests and migrations may take as long as they need.
        ping_after: Seconds that a connection lay idle after which it is tested before it is used.
    """

    # Five seconds: whatever goes wrong with a database, the visitor learns it within six.
    pool_size: int = 5
    max_overflow: int = 10
    pool_timeout: float = 5
    connect_timeout: int = 5
    busy_timeout: float = 5
    statement_timeout: float = 5
    # A server that restarts takes longer than this, and a test costs a round trip.
    ping_after: float = 0.5


class DatabaseURLError(ValueError):
    """A database URL that can't be used; the message never shows its password."""


class Start(NamedTuple):
    """How a transaction begins."""

    statement: str
    is_reader: bool = False


class Engines(NamedTuple):
    """One pool of connections, and the engines that begin transactions on them.

    Attributes:
        plain: Transactions without a lock before the first write: a prompt, an engine by hand.
        reader: For requests with safe methods: a write is refused.
        writer: For requests with unsafe methods.
        worker: For work outside requests.
    """

    plain: Engine
    reader: Engine
    writer: Engine
    worker: Engine


def parse_url(text: str) -> URL:
    """A database's URL, checked, with the driver that the recipe is for.

    Args:
        text: `sqlite:////absolute/path`, `sqlite://` (in memory), `postgresql://...` or
            `postgres://...`.

    Raises:
        DatabaseURLError: It is none of these, its SQLite path is relative,
            or the driver is not installed.
    """
    try:
        url = make_url(re.sub(r"^postgres(?=:|\+)", "postgresql", text.strip()))
    except (ArgumentError, ValueError) as error:
        raise DatabaseURLError(f"{_masked(text)!r} is no database URL. -> {EXAMPLES}") from error
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _checked_sqlite(url)
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return _checked_postgresql(url)
    raise DatabaseURLError(
        f"{url.drivername!r} is not spoken here: SQLite is, and PostgreSQL by psycopg 3. "
        f"-> {EXAMPLES}"
    )


def _checked_sqlite(url: URL) -> URL:
    path = url.database or ":memory:"
    if path != ":memory:" and not path.startswith("file:") and not Path(path).is_absolute():
        raise DatabaseURLError(
            f"{str(url)!r} is relative to the current directory, which differs from server to "
            "server. -> read it with Settings, which puts it below the project, or write "
            "sqlite:////absolute/path"
        )
    return url.set(drivername="sqlite+pysqlite", database=path)


def _checked_postgresql(url: URL) -> URL:
    if find_spec("psycopg") is None:
        raise DatabaseURLError(
            'PostgreSQL needs its driver, psycopg 3. -> pip install "mtvgen[postgresql]"'
        )
    return url.set(drivername="postgresql+psycopg")


def _masked(text: str) -> str:
    return re.sub(r"(?<=//).*@", "***@", text)


def describe(url: URL) -> str:
    """What a database is called: `sqlite db.sqlite3`, `postgresql blog at db.example.com`."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite {'in memory' if is_in_memory(url) else shown(str(url.database))}"
    port = f":{url.port}" if url.port else ""
    return f"postgresql {url.database or ''} at {url.host or 'this machine'}{port}"


def is_in_memory(url: URL) -> bool:
    """Whether a SQLite database lives in memory."""
    return url.database == ":memory:" or url.query.get("mode") == "memory"


def make_engines(url: URL, limits: DatabaseLimits, *, keeps_connections: bool = True) -> Engines:
    """The engines for one process; nothing is connected before one is used.

    Args:
        url: From `parse_url()`.
        limits: Sizes and time-outs.
        keeps_connections: Whether connections are pooled; a migration wants its own.
    """
    make = _sqlite_engine if url.get_backend_name() == "sqlite" else _postgresql_engine
    options: dict[str, Any] = {"poolclass": NullPool}
    if keeps_connections:
        options = {
            "pool_size": limits.pool_size,
            "max_overflow": limits.max_overflow,
            "pool_timeout": limits.pool_timeout,
        }
    engine, starts = make(url, limits, options)
    event.listen(engine, "handle_error", translator(url, describe(url)), retval=True)
    return Engines(engine, *(engine.execution_options(mtvgen_start=start) for start in starts))


# --- SQLite -------------------------------------------------------------------------------------
# Measured with 8 threads that read a number and write it back plus one: with Python's own BEGIN
# 93 of 160 die of "database is locked", because a reader's snapshot can't become a writer's once
# somebody else has written, and no busy time-out helps that. BEGIN IMMEDIATE takes the writer's
# place in the queue at once: none is lost.

PLAIN = Start("BEGIN")
SQLITE_STARTS = (Start("BEGIN", is_reader=True), Start("BEGIN IMMEDIATE"), Start("BEGIN IMMEDIATE"))


def _sqlite_engine(
    url: URL, limits: DatabaseLimits, options: dict[str, Any]
) -> tuple[Engine, tuple[Start, ...]]:
    connect_args: dict[str, Any] = {"timeout": limits.busy_timeout, "check_same_thread": False}
    if is_in_memory(url):
        # Each connection to :memory: is a database of its own, so there is one, used in turn.
        options = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
        options["pool_timeout"] = limits.pool_timeout
    engine = create_engine(url, connect_args=connect_args, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _restore_sqlite)
    return engine, SQLITE_STARTS


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # Transactions begin by _begin_sqlite; the module's own BEGIN would come too late.
    connection.isolation_level = None
    # Readers and a writer side by side; the file remembers it. A database that is read-only or
    # being switched by another process at this moment says no, and works all the same.
    with suppress(sqlite3.OperationalError):
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
    # With WAL a crash of the machine may cost the last commits, never the file's consistency.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _restore_sqlite(connection: sqlite3.Connection | None, _record: ConnectionPoolEntry) -> None:
    # SQLAlchemy has set it to its own default, where somebody asked for an isolation level.
    if connection is not None and connection.isolation_level is not None:
        connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    start: Start = options.get("mtvgen_start", PLAIN)
    dbapi: Any = connection.connection.dbapi_connection
    info = connection.info
    # The driver itself rather than exec_driver_sql(): 4 microseconds a transaction instead of 13.
    try:
        if info.get("mtvgen.query_only", False) is not start.is_reader:
            dbapi.execute(f"PRAGMA query_only = {start.is_reader:d}")
            info["mtvgen.query_only"] = start.is_reader
        info.pop("mtvgen.reader", None)
        dbapi.execute(start.statement)
    except sqlite3.Error as error:
        fault = read_sqlite(error, describe(connection.engine.url), start.statement)
        raise fault or error from error


# --- PostgreSQL ---------------------------------------------------------------------------------
# psycopg sends a BEGIN of its own before the first statement. With autocommit it does not, and
# the one that we send carries "read only" and the time-out of a statement in the same round trip.
# SET LOCAL ends with the transaction, so it is right behind a PgBouncer too.


def _postgresql_engine(
    url: URL, limits: DatabaseLimits, options: dict[str, Any]
) -> tuple[Engine, tuple[Start, ...]]:
    connect_args = {
        "connect_timeout": limits.connect_timeout,
        # Milliseconds until a server that no longer acknowledges anything counts as gone.
        "tcp_user_timeout": limits.connect_timeout * 1000,
    }
    for name in url.query:
        connect_args.pop(name, None)
    engine = create_engine(url, connect_args=connect_args, **options)
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "checkin", _put_down_postgresql)
    event.listen(engine, "checkout", _pinger(limits.ping_after))
    timeout = f"; SET LOCAL statement_timeout = {round(limits.statement_timeout * 1000)}"
    starts = (
        Start("BEGIN READ ONLY" + timeout, is_reader=True),
        Start("BEGIN" + timeout),
        PLAIN,
    )
    return engine, starts


def _prepare_postgresql(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.autocommit = True


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    level = options.get("isolation_level")
    if level == "AUTOCOMMIT":
        return
    start: Start = options.get("mtvgen_start", PLAIN)
    statement = start.statement
    if level is not None:
        statement += f"; SET TRANSACTION ISOLATION LEVEL {level}"
    connection.info.pop("mtvgen.reader", None)
    dbapi: Any = connection.connection.dbapi_connection
    try:
        if not dbapi.autocommit:  # SQLAlchemy sets it with an isolation level
            dbapi.autocommit = True
        # Two statements at once can't be prepared, as psycopg does from the fifth time on.
        dbapi.execute(statement, prepare=False)
    except Exception:
        # Once more through SQLAlchemy, which knows when a connection, and so the pool, is lost.
        connection.exec_driver_sql(statement)


def _put_down_postgresql(connection: Any, record: ConnectionPoolEntry) -> None:
    if connection is not None and not connection.autocommit:
        connection.autocommit = True
    record.info["mtvgen.idle_since"] = time.monotonic()


def _pinger(after: float) -> Any:
    """A `checkout` listener that tests a connection which lay idle for `after` seconds."""

    def ping(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("mtvgen.idle_since", time.monotonic()) < after:
            return
        try:
            connection.execute("SELECT 1", prepare=False)
        except Exception as error:
            # The pool throws this one away, and its older ones, and connects anew.
            raise DisconnectionError(str(error)) from error

    return ping
