"""The SQLAlchemy engines of one process: one pool, and a way to begin for each kind of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from mtvgen.runtime.models.columns.checks import check_statements
from mtvgen.runtime.models.faults import translator
from mtvgen.runtime.models.limits import DatabaseLimits
from mtvgen.runtime.models.pool import ConnectionPool
from mtvgen.runtime.models.postgresql import (
    begin_postgresql,
    postgresql_engine,
    postgresql_starts,
)
from mtvgen.runtime.models.sqlite import STARTS, begin_sqlite, sqlite_engine
from mtvgen.runtime.models.transactions import OPTION
from mtvgen.runtime.models.urls import describe


class Engines(NamedTuple):
    """One pool of connections, and the engines that begin transactions on them.

    Attributes:
        plain: Transactions without a lock before the first write: a prompt, an engine by hand.
        reader: For requests with safe methods: a write is refused.
        writer: For requests with unsafe methods.
        worker: For work outside requests.
        begin: Begins a transaction on a connection of `reader` or `writer`, of its kind.
    """

    plain: Engine
    reader: Engine
    writer: Engine
    worker: Engine
    begin: Callable[[Connection], None]


def make_engines(url: URL, limits: DatabaseLimits, *, keeps_connections: bool = True) -> Engines:
    """Return the engines for one process; nothing is connected before one is used.

    Args:
        url: From `parse_url()`.
        limits: Sizes and time-outs.
        keeps_connections: Whether connections are pooled; a migration wants its own.
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    make = sqlite_engine if is_sqlite else postgresql_engine
    # What a visitor typed and a hashed password are parameters, and belong in no error or log.
    options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if keeps_connections:
        options |= {
            "poolclass": ConnectionPool,
            "pool_size": limits.pool_size,
            "max_overflow": limits.max_overflow,
            "pool_timeout": limits.pool_timeout,
        }
    engine = make(url, limits, options)
    check_statements(engine)
    event.listen(engine, "handle_error", translator(url, describe(url)), retval=True)
    starts = STARTS if is_sqlite else postgresql_starts(limits)
    plain, reader, writer, worker = (
        engine.execution_options(**{OPTION: start}) for start in starts
    )
    begin = begin_sqlite if is_sqlite else begin_postgresql
    # Any listener to a Connection makes each statement take 20 microseconds longer, so the two
    # engines of requests have none: their sessions begin (`CheckedSession`).
    event.listen(plain, "begin", begin)
    event.listen(worker, "begin", begin)
    return Engines(plain, reader, writer, worker, begin)
