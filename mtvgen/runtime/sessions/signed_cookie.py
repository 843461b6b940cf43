"""The signed cookie of a session, on plain values: text and times in, text and times out.

The cookie is `payload.begun.signed.signature`: the session as JSON in base64url, when it began and
when it was signed in seconds since 1970, and an HMAC-SHA256 over these and the cookie's name.
Visitors can read it and can't change it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

from mtvgen.runtime.http.cookies import cookie_values

if TYPE_CHECKING:
    from itsdangerous import Signer

HOST_PREFIX = "__Host-"  # browsers take such a name from this very host alone, over https alone

# A session in use is signed again so many times within its max_age: daily for two weeks. Each
# time would be a cookie with every page.
_RENEWALS = 14


class Stored(NamedTuple):
    """A session as it came with a request.

    Attributes:
        was_sent: Whether there was a cookie of the name, good or bad.
        text: The session's JSON; None where no cookie could be trusted.
        names: The session's keys.
        begun: When the session began, in seconds since 1970.
        signed: When the cookie was signed, in seconds since 1970.
    """

    was_sent: bool = False
    text: str | None = None
    names: frozenset[str] = frozenset()
    begun: int = 0
    signed: int = 0


class SignedCookie:
    """A cookie of one name, read and written.

    Args:
        name: Its name, with its prefix.
        keys: What it is signed with, the newest first; all are accepted.
        max_age: Seconds; the longest time between two requests.
        max_lifetime: Seconds from a session's begin to its end, however much it is used.
    """

    def __init__(self, name: str, keys: list[str], max_age: int, max_lifetime: int) -> None:
        self.name = name
        self._keys = keys
        self._max_age = max_age
        self._max_lifetime = max_lifetime
        self._cached_signer: Signer | None = None

    def read(self, header: str, now: float) -> tuple[dict[str, Any], Stored]:
        """Return the session of a `Cookie` field; an empty one where no cookie of the name is good.

        Any subdomain can set a cookie of this name for the whole domain, and browsers may send it
        first: so all are tried until one is ours.
        """
        # base.html asks for messages on each page: where no such cookie can be, nothing is parsed.
        values = cookie_values(header, self.name) if self.name in header else ()
        for value in values:
            found = self._verified(value, now)
            if found is not None:
                return found
        return {}, Stored(was_sent=bool(values))

    def _verified(self, value: str, now: float) -> tuple[dict[str, Any], Stored] | None:
        """Return what a cookie says, if it was signed here and is not too old."""
        from itsdangerous import BadSignature

        try:
            payload, *digits = self._signer.unsign(value).decode("ascii").split(".")
            begun, signed = map(int, digits)
            text = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
            session = json.loads(text)
        except (BadSignature, ValueError, RecursionError):
            return None
        if now - signed > self._max_age or now - begun > self._max_lifetime:
            return None
        if not isinstance(session, dict):
            return None
        return session, Stored(True, text, frozenset(session), begun, signed)

    def is_due(self, stored: Stored, now: float) -> bool:
        """Return whether the cookie is to be signed again.

        It is while in use, so that the session lives on.
        """
        return now - stored.signed > self._max_age / _RENEWALS

    def write(self, text: str, begun: int, now: int) -> tuple[str, int]:
        """Return the cookie's value for a session's JSON, and how many seconds it lives."""
        payload = urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")
        value = self._signer.sign(f"{payload}.{begun}.{now}").decode("ascii")
        return value, max(0, min(self._max_age, begun + self._max_lifetime - now))

    @property
    def _signer(self) -> Signer:
        """The signer of itsdangerous, imported and made when the first cookie needs it."""
        if self._cached_signer is None:
            from hashlib import sha256

            from itsdangerous import Signer

            self._cached_signer = Signer(
                # itsdangerous signs with the last key of its list; ours begins with the newest.
                self._keys[::-1],
                # Another application may share the key: its cookies have another name.
                salt=f"mtvgen.session.{self.name}".encode(),
                key_derivation="hmac",
                digest_method=sha256,
            )
        return self._cached_signer
