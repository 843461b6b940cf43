"""DatabaseLimits: how many connections a process keeps, and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DatabaseLimits:
    """Limits on the connections that a process keeps, and on how long it waits.

    Attributes:
        pool_size: Connections kept open for each process; as many as it has busy threads.
        max_overflow: Further ones for a rush, closed afterwards.
        pool_timeout: Seconds that a thread waits for a connection when all are taken.
        connect_timeout: Seconds that a server may take to answer a new connection.
        busy_timeout: Seconds that SQLite waits while another connection writes.
        statement_timeout: Seconds that PostgreSQL spends on one statement of a request;
            0 is without end. Work outside requests and migrations may take as long as they need.
        ping_after: Seconds that a connection was idle after which it is tested before it is used.
    """

    # Eight: the threads of a worker in docs/deployment.md. With five and all eight busy, one in
    # thirty requests opened a connection that was closed behind it.
    pool_size: int = 8
    max_overflow: int = 7
    # Five seconds: whatever goes wrong with a database, the visitor learns it within six.
    pool_timeout: float = 5
    connect_timeout: int = 5
    busy_timeout: float = 5
    statement_timeout: float = 5
    # A server that restarts takes longer than this, and a test costs a round trip.
    ping_after: float = 0.5
