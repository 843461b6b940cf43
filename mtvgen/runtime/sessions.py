"""Signed-cookie sessions, and flash(): what the next page has to say.

The cookie is `payload.time.signature`: the session as JSON in base64url, when it was signed in
seconds since 1970, and an HMAC-SHA256 over both. Visitors can read it and can't change it.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mtvgen.runtime.http.cookies import MAX_COOKIE_SIZE, format_set_cookie
from mtvgen.runtime.http.headers import ResponseHeaders
from mtvgen.runtime.middleware import Handler, Middleware, guards_itself
from mtvgen.runtime.requests.request import Request, script_name
from mtvgen.runtime.responses.response import Response

if TYPE_CHECKING:
    from itsdangerous import Signer

# Two weeks, as in Django: long enough for who comes weekly, short enough for a stolen cookie.
MAX_AGE = 14 * 24 * 60 * 60  # seconds

_FLASHES = "_flashes"


def signed_sessions(
    secret_key: str | Sequence[str],
    *,
    cookie_name: str = "session",
    max_age: int = MAX_AGE,
    samesite: str = "Lax",
    clock: Callable[[], float] = time.time,
) -> Middleware:
    """Middleware that gives each browser a `request.session`, kept in a signed cookie.

    The session is a plain dict of what JSON holds.
    It is read when a view asks for it, and sent when it has changed, at any depth.
    A cookie that is forged, expired or somebody else's is an empty session.

    Args:
        secret_key: Signs the cookie. A list rotates keys: the first signs, all are accepted.
        cookie_name: Another name where two applications share a host.
        max_age: Seconds until a session that is not used ends.
        samesite: "Lax", or "Strict" to start afresh for who follows a link from elsewhere.
        clock: Seconds since 1970.

    Raises:
        ValueError: There is no key, or an empty one.
    """
    keys = [secret_key] if isinstance(secret_key, str) else list(secret_key)
    if not keys or not all(isinstance(key, str) and key.strip() for key in keys):
        raise ValueError("signed_sessions() needs a secret key, or a list of them, newest first.")
    store = _CookieStore(keys, cookie_name, max_age, samesite, clock)

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        def sessions(request: Request) -> Response:
            request.session_store = store
            response = handler(request)
            # A session that nobody asked for was not even parsed.
            if request.opened_session is None:
                return response
            try:
                return store.save(request, response)
            except Exception as error:
                return request.app.answer_error(request, error)

        return sessions

    return middleware


def flash(request: Request, message: str) -> None:
    """Leave a message for the next page that asks with `get_flashed_messages()`.

    Args:
        request: The request at hand.
        message: Text; templates escape it.

    Raises:
        RuntimeError: `signed_sessions()` is not in the middleware list.
    """
    # A new list, so that what a view put into the session stays its own.
    request.session[_FLASHES] = [*request.session.get(_FLASHES, ()), message]


def get_flashed_messages(request: Request) -> list[str]:
    """The messages left for this browser, each once; none where there is no session."""
    if request.session_store is None:
        return []
    messages: list[str] = request.session.pop(_FLASHES, [])
    return messages


class SessionError(Exception):
    """The session can't be kept in a cookie: it is too large, or holds what is no JSON."""


class _Loaded(NamedTuple):
    """What came with the request.

    Attributes:
        sent: Whether there was a cookie, good or bad.
        text: The session's JSON; None where there was none to be trusted.
        signed_at: Seconds since 1970.
    """

    sent: bool = False
    text: str | None = None
    signed_at: int = 0


class _CookieStore:
    """Reads and writes the cookie."""

    def __init__(
        self,
        keys: list[str],
        cookie_name: str,
        max_age: int,
        samesite: str,
        clock: Callable[[], float],
    ) -> None:
        # What a browser would refuse is refused while the application starts.
        format_set_cookie(cookie_name, "", max_age=max_age, samesite=samesite)
        self._keys = keys
        self._cookie_name = cookie_name
        self._max_age = max_age
        self._samesite = samesite
        self._clock = clock
        self._cached_signer: Signer | None = None

    def load(self, request: Request) -> dict[str, Any]:
        """The session that the cookie holds, else an empty one."""
        session: dict[str, Any] = {}
        loaded = _Loaded()
        # base.html asks for messages on each page: where no such cookie can be, nothing is parsed.
        if self._cookie_name in request.environ.get("HTTP_COOKIE", ""):
            value = request.cookies.get(self._cookie_name)
            if value is not None:
                session, loaded = self._verified(value)
        request.loaded_session = loaded
        return session

    def _verified(self, value: str) -> tuple[dict[str, Any], _Loaded]:
        """What a cookie says, if it was signed here and is not too old."""
        from itsdangerous import BadSignature

        try:
            payload, _, digits = self._signer.unsign(value).decode("ascii").partition(".")
            signed_at = int(digits)
            text = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
            session = json.loads(text)
        except (BadSignature, ValueError, RecursionError):
            return {}, _Loaded(sent=True)
        if self._clock() - signed_at > self._max_age or not isinstance(session, dict):
            return {}, _Loaded(sent=True)
        return session, _Loaded(True, text, signed_at)

    def save(self, request: Request, response: Response) -> Response:
        """The response with the session, where that has changed or is half way to its end.

        Raises:
            SessionError: A cookie can't hold it.
        """
        # The page depends on the cookie, whether it came or not: a shared cache must know.
        _vary_on_cookie(response.headers)
        session, loaded = request.opened_session, request.loaded_session
        if session:
            text = _to_json(session)
            now = int(self._clock())
            if text != loaded.text or now - loaded.signed_at > self._max_age / 2:
                self._send(request, response, text, now)
        elif loaded.sent:
            response.delete_cookie(self._cookie_name, path=_path(request))
        return response

    def _send(self, request: Request, response: Response, text: str, now: int) -> None:
        payload = urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")
        value = self._signer.sign(f"{payload}.{now}").decode("ascii")
        try:
            response.set_cookie(
                self._cookie_name,
                value,
                max_age=self._max_age,
                path=_path(request),
                secure=request.environ["wsgi.url_scheme"] == "https",
                samesite=self._samesite,
            )
        except ValueError as error:
            raise SessionError(_too_large(request.opened_session or {}, len(value))) from error

    @property
    def _signer(self) -> Signer:
        """The signer of itsdangerous, imported and made when the first cookie needs it."""
        if self._cached_signer is None:
            from hashlib import sha256

            from itsdangerous import Signer

            # itsdangerous signs with the last key of its list; ours begins with the newest.
            self._cached_signer = Signer(
                self._keys[::-1],
                salt=b"mtvgen.session",
                key_derivation="hmac",
                digest_method=sha256,
            )
        return self._cached_signer


def _path(request: Request) -> str:
    return script_name(request.environ) or "/"


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
            f"request.session{_culprit(session)} is no JSON: {error}. "
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
