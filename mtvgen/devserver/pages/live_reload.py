"""The script that reloads pages, put into them, and the events that it listens to."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

SCRIPT_PATH = "/__mtvgen__/live.js"
SCRIPT_FILE = Path(__file__).with_name("live.js")

_BODY_END = re.compile(rb"</body\s*>", re.IGNORECASE)


def with_script(page: bytes, generation: int) -> bytes:
    """A whole HTML page with the script in it; anything less, such as a fragment, as it is."""
    ends = list(_BODY_END.finditer(page))
    if not ends:
        return page
    place = ends[-1].start()
    tag = b'<script src="%b?%d"></script>\n' % (SCRIPT_PATH.encode(), generation)
    return page[:place] + tag + page[place:]


class Streams:
    """The event streams of all pages that are open; the supervisor keeps them.

    Attributes:
        generation: Counts what a page could have changed by; each page knows the one it shows.
    """

    def __init__(self) -> None:
        self.generation = 1
        self._clients: list[socket.socket] = []

    def __iter__(self) -> Iterator[socket.socket]:
        return iter(list(self._clients))

    def __len__(self) -> int:
        return len(self._clients)

    def add(self, descriptor: int) -> None:
        """Keep a stream whose head has been sent, and greet it."""
        client = socket.socket(fileno=descriptor)
        client.setblocking(False)
        self._clients.append(client)
        self._send(client, "hello")

    def tell(self, event: str) -> None:
        """Send an event, `reload` or `style`, to every page."""
        for client in list(self._clients):
            self._send(client, event)

    def hear(self, client: socket.socket) -> None:
        """Take note that a page has gone; pages say nothing else."""
        if client not in self._clients:
            return  # it was found to have gone by another way
        try:
            gone = not client.recv(1024)
        except BlockingIOError:
            gone = False
        except OSError:
            gone = True
        if gone:
            self._forget(client)

    def close(self) -> None:
        """End all streams."""
        for client in list(self._clients):
            self._forget(client)

    def _send(self, client: socket.socket, event: str) -> None:
        text = f"event: {event}\ndata: {self.generation}\n\n".encode()
        try:
            complete = client.send(text) == len(text)
        except OSError:
            complete = False
        if not complete:  # gone, or so far behind that it had better begin again
            self._forget(client)

    def _forget(self, client: socket.socket) -> None:
        self._clients.remove(client)
        client.close()
