"""A request's body: `wsgi.input`, which ends where the request does.

It reads what the client promised and not a byte more: what follows is the next request. A client
that leaves or falls silent looks like the end of the file (PEP 3333, "Input and Error Streams"),
so the application answers 400 instead of failing.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

from mtvgen.devserver.http.pace import Pace

_CHUNK = 64 * 1024  # bytes asked of the socket at once
_MAX_UNREAD = 256 * 1024  # bytes; a client that sends more had better open another connection


class Body:
    """The body of one request.

    Args:
        connection: Where it comes from.
        received: What has arrived behind the head; bytes behind the body stay in it.
        length: The Content-Length.
        before_reading: Called once, before the first byte is waited for.
    """

    def __init__(
        self,
        connection: socket.socket,
        received: bytearray,
        length: int,
        before_reading: Callable[[], None] | None = None,
    ) -> None:
        self._connection = connection
        self._received = received
        self._before_reading = before_reading
        self._pace: Pace | None = None  # from the first byte that has to be waited for
        self.remaining = length
        self.truncated = False

    @property
    def is_drainable(self) -> bool:
        """Whether what is unread is worth being taken in, to keep the connection."""
        if not self.remaining:
            return True
        is_on_its_way = self._before_reading is None and not self.truncated
        return is_on_its_way and self.remaining <= _MAX_UNREAD

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next `size` bytes, all that remain by default; fewer only at the end."""
        wanted = self.remaining if size is None or size < 0 else min(size, self.remaining)
        while len(self._received) < wanted and self._receive(wanted - len(self._received)):
            pass
        return self._take(wanted)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line with its line feed, or `size` bytes of it."""
        wanted = self.remaining if size is None or size < 0 else min(size, self.remaining)
        searched = 0
        while (end := self._received.find(b"\n", searched, wanted)) < 0:
            searched = min(len(self._received), wanted)
            if searched == wanted or not self._receive(wanted - searched):
                return self._take(wanted)
        return self._take(end + 1)

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """Return the lines that remain; none is begun after `hint` bytes."""
        lines: list[bytes] = []
        size = 0
        for line in self:
            lines.append(line)
            size += len(line)
            if hint is not None and 0 < hint <= size:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def drain(self) -> bool:
        """Throw away what the application left unread; False if some of it remains."""
        while self.remaining and self.is_drainable:
            self.read(_CHUNK)
        return not self.remaining

    def _take(self, size: int) -> bytes:
        data = bytes(self._received[:size])
        del self._received[:size]
        self.remaining -= len(data)
        return data

    def _receive(self, at_most: int) -> bool:
        if self.truncated:
            return False
        if self._before_reading is not None:
            self._before_reading()
            self._before_reading = None
        begun = time.monotonic()
        self._pace = self._pace or Pace()
        try:
            data = self._connection.recv(min(at_most, _CHUNK))
            self._pace.count(len(data), time.monotonic() - begun)
        except OSError:
            # A reset, 30 silent seconds (connection.py) and a drip are an end like any other.
            data = b""
        self._received += data
        self.truncated = not data
        return bool(data)
