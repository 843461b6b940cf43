"""One client's connection: request after request, until one of the two has had enough."""

from __future__ import annotations

import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from mtvgen.devserver.http.body import Body
from mtvgen.devserver.http.exchange import Exchange, ResponseLog
from mtvgen.devserver.http.head import HeadError, RequestHead, parse_head, refuse_early
from mtvgen.devserver.http.pace import Pace

SECONDS = 30  # a client that neither sends nor takes a byte for so long has gone
HEAD_SECONDS = 30.0  # from the first byte of a head to its last
IDLE_SECONDS = 30.0  # between two requests; a browser opens a new connection without a word
_LAST_SECONDS = 0.25  # for a request that is on its way to a server that stops
_AT_ONCE_SECONDS = 0.01  # within which the kernel takes what it has room for
_LINGER_SECONDS = 1.0  # after the last answer, so that unread bytes do not reset it away
_MAX_LINGER = 8 * 1024 * 1024  # bytes thrown away at the end of a connection
_RECEIVE = 64 * 1024

# Takes a connection whose request asked for something that is not an HTTP answer with an end, and
# keeps it; False leaves the request, whose environ it is given, to the application.
RawHandler = Callable[[socket.socket, Mapping[str, Any]], bool]


class Connection:
    """A client's connection and the requests on it.

    Args:
        client: The accepted socket.
        environ: The environ variables that all its requests share.
        application: Gives the application that answers the next request.
        stopping: Readable once no further request is to be begun; it is never read.
        log: Called after each answer.
        raw_handlers: By their paths, who answers on the bare connection and keeps it.
        hands_over: An idle connection goes to another process when the server stops.

    Attributes:
        is_waiting: No request of it is being answered: it is idle, or a head has not all arrived.
    """

    def __init__(
        self,
        client: socket.socket,
        environ: dict[str, Any],
        application: Callable[[], Any],
        stopping: socket.socket,
        log: ResponseLog,
        raw_handlers: Mapping[str, RawHandler] = MappingProxyType({}),
        *,
        hands_over: bool = True,
    ) -> None:
        self._raw_handlers = raw_handlers
        self._hands_over = hands_over
        self._client = client
        self._environ = environ
        self._application = application
        self._stopping = stopping
        self._log = log
        self._received = bytearray()
        self._is_stopping = self._is_last = False
        self._gave_away = False
        self._is_dropped = False
        self.is_waiting = True
        self._pace: Pace | None = None  # of an answer that is not taken at once
        self._idle = _Readable(client, stopping)
        limit_waiting(client, SECONDS)

    def serve(self) -> bool:
        """Answer requests until the client or an error ends it; True when the server stops.

        After True the connection is open and idle, nothing of it has been read ahead, and it is
        the caller's.
        """
        try:
            while self._received or self._has_request():
                if not self._answer_next():
                    if not self._gave_away:
                        self._linger()
                    return False
        except OSError:  # it broke; there is nobody left to tell
            return False
        return self._is_stopping

    def drop(self) -> None:
        """End it from another thread, because others need its place."""
        self._is_dropped = True
        with suppress(OSError):  # it has just ended by itself
            self._client.shutdown(socket.SHUT_RDWR)

    def _has_request(self) -> bool:
        self.is_waiting = True
        readable = self._idle.wait(IDLE_SECONDS)
        # What came before the stop is answered by who was asked; an idle connection is handed on.
        self._is_stopping = self._stopping.fileno() in readable
        if self._is_stopping and not self._hands_over:
            self._is_last = bool(_Readable(self._client).wait(_LAST_SECONDS))
            return self._is_last
        return bool(readable) and not self._is_stopping

    def _answer_next(self) -> bool:
        """Answer one request; False when it was the last on this connection."""
        try:
            head = self._read_head()
        except HeadError as error:
            if self._is_dropped:
                return False
            self._log.refused(error.status, error.reason)
            self._send(_error_response(error.status, error.reason))
            return False
        if head is None:
            return False
        self.is_waiting = False
        if head.path in self._raw_handlers:
            environ = {**self._environ, **head.fields}
            self._gave_away = self._raw_handlers[head.path](self._client, environ)
            if self._gave_away:
                return False
        return self._exchange(head)

    def _read_head(self) -> RequestHead | None:
        received = self._received
        deadline = 0.0
        while True:
            while received.startswith(b"\r\n"):
                del received[:2]  # an empty line before a request (RFC 9112, section 2.2)
            end = received.find(b"\r\n\r\n")
            if end >= 0:
                head = bytes(received[:end])
                del received[: end + 4]
                return parse_head(head)
            refuse_early(received)
            # Nearly every head comes in one piece, and a poll() costs: see limit_waiting().
            if received and not deadline:
                deadline = time.monotonic() + HEAD_SECONDS
            if not self._receive(deadline):
                if not received:
                    return None
                raise HeadError(HTTPStatus.BAD_REQUEST, "the request ended inside its head")

    def _receive(self, deadline: float) -> bool:
        """More bytes of a head; False at the end of the connection."""
        if deadline and not _Readable(self._client).wait(deadline - time.monotonic()):
            raise HeadError(HTTPStatus.REQUEST_TIMEOUT, "the head did not arrive in time")
        data = self._client.recv(_RECEIVE)
        self._received += data
        return bool(data)

    def _exchange(self, head: RequestHead) -> bool:
        tell = self._send_continue if head.expects_continue else None
        body = Body(self._client, self._received, head.length, tell)
        self._pace = None
        exchange = Exchange(self._send, head, body, self._environ, self._log)
        exchange.keep_alive &= not self._is_last
        exchange.run(self._application())
        return exchange.keep_alive and body.drain()

    def _send_continue(self) -> None:
        self._client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, data: bytes) -> None:
        begun = time.monotonic()
        sent = self._client.send(data)
        seconds = time.monotonic() - begun
        if sent < len(data) or seconds > _AT_ONCE_SECONDS:
            self._send_slowly(memoryview(data)[sent:], sent, seconds)

    def _send_slowly(self, rest: memoryview, sent: int, seconds: float) -> None:
        """Go on for as long as the client keeps a pace."""
        self._pace = self._pace or Pace()
        self._pace.count(sent, seconds)
        while rest:
            begun = time.monotonic()
            sent = self._client.send(rest)
            self._pace.count(sent, time.monotonic() - begun)
            rest = rest[sent:]

    def _linger(self) -> None:
        """Let the client read the answer: closing over unread bytes would reset the connection."""
        deadline = time.monotonic() + _LINGER_SECONDS
        thrown_away = 0
        with suppress(OSError):
            self._client.shutdown(socket.SHUT_WR)
            while thrown_away < _MAX_LINGER and (seconds := deadline - time.monotonic()) > 0:
                if not _Readable(self._client).wait(seconds):
                    return
                data = self._client.recv(_RECEIVE)
                if not data:
                    return
                thrown_away += len(data)


def limit_waiting(client: socket.socket, seconds: int) -> None:
    """Let no call on a blocking socket wait longer.

    The kernel keeps the time: Python's own `settimeout()` costs a poll() for each call, and with
    it a hand-over of the interpreter's lock, which is a third of all requests a second.
    """
    value = (
        struct.pack("L", seconds * 1000)
        if sys.platform == "win32"
        else struct.pack("ll", seconds, 0)
    )
    client.setblocking(True)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        client.setsockopt(socket.SOL_SOCKET, option, value)


class _Readable:
    """Sockets that are waited on together, again and again."""

    def __init__(self, *sockets: socket.socket) -> None:
        self._sockets = sockets
        self._poll = None
        if hasattr(select, "poll"):  # not on Windows; select() knows no descriptor above 1,023
            self._poll = select.poll()
            for waited_on in sockets:
                self._poll.register(waited_on, select.POLLIN)

    def wait(self, seconds: float) -> set[int]:
        """Return the descriptors among them that have something to read, or have ended."""
        seconds = max(0, seconds)
        if self._poll is None:
            return {ready.fileno() for ready in select.select(self._sockets, (), (), seconds)[0]}
        return {descriptor for descriptor, _ in self._poll.poll(seconds * 1000)}


def _error_response(status: HTTPStatus, reason: str) -> bytes:
    body = f"{status} {status.phrase}: {reason}\n".encode()
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
