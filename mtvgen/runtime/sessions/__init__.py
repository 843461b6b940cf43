"""A browser's session in a signed cookie, and messages for its next page (docs/sessions.md)."""

from mtvgen.runtime.sessions.flashes import flash, get_flashed_messages
from mtvgen.runtime.sessions.middleware import (
    MAX_AGE,
    MAX_LIFETIME,
    SessionError,
    signed_sessions,
)

__all__ = [
    "MAX_AGE",
    "MAX_LIFETIME",
    "SessionError",
    "flash",
    "get_flashed_messages",
    "signed_sessions",
]
