"""Refusals of a database, each as one line with its cure.

The errors below are SQLAlchemy's own OperationalError too, so code written after SQLAlchemy's
documentation catches them; what the driver said stays in `.orig` and on the traceback.
Constraint violations (IntegrityError) and bad values (DataError) pass as SQLAlchemy raises them.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any, ClassVar

from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

from mtvgen.runtime.models.violations import remember_violation
from mtvgen.runtime.support.faults import Fault, FaultError

DEPLOYED = (
    "mtvgen migrate; where that finds nothing to do: mtvgen makemigrations, then migrate again"
)


class DatabaseFault(FaultError, OperationalError):
    """The database refused; the message is one line: what, and what to do about it.

    Attributes:
        statement: The SQL that was refused; None while connecting.
        orig: What the driver raised.
    """

    kind: ClassVar[str] = "database"

    def __init__(
        self, message: str, cure: str, cause: BaseException, statement: str | None
    ) -> None:
        OperationalError.__init__(self, statement, None, cause, hide_parameters=True)
        self.fault = Fault(self.kind, message, cure)


class DatabaseUnavailable(DatabaseFault):
    """It is locked, gone, slow, full or unreadable; the next request may find it well."""

    kind = "unavailable"


class ReadOnlyTransaction(DatabaseFault):
    """A request with a safe method (RFC 9110, section 9.2.1) writes, or a read-only session."""

    kind = "read-only"


class SchemaMismatch(DatabaseFault):
    """The database lacks a table or a column that the models have."""

    kind = "schema"


def translator(url: URL, name: str) -> Callable[[ExceptionContext], BaseException | None]:
    """Return a `handle_error` listener that says what the driver means, for one database.

    Args:
        url: Where the database is.
        name: What it is called in the messages: `db.sqlite3`, `PostgreSQL at 127.0.0.1:5432`.
    """
    read = read_sqlite if url.get_backend_name() == "sqlite" else read_postgresql

    def translate(context: ExceptionContext) -> BaseException | None:
        if not isinstance(context.sqlalchemy_exception, DBAPIError):
            return None
        remember_violation(context)
        doing = None
        if context.connection is not None and not context.is_disconnect:
            doing = context.connection.info.get("mtvgen.reader")
        fault = read(context.original_exception, name, context.statement, doing)
        if fault is not None and context.is_disconnect:
            fault.connection_invalidated = True
        return fault

    return translate


def read_sqlite(
    error: Any, name: str, statement: str | None = None, doing: str | None = None
) -> DatabaseFault | None:
    """Return what an error of the module sqlite3 means (https://sqlite.org/rescode.html).

    Args:
        error: The error.
        name: What the database's file is called.
        statement: The SQL that was refused.
        doing: What reads, where the transaction is a reader's: `GET /notes`.
    """
    if not isinstance(error, sqlite3.OperationalError | sqlite3.DatabaseError):
        return None
    # The low byte is the kind, the others tell variants of it apart.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_READONLY and doing is not None and _query_only(error):
        return _reader_writes(error, doing, statement)
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY_SNAPSHOT:
        return DatabaseUnavailable(
            f"{name}: somebody else wrote between the first query of this transaction and its "
            "first write.",
            "db.rollback(), and try again",
            error,
            statement,
        )
    if code in _SQLITE:
        message, cure = _SQLITE[code]
        return DatabaseUnavailable(message.format(name=name), cure, error, statement)
    if code == sqlite3.SQLITE_ERROR and re.match(_SQLITE_LACKS, str(error)):
        return SchemaMismatch(f"{name}: {error}.", DEPLOYED, error, statement)
    return None


def waits_for_itself(name: str, statement: str) -> DatabaseFault:
    """Return the fault of a thread that asks for the place of the writer, and holds it.

    Args:
        name: What the database's file is called.
        statement: The SQL that would wait.
    """
    return DatabaseUnavailable(
        f"{name} is locked by this very thread: SQLite has one writer at a time, and a session is "
        "open here that may write (the request.db of a POST, or a database.session()).",
        "write by that session, or db.commit() it first; "
        "to read alongside it: database.session(read_only=True)",
        sqlite3.OperationalError("database is locked"),
        statement,
    )


def _query_only(error: Any) -> bool:
    # PRAGMA query_only refuses with the plain code; a read-only file or directory and a file
    # that was moved away come with an extended one, or were not a reader's doing.
    return bool(error.sqlite_errorcode == sqlite3.SQLITE_READONLY)


_SQLITE_LACKS = r"no such (table|column)|table .* has no column"

_SQLITE = {
    sqlite3.SQLITE_BUSY: (
        "{name} is locked: another process or thread kept writing for longer than this one waits.",
        "shorten what it does between its first write and its commit",
    ),
    sqlite3.SQLITE_LOCKED: (
        "{name} is locked by another connection of this process.",
        "shorten what that does between its first write and its commit",
    ),
    sqlite3.SQLITE_READONLY: (
        "{name} is read-only for this process.",
        "let its user write the file and the directory around it",
    ),
    sqlite3.SQLITE_IOERR: (
        "{name}: the disk failed, or is full.",
        "look at the disk (df -h, dmesg)",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "{name} is damaged.",
        "restore a backup; sqlite3 FILE .recover saves what can be read",
    ),
    sqlite3.SQLITE_FULL: ("{name}: the disk is full. Nothing was written.", "make room (df -h)"),
    sqlite3.SQLITE_CANTOPEN: (
        "{name} can't be opened.",
        "make its directory, and let this process's user read and write there",
    ),
    sqlite3.SQLITE_NOTADB: ("{name} is not a SQLite database.", "set DATABASE_URL to another file"),
}


def read_postgresql(
    error: Any, name: str, statement: str | None = None, doing: str | None = None
) -> DatabaseFault | None:
    """Return what an error of psycopg means (PostgreSQL, Appendix A: error codes).

    Args:
        error: The error.
        name: What the server and the database are called.
        statement: The SQL that was refused.
        doing: What reads, where the transaction is a reader's: `GET /notes`.
    """
    state = getattr(error, "sqlstate", None)
    if state == "25006" and doing is not None:
        return _reader_writes(error, doing, statement)
    if state in ("42P01", "42703"):
        first = str(error).partition("\n")[0]
        return SchemaMismatch(f"{name}: {first}.", DEPLOYED, error, statement)
    if state in _POSTGRESQL:
        message, cure = _POSTGRESQL[state]
        message = message.format(name=name, first=str(error).partition("\n")[0])
        return DatabaseUnavailable(message, cure, error, statement)
    # Class 08 is the connection's; before there is one, libpq has words but no code.
    if type(error).__name__ in ("OperationalError", "ConnectionTimeout") and (
        state is None or state.startswith("08")
    ):
        words = _last_words(error)
        message, cure = "{name} does not answer: {words}.", "start it, or correct DATABASE_URL"
        for pattern, refused, remedy in _REFUSED:
            if match := re.search(pattern, words):
                message, cure = refused, remedy.format(*match.groups())
        return DatabaseUnavailable(message.format(name=name, words=words), cure, error, statement)
    return None


# What a server says to whoever connects, in the words that libpq passes on without their code.
_REFUSED = [
    (
        r'database "(.+)" does not exist',
        "{name}: the server has no such database.",
        "createdb {0} (-h HOST, -p PORT and -U USER as in DATABASE_URL), then: mtvgen migrate",
    ),
    (
        r'role "(.+)" does not exist|authentication failed for user|no password supplied',
        "{name} refuses the user: {words}.",
        "correct user and password in DATABASE_URL",
    ),
]

_NOT_ALLOWED = (
    "{name}: this user may not do that ({first}).",
    "as its owner: ALTER DATABASE ... OWNER TO the user of DATABASE_URL, or GRANT it",
)
_POSTGRESQL = {
    "25006": ("{name} is read-only: a standby?", "set DATABASE_URL to the primary"),
    "40001": ("{name}: another transaction changed the same rows.", "try the request again"),
    "40P01": (
        "{name}: a deadlock; two transactions waited for each other.",
        "write rows in one order everywhere, and try the request again",
    ),
    "3F000": _NOT_ALLOWED,  # without USAGE of a schema it is as if there were none
    "42501": _NOT_ALLOWED,
    "53100": ("{name}: its disk is full. Nothing was written.", "make room on the server"),
    "53300": (
        "{name} takes no more connections.",
        "lower pool_size in DatabaseLimits, or raise max_connections on the server",
    ),
    "55P03": ("{name}: another transaction holds a lock.", "shorten that transaction"),
    "57014": (
        "{name}: a statement took longer than the time-out, or waited that long for a lock.",
        "add an index, or raise statement_timeout in DatabaseLimits",
    ),
    "57P01": ("{name} closed the connection: it is shutting down.", "start it again"),
    "57P03": ("{name} is starting up.", "try again in a moment"),
}


def _last_words(error: BaseException) -> str:
    """Return the reason that libpq gives, without the addresses and hints around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reasons = [line for line in lines if "failed:" in line or "FATAL:" in line] or lines[:1]
    text = reasons[-1] if reasons else type(error).__name__
    return re.split(r"failed: |FATAL: +|error: ", text)[-1].rstrip(".")


def _reader_writes(error: BaseException, doing: str, statement: str | None) -> DatabaseFault:
    verb = " ".join((statement or "a statement").split()[:3])
    return ReadOnlyTransaction(
        f"{doing} writes to the database ({verb}), and may only read.",
        'take methods=["POST"] in urls.py, or write inside "with database.session() as db:"',
        error,
        statement,
    )
