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
from mtvgen.runtime.models.pool import ConnectionPool, RequestEngine
from mtvgen.runtime.models.postgresql import POSTGRESQL
from mtvgen.runtime.models.sqlite import SQLITE
from mtvgen.runtime.models.transactions import Start, Starts
from mtvgen.runtime.models.urls import describe


class Engines(NamedTuple):
    """One pool of connections, and the engines that begin transactions on them.

    Attributes:
        plain: Transactions without a lock before the first write: a prompt, an engine by hand.
        requests: For requests, whose sessions begin: as readers, or as writers.
        worker: For work outside requests.
        starts: How each kind of transaction begins.
        begin: Begins a transaction on a connection of `requests`.
    """

    plain: Engine
    requests: Engine
    worker: Engine
    starts: Starts
    begin: Callable[[Connection, Start], None]


def make_engines(url: URL, limits: DatabaseLimits, *, keeps_connections: bool = True) -> Engines:
    """Return the engines for one process; nothing is connected before one is used.

    Args:
        url: From `parse_url()`.
        limits: Sizes and time-outs.
        keeps_connections: Whether connections are pooled; a migration wants its own.
    """
    dialect = SQLITE if url.get_backend_name() == "sqlite" else POSTGRESQL
    # What a visitor typed and a hashed password are parameters, and belong in no error or log.
    options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
    if keeps_connections:
        options |= {
            "poolclass": ConnectionPool,
            "pool_size": limits.pool_size,
            "max_overflow": limits.max_overflow,
            "pool_timeout": limits.pool_timeout,
        }
    engine = dialect.make(url, limits, options)
    check_statements(engine)
    event.listen(engine, "handle_error", translator(url, describe(url)), retval=True)
    starts = dialect.starts(limits)
    # An engine that is made from another one asks it several times for each statement.
    requests = RequestEngine(engine, dialect.fitness(limits), dialect.put_down)
    plain, worker = requests.execution_options(), requests.execution_options()
    # Any listener to a Connection makes each statement take 20 microseconds longer, so the
    # engine of requests has none: their sessions begin (`CheckedSession`).
    event.listen(plain, "begin", _beginner(dialect.begin, starts.plain))
    event.listen(worker, "begin", _beginner(dialect.begin, starts.worker))
    return Engines(plain, requests, worker, starts, dialect.begin)


def _beginner(
    begin: Callable[[Connection, Start], None], start: Start
) -> Callable[[Connection], None]:
    return lambda connection: begin(connection, start)
