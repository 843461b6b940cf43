"""The client's two pipes: what it has sent, and what is to be sent to it, without ever waiting.

Standard input is read by the loop that waits on everything else too: a thread that reads it would
have to be killed at the end, and Python dies of that.
"""

from __future__ import annotations

import os
import select
import sys
from collections import deque
from collections.abc import Mapping
from typing import Any

from mtvgen.lsp.protocol.framing import Decoder, FramingError, framed

_AT_ONCE = 1 << 16  # bytes that are read at a time
_ROOM = 4096  # bytes; a pipe that can be written to takes as many without waiting (POSIX: PIPE_BUF)
MAX_UNSENT = 64 * 1024 * 1024  # bytes; a client that reads nothing for so long has died


class Connection:
    """One client.

    Args:
        reading: The file descriptor that it writes to.
        writing: The file descriptor that it reads from.

    Attributes:
        bodies: The bodies of messages that were read and nobody has taken yet.
        is_closed: Whether nothing more can be read or written.
        fault: What was wrong with what it sent, if that has ended the connection.
    """

    def __init__(self, reading: int, writing: int) -> None:
        self.reading = reading
        self.writing = writing
        self.bodies: deque[bytes] = deque()
        self.is_closed = False
        self.fault = ""
        self._decoder = Decoder()
        self._unsent = bytearray()

    @property
    def has_unsent(self) -> bool:
        """Whether something waits for the client to read."""
        return bool(self._unsent)

    def read(self) -> None:
        """Read what is there; the loop has seen that there is something."""
        try:
            data = os.read(self.reading, _AT_ONCE)
            self.bodies.extend(self._decoder.feed(data))
        except FramingError as error:
            self.fault, self.is_closed = str(error), True
        except OSError:
            self.is_closed = True
        else:
            self.is_closed |= not data

    def has_input(self) -> bool:
        """Read what has come meanwhile; return whether a message waits."""
        while not self.is_closed and select.select([self.reading], [], [], 0)[0]:
            self.read()
        return bool(self.bodies) or self.is_closed

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message as soon as the client reads."""
        self._unsent += framed(message)
        self.flush()
        if len(self._unsent) > MAX_UNSENT:
            self.fault, self.is_closed = "it reads nothing", True

    def flush(self) -> None:
        """Write as much as goes without waiting."""
        while self._unsent and not self.is_closed:
            if not select.select([], [self.writing], [], 0)[1]:
                return
            try:
                written = os.write(self.writing, self._unsent[:_ROOM])
            except OSError:
                self.is_closed = True
                return
            del self._unsent[:written]


def take_standard_streams() -> Connection:
    """Take stdin and stdout for the protocol, before anything else may use them.

    Anything printed by accident goes to stderr, which editors keep as the server's log.
    """
    reading, writing = os.dup(0), os.dup(1)
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return Connection(reading, writing)
