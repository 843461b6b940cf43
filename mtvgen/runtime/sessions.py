"""Signed-cookie sessions, and flash(): what the next page has to say."""

from __future__ import annotations

from mtvgen.runtime.request import Request

_FLASHES = "_flashes"


def flash(request: Request, message: str) -> None:
    """Leave a message for the next page that asks with `get_flashed_messages()`."""
    request.session.setdefault(_FLASHES, []).append(message)


def get_flashed_messages(request: Request) -> list[str]:
    """The messages left for this browser, each once; none where there is no session."""
    if request._session_store is None:
        return []
    messages: list[str] = request.session.pop(_FLASHES, [])
    return messages
