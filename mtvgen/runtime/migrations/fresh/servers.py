"""Copies of a PostgreSQL database, each by `CREATE DATABASE ... TEMPLATE`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from mtvgen.runtime.models.database import Database

# The names of the databases that are made: what follows belongs to one run of the tests alone.
SUFFIX = "_test_"


@contextmanager
def copied_on_server(
    migrated: Callable[[URL], Database], url: URL
) -> Iterator[tuple[Database, Callable[[], None]]]:
    """Yield the database of all tests, and what makes it again.

    Args:
        migrated: Makes a database with all tables, and leaves no connection open.
        url: A database on the server, which stays as it is.
    """
    prefix = f"{url.database or url.username or 'mtvgen'}{SUFFIX}"[:50]
    name = f"{prefix}{secrets.token_hex(4)}"
    copy_name = f"{name}c"
    with _connected(url) as server:
        _drop_left_behind(server, prefix)
        # Held until this connection ends, however it does: the sign that the databases are in use.
        server.exec_driver_sql(f"SELECT pg_advisory_lock(hashtext('{name}'))")
        try:
            server.exec_driver_sql(f'CREATE DATABASE "{name}"')
            migrated(url.set(database=name))
            copied = Database(url.set(database=copy_name).render_as_string(hide_password=False))

            def copy() -> None:
                copied.close()
                server.exec_driver_sql(f'DROP DATABASE IF EXISTS "{copy_name}" WITH (FORCE)')
                server.exec_driver_sql(f'CREATE DATABASE "{copy_name}" TEMPLATE "{name}"')

            yield copied, copy
            copied.close()
        finally:
            _drop(server, name)


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    """Yield a connection without transactions, in which databases can be made."""
    server = Database(url.render_as_string(hide_password=False))
    with server.own_engine() as engine, engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def _drop_left_behind(server: Connection, prefix: str) -> None:
    """Drop the databases of runs that were killed."""
    found = server.exec_driver_sql(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname ~ %s",
        (prefix, f"{SUFFIX}[0-9a-f]{{8}}$"),
    )
    for name in found.scalars().all():
        key = f"hashtext('{name}')"
        if server.exec_driver_sql(f"SELECT pg_try_advisory_lock({key})").scalar():
            _drop(server, name)
            server.exec_driver_sql(f"SELECT pg_advisory_unlock({key})")


def _drop(server: Connection, name: str) -> None:
    for each in (f"{name}c", name):
        server.exec_driver_sql(f'DROP DATABASE IF EXISTS "{each}" WITH (FORCE)')
