"""sign_token() and read_token(): links in mails, which are signed and kept in no table.

A token is `key.end.signature`: the random key of the row, the moment it ends in seconds since
1970, and an HMAC-SHA256 over these, the purpose, the address and the password's hash. So a link is
dead as soon as its time is up, or the password or the address is another.
"""

from __future__ import annotations

import hmac
import re
import time
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from mtvgen.runtime.accounts.secret_keys import digests

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request

UserT = TypeVar("UserT")

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,100})\.([0-9]{1,12})\.([0-9a-f]{64})")


def sign_token(
    request: Request, user: Any, purpose: str, *, days: float = 0, minutes: float = 0
) -> str:
    """Return a token for a link: letters, digits, `.`, `-` and `_`.

    Args:
        request: The request at hand.
        user: An object with `key`, `email` and `password_hash`; a new one is flushed.
        purpose: What the link is for; it is good for nothing else.
        days: How long it is good, with `minutes`.
        minutes: How long it is good, with `days`.

    Raises:
        ValueError: It would end at once.
    """
    if days * 1440 + minutes <= 0:
        raise ValueError("sign_token(): say how long the link is good, as in minutes=30.")
    if user.key is None:
        request.db.add(user)
        request.db.flush()
    end = str(int(time.time() + days * 86_400 + minutes * 60))
    return f"{user.key}.{end}.{_signatures(request, user, purpose, end)[0]}"


def read_token(request: Request, user_class: type[UserT], token: str, purpose: str) -> UserT | None:
    """Return whom a token was signed for; None if it is forged, used, too old or out of date.

    Args:
        request: The request at hand.
        user_class: The project's model of its users.
        token: What came with the link.
        purpose: As it was signed.
    """
    match = _TOKEN.fullmatch(token)
    if match is None or int(match[2]) < time.time():
        return None
    user = request.db.scalars(select(user_class).filter_by(key=match[1])).one_or_none()
    if user is None:
        return None
    signatures = _signatures(request, user, purpose, match[2])
    is_ours = [hmac.compare_digest(signature, match[3]) for signature in signatures]
    return user if any(is_ours) else None


def _signatures(request: Request, user: Any, purpose: str, end: str) -> list[str]:
    return digests(request, f"token.{purpose}", user.key, end, user.email, user.password_hash)
