"""Messages between the server's processes: JSON lines and descriptors over a socketpair.

The end of the other side is the message that it has gone.
"""

from __future__ import annotations

import json
import socket
from typing import Any

_RECEIVE = 64 * 1024
_MAX_DESCRIPTORS = 16  # in flight at once; each message carries one at most

Message = dict[str, Any]


class Channel:
    """One end of a conversation between two processes.

    Attributes:
        open: False once the other side has gone or `close()` was called.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._received = b""
        self._descriptors: list[int] = []
        self.open = True

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._end.fileno()

    def send(self, do: str, *, descriptor: int | None = None, **values: Any) -> None:
        """Send one message; into the void if the other side has gone."""
        if not self.open:
            return
        carries = descriptor is not None
        line = json.dumps({"do": do, "carries": carries, **values}).encode() + b"\n"
        try:
            sent = socket.send_fds(self._end, [line], [descriptor]) if descriptor is not None else 0
            self._end.sendall(line[sent:])
        except OSError:
            pass  # its end will be read, and that is where it is noticed

    def receive(self) -> list[Message]:
        """Return the messages that have come.

        At the end of the conversation, none and `open` is False.

        A message that carries a descriptor has it under "descriptor".
        """
        try:
            data, descriptors = self._receive()
        except OSError:
            data, descriptors = b"", []
        self._descriptors += descriptors
        *lines, self._received = (self._received + data).split(b"\n")
        if not data:
            self.close()
        return [self._with_descriptor(json.loads(line)) for line in lines]

    def close(self) -> None:
        """End the conversation."""
        self.open = False
        self._end.close()

    def detach(self) -> int:
        """Give the descriptor away, to a process that is to be started."""
        self.open = False
        return self._end.detach()

    def _receive(self) -> tuple[bytes, list[int]]:
        if not hasattr(socket, "recv_fds"):  # Windows, where no message carries a descriptor
            return self._end.recv(_RECEIVE), []
        return socket.recv_fds(self._end, _RECEIVE, _MAX_DESCRIPTORS)[:2]

    def _with_descriptor(self, message: Message) -> Message:
        if message["carries"]:
            # The kernel delivers them in order, never later than their bytes (unix(7)).
            message["descriptor"] = self._descriptors.pop(0)
        return message


def channels() -> tuple[Channel, Channel]:
    """Both ends of a new conversation."""
    mine, theirs = socket.socketpair()
    return Channel(mine), Channel(theirs)


def channel_of(descriptor: int) -> Channel:
    """Return the end that another process handed over."""
    return Channel(socket.socket(fileno=descriptor))
