"""What a session carries about who is signed in, and whether it still holds. No request in here.

The session is in the browser's cookie, where it can be read and copied, and not changed. So it
has nothing that another could use, and the row decides whether it holds:

- the row's random key, because an id may be given to somebody else;
- an id of this very session, which logging out puts into `ended_sessions`;
- a hash over the password's hash and `sessions_valid_from`: when either changes, no session from
  before holds. It is compared and not ordered, so no clock that is set back revives a session.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any, NamedTuple

IN_SESSION = "_account"  # the key in `request.session`

# Ended sessions that a row keeps. Who logs out more often within the lifetime of a session is
# logged out everywhere instead, which ends the same ones and forgets them.
_MOST_ENDED = 100


class Carried(NamedTuple):
    """Who is signed in, as the session says it.

    Attributes:
        key: The row's.
        id: The session's own.
        proof: The hash over what ends all sessions when it changes.
    """

    key: str
    id: str
    proof: str

    @classmethod
    def of(cls, row: Any) -> Carried:
        """Return what a new session carries."""
        return cls(row.key, token_urlsafe(12), _proof(row))

    @classmethod
    def read(cls, session: dict[str, Any]) -> Carried | None:
        """Return what a session carries; None for a visitor's."""
        value = session.get(IN_SESSION)
        if not isinstance(value, list) or len(value) != len(cls._fields):
            return None
        return cls(*value) if all(isinstance(part, str) for part in value) else None

    def holds_for(self, row: Any) -> bool:
        """Return whether the session has not been ended, by its row."""
        if not compare_digest(self.proof.encode(), _proof(row).encode()):
            return False
        return all(entry.partition(":")[0] != self.id for entry in row.ended_sessions or ())


def _proof(row: Any) -> str:
    valid_from: datetime = row.sessions_valid_from
    moment = valid_from.astimezone(UTC).isoformat(timespec="microseconds")
    # The password's hash has a random salt of its own, so this tells nothing about it.
    text = f"{row.key}\0{getattr(row, 'password_hash', '')}\0{moment}"
    return urlsafe_b64encode(sha256(text.encode()).digest()[:16]).decode("ascii").rstrip("=")


def end_one(row: Any, session_id: str, last_moment: int, now: float) -> None:
    """Note that a session has ended, for as long as a copy of its cookie could be good."""
    kept = [entry for entry in row.ended_sessions or () if int(entry.partition(":")[2]) > now]
    if len(kept) >= _MOST_ENDED:
        end_all(row)
    else:
        # A new list: SQLAlchemy sees no change inside of one.
        row.ended_sessions = [*kept, f"{session_id}:{last_moment}"]


def end_all(row: Any) -> None:
    """End each session of a person, whatever the clock of this machine says."""
    earliest = row.sessions_valid_from + timedelta(microseconds=1)
    row.sessions_valid_from = max(datetime.now(UTC), earliest)
    row.ended_sessions = []
