"""Login and logout: start_session(), end_session(), end_all_sessions(), way_back()."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from mtvgen.runtime.accounts.account import Account
from mtvgen.runtime.accounts.carried import IN_SESSION, Carried, end_all, end_one
from mtvgen.runtime.http.grammar import SAFE_METHODS
from mtvgen.runtime.requests.life import OpenedUser, SessionStore
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.security.origins import safe_next

# `last_seen` is a help for people, and not worth a write of each request.
_SEEN_AGAIN_AFTER = timedelta(hours=1)


def start_session(request: Request, user: Any) -> None:
    """Sign a person in, in this browser: the login.

    The session is emptied first and its lifetime counts from now: nothing that somebody may have
    planted in the browser before the login is left.

    Args:
        request: The request at hand; from here on, `request.user` is the person.
        user: An object of the class that `accounts()` was given; a new one is flushed.

    Raises:
        RuntimeError: `signed_sessions()` or `accounts()` is not in the middleware list.
    """
    store = _store_of(request)
    if user.key is None:  # the columns' defaults are filled in when the row is written
        request.db.add(user)
        request.db.flush()
    store.renew(request)
    request.session[IN_SESSION] = list(Carried.of(user))
    request.opened_user = OpenedUser(account_of(user), user)
    note_visit(request, user)


def end_session(request: Request) -> None:
    """Sign the person out of this browser: the logout.

    The session is emptied, and a copy of its cookie is refused from the commit on. The browser is
    asked to forget the pages that it keeps (`Clear-Site-Data`, W3C). For a visitor, nothing
    happens but that.

    Args:
        request: The request at hand, which writes: a POST.

    Raises:
        RuntimeError: `signed_sessions()` or `accounts()` is not in the middleware list.
    """
    store = _store_of(request)
    carried, row = Carried.read(request.session), _row_of(request)
    if carried is not None and row is not None:
        # Two logouts at once would each write the list that they have read.
        request.db.refresh(row, with_for_update=True)
        end_one(row, carried.id, store.last_moment(request), time.time())
    store.renew(request)
    request.opened_user = OpenedUser(has_left=True)


def end_all_sessions(request: Request, user: Any) -> None:
    """End each session of a person, on all devices; this browser's starts again if it is theirs.

    For "log out everywhere" and behind a new password. Another person's sessions, which an
    administrator ends, leave this browser as it is.

    Args:
        request: The request at hand, which writes: a POST.
        user: An object of the class that `accounts()` was given.

    Raises:
        RuntimeError: `signed_sessions()` or `accounts()` is not in the middleware list.
    """
    _store_of(request)
    # By what the session carries, because a new password has ended it for `request.user` already.
    carried = Carried.read(request.session)
    end_all(user)
    if carried is not None and carried.key == user.key and _row_of(request) is user:
        start_session(request, user)


def way_back(request: Request) -> str:
    """Return where a login leads on to: the address in `next`, of the form or the query.

    Returns:
        An address of this site; its first page where none came, or one of another site did.
    """
    given = request.query.get("next")
    if request.method not in SAFE_METHODS:
        given = request.form.get("next") or given
    return safe_next(request, given)


def account_of(row: Any) -> Account:
    """Return what guards and templates see of a row."""
    return Account(row.id, row.email, frozenset(row.roles or ()))


def note_visit(request: Request, row: Any) -> None:
    """Keep when a person was last seen: once an hour at most, and never in a request that reads.

    A write in a page that is only read would make it wait for others on SQLite, and others for it.
    """
    if request.method in SAFE_METHODS or not hasattr(type(row), "last_seen"):
        return
    now = datetime.now(UTC)
    if row.last_seen is None or now - row.last_seen > _SEEN_AGAIN_AFTER:
        row.last_seen = now


def _store_of(request: Request) -> SessionStore:
    if request.user_source is None or request.session_store is None:
        raise RuntimeError(
            "sessions of accounts need their middleware. -> in wsgi.py, accounts(User) goes into "
            "middleware=[...], below signed_sessions()"
        )
    return request.session_store


def _row_of(request: Request) -> Any:
    """Return the row of who is signed in; None for a visitor."""
    request.user  # noqa: B018  # reading it loads it
    return None if request.opened_user is None else request.opened_user.row
