"""signed_sessions(): a session is read when a view asks for it, and sent when it has changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from mtvgen.runtime.http.cookies import MAX_COOKIE_SIZE, CookieTooLarge, format_set_cookie
from mtvgen.runtime.http.headers import ResponseHeaders
from mtvgen.runtime.middleware import Handler, Middleware, guards_itself
from mtvgen.runtime.requests.environ import script_name
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import PRIVATE, Response
from mtvgen.runtime.sessions.signed_cookie import HOST_PREFIX, SignedCookie, Stored

_DAY = 24 * 60 * 60  # seconds

# Two weeks, as in Django: long enough for a weekly visit, short enough for a forgotten browser.
MAX_AGE = 14 * _DAY  # seconds

# Three months: whoever has copied a cookie can use it as long as the session lives, and no use of
# theirs makes it live longer than this.
MAX_LIFETIME = 90 * _DAY  # seconds


def signed_sessions(
    secret_key: str | Sequence[str],
    *,
    cookie_name: str = "session",
    max_age: int = MAX_AGE,
    max_lifetime: int = MAX_LIFETIME,
    secure: bool | None = None,
    samesite: str = "Lax",
    clock: Callable[[], float] = time.time,
) -> Middleware:
    """Middleware that gives each browser a `request.session`, kept in a signed cookie.

    The session is a plain dict of what JSON holds.
    It is read when a view asks for it, and sent when it has changed, at any depth; an answer of
    500 or above leaves it as it was.
    A cookie that is forged, expired or somebody else's is an empty session.

    Args:
        secret_key: Signs the cookie. A list rotates keys: the first signs, all are accepted.
        cookie_name: Another name where two applications share a host. Where the cookie is secure,
            it is sent as `__Host-` and this name, which no other host can set (6265bis,
            section 4.1.3.2).
        max_age: Seconds after which a session ends that is not used.
        max_lifetime: Seconds after which a session ends that is used all the time.
        secure: Whether the cookie goes over https alone; None: where the request came that way.
        samesite: "Lax", or "Strict" to begin an empty session for visitors who follow a link from
            another site.
        clock: Seconds since 1970.

    Raises:
        ValueError: There is no key, or an empty one; a time is not a whole number of seconds
            above 0; or browsers would refuse such a cookie.
    """
    keys = [secret_key] if isinstance(secret_key, str) else list(secret_key)
    if not keys or not all(isinstance(key, str) and key.strip() for key in keys):
        raise ValueError("signed_sessions() needs a secret key, or a list of them, newest first.")
    for argument, seconds in {"max_age": max_age, "max_lifetime": max_lifetime}.items():
        if type(seconds) is not int or seconds < 1:
            raise ValueError(
                f"signed_sessions({argument}={seconds!r}): write whole seconds, from 1 up."
            )
    names = _names(cookie_name, secure, samesite)
    plain, prefixed = (SignedCookie(name, keys, max_age, max_lifetime) for name in names)
    store = _Store(plain, prefixed, secure, samesite, clock, tuple(keys), max_lifetime)

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        def sessions(request: Request) -> Response:
            request.session_store = store
            response = handler(request)
            # A session that nobody asked for was not even parsed.
            if request.opened_session is None:
                return response
            try:
                store.save(request, response)
            except Exception as error:
                return request.app.answer_error(request, error)
            return response

        return sessions

    return middleware


def _names(cookie_name: str, secure: bool | None, samesite: str) -> tuple[str, str]:
    """Return the cookie's name over http, and where it is secure.

    Raises:
        ValueError: Browsers would refuse the cookie; said while the application starts.
    """
    plain = cookie_name.removeprefix(HOST_PREFIX)
    if plain.lower().startswith(("__host-", "__secure-", "__http-")):
        raise ValueError(
            f"signed_sessions(cookie_name={cookie_name!r}): write the name without its prefix; "
            f"where the cookie is secure, it gets {HOST_PREFIX}, which protects it most."
        )
    prefixed = HOST_PREFIX + plain
    if secure is not False:
        format_set_cookie(prefixed, "", secure=True, samesite=samesite)
    if secure is not True:
        # A prefix that was asked for can't be kept with secure=False, and that is said.
        name = cookie_name if secure is False else plain
        format_set_cookie(name, "", samesite=samesite)
    return plain, prefixed


class SessionError(Exception):
    """The session can't be kept in a cookie: it is too large, or holds what is not JSON."""


class _Store:
    """Gives a request its session, and the answer its cookie."""

    def __init__(
        self,
        plain: SignedCookie,
        prefixed: SignedCookie,
        secure: bool | None,
        samesite: str,
        clock: Callable[[], float],
        secret_keys: tuple[str, ...],
        max_lifetime: int,
    ) -> None:
        self.secret_keys = secret_keys
        self._plain = plain
        self._prefixed = prefixed
        self._max_lifetime = max_lifetime
        self._secure = secure
        self._samesite = samesite
        self._clock = clock

    def load(self, request: Request) -> dict[str, Any]:
        """Return the session that a cookie holds, or an empty one."""
        header = request.environ.get("HTTP_COOKIE", "")
        session, request.loaded_session = self._cookie(request).read(header, self._clock())
        return session

    def renew(self, request: Request) -> None:
        """Begin the session again, empty: its lifetime counts from now."""
        request.session.clear()
        request.loaded_session = Stored(was_sent=request.loaded_session.was_sent)

    def last_moment(self, request: Request) -> int:
        """Return when no copy of the request's session is good any more, in seconds since 1970."""
        request.session  # noqa: B018  # reading it loads it
        begun: int = request.loaded_session.begun
        return (begun or int(self._clock())) + self._max_lifetime

    def save(self, request: Request, response: Response) -> None:
        """Put the session on the response, where it has changed or is to be signed again.

        An error of the site leaves it as it was, as it does the database: a login that failed
        half way would keep the id of a row that was rolled back, and SQLite gives that id away.

        Raises:
            SessionError: A cookie can't hold it.
        """
        # The page depends on the cookie, whether it came or not: a shared cache must know.
        _vary_on_cookie(response.headers)
        # "no-cache" alone, as send_file() has it, lets shared caches keep what they ask about.
        if response.headers.get("Cache-Control", "no-cache") == "no-cache":
            response.headers["Cache-Control"] = PRIVATE
        if response.status >= 500:
            return
        session, stored = request.opened_session, request.loaded_session
        if session:
            text = _to_json(session)
            now = int(self._clock())
            if text != stored.text or self._cookie(request).is_due(stored, now):
                self._send(request, response, text, now)
        elif stored.was_sent:
            self._set(request, response, "", 0)

    def _send(self, request: Request, response: Response, text: str, now: int) -> None:
        session = request.opened_session or {}
        begun = _begun(session, request.loaded_session, now)
        value, lifetime = self._cookie(request).write(text, begun, now)
        try:
            self._set(request, response, value, lifetime)
        except CookieTooLarge as error:
            raise SessionError(_too_large(session, error.size)) from error

    def _set(self, request: Request, response: Response, value: str, lifetime: int) -> None:
        # One place for both: browsers delete a cookie when all its attributes are as they were.
        secure = self._is_secure(request)
        response.set_cookie(
            self._cookie(request).name,
            value,
            max_age=lifetime,
            path="/" if secure else _path(request),
            secure=secure,
            samesite=self._samesite,
        )

    def _cookie(self, request: Request) -> SignedCookie:
        return self._prefixed if self._is_secure(request) else self._plain

    def _is_secure(self, request: Request) -> bool:
        if self._secure is None:
            return bool(request.environ["wsgi.url_scheme"] == "https")
        return self._secure


def _path(request: Request) -> str:
    """Return where the application is mounted; the whole host where a cookie can't say that."""
    path = script_name(request.environ)
    return "/" if ";" in path else path or "/"


def _begun(session: dict[str, Any], stored: Stored, now: int) -> int:
    """When the session began: now, where nothing is left of the one that came.

    After a login that clears the session and writes the user into it, its lifetime counts from
    the login.
    """
    return now if stored.names.isdisjoint(session) else stored.begun


def _vary_on_cookie(headers: ResponseHeaders) -> None:
    present = headers.get("Vary")
    if present is None:
        headers["Vary"] = "Cookie"
    elif not {"cookie", "*"} & {name.strip().lower() for name in present.split(",")}:
        headers["Vary"] = f"{present}, Cookie"


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _to_json(session: dict[str, Any]) -> str:
    try:
        return _encode(session)
    except (TypeError, ValueError, RecursionError) as error:
        raise SessionError(
            f"request.session{_culprit(session)} is not JSON: {error}. "
            "Keep text, numbers, lists and dicts in it, such as a row's id."
        ) from error


def _culprit(session: dict[str, Any]) -> str:
    """`['user']`: the key whose value can't be written."""
    for key, value in session.items():
        try:
            _encode({key: value})
        except (TypeError, ValueError, RecursionError):
            return f"[{key!r}]"
    return ""


def _too_large(session: dict[str, Any], size: int) -> str:
    sizes = sorted(((len(_encode(value)), key) for key, value in session.items()), reverse=True)
    keys = ", ".join(f"{key!r} ({length:,})" for length, key in sizes[:5])
    return (
        f"The session has {size:,} bytes as a cookie, and browsers keep no more than "
        f"{MAX_COOKIE_SIZE:,} (RFC 6265, section 6.1). Its largest keys, in characters: {keys}. "
        "Keep large things in the database, and their ids here."
    )
