"""Checks of PEP 3333's rules for `start_response()`, before anything is sent.

wsgiref checks with `assert`, which `python -O` takes away, and lets CR and LF through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtvgen.runtime.http.grammar import is_token

# RFC 9110, section 7.6.1: these belong to the connection, which is the server's.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"trailers", "transfer-encoding", "upgrade", "proxy-connection"}
)
_STATUS = re.compile(r"[2-9][0-9]{2} [^\x00-\x1f\x7f]*")
_BAD_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def check_status(status: str) -> None:
    """Refuse a status that is not three digits and a phrase.

    Raises:
        TypeError, ValueError: It is not such a str.
    """
    if not isinstance(status, str):
        raise TypeError(f"the status must be a str, not {type(status).__name__}")
    if _STATUS.fullmatch(status) is None:
        raise ValueError(f"{status!r} is not a status such as '200 OK'")


def checked_length(headers: Sequence[tuple[str, str]]) -> int | None:
    """Return the Content-Length among fields that can all be sent as they are.

    Raises:
        TypeError, ValueError: One of them can not.
    """
    length = None
    for name, value in headers:
        if not (isinstance(name, str) and isinstance(value, str)):
            raise TypeError(f"a header field must be two str, not {name!r}: {value!r}")
        lowered = name.lower()
        if is_token(name) is None or _BAD_VALUE.search(value):
            raise ValueError(f"the header field {name!r}: {value!r} can't be sent")
        if lowered in _HOP_BY_HOP:
            raise ValueError(f"{name} belongs to the connection, so only the server may send it")
        if lowered == "content-length":
            length = _number(value)
    return length


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"Content-Length: {value!r} is not a number")
    return int(value)
