"""What SQLite and PostgreSQL each do in their own way: connect, begin a transaction, and end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from mtvgen.runtime.models.limits import DatabaseLimits


class Start(NamedTuple):
    """The beginning of a transaction.

    Attributes:
        statement: The SQL.
        is_reader: Whether writes are refused in it.
        by_default: The SQL that is enough on a connection that has these settings by default.
    """

    statement: str
    is_reader: bool = False
    by_default: str = ""


class Starts(NamedTuple):
    """How each kind of transaction begins on one database.

    Attributes:
        plain: Without a lock before the first write: a prompt, an engine by hand.
        reader: For requests with safe methods.
        writer: For requests with unsafe methods.
        worker: For work outside requests.
    """

    plain: Start
    reader: Start
    writer: Start
    worker: Start


class Backend(NamedTuple):
    """One kind of database.

    Attributes:
        make: Returns an engine whose connections are set up for a web process; takes a URL, the
            limits, and the pool's options for `create_engine()`.
        starts: Returns how each kind of transaction begins.
        begin: Begins a transaction.
        fitness: Returns what says whether a connection that was kept still works.
        put_down: Leaves a connection as the next request wants it; returns whether no transaction
            is open on it.
    """

    make: Callable[[URL, DatabaseLimits, dict[str, Any]], Engine]
    starts: Callable[[DatabaseLimits], Starts]
    begin: Callable[[Connection, Start], None]
    fitness: Callable[[DatabaseLimits], Callable[[Connection], bool]]
    put_down: Callable[[Connection], bool]
