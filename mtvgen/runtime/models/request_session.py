"""database_session(): a session for each request, settled before a byte is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from mtvgen.runtime.models.database import CheckedSession, Database

if TYPE_CHECKING:
    from mtvgen.runtime.middleware import Handler, Middleware
    from mtvgen.runtime.requests.request import Request
    from mtvgen.runtime.responses.response import Response


def database_session(database: Database) -> Middleware:
    """Middleware that gives each request a session: `request.db`.

    It is opened on first use. When the handler has returned, and before a byte is sent, it is
    committed if the status is below 400 and no exception was raised, else rolled back; and it is
    closed in any case. A commit that fails is an error like any other. A streamed body may go on
    reading until it ends.

    It stands above `signed_sessions()` in the list: a session that can't be saved must undo what
    the view wrote.

    Args:
        database: From `models/__init__.py`.
    """

    def middleware(handler: Handler) -> Handler:
        def with_session(request: Request) -> Response:
            request._database = database
            try:
                response = handler(request)
            except BaseException:
                # SystemExit and its kind: every Exception has become a Response further down.
                _close(request)
                raise
            if response._body.__class__ is not bytes and request._database is not None:
                _hand_to_body(request, response, database)
            elif request._db is not None:
                _end(request, response)
            else:
                # Above this middleware nobody would end a session.
                request._database = None
            return response

        return with_session

    return middleware


def _close(request: Request) -> None:
    """End the request's session, whatever it has not committed; and let nobody open another."""
    session, request._db, request._database = request._db, None, None
    if session is not None:
        session.close()


def _end(request: Request, response: Response) -> None:
    """Commit what a good answer wrote; close."""
    try:
        if _is_good(request, response):
            _keep(request.db)
    finally:
        _close(request)


def _is_good(request: Request, response: Response) -> bool:
    # An error handler may answer an exception with a redirect; what the view wrote is half done.
    return response.status < 400 and not request._failed


def _hand_to_body(request: Request, response: Response, database: Database) -> None:
    """Commit now, and leave a reader to the body that is still to be streamed.

    A body may also be the first to ask for `request.db`, long after the handler has returned.
    """
    session = request._db
    if session is not None:
        try:
            # A query of a reader that the body is to go through stays open.
            _keep(session) if _is_good(request, response) else session.rollback()
        except BaseException:
            # Another answer takes the place of this one, so nobody else will close its body.
            if close := getattr(response.body, "close", None):
                request.on_close(close)
            _close(request)
            raise
        if isinstance(session, CheckedSession):
            session.go_on_reading(_body_of(request))
    request._database = _BodyReader(database)
    request.on_close(lambda: _close(request))


def _keep(session: Session) -> None:
    """Commit. A reader has nothing to commit; what it added and never should have is refused."""
    if isinstance(session, CheckedSession) and session.reader is not None:
        session.flush()
    else:
        session.commit()


class _BodyReader:
    """Stands in for the Database while a body is streamed: whoever asks may read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, request: Request) -> Session:
        return self._database.reading_session(_body_of(request))


def _body_of(request: Request) -> str:
    return f"the streamed body of {request.method} {request.path}"
