"""Event streams that browsers listen to: they make open pages reload."""

from __future__ import annotations

import socket
from collections.abc import Iterator

MAX_STREAMS = 100  # as many open tabs; each is a descriptor of the supervisor

# The head of a stream's answer
# (https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro).
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\n"
)


class EventStreams:
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
        """Keep a stream whose head has been sent, and greet it; the oldest makes room for it."""
        while len(self._clients) >= MAX_STREAMS:
            self._forget(self._clients[0])
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
