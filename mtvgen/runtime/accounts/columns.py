"""SessionColumns: what a row of the users' table needs so that sessions can be ended."""

from __future__ import annotations

from datetime import UTC, datetime
from secrets import token_urlsafe

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column


def _random_key() -> str:
    return token_urlsafe(16)  # 128 bits


def _now() -> datetime:
    return datetime.now(UTC)


class SessionColumns:
    """Columns that end sessions: `class User(SessionColumns, Model)`.

    Attributes:
        key: Random. A session carries it, and not the id, which SQLite gives away again when the
            last row has been deleted.
        sessions_valid_from: A new value ends all sessions of the person.
        ended_sessions: Sessions that a person has logged out of and whose cookies are not yet
            too old: `id:moment`, the moment in seconds since 1970.
    """

    key: Mapped[str] = mapped_column(unique=True, default=_random_key)
    sessions_valid_from: Mapped[datetime] = mapped_column(default=_now)
    ended_sessions: Mapped[list[str]] = mapped_column(JSON, default=list)
