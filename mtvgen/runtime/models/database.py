"""Database: one database, with a pool of connections for each process that uses it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session, SessionEvents, SessionTransaction

from mtvgen.runtime.http.grammar import SAFE_METHODS
from mtvgen.runtime.models.engines import Engines, make_engines
from mtvgen.runtime.models.limits import DatabaseLimits
from mtvgen.runtime.models.pool import RequestConnection
from mtvgen.runtime.models.postgresql import begin_for_real
from mtvgen.runtime.models.urls import describe, is_in_memory, parse_url

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request


class Database:
    """One database, with a pool of connections for each process that uses it.

        database = Database(settings.database_url)

    Nothing is connected before the first query, so a site starts while its database is down.

    Args:
        url: `sqlite:////absolute/path`, `sqlite://` (in memory), `postgresql://...` or
            `postgres://...`, or the Path of a SQLite file; Settings puts a relative SQLite path
            below the project.
        limits: Sizes of the pool, and time-outs.

    Raises:
        DatabaseURLError: The URL is none of these, or its driver is not installed.
    """

    def __init__(self, url: str | Path, *, limits: DatabaseLimits | None = None) -> None:
        self.limits = limits or DatabaseLimits()
        self._target = _Target(parse_url(url), self.limits)

    @property
    def url(self) -> URL:
        """The address of the database; its text never shows the password."""
        return self._target.url

    @property
    def engine(self) -> Engine:
        """This process's SQLAlchemy engine, for whatever a session does not do."""
        return self._target.engines().plain

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None in memory and on a server."""
        url = self.url
        if url.get_backend_name() != "sqlite" or is_in_memory(url):
            return None
        return Path(str(url.database).removeprefix("file:"))

    @property
    def exists(self) -> bool:
        """Whether there is a database: for SQLite a file with something in it, elsewhere always."""
        return self.file is None or (self.file.is_file() and self.file.stat().st_size > 0)

    @contextmanager
    def session(self, *, read_only: bool = False) -> Iterator[Session]:
        """Open a session outside requests: committed after the block, rolled back on an error.

            with database.session() as db:
                db.add(Note(text="Milk"))

        Args:
            read_only: Whether writes are refused. On SQLite a session that may write keeps
                other writers waiting from its first query on, so keep its block short.
        """
        if read_only:
            session: Session = self.reading_session("database.session(read_only=True)")
        else:
            session = Session(self._target.engines().worker, expire_on_commit=False)
        with session:
            yield session
            session.commit()

    def prompt_session(self) -> Session:
        """Open a session for a person at a prompt: nobody waits for it before it has written."""
        return Session(self.engine, expire_on_commit=False)

    @contextmanager
    def temporarily(self, url: str | Path | Database) -> Iterator[Database]:
        """Be another database for a while: one of its own for each test.

            with database.temporarily(tmp_path / "test.sqlite3"):
                ...

        Everything that holds this object uses the other database until the block ends.

        Args:
            url: As for `Database(url)`; or a Database, whose connections and prepared statements
                then serve one block after the other.
        """
        usual = self._target
        other = url if isinstance(url, Database) else Database(url, limits=self.limits)
        self._target = other._target
        try:
            yield self
        finally:
            if other is not url:
                other.close()
            self._target = usual

    @contextmanager
    def own_engine(self) -> Iterator[Engine]:
        """Provide an engine for a migration, with its own connections and no statement time-out.

        A database in memory has one connection, and so one engine.
        """
        if is_in_memory(self.url):
            yield self._target.engines().worker
            return
        # Whoever waits for a lock asks again and again, and can be interrupted meanwhile.
        limits = replace(self.limits, busy_timeout=0.2)
        engines = make_engines(self.url, limits, keeps_connections=False)
        try:
            yield engines.worker
        finally:
            engines.plain.dispose()

    def close(self) -> None:
        """Close this process's idle connections; the next query opens new ones."""
        self._target.close()

    def open(self, request: Request) -> Session:
        """Return the session of one request; `database_session()` ends it.

        Args:
            request: Its method decides: with a safe one the session reads only.
        """
        engines = self._target.engines()
        if request.method in SAFE_METHODS:
            return CheckedSession(engines, f"{request.method} {request.path}")
        return CheckedSession(engines, None)

    def undo(self, session: Session) -> None:
        """Take back what a session has written, and leave it fit for reading."""
        is_reader = isinstance(session, CheckedSession) and session.reader is not None
        has_changes = session.new or session.dirty or session.deleted
        if has_changes or not is_reader or not session.is_active:
            session.rollback()

    def reading_session(self, reader: str) -> CheckedSession:
        """Return a session that only reads.

        Args:
            reader: Who, for the message when it writes all the same.
        """
        return CheckedSession(self._target.engines(), reader)

    def __str__(self) -> str:
        return describe(self.url)

    def __repr__(self) -> str:
        return f"Database({str(self.url)!r})"


class _Target:
    """A URL, with the engines of each process that uses it."""

    def __init__(self, url: URL, limits: DatabaseLimits) -> None:
        self.url = url
        self._limits = limits
        self._engines: dict[int, Engines] = {}

    def engines(self) -> Engines:
        """Return this process's own.

        A connection must not be used on both sides of a fork, nor closed on the far side: what a
        parent opened stays here, untouched.
        """
        process = os.getpid()
        engines = self._engines.get(process)
        if engines is None:
            # No lock, which a fork could inherit locked: of two threads that come here at once
            # one engine is kept, and the other has connected to nothing.
            made = make_engines(self.url, self._limits)
            engines = self._engines.setdefault(process, made)
            if engines is made:
                # A script that has done its work leaves no connection open behind it.
                finalize(self, _dispose, made.plain, process)
        return engines

    def close(self) -> None:
        # The engines stay: they hold the statements that have been compiled.
        engines = self._engines.get(os.getpid())
        if engines is not None:
            engines.plain.dispose()


def _dispose(engine: Engine, process: int) -> None:
    """Close the pool, in the process that it belongs to."""
    if os.getpid() == process:
        engine.dispose()


class CheckedSession(Session):
    """A request's session: it begins as a reader or a writer, and once closed it stays closed.

    Args:
        engines: This process's.
        reader: Who reads, for the message when it writes all the same; None for a writer.
    """

    def __init__(self, engines: Engines, reader: str | None) -> None:
        # Objects stay readable after the commit, for a body that is still to be streamed.
        super().__init__(
            engines.requests,
            expire_on_commit=False,
            close_resets_only=False,
        )
        # SQLAlchemy would look up each event when this session comes to it: 10 us of a write.
        dispatch = self.dispatch
        for name, listeners in _LISTENERS:
            setattr(dispatch, name, listeners)
        self.engines = engines
        self.reader = reader

    def go_on_reading(self, reader: str) -> None:
        """Be a reader from the next transaction on."""
        self.reader = reader

    def connection(
        self,
        bind_arguments: dict[str, Any] | None = None,
        execution_options: Mapping[str, Any] | None = None,
    ) -> Connection:
        """Return the connection of this transaction, which no other request will use."""
        connection = super().connection(bind_arguments, execution_options)
        if isinstance(connection, RequestConnection):
            connection.is_seen = True
        return connection

    def begin_nested(self) -> SessionTransaction:
        """Begin a savepoint; a reader that has begun nothing yet does so for it."""
        begin_for_real(super().connection())
        return super().begin_nested()


def _begin(
    session: CheckedSession, transaction: SessionTransaction, connection: Connection
) -> None:
    if not transaction.nested:
        engines = session.engines
        if session.reader is None:
            engines.begin(connection, engines.starts.writer)
        else:
            engines.begin(connection, engines.starts.reader)
            connection.info["mtvgen.reader"] = session.reader


event.listen(CheckedSession, "after_begin", _begin)


def _listeners_of(kind: type[Session]) -> list[tuple[str, object]]:
    """Return each event with the listeners to all sessions of a class."""
    dispatch = kind.__new__(kind).dispatch
    names = [
        name for name in vars(SessionEvents) if not name.startswith("_") and name != "dispatch"
    ]
    return [(name, getattr(dispatch, name)) for name in names if hasattr(dispatch, name)]


_LISTENERS = _listeners_of(CheckedSession)
