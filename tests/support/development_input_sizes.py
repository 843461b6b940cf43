"""The same for what `mtvgen runserver` reads: heads, and the texts of its pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from mtvgen.devserver.http.head import MAX_HEAD, MAX_REQUEST_LINE, HeadError, parse_head
from mtvgen.devserver.pages import missing_page
from mtvgen.project.masking import Masker
from mtvgen.runtime import Response, path
from mtvgen.runtime.routing import Router
from tests.support.input_sizes import Input
from tests.support.wsgi_calls import environ_for

# Just below what is refused unread.
HEAD, LINE = MAX_HEAD - 2_000, MAX_REQUEST_LINE - 200  # bytes


def _page(request: object, **params: object) -> Response:
    return Response()


ROUTER = Router(
    [
        path("/notes/<int:id>", _page, name="note"),
        path("/d/<a>-<b>-<c>.html", _page, name="dashes"),
        path("/p/<path:a>/x/<b>.html", _page, name="path"),
    ]
)


def _head(make: Callable[[int], str]) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        data = make(size).encode("latin-1")

        def parse() -> None:
            with suppress(HeadError):
                parse_head(data)

        return parse

    return prepare


def _fields(piece: str) -> Callable[[int], Callable[[], object]]:
    """As many fields as there may be, which share the size."""

    def make(size: int) -> str:
        values = (piece * (size // 90 // len(piece)) for _ in range(90))
        lines = [f"X-{number}: {value}" for number, value in enumerate(values)]
        return "\r\n".join(["GET / HTTP/1.1", "Host: a", *lines])

    return _head(make)


def _missing(piece: str) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        environ = environ_for(PATH_INFO="/" + piece * (size // len(piece)))
        return lambda: missing_page.render(environ, missing_page.candidates(environ, ROUTER))

    return prepare


def _masked(value: str, cookie: str) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        text = value * (size // len(value))
        environ = environ_for(HTTP_COOKIE=cookie * (size // len(cookie) // 16))
        return lambda: Masker(environ).scrubbed(text)

    return prepare


def _line(target: str) -> Callable[[int], Callable[[], object]]:
    return _head(lambda n: f"GET /{target * (n // len(target))} HTTP/1.1\r\nHost: a")


DEVELOPMENT_INPUTS = [
    Input("head, one field many times", HEAD, _fields("a, ")),
    Input("head, blanks", HEAD, _fields(" ")),
    Input("head, colons", HEAD, _fields(":")),
    Input("head, lines", HEAD, _head(lambda n: "GET / HTTP/1.1\r\n" + "a: b\r\n" * (n // 6))),
    Input("head, no line end", HEAD, _head(lambda n: "\r" * n)),
    Input("head, a long name", HEAD, _head(lambda n: f"GET / HTTP/1.1\r\n{'a-' * (n // 2)}:")),
    Input("head, escapes in the path", LINE, _line("%41")),
    Input("head, raw bytes in the path", LINE, _line("\xff")),
    Input(
        "head, a host",
        LINE,
        _head(lambda n: f"GET http://{'a.' * (n // 2)}/ HTTP/1.1\r\nHost: a"),
    ),
    Input("404 while developing, words", LINE, _missing("notes")),
    Input("404 while developing, slashes", LINE, _missing("n/")),
    Input("404 while developing, digits", LINE, _missing("1/2-")),
    Input("404 while developing, dashes", LINE, _missing("d/-")),
    Input("masked text, addresses", 64_000, _masked("://a:b@", "a=secret; ")),
    Input("masked text, colons", 64_000, _masked("://:::", "a=::::::; ")),
]
