"""SQLite, set up for a web process.

Measured with 8 threads that read a number and write it back plus one: with Python's own BEGIN
93 of 160 die of "database is locked", because a reader's snapshot can't become a writer's once
somebody else has written, and no busy time-out helps that. BEGIN IMMEDIATE takes the writer's
place in the queue at once: none is lost.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

from mtvgen.runtime.models.columns.sqlite_moments import MomentCompiler
from mtvgen.runtime.models.faults import read_sqlite, waits_for_itself
from mtvgen.runtime.models.limits import DatabaseLimits
from mtvgen.runtime.models.pool import ConnectionPool
from mtvgen.runtime.models.transactions import Backend, Start, Starts
from mtvgen.runtime.models.urls import describe, is_in_memory
from mtvgen.runtime.models.writers import note_reader, would_wait_for_itself

IMMEDIATE = "BEGIN IMMEDIATE"
STARTS = Starts(
    plain=Start("BEGIN"),
    reader=Start("BEGIN", is_reader=True),
    writer=Start(IMMEDIATE),
    worker=Start(IMMEDIATE),
)


def _engine(url: URL, limits: DatabaseLimits, options: dict[str, Any]) -> Engine:
    """Return an engine whose connections are set up for a web process.

    Args:
        url: From `parse_url()`.
        limits: Sizes and time-outs.
        options: Those of the pool, for `create_engine()`.
    """
    connect_args: dict[str, Any] = {"timeout": limits.busy_timeout, "check_same_thread": False}
    if is_in_memory(url):
        # Each connection to :memory: is a database of its own, so there is one, used in turn.
        options = {**options, "poolclass": ConnectionPool, "pool_size": 1, "max_overflow": 0}
        options["pool_timeout"] = limits.pool_timeout
    engine = create_engine(url, connect_args=connect_args, **options)
    engine.dialect.statement_compiler = MomentCompiler
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "checkin", _restore)
    return engine


def _prepare(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # Transactions begin by begin_sqlite(); the module's own BEGIN would come too late.
    connection.isolation_level = None
    # Readers and a writer side by side; the file remembers it. A database that is read-only or
    # being switched by another process at this moment says no, and works all the same.
    with suppress(sqlite3.OperationalError):
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
    # With WAL a crash of the machine may cost the last commits, never the file's consistency.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _restore(connection: sqlite3.Connection | None, _record: ConnectionPoolEntry) -> None:
    # SQLAlchemy has set it to its own default, where somebody asked for an isolation level.
    if connection is not None and connection.isolation_level is not None:
        connection.isolation_level = None


def begin_sqlite(connection: Connection, start: Start) -> None:
    """Begin a transaction of one kind."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    dbapi: Any = connection.connection.dbapi_connection
    info = connection.info
    if start.is_reader:
        note_reader(info)
    elif would_wait_for_itself(
        dbapi,
        info,
        connection.engine.url.database,
        is_immediate=start.statement is IMMEDIATE,
    ):
        raise waits_for_itself(describe(connection.engine.url), start.statement)
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


def _put_down(connection: Connection) -> bool:
    dbapi: Any = connection.connection.dbapi_connection
    return not dbapi.in_transaction


SQLITE = Backend(
    make=_engine,
    starts=lambda _limits: STARTS,
    begin=begin_sqlite,
    fitness=lambda _limits: lambda _connection: True,  # a file is there, or each statement says so
    put_down=_put_down,
)
