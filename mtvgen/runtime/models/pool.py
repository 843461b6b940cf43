"""The pool of connections of one process, which says in one line that it has run out."""

from __future__ import annotations

from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from mtvgen.runtime.models.faults import DatabaseUnavailable


class ConnectionPool(QueuePool):
    """SQLAlchemy's usual pool; running out is a database that is unavailable, as all the rest."""

    # What it logs stays below SQLAlchemy's own logger, which reports only warnings unless asked.
    _sqla_logger_namespace = f"{QueuePool.__module__}.ConnectionPool"

    def connect(self) -> PoolProxiedConnection:
        """Return a connection of the pool.

        Raises:
            DatabaseUnavailable: All are taken, and none became free in time.
        """
        try:
            return super().connect()
        except PoolTimeoutError as error:
            message = (
                f"All {self.checkedout()} connections of this process to the database are taken, "
                f"and none became free within {self.timeout():g} seconds."
            )
            cure = "shorten what holds them, or raise pool_size in DatabaseLimits"
            raise DatabaseUnavailable(message, cure, error, None) from error
