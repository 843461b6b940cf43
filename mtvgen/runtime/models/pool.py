"""The connections of one process: its pool, and those that requests use one after the other.

What SQLAlchemy makes around a connection for each transaction, a `Connection`, its proxy and its
place in the queue, takes 30 microseconds: a tenth of a request that writes one row. So the
Connection of a request is kept whole when its transaction is over, as Django keeps its own, and
serves the next one. Whoever else asks the pool gets it as well: then only the driver's part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from mtvgen.runtime.models.faults import DatabaseUnavailable


class ConnectionPool(QueuePool):
    """SQLAlchemy's usual pool; running out is a database that is unavailable, as all the rest."""

    # What it logs stays below SQLAlchemy's own logger, which reports only warnings unless asked.
    _sqla_logger_namespace = f"{QueuePool.__module__}.ConnectionPool"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._most_overflow = options.get("max_overflow")
        self._kept: deque[RequestConnection] = deque()

    def connect(self) -> PoolProxiedConnection:
        """Return a connection of the pool.

        Raises:
            DatabaseUnavailable: All are taken, and none became free in time.
        """
        if self._kept and not super().checkedin():
            self._free_one()
        try:
            return super().connect()
        except PoolTimeoutError as error:
            message = (
                f"All {self.checkedout()} connections of this process to the database are taken, "
                f"and none became free within {self.timeout():g} seconds."
            )
            cure = "shorten what holds them, or raise pool_size in DatabaseLimits"
            raise DatabaseUnavailable(message, cure, error, None) from error

    def take(self) -> RequestConnection | None:
        """Return the one that was kept last; None if there is none."""
        try:
            return self._kept.pop()
        except IndexError:
            return None

    def keep(self, connection: RequestConnection) -> bool:
        """Keep a connection for the next request; whether it is kept.

        Args:
            connection: One whose transaction is over.
        """
        # In a rush the queue hands them on: somebody may wait for it, once all are open.
        overflow = self.overflow()  # below zero while places of the pool are not yet filled
        if overflow > 0 or overflow == self._most_overflow:
            return False
        self._kept.append(connection)
        return True

    def checkedin(self) -> int:
        """Return how many connections are open and idle."""
        return super().checkedin() + len(self._kept)

    def checkedout(self) -> int:
        """Return how many connections somebody uses."""
        return super().checkedout() - len(self._kept)

    def dispose(self) -> None:
        """Close those that are idle."""
        self.free_kept()
        super().dispose()

    def free_kept(self) -> None:
        """Leave what is kept to the queue, which opens again what is older than a lost server."""
        while self._kept:
            self._free_one()

    def _free_one(self) -> None:
        if (connection := self.take()) is not None:
            connection.leave()


class RequestEngine(Engine):
    """The engine of the requests, which connects to what the request before has left.

    Args:
        engine: The one whose pool and dialect it takes over.
        is_fit: Whether a connection that was kept still works.
        put_down: Leaves a connection as the next one wants it; whether no transaction is open.
    """

    def __init__(
        self,
        engine: Engine,
        is_fit: Callable[[Connection], bool],
        put_down: Callable[[Connection], bool],
    ) -> None:
        super().__init__(
            engine.pool, engine.dialect, engine.url, hide_parameters=engine.hide_parameters
        )
        self._is_fit = is_fit
        self.put_down = put_down

    def connect(self) -> Connection:
        """Return a connection; closed, it is kept."""
        pool = self.pool
        if not isinstance(pool, ConnectionPool):
            return RequestConnection(self, None)
        while (connection := pool.take()) is not None:
            if self._is_fit(connection):
                return connection
            connection.invalidate()
            connection.leave()
        return RequestConnection(self, pool)


class RequestConnection(Connection):
    """A connection that requests use one after the other.

    Attributes:
        is_seen: Whether the project's code has had it in its hands, and may have set something,
            or hold it still; then it is closed like any other.
    """

    engine: RequestEngine

    def __init__(self, engine: RequestEngine, pool: ConnectionPool | None) -> None:
        super().__init__(engine)
        self._pool = pool
        self._usual_options = self.get_execution_options()
        self.is_seen = False

    def close(self) -> None:
        """End its use by one request."""
        pool = self._pool
        if pool is None or not self._is_as_before() or not pool.keep(self):
            if pool is not None and self.invalidated:
                pool.free_kept()  # the others have lost their server as well
            self.leave()

    def leave(self) -> None:
        """Give what the driver has connected back to the pool."""
        super().close()

    def _is_as_before(self) -> bool:
        return (
            not self.is_seen
            and not self.invalidated
            and not self.in_transaction()
            and self.get_execution_options() is self._usual_options
            and self._pool is self.engine.pool  # else it was disposed of meanwhile
            and self.engine.put_down(self)
        )
