"""flash(): what the next page has to say."""

from __future__ import annotations

from mtvgen.runtime.requests.request import Request

_FLASHES = "_flashes"


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
