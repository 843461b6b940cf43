"""Messages as they travel: a header that says how long the body is, and the body.

https://microsoft.github.io/language-server-protocol/specifications/base/0.9/specification/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_HEADER = 4 * 1024  # bytes; a client sends two short fields
MAX_BODY = 32 * 1024 * 1024  # bytes; the largest file that is checked has 4 MiB
_END = b"\r\n\r\n"


class FramingError(Exception):
    """The input is not a message, and nobody knows where the next one begins."""


class Decoder:
    """Divides the bytes that a client sends into the bodies of its messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take bytes as they were read, and yield each body that is whole.

        Raises:
            FramingError: A header says no length, or one that is too large.
        """
        self._buffer += data
        while True:
            if self._length is None and not self._read_header():
                return
            if self._length is None or len(self._buffer) < self._length:
                return
            body = bytes(self._buffer[: self._length])
            del self._buffer[: self._length]
            self._length = None
            yield body

    def _read_header(self) -> bool:
        end = self._buffer.find(_END, 0, MAX_HEADER)
        if end < 0:
            if len(self._buffer) >= MAX_HEADER:
                raise FramingError("a header without an end")
            return False
        self._length = _length(bytes(self._buffer[:end]))
        del self._buffer[: end + len(_END)]
        return True


def _length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            digits = value.strip()
            if not digits.isdigit() or len(digits) > len(str(MAX_BODY)):
                raise FramingError("a length that is not a number, or is too large")
            if int(digits) > MAX_BODY:
                raise FramingError(f"a message of {int(digits)} bytes; {MAX_BODY} are taken")
            return int(digits)
    raise FramingError("a header without Content-Length")


def framed(message: Mapping[str, Any]) -> bytes:
    """Return a message as it is sent."""
    # A lone surrogate, which a client may send, can't be sent back but as an escape.
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
