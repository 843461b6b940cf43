"""A client that sends exactly the bytes it is told to, and reads what comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from mtvgen.devserver.address import bind
from mtvgen.devserver.http.server import Server


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Recorder:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, int, BaseException | None]] = []
        self.refusals: list[tuple[int, str]] = []

    def answered(
        self, environ: dict[str, Any], status: int, seconds: float, error: BaseException | None
    ) -> None:
        self.answers.append((environ["PATH_INFO"], status, error))

    def refused(self, status: int, reason: str) -> None:
        self.refusals.append((int(status), reason))


class Serving(NamedTuple):
    port: int
    server: Server
    log: Recorder

    def send(self, data: bytes, *, then_close: bool = False) -> list[Answer]:
        """Every answer to the bytes, once the server has closed the connection."""
        with self.connect() as client:
            client.sendall(data)
            if then_close:
                client.shutdown(socket.SHUT_WR)
            return read_answers(read_all(client))

    def ask(self, method: str, path: str, *lines: str, body: bytes = b"") -> Answer:
        head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines]
        if body:
            head.append(f"Content-Length: {len(body)}")
        data = "\r\n".join([*head, "\r\n"]).encode("latin-1") + body
        (answer,) = self.send(data) if method != "HEAD" else [self._head_only(data)]
        return answer

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def _head_only(self, data: bytes) -> Answer:
        with self.connect() as client:
            client.sendall(data)
            head, _, rest = read_all(client).partition(b"\r\n\r\n")
            status, headers = parse(head)
            return Answer(status, headers, rest)


@contextmanager
def serving(application: Callable[..., Any]) -> Iterator[Serving]:
    log = Recorder()
    with bind("127.0.0.1", 0) as listener:
        server = Server(application, listener, log)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield Serving(listener.getsockname()[1], server, log)
        finally:
            server.stop()
            thread.join()
            server.wait(5)
            server.close()


def read_all(client: socket.socket) -> bytes:
    received = b""
    while data := client.recv(65536):
        received += data
    return received


def read_one(client: socket.socket) -> Answer:
    """The next answer of a connection that stays open."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = client.recv(1)
        assert data, f"closed after {received!r}"
        received += data
    status, headers = parse(received[:-4])
    body = b""
    while len(body) < int(headers.get("content-length", 0)):
        body += client.recv(int(headers["content-length"]) - len(body))
    return Answer(status, headers, body)


def read_answers(data: bytes) -> list[Answer]:
    answers = []
    while data:
        head, separator, data = data.partition(b"\r\n\r\n")
        assert separator, f"no whole head: {head!r}"
        status, headers = parse(head)
        if headers.get("transfer-encoding") == "chunked":
            body, data = unchunked(data)
        else:
            length = int(headers.get("content-length", len(data)))
            assert len(data) >= length, f"{len(data)} of {length} bytes came"
            body, data = data[:length], data[length:]
        answers.append(Answer(status, headers, body))
    return answers


def unchunked(data: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        body, ended, data = body + data[:length], data[length : length + 2], data[length + 2 :]
        assert ended == b"\r\n"
        if not length:
            return body, data


def parse(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status, phrase = first.split(" ", 2)
    assert version == "HTTP/1.1"
    assert phrase
    fields = (line.partition(":") for line in lines)
    return int(status), {name.lower(): value.strip() for name, _, value in fields}
