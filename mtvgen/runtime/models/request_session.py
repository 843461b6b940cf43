"""database_session(): a session for each request, settled before a byte is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy.orm import Session

from mtvgen.runtime.middleware import guards_itself
from mtvgen.runtime.models.database import CheckedSession, Database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mtvgen.runtime.middleware import Handler, Middleware
    from mtvgen.runtime.requests.request import Request
    from mtvgen.runtime.responses.response import Response


def database_session(database: Database) -> Middleware:
    """Middleware that gives each request a session: `request.db`.

    It is opened on first use. When the handler has returned, and before a byte is sent, it is
    committed if the status is below 400 and no exception was raised, and otherwise rolled back.
    It is closed in any case. A commit that fails is an error like any other. A streamed body may
    go on reading until it ends.

    It goes above `signed_sessions()` in the list: a session that can't be saved must undo what
    the view wrote.

    Args:
        database: From `models/__init__.py`.
    """

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        def with_session(request: Request) -> Response:
            request.database = database
            try:
                response = handler(request)
                if request.opened_db is not None or response.body.__class__ is not bytes:
                    return _settle(request, response, database)
            except Exception as error:
                _close(request)
                return request.app.answer_error(request, error)
            except BaseException:
                _close(request)
                raise
            request.database = None  # above this middleware nobody would end a session
            if request.callbacks is not None:
                _tell(request, response)
            return response

        return with_session

    return middleware


def _settle(request: Request, response: Response, database: Database) -> Response:
    """Commit what a good answer wrote, and take back all else.

    A commit that fails is answered while the session is open, because the page about it may ask
    for what the request has loaded.
    """
    if request.opened_db is not None:
        try:
            if _is_good(response):
                _commit(request.opened_db)
            else:
                request.opened_db.rollback()
        except Exception as error:
            _close_body(request, response)
            response = request.app.answer_error(request, error)
    _tell(request, response)
    if _reads_on(request, response):
        _hand_to_body(request, response, database)
    else:
        _close(request)
    return response


def _is_good(response: Response) -> bool:
    # An error handler may answer an exception with a redirect; what the view wrote is half done.
    return response.status < 400 and response.error is None


def _commit(session: Session) -> None:
    """Commit. A reader has nothing to commit; what it added and never should have is refused."""
    if isinstance(session, CheckedSession) and session.reader is not None:
        session.flush()  # a query that a body is to go through stays open
    else:
        session.commit()


def _tell(request: Request, response: Response) -> None:
    """Call what waits for the commit, or forget it."""
    if request.callbacks is None:
        return
    if _is_good(response):
        request.callbacks.committed()
    else:
        request.callbacks.rolled_back()


def _reads_on(request: Request, response: Response) -> bool:
    """Return whether the body may ask for `request.db` while it is sent.

    A file asks for nothing.
    """
    body = response.body
    is_file = request.file_body is not None and request.file_body[0] is body
    return body.__class__ is not bytes and not is_file


def _close_body(request: Request, response: Response) -> None:
    """Have a body closed that another answer takes the place of."""
    if close := getattr(response.body, "close", None):
        request.on_close(close)


def _close(request: Request) -> None:
    """End the request's session, whatever it has not committed; and let nobody open another."""
    session, request.opened_db, request.database = request.opened_db, None, None
    if session is not None:
        session.close()


def _hand_to_body(request: Request, response: Response, database: Database) -> None:
    """Leave a reader to the body that is still to be streamed, until it ends or is closed.

    A body may also be the first to ask for `request.db`, long after the handler has returned.
    """
    if isinstance(request.opened_db, CheckedSession):
        request.opened_db.go_on_reading(_body_of(request))
    request.database = _BodyReader(database)
    length = response.headers.get("Content-Length")
    response.body = _ReadingBody(cast("Iterable[bytes]", response.body), request)
    if length is not None:  # the setter can't know that it is still right
        response.headers["Content-Length"] = length
    request.on_close(lambda: _close(request))


class _ReadingBody:
    """A streamed body that ends the database session when it is through, as close() does.

    Some clients read a body to its end and never close it, as a test does.
    """

    def __init__(self, body: Iterable[bytes], request: Request) -> None:
        self._body = body
        self._pieces: Iterator[bytes] | None = None
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._pieces is None:
            self._pieces = iter(self._body)
        try:
            return next(self._pieces)
        except BaseException:  # StopIteration too
            _close(self._request)
            raise

    def close(self) -> None:
        """Close what is streamed."""
        if close := getattr(self._body, "close", None):
            close()


class _BodyReader:
    """Stands in for the Database while a body is streamed: whoever asks may read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, request: Request) -> Session:
        return self._database.reading_session(_body_of(request))

    def undo(self, session: Session) -> None:
        self._database.undo(session)


def _body_of(request: Request) -> str:
    return f"the streamed body of {request.method} {request.path}"
