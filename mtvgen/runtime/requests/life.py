"""RequestLife: what the runtime's own layers keep about one request, until it is over.

It is the part of a Request that they share. Views have `request.session`, `request.db` and so on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from mtvgen.runtime.accounts.account import Account

logger = logging.getLogger("mtvgen")


class SessionStore(Protocol):
    """The source of `request.session`; `signed_sessions()` has one.

    Attributes:
        secret_keys: What is signed with, the newest first; all are accepted.
    """

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys, for what else is signed."""

    def load(self, request: Any) -> dict[str, Any]:
        """Return the session that came with the request, or an empty one."""

    def renew(self, request: Any) -> None:
        """Begin the session again, empty: its lifetime counts from now."""

    def last_moment(self, request: Any) -> int:
        """Return when no copy of the request's session is good any more, in seconds since 1970."""


class UserSource(Protocol):
    """The source of `request.user`; `accounts()` has one."""

    def load(self, request: Any) -> OpenedUser:
        """Return who is signed in in the browser that sent the request."""


class OpenedUser(NamedTuple):
    """Who uses the site, as `request.user` has found it.

    Attributes:
        account: What views and templates see; None for a visitor.
        row: The object of the project's own class. It is held here, so that a look-up by its
            primary key asks the database no second time.
        has_left: Whether the person has logged out in this request.
    """

    account: Account | None = None
    row: Any = None
    has_left: bool = False


NO_ACCOUNTS = (
    "request.user needs its middleware. -> in wsgi.py, accounts(User) goes into middleware=[...], "
    "below signed_sessions()"
)


class NoAccountsError(RuntimeError, AttributeError):
    """`request.user` of a site without accounts.

    An AttributeError, so that `getattr(request, "user", None)` and `request.user|default("")` can
    ask whether there are any.
    """

    def __init__(self) -> None:
        super().__init__(NO_ACCOUNTS)


class SessionSource(Protocol):
    """The source of `request.db`; `database_session()` has one."""

    def open(self, request: Any) -> Session:
        """Return a database session for this request."""

    def undo(self, session: Session) -> None:
        """Take back what the session has written, and leave it fit for reading."""


class RequestLife:
    """Values that one layer leaves for another; docs/middleware.md has a table of when and what.

    A base class and no object of its own, because a second object for each request would cost a
    page of text a tenth of its time.

    Attributes:
        session_store: Who loads `request.session`; None where `signed_sessions()` has not begun.
        opened_session: What `request.session` is; None until somebody asks for it.
        loaded_session: What the store found in the cookie, once it has loaded the session.
        database: Who opens `request.db`; None before `database_session()` and behind it.
        opened_db: What `request.db` is; None until somebody asks for it.
        csp_nonce: The nonce of the page; None where no template has printed it.
        file_body: The body of an answer that is a file, and the file in it, for servers that hand
            a file to the kernel; None if there is none.
        callbacks: What waits for the commit and for the end; None: nothing.
        user_source: Who loads `request.user`; None where `accounts()` has not begun.
        opened_user: What `request.user` has found; None until somebody asks for it.
    """

    # What the layers of a new project read or write on each request. The others are rare: their
    # default lives on the class, because a slot has to be filled and emptied each time.
    __slots__ = ("callbacks", "database", "opened_db", "opened_session", "session_store")

    session_store: SessionStore | None
    opened_session: dict[str, Any] | None
    database: SessionSource | None
    opened_db: Session | None
    callbacks: Callbacks | None
    loaded_session: Any = None
    csp_nonce: str | None = None
    file_body: tuple[Iterable[bytes], Any] | None = None
    user_source: UserSource | None = None
    opened_user: OpenedUser | None = None


class Callbacks:
    """Calls that wait for the end of a request.

    Attributes:
        commit: What `request.on_commit()` was given.
        close: What `request.on_close()` was given.
        is_settled: Whether the answer is being sent, so that nothing is committed any more.
        is_closed_by_us: Whether the body that is being sent calls `close` at its end.
    """

    def __init__(self) -> None:
        self.commit: list[Callable[[], object]] = []
        self.close: list[Callable[[], object]] = []
        self.is_settled = False
        self.is_closed_by_us = True

    def committed(self) -> None:
        """Call what waits for the commit; each, whatever those before it raised.

        The data stays written, so an error is logged and the answer goes out as it is.
        """
        waiting, self.commit = self.commit, []
        for callback in waiting:
            try:
                callback()
            except Exception:
                logger.exception("%r, called after the commit", callback)

    def rolled_back(self) -> None:
        """Forget what waits for the commit."""
        self.commit = []
