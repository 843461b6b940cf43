"""PostgreSQL, set up for a web process.

psycopg sends a BEGIN of its own before the first statement. With autocommit it does not, and the
one that we send carries "read only" and the time-out in the same round trip. SET LOCAL ends with
the transaction, so all of it is right behind a PgBouncer too.

A request that only reads mostly needs no transaction: at PostgreSQL's usual isolation level, READ
COMMITTED, each SELECT sees a snapshot of its own anyway. So its connections begin none for a plain
SELECT, which saves two round trips of three; the server refuses writes on them by default
(`default_transaction_read_only`), and every transaction that may write says so.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Engine, Select, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from mtvgen.runtime.models.limits import DatabaseLimits
from mtvgen.runtime.models.pool import RequestConnection
from mtvgen.runtime.models.transactions import Backend, Start, Starts

# Notes on a pooled connection: that the server gave it our defaults (it refuses writes unless a
# transaction says otherwise, and ends long statements), the BEGIN that is still to be sent, and
# since when it has been idle.
HAS_DEFAULTS, PENDING, IDLE_SINCE = "mtvgen.has_defaults", "mtvgen.pending", "mtvgen.idle_since"

PLAIN = Start("BEGIN READ WRITE; SET LOCAL statement_timeout = 0")


def _starts(limits: DatabaseLimits) -> Starts:
    """Return how each kind of transaction begins; only requests have a time-out for a statement."""
    timeout = f"; SET LOCAL statement_timeout = {_milliseconds(limits)}"
    return Starts(
        plain=PLAIN,
        reader=Start("BEGIN READ ONLY" + timeout, is_reader=True, by_default="BEGIN READ ONLY"),
        writer=Start("BEGIN READ WRITE" + timeout, by_default="BEGIN READ WRITE"),
        worker=PLAIN,
    )


def _engine(url: URL, limits: DatabaseLimits, options: dict[str, Any]) -> Engine:
    """Return an engine whose connections are set up for a web process.

    Args:
        url: From `parse_url()`.
        limits: Sizes and time-outs.
        options: Those of the pool, for `create_engine()`.
    """
    connect_args = {
        "connect_timeout": limits.connect_timeout,
        # Milliseconds until a server that no longer acknowledges anything counts as gone.
        "tcp_user_timeout": limits.connect_timeout * 1000,
    }
    for name in url.query:
        connect_args.pop(name, None)
    engine = create_engine(url, connect_args=connect_args, **options)
    event.listen(engine, "do_connect", _connector(limits))
    event.listen(engine, "connect", _prepare)
    for moment in ("do_execute", "do_execute_no_params", "do_executemany"):
        event.listen(engine, moment, _begin_if_needed)
    event.listen(engine, "checkin", _on_checkin)
    event.listen(engine, "checkout", _on_checkout(limits.ping_after))
    event.listen(engine, "handle_error", _hide_row_values)
    return engine


def _hide_row_values(context: ExceptionContext) -> None:
    """Leave out of an error's text what the server quotes of the row: that is a visitor's.

    It is in DETAIL ("Failing row contains ..."), in CONTEXT, and in what the server says of a value
    that it can't read; `error.orig.diag` has all of it, for code that needs it.
    """
    cause: Any = context.original_exception
    told: Any = getattr(cause, "diag", None)
    if getattr(told, "message_primary", None) is None:
        return  # psycopg's own error, or libpq's: it says nothing of rows
    text = told.message_primary
    if (told.sqlstate or "").startswith("22"):  # a data exception: 'invalid input ...: "abc"'
        for value in _texts_in(context.parameters):
            text = text.replace(f'"{value}"', '"..."')
    if told.message_hint:
        text += f"\nHINT:  {told.message_hint}"
    error = context.sqlalchemy_exception
    if error is not None:
        error.args = (str(error.args[0]).replace(str(cause), text, 1), *error.args[1:])
    cause.args = (text,)


def _texts_in(parameters: Any) -> Iterator[str]:
    """Yield the texts among a statement's parameters, or those of several."""
    if isinstance(parameters, str):
        yield parameters
    elif isinstance(parameters, Mapping):
        yield from _texts_in(list(parameters.values()))
    elif isinstance(parameters, list | tuple):
        for value in parameters:
            yield from _texts_in(value)


def _milliseconds(limits: DatabaseLimits) -> int:
    return round(limits.statement_timeout * 1000)


def _connector(limits: DatabaseLimits) -> Callable[..., Any]:
    """Return a `do_connect` listener.

    Connections with our defaults, where the server can be asked.
    """
    asked = (
        f"-c default_transaction_read_only=on -c statement_timeout={_milliseconds(limits)} "
        "-c timezone=UTC"
    )

    def connect(dialect: Any, _record: Any, arguments: Any, parameters: dict[str, Any]) -> Any:
        options = f"{parameters.get('options', '')} {asked}".strip()
        try:
            return dialect.connect(*arguments, **{**parameters, "options": options})
        except dialect.loaded_dbapi.OperationalError as error:
            # A PgBouncer in front may refuse or ignore options: then every transaction is begun.
            if "unsupported startup parameter" not in str(error):
                raise
            return dialect.connect(*arguments, **parameters)

    return connect


def _prepare(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.autocommit = True
    shown = connection.execute("SHOW default_transaction_read_only", prepare=False).fetchone()
    record.info[HAS_DEFAULTS] = shown[0] == "on"
    # What becomes of a moment without its zone (a date, an hour, an explicit DateTime) is a
    # matter of this, and the same as on SQLite. Behind a PgBouncer it has to be said again.
    if connection.info.parameter_status("TimeZone") != "UTC":
        connection.execute("SET TIME ZONE 'UTC'", prepare=False)


def begin_postgresql(connection: Connection, start: Start) -> None:
    """Begin a transaction of one kind."""
    info = connection.info
    level = connection.get_execution_options().get("isolation_level")
    if level == "AUTOCOMMIT":
        _allow_writes(connection)
        return
    has_defaults = info.get(HAS_DEFAULTS, False)
    statement = start.by_default if has_defaults and start.by_default else start.statement
    if level is not None:
        statement += f"; SET TRANSACTION ISOLATION LEVEL {level}"
    info.pop("mtvgen.reader", None)
    if start.is_reader and has_defaults and level is None:
        info[PENDING] = statement
    else:
        _send(connection, statement)


def _begin_if_needed(cursor: Any, statement: str, *more: Any) -> None:
    """Begin before anything but a plain SELECT, whose transaction it is then.

    Text, a function without a table (it may set something for the transaction) and a cursor that
    stays on the server are not plain.
    """
    context = more[-1]
    connection = context.root_connection
    # The others begin at once, and SQLAlchemy's own of a first connection have no info.
    if isinstance(connection, RequestConnection) and PENDING in connection.info:
        compiled = context.compiled
        is_select = compiled is not None and isinstance(compiled.statement, Select | CompoundSelect)
        if not is_select or "FROM " not in statement or getattr(cursor, "name", None):
            begin_for_real(connection)


def begin_for_real(connection: Connection) -> None:
    """Send the BEGIN that a reader has saved so far, if it has."""
    if pending := connection.info.pop(PENDING, None):
        _send(connection, pending)


# libpq's PGRES_COMMAND_OK and PQTRANS_IDLE
_COMMAND_OK, _IDLE = 1, 0


def _send(connection: Connection, statement: str) -> None:
    dbapi: Any = connection.connection.dbapi_connection
    try:
        if not dbapi.autocommit:  # SQLAlchemy sets it with an isolation level
            dbapi.autocommit = True
        # libpq itself: a cursor of psycopg takes ten times as long around the same round trip.
        done = dbapi.pgconn.exec_(statement.encode()).status == _COMMAND_OK
    except Exception:
        done = False
    if not done:
        # Once more through SQLAlchemy, which knows when a connection, and so the pool, is lost.
        connection.exec_driver_sql(statement)


def _allow_writes(connection: Connection) -> None:
    """For a connection that somebody asked to commit each statement by itself, such as VACUUM."""
    if connection.info.pop(HAS_DEFAULTS, False):
        connection.exec_driver_sql("SET default_transaction_read_only = off")


def _on_checkin(connection: Any, record: ConnectionPoolEntry) -> None:
    if connection is not None:
        _leave(connection, record.info)


def _put_down(connection: Connection) -> bool:
    dbapi: Any = connection.connection.dbapi_connection
    _leave(dbapi, connection.info)
    is_idle: bool = dbapi.pgconn.transaction_status == _IDLE
    return is_idle


def _leave(dbapi: Any, info: dict[Any, Any]) -> None:
    """Leave a connection as whoever uses it next wants it."""
    info.pop(PENDING, None)
    if not dbapi.autocommit:
        dbapi.autocommit = True
    info[IDLE_SINCE] = time.monotonic()


def _on_checkout(after: float) -> Callable[..., None]:
    def ping(dbapi: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        error = _failure(dbapi, record.info, after)
        if error is not None:
            # The pool throws this one away, and its older ones, and connects anew.
            raise DisconnectionError(str(error)) from error

    return ping


def _fitness(limits: DatabaseLimits) -> Callable[[Connection], bool]:
    def is_fit(connection: Connection) -> bool:
        dbapi = connection.connection.dbapi_connection
        return _failure(dbapi, connection.info, limits.ping_after) is None

    return is_fit


def _failure(dbapi: Any, info: dict[Any, Any], after: float) -> Exception | None:
    """Test a connection which was idle for `after` seconds; return why it can't be used.

    Before that it only looks at the socket, which takes a microsecond and no round trip: a server
    that stops, or ends a connection, says so, and nothing else speaks on an idle one.
    """
    since = info.get(IDLE_SINCE)
    try:
        # Without it the connection has just been opened.
        if since is not None and (time.monotonic() - since >= after or _was_spoken_to(dbapi)):
            dbapi.execute("SELECT 1", prepare=False)
    except Exception as error:
        return error
    return None


def _was_spoken_to(connection: Any) -> bool:
    """Return whether something waits to be read from the server."""
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([connection], [], [], 0)[0])
    poll = select.poll()  # select() knows no descriptor above 1,023
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


POSTGRESQL = Backend(
    make=_engine,
    starts=_starts,
    begin=begin_postgresql,
    fitness=_fitness,
    put_down=_put_down,
)
