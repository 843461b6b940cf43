"""Sockets and threads: accept connections, a thread for each, stop without losing one."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any
from wsgiref.util import FileWrapper

from mtvgen.devserver.http.connection import Connection, RawHandler
from mtvgen.devserver.http.exchange import ResponseLog

MAX_CONNECTIONS = 256  # each is a thread; a browser opens six, and tools that load a server 64
# A signal does not end a wait that begins an instant later, and none on Windows; its handler runs
# in the main thread alone, whose waits must be short ones therefore.
_TURN_SECONDS = 0.2


class Server:
    """A WSGI server over sockets that were bound before.

    Args:
        application: Answers the requests; it may be replaced while the server runs.
        listener: From `bind()`. The server never closes it.
        log: Called after each answer.
        handover: Two ends of a stream of connections: idle ones go into the first when this
            server stops, and come out of the second when another one begins.
        raw_handlers: By their paths, who answers on the bare connection and keeps it.
    """

    def __init__(
        self,
        application: Any,
        listener: socket.socket,
        log: ResponseLog,
        *,
        handover: tuple[socket.socket, socket.socket] | None = None,
        raw_handlers: Mapping[str, RawHandler] = MappingProxyType({}),
    ) -> None:
        self.application = application
        self._listener = listener
        self._log = log
        self._handover = handover
        self._raw_handlers = raw_handlers
        self._environ = _server_environ(listener)
        # Level-triggered: written once and never read, so no thread can miss it.
        self._stopping, self._stop = socket.socketpair()
        # In the order in which they were opened.
        self._connections: dict[threading.Thread, Connection | None] = {}

    def serve(self) -> None:
        """Accept connections until `stop()` is called."""
        turn = _TURN_SECONDS if threading.current_thread() is threading.main_thread() else None
        self._listener.setblocking(False)  # another process may take the connection first
        with selectors.DefaultSelector() as selector:
            selector.register(self._stopping, selectors.EVENT_READ, None)
            selector.register(self._listener, selectors.EVENT_READ, self._accept)
            if self._handover:
                selector.register(self._handover[1], selectors.EVENT_READ, self._take_over)
            while True:
                ready = [key.data for key, _ in selector.select(turn)]
                if None in ready:
                    return
                for take in ready:
                    take()

    def stop(self) -> None:
        """Begin no further request; those begun are finished. Safe in a signal handler."""
        self._stop.send(b"\0")

    def wait(self, seconds: float) -> bool:
        """Wait for the requests in hand; False when the time was too short."""
        deadline = time.monotonic() + seconds
        for thread in list(self._connections):
            thread.join(max(0, deadline - time.monotonic()))
        return not self._connections

    def close(self) -> None:
        """Give the server's own descriptors back; the listener is the caller's."""
        self._stopping.close()
        self._stop.close()

    def _accept(self) -> None:
        if not self._has_room():
            time.sleep(0.05)  # who comes waits in the kernel until a request has been answered
            return
        try:
            client, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:
            time.sleep(0.05)  # out of descriptors: one of the open connections must end first
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._start(client)

    def _take_over(self) -> None:
        """Go on with a connection that another worker has begun."""
        if self._handover is None:
            return
        try:
            descriptors = socket.recv_fds(self._handover[1], 1, 1, socket.MSG_DONTWAIT)[1]
        except BlockingIOError:
            return
        for descriptor in descriptors:
            self._start(socket.socket(fileno=descriptor))

    def _start(self, client: socket.socket) -> None:
        thread = threading.Thread(target=self._run, args=(client,), daemon=True)
        self._connections[thread] = None
        thread.start()

    def _has_room(self) -> bool:
        """Return whether one more connection may begin.

        The oldest without a request makes room for it.
        """
        if len(self._connections) < MAX_CONNECTIONS:
            return True
        for thread, connection in list(self._connections.items()):
            if connection is not None and connection.is_waiting:
                connection.drop()
                thread.join(_TURN_SECONDS)
                return len(self._connections) < MAX_CONNECTIONS
        return False

    def _run(self, client: socket.socket) -> None:
        try:
            # Closing is not shutting down: the connection lives on where it was handed to.
            with client, suppress(OSError):
                self._serve(client)
        finally:
            self._connections.pop(threading.current_thread(), None)

    def _serve(self, client: socket.socket) -> None:
        environ = {
            **self._environ,
            "REMOTE_ADDR": client.getpeername()[0],
            "SERVER_ADDR": client.getsockname()[0],
        }
        connection = Connection(
            client,
            environ,
            lambda: self.application,
            self._stopping,
            self._log,
            self._raw_handlers,
            hands_over=self._handover is not None,
        )
        self._connections[threading.current_thread()] = connection
        if connection.serve() and self._handover:
            socket.send_fds(self._handover[0], [b"c"], [client.fileno()])


def _server_environ(listener: socket.socket) -> dict[str, Any]:
    host, port = listener.getsockname()[:2]
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
