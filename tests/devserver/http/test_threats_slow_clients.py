"""Clients that are many, or that take for ever: each of them is given up, and others are served."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mtvgen.devserver.http import connection, pace
from mtvgen.devserver.http.pace import GRACE_SECONDS, LEAST_BYTES_A_SECOND, Pace
from mtvgen.devserver.http.server import MAX_CONNECTIONS
from tests.support.wire import Serving, read_all, read_one, serving

MANY = MAX_CONNECTIONS + 60


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/large":
        start_response("200 OK", [("Content-Length", str(len(LARGE)))])
        return [LARGE]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d bytes" % len(body)]


LARGE = b"x" * 32 * 1024 * 1024  # more than the kernel's buffers hold


@pytest.fixture
def server() -> Iterator[Serving]:
    with serving(application) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules, with less patience: no test waits for half a minute."""
    monkeypatch.setattr(pace, "GRACE_SECONDS", 0.3)


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost:", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"]
)
def test_connections_without_a_request_are_bounded_and_hold_up_nobody(
    server: Serving, sent: bytes
) -> None:
    before = threading.active_count()
    clients = []
    for _ in range(MANY):
        client = server.connect()
        clients.append(client)
        client.sendall(sent)
        if sent.endswith(b"\r\n\r\n"):  # it is answered, and stays open
            assert read_one(client).status == 200

    assert server.ask("GET", "/").status == 200
    assert threading.active_count() - before <= MAX_CONNECTIONS + 1
    assert not server.log.refusals  # they did nothing wrong

    for client in clients:
        client.close()


def test_the_oldest_idle_connection_makes_room_and_the_others_stay(server: Serving) -> None:
    clients = [server.connect() for _ in range(MAX_CONNECTIONS)]
    for client in (clients[0], clients[-1]):
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_one(client).status == 200

    assert server.ask("GET", "/").status == 200

    assert clients[0].recv(1) == b""
    clients[-1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert read_one(clients[-1]).status == 200
    for client in clients:
        client.close()


def test_a_request_in_hand_never_makes_room_for_others() -> None:
    release = threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        assert release.wait(30)
        start_response("200 OK", [])
        return [b"done"]

    with serving(slow) as running:
        busy = [running.connect() for _ in range(MAX_CONNECTIONS)]
        for client in busy:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        time.sleep(1)  # until the server has read all of them, on a busy machine too
        late = running.connect()
        late.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        time.sleep(0.3)
        release.set()
        for client in (*busy, late):
            assert b"done" in read_all(client)
            client.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", ["/", "/large"])
def test_a_body_that_drips_is_given_up(server: Serving, path: str) -> None:
    with server.connect() as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n".encode())
        ended = _drip(client)

    assert ended < 100  # of a thousand bytes


def _drip(client: socket.socket) -> int:
    """How many bytes were taken, one at a time, before the server answered or hung up."""
    client.setblocking(False)
    for sent in range(1_000):
        try:
            client.send(b"x")
            client.recv(1)
        except BlockingIOError:
            time.sleep(0.05)
        except OSError:
            return sent
        else:
            return sent
    return 1_000


@pytest.mark.usefixtures("impatient")
def test_a_client_that_takes_its_answer_in_drips_is_given_up(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SECONDS", 1)  # that one call of the kernel may wait
    monkeypatch.setattr(pace, "LEAST_BYTES_A_SECOND", len(LARGE))
    with server.connect() as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        taken = 0
        for _ in range(16):
            taken += len(client.recv(1024 * 1024, socket.MSG_WAITALL))
            time.sleep(0.2)
        while data := client.recv(1024 * 1024):  # what the kernel still holds
            taken += len(data)

    assert taken < len(LARGE)


@pytest.mark.usefixtures("impatient")
def test_a_client_that_is_steady_may_take_as_long_as_it_likes(server: Serving) -> None:
    with server.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        for _ in range(10):  # well above the least pace, and for longer than the grace
            client.sendall(b"x" * 20_000)
            time.sleep(0.06)
        assert read_one(client).body == b"200000 bytes"


def test_the_pace_is_judged_by_what_was_waited_for() -> None:
    measured = Pace()
    measured.count(0, GRACE_SECONDS)
    measured.count(LEAST_BYTES_A_SECOND, 1)
    with pytest.raises(TimeoutError):
        measured.count(1, 1)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Foo: a\r",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Foo: \r",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Foo:\r\r",
        b"GET / HTTP/1.1\r\nX-Foo: a\rb\r\nHost: a",
        b"GET / HTTP/1.1\r\nHost: a\r",
        b"GET / HTTP/1.0\r",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r",
    ],
)
def test_a_bare_carriage_return_in_a_head_is_refused_wherever_it_stands(
    server: Serving, head: bytes
) -> None:
    (answer,) = server.send(head + b"\r\n\r\n")

    assert answer.status == 400
