"""flash(): what the next page has to say."""

from __future__ import annotations

import json

from mtvgen.runtime.requests.request import Request

_FLASHES = "_flashes"

# Bytes, as they are in the cookie's JSON. A program that sends forms asks for no page that
# would show what waits, and a cookie that is full makes each answer an error; so flashes take
# a third of it at most, and a single one leaves room for the next.
_MAX_SIZE = 1024
_MAX_MESSAGE_SIZE = 768


def flash(request: Request, message: str) -> None:
    """Leave a message for the next page that asks with `get_flashed_messages()`.

    All that wait have 1,024 bytes together, in UTF-8: what is above makes the oldest go.

    Args:
        request: The request at hand.
        message: Text; templates escape it. Beyond 768 bytes it is cut, and ends with "...".

    Raises:
        RuntimeError: `signed_sessions()` is not in the middleware list.
    """
    # A new list, so that what a view put into the session stays its own.
    messages = [*request.session.get(_FLASHES, ()), _cut(message)]
    while _size(messages) > _MAX_SIZE:
        del messages[0]
    request.session[_FLASHES] = messages


def get_flashed_messages(request: Request) -> list[str]:
    """Return the messages left for this browser, each once; none where there is no session."""
    if request.session_store is None:
        return []
    if request.method == "HEAD":  # nobody sees this page
        return list(request.session.get(_FLASHES, ()))
    messages: list[str] = request.session.pop(_FLASHES, [])
    return messages


def _cut(message: str) -> str:
    """Return the message, or as much of its beginning as there is room for."""
    if _size(message) <= _MAX_MESSAGE_SIZE:
        return message
    start = message[:_MAX_MESSAGE_SIZE]
    while (excess := _size(start) + len("...") - _MAX_MESSAGE_SIZE) > 0:
        start = start[: -(excess // _MOST_FOR_A_CHARACTER + 1)]
    return f"{start}..."


_MOST_FOR_A_CHARACTER = 6  # bytes: a control character is `\u0001`


def _size(value: object) -> int:
    return len(_encode(value).encode("utf-8", "surrogatepass"))


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
