"""The letter of PEP 3333 and of HTTP/1.1, over a socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from wsgiref.validate import validator

import pytest

from tests.support.wire import Serving, read_all, read_answers, read_one, serving

StartResponse = Callable[..., Callable[[bytes], Any]]
Environ = dict[str, Any]

PAGES: dict[str, Callable[[Environ, StartResponse], Any]] = {}
closed: list[str] = []


def page(view: Callable[[Environ, StartResponse], Any]) -> Callable[..., Any]:
    PAGES["/" + view.__name__] = view
    return view


def application(environ: Environ, start_response: StartResponse) -> Any:
    view = PAGES.get(environ["PATH_INFO"], hello)
    return view(environ, start_response)


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with serving(application) as running:
        yield running


class Closing:
    """An iterable that reports its end."""

    def __init__(self, name: str, parts: Iterable[Any]) -> None:
        self.name = name
        self.parts = parts

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    def close(self) -> None:
        closed.append(self.name)


def failing(*parts: bytes) -> Iterator[bytes]:
    yield from parts
    raise ZeroDivisionError("while the body was made")


@page
def hello(environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


@page
def echo(environ: Environ, start_response: StartResponse) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@page
def unread(environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@page
def streamed(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return Closing("streamed", [b"a", b"", b"bc", b"d" * 1000])


@page
def written(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    write = start_response("200 OK", [])
    write(b"first ")
    write(b"second ")
    return [b"third"]


@page
def nothing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("204 No Content", [])
    return []


@page
def not_modified(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("304 Not Modified", [("ETag", '"1"')])
    return [b"never sent"]


@page
def empty(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return []


@page
def lazy(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield b"lazy"


@page
def file(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "100000")])
    return environ["wsgi.file_wrapper"](BytesIO(b"x" * 100_000))  # type: ignore[no-any-return]


@page
def raises(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    raise ZeroDivisionError("before the answer")


@page
def exits(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    raise SystemExit(3)


@page
def raises_in_the_body(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return Closing("raises_in_the_body", failing())


@page
def raises_after_the_head(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return Closing("raises_after_the_head", failing(b"some", b"thing"))


@page
def mends_itself(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("X-First", "1")])
    try:
        raise ZeroDivisionError("caught by the application")
    except ZeroDivisionError:
        import sys

        start_response("503 Service Unavailable", [("X-Second", "2")], sys.exc_info())
    return [b"sorry"]


@page
def never_starts(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    return [b"a body"]


@page
def returns_none(environ: Environ, start_response: StartResponse) -> None:
    start_response("200 OK", [])


@page
def starts_twice(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


@page
def text_body(environ: Environ, start_response: StartResponse) -> Iterable[Any]:
    start_response("200 OK", [])
    return ["text"]


@page
def too_long(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "3")])
    return [b"abc", b"def"]


@page
def too_short(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "10")])
    return [b"abc"]


def head_with(status: Any, *fields: tuple[Any, Any]) -> Callable[..., Any]:
    def view(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, list(fields))
        return [b"sent"]

    return view


BAD_HEADS = {
    "status of bytes": head_with(b"200 OK"),
    "status without a phrase": head_with("200"),
    "status without digits": head_with("OK"),
    "status with a line": head_with("200 OK\r\nX: y"),
    "informational status": head_with("100 Continue"),
    "name with CR LF": head_with("200 OK", ("X\r\nY", "1")),
    "name with a blank": head_with("200 OK", ("X Y", "1")),
    "value with CR LF": head_with("200 OK", ("X", "1\r\nSet-Cookie: a=b")),
    "value with LF": head_with("200 OK", ("X", "1\nSet-Cookie: a=b")),
    "value with NUL": head_with("200 OK", ("X", "1\x00")),
    "value beyond latin-1": head_with("200 OK", ("X", "首")),
    "value that is no str": head_with("200 OK", ("X", 1)),
    "Connection": head_with("200 OK", ("Connection", "close")),
    "Transfer-Encoding": head_with("200 OK", ("Transfer-Encoding", "chunked")),
    "Content-Length of letters": head_with("200 OK", ("Content-Length", "five")),
}
for name, view in BAD_HEADS.items():
    PAGES["/bad/" + name.replace(" ", "-")] = view


@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith("/bad/")])
def test_a_head_that_can_not_be_sent_is_a_server_error(server: Serving, path: str) -> None:
    answer = server.ask("GET", path)

    assert answer.status == 500
    assert "x" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/hello", 200, b"hello"),
        ("/streamed", 200, b"abc" + b"d" * 1000),
        ("/written", 200, b"first second third"),
        ("/nothing", 204, b""),
        ("/not_modified", 304, b""),
        ("/empty", 200, b""),
        ("/lazy", 200, b"lazy"),
        ("/file", 200, b"x" * 100_000),
        ("/mends_itself", 503, b"sorry"),
        ("/raises", 500, b"Internal Server Error\n"),
        ("/exits", 500, b"Internal Server Error\n"),
        ("/raises_in_the_body", 500, b"Internal Server Error\n"),
        ("/never_starts", 500, b"Internal Server Error\n"),
        ("/returns_none", 500, b"Internal Server Error\n"),
        ("/starts_twice", 500, b"Internal Server Error\n"),
        ("/text_body", 500, b"Internal Server Error\n"),
        ("/too_long", 200, b"abc"),
    ],
)
def test_each_way_to_answer(server: Serving, path: str, status: int, body: bytes) -> None:
    answer = server.ask("GET", path)

    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/bad/")])
def test_head_has_no_body(server: Serving, path: str) -> None:
    answer = server.ask("HEAD", path)

    assert answer.body == b""
    assert answer.status in {200, 204, 304, 500, 503}


def test_head_of_a_known_length_tells_it(server: Serving) -> None:
    assert server.ask("HEAD", "/hello").headers["content-length"] == "5"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/streamed", "/raises_in_the_body", "/raises_after_the_head"])
def test_close_is_called_once(server: Serving, method: str, path: str) -> None:
    closed.clear()

    with server.connect() as client:
        client.sendall(f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        read_all(client)

    assert closed == [path[1:]]


def test_close_is_called_when_the_client_leaves(server: Serving) -> None:
    left = threading.Event()

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    class Endless(Closing):
        def close(self) -> None:
            left.set()

    def view(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Endless("endless", endless())

    PAGES["/endless"] = view
    with server.connect() as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(10)
    del PAGES["/endless"]

    assert left.wait(10)


def test_an_answer_that_breaks_off_is_seen_to(server: Serving) -> None:
    with server.connect() as client:
        client.sendall(b"GET /raises_after_the_head HTTP/1.1\r\nHost: a\r\n\r\n")
        data = read_all(client)

    assert data.endswith(b"4\r\nsome\r\n5\r\nthing\r\n")
    assert server.log.answers[-1][:2] == ("/raises_after_the_head", 200)
    assert isinstance(server.log.answers[-1][2], ZeroDivisionError)


def test_a_body_that_falls_short_ends_the_connection(server: Serving) -> None:
    with server.connect() as client:
        client.sendall(b"GET /too_short HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_all(client).endswith(b"\r\n\r\nabc")

    assert "falls short" in str(server.log.answers[-1][2])


def test_a_stream_for_http_1_0_ends_with_the_connection(server: Serving) -> None:
    with server.connect() as client:
        client.sendall(b"GET /streamed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        head, _, body = read_all(client).partition(b"\r\n\r\n")

    assert b"Transfer-Encoding" not in head
    assert b"Connection: close" in head
    assert body == b"abc" + b"d" * 1000


def test_a_connection_serves_one_request_after_another(server: Serving) -> None:
    with server.connect() as client:
        for path in ("/hello", "/raises", "/nothing", "/not_modified", "/hello"):
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            answer = read_one(client)
            assert "connection" not in answer.headers
        assert answer.body == b"hello"


def test_http_1_0_stays_open_when_asked(server: Serving) -> None:
    with server.connect() as client:
        for _ in range(2):
            client.sendall(b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert read_one(client).headers["connection"] == "keep-alive"


def test_pipelined_requests_are_answered_in_their_order(server: Serving) -> None:
    last = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    echoes = b"".join(
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n%d" % n for n in range(9)
    )

    answers = server.send(echoes + last)

    assert [answer.body for answer in answers] == [b"%d" % n for n in range(9)] + [b"hello"]


def test_a_request_may_arrive_byte_by_byte(server: Serving) -> None:
    data = b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
    with server.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for position in range(len(data)):
            client.sendall(data[position : position + 1])
        (answer,) = read_answers(read_all(client))

    assert answer.body == b"hello"


def test_a_client_that_expects_it_is_told_to_send_its_body(server: Serving) -> None:
    with server.connect() as client:
        client.sendall(
            b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        assert read_one(client).body == b"hello"


def test_a_body_that_nobody_reads_is_not_asked_for(server: Serving) -> None:
    (answer,) = server.send(
        b"POST /unread HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        then_close=True,
    )

    assert (answer.status, answer.headers["connection"]) == (200, "close")


@pytest.mark.parametrize("size", [1, 70_000, 250_000])
def test_an_unread_body_of_some_size_does_not_cost_the_connection(
    server: Serving, size: int
) -> None:
    with server.connect() as client:
        for _ in range(2):
            head = f"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
            client.sendall(head.encode() + b"x" * size)
            assert read_one(client).body == b"ok"


def test_a_large_unread_body_ends_the_connection_behind_the_answer(server: Serving) -> None:
    size = 5_000_000
    head = f"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"

    (answer,) = server.send(head.encode() + b"x" * size)

    assert (answer.body, answer.headers["connection"]) == (b"ok", "close")


READS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "everything": (lambda body: body.read(), b"one\ntwo\nthree"),
    "everything, said with -1": (lambda body: body.read(-1), b"one\ntwo\nthree"),
    "more than there is": (lambda body: body.read(1000), b"one\ntwo\nthree"),
    "a part": (lambda body: body.read(2) + body.read(2), b"one\n"),
    "nothing": (lambda body: body.read(0), b""),
    "past the end": (lambda body: (body.read(), body.read(), body.readline())[1:], (b"", b"")),
    "a line": (lambda body: body.readline(), b"one\n"),
    "a part of a line": (lambda body: body.readline(2), b"on"),
    "lines": (lambda body: body.readlines(), [b"one\n", b"two\n", b"three"]),
    "lines up to a hint": (lambda body: body.readlines(5), [b"one\n", b"two\n"]),
    "by iteration": (list, [b"one\n", b"two\n", b"three"]),
}


@pytest.mark.parametrize(("read", "expected"), READS.values(), ids=READS.keys())
def test_reading_the_body(server: Serving, read: Callable[[Any], Any], expected: Any) -> None:
    got = []

    def view(environ: Environ, start_response: StartResponse) -> list[bytes]:
        got.append(read(environ["wsgi.input"]))
        return hello(environ, start_response)

    PAGES["/reads"] = view
    server.ask("POST", "/reads", body=b"one\ntwo\nthree")

    assert got == [expected]


def test_the_environ_passes_the_standard_librarys_validator() -> None:
    seen: list[Environ] = []

    def checked(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"valid"]

    with serving(validator(checked)) as running:
        assert running.ask("GET", "/%E9%A6%96?q=%20", "X-Note: n").body == b"valid"

        assert seen[0]["SERVER_PORT"] == str(running.port)
    assert seen[0]["PATH_INFO"].encode("latin-1").decode() == "/首"
    assert seen[0]["QUERY_STRING"] == "q=%20"
    assert seen[0]["HTTP_X_NOTE"] == "n"
    assert seen[0]["REMOTE_ADDR"] == "127.0.0.1"
    assert "PATH" not in seen[0]


def test_200_silent_clients_and_half_requests_hold_up_nobody(server: Serving) -> None:
    clients = [server.connect() for _ in range(200)]
    for client in clients[::2]:
        client.sendall(b"GET / HTTP/1.1\r\nHost:")

    assert server.ask("GET", "/hello").body == b"hello"

    for client in clients:
        client.close()


def test_a_slow_view_holds_up_nobody(server: Serving) -> None:
    release = threading.Event()

    def slow(environ: Environ, start_response: StartResponse) -> list[bytes]:
        assert release.wait(10)
        return hello(environ, start_response)

    PAGES["/slow"] = slow
    with server.connect() as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert server.ask("GET", "/hello").body == b"hello"
        release.set()
        assert read_answers(read_all(client))[0].body == b"hello"


def test_stopping_finishes_what_was_begun_and_closes_idle_connections() -> None:
    begun, release = threading.Event(), threading.Event()

    def slow(environ: Environ, start_response: StartResponse) -> list[bytes]:
        begun.set()
        assert release.wait(10)
        return hello(environ, start_response)

    with serving(slow) as running, running.connect() as idle, running.connect() as busy:
        busy.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert begun.wait(10)
        running.server.stop()
        assert idle.recv(1) == b""
        release.set()
        assert read_one(busy).body == b"hello"
        assert busy.recv(1) == b""


def test_nothing_is_left_of_a_thousand_connections(server: Serving) -> None:
    before = threading.active_count()
    for _ in range(1000):
        assert server.ask("GET", "/hello").status == 200
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)

    assert threading.active_count() <= before
