"""A relay in front of PostgreSQL that counts round trips: how often the client waits for it."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Relay:
    """Passes on what both sides say.

    Attributes:
        url: The database's, by way of the relay.
        count: Round trips so far, of all connections: the client has said something, and then
            the server has.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = parts._replace(netloc=f"{parts.username}@127.0.0.1:{port}").geturl()
        self.count = 0

    def accept(self) -> None:
        """Serve connections until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Accept nothing more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            spoke_last = server
            while True:
                for side in select.select([client, server], [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    # Before the answer is passed on: whoever has it reads the right number.
                    self.count += side is server and spoke_last is client
                    spoke_last = side
                    (server if side is client else client).sendall(data)


@contextmanager
def relay_to(url: str) -> Iterator[Relay]:
    """A relay to the database for the length of the block.

    Args:
        url: `postgresql://USER@HOST:PORT/NAME`.
    """
    relay = Relay(url)
    accepting = threading.Thread(target=relay.accept, daemon=True)
    accepting.start()
    try:
        yield relay
    finally:
        relay.close()
        accepting.join()
