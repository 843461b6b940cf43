"""Hostile input of a growing size, and how the work that it makes grows with it.

Each parser of the runtime, and all else that reads a visitor's text, has a line here: it is given
n, 2n and 4n characters of what it likes least. Work in proportion to the size takes four times as
long for 4n as for n, the square of it sixteen times.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from typing import Any, NamedTuple

from mtvgen.runtime import (
    Application,
    HTTPError,
    Limits,
    Request,
    path,
    safe_next,
    signed_sessions,
    verify_password,
)
from mtvgen.runtime.http.conditions import parse_http_date, parse_range, weakly_matches
from mtvgen.runtime.http.content_type import parse_content_type
from mtvgen.runtime.http.cookies import parse_cookies
from mtvgen.runtime.http.hosts import split_host
from mtvgen.runtime.http.json_values import decode_json
from mtvgen.runtime.http.media_types import accepted_encodings
from mtvgen.runtime.http.negotiation import preferred_type
from mtvgen.runtime.http.urlencoded import parse_urlencoded
from mtvgen.runtime.logs.access import access_log
from mtvgen.runtime.requests.environ import decode_path
from mtvgen.runtime.requests.form_data import parse_form
from mtvgen.runtime.requests.uploads import safe_filename
from mtvgen.runtime.responses.response import redirect
from mtvgen.runtime.security.proxies import TrustedProxies
from tests.support.wsgi_calls import environ_for

KEY = "a key that signs the sessions of this test"
LINE = 64_000  # characters: more than a server takes as one line or one header field
FORM = 1_000_000  # bytes: what a form may have
FACTORS = (1, 2, 4)


class Input(NamedTuple):
    """One parser and one way to make it work.

    Attributes:
        name: What is parsed, and what is hostile about it.
        largest: Characters; the largest size, which is about what reaches the parser at most.
        prepare: Makes a call of a size; what it prepares is not measured.
    """

    name: str
    largest: int
    prepare: Callable[[int], Callable[[], object]]


def times(case: Input, rounds: int = 5) -> list[float]:
    """Seconds of this thread for n, 2n and 4n: the best of some rounds each."""
    calls = [case.prepare(case.largest * factor // FACTORS[-1]) for factor in FACTORS]
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for place, call in enumerate(calls):
            best[place] = min(best[place], _seconds(call))
    return best


def _seconds(call: Callable[[], object]) -> float:
    started = time.thread_time()
    with suppress(HTTPError, ValueError, RecursionError):
        call()
    return time.thread_time() - started


def _text(function: Callable[[Any], object], piece: str) -> Callable[[int], Callable[[], object]]:
    """A piece repeated until the text has the size."""

    def prepare(size: int) -> Callable[[], object]:
        text = (piece * (size // len(piece) + 1))[:size]
        return lambda: function(text)

    return prepare


def _numbered(
    function: Callable[[Any], object], piece: str
) -> Callable[[int], Callable[[], object]]:
    """Pieces with a number in each, so that no two are alike."""

    def prepare(size: int) -> Callable[[], object]:
        text = "".join(piece.format(n) for n in range(size // (len(piece) + 4)))
        return lambda: function(text)

    return prepare


def _marks(size: int) -> Callable[[], object]:
    """Combining marks in the order that Unicode's normal forms have to turn round."""
    text = "a" + "\u0301" * (size // 2) + "\u0323" * (size // 2)
    return lambda: verify_password(text, None)


def _multipart(body: Callable[[int], Iterable[bytes]]) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        data = b"".join(body(size))
        limits = Limits(max_fields=10**6, max_part_header_size=10**6)

        def parse() -> None:
            environ = {
                "CONTENT_TYPE": "multipart/form-data; boundary=X",
                "CONTENT_LENGTH": str(len(data)),
                "wsgi.input": BytesIO(data),
            }
            for _, file in parse_form(environ, limits)[1].pairs:
                file.close()

        return parse

    return prepare


def _parts(size: int) -> Iterable[bytes]:
    for number in range(size // 70):
        yield b'--X\r\nContent-Disposition: form-data; name="%d"\r\n\r\nv\r\n' % number
    yield b"--X--\r\n"


def _one_field(content: bytes) -> Callable[[int], Iterable[bytes]]:
    def body(size: int) -> Iterable[bytes]:
        yield b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
        yield content * (size // len(content))
        yield b"\r\n--X--\r\n"

    return body


def _part_header(value: bytes) -> Callable[[int], Iterable[bytes]]:
    def body(size: int) -> Iterable[bytes]:
        yield b'--X\r\nContent-Disposition: form-data; name="a"; filename="'
        yield value * (size // len(value))
        yield b'"\r\n\r\nv\r\n--X--\r\n'

    return body


def _request(
    application: Application, **environ: Callable[[int], str]
) -> Callable[[int], Callable[[], object]]:
    """A whole request; each keyword makes a value of the environ for a size."""

    def prepare(size: int) -> Callable[[], object]:
        values = {name: make(size) for name, make in environ.items()}

        def answer() -> None:
            result = application(environ_for(**{"REMOTE_ADDR": "127.0.0.1", **values}), _start)
            b"".join(result)
            if close := getattr(result, "close", None):
                close()

        return answer

    return prepare


def _start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    """A start_response() that nobody listens to."""


def _of(piece: str) -> Callable[[int], str]:
    return lambda size: piece * (size // len(piece))


SITE = Application(
    [
        path("/", lambda request: dict(request.session)),
        path("/d/<a>-<b>-<c>.html", lambda request, **params: params),
        path("/p/<path:a>/x/<b>.html", lambda request, **params: params),
        path("/s/<slug:a>-<int:b>-<slug:c>.x", lambda request, **params: params),
    ],
    middleware=[access_log(), signed_sessions(KEY)],
)
PLAIN = Request(environ_for(HTTP_HOST="example.com"), SITE)
PROXIES = TrustedProxies(["127.0.0.1", "10.0.0.0/8"])


def _forwarded(field: str, piece: str) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        value = piece * (size // len(piece))
        return lambda: PROXIES.rewrite({"REMOTE_ADDR": "127.0.0.1", field: value})

    return prepare


def _json(function: Callable[[int], str]) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        data = function(size).encode()
        return lambda: decode_json(data)

    return prepare


INPUTS = [
    Input("password, combining marks", 80_000, _marks),
    Input("query, nothing but &", LINE, _text(parse_urlencoded, "&")),
    Input("query, names that differ", FORM, _numbered(parse_urlencoded, "a{}=1&")),
    Input("query, one name", FORM, _text(parse_urlencoded, "a=1&")),
    Input("query, a late second one", FORM, lambda n: _text(parse_urlencoded, "a=%41&b&")(n)),
    Input("query, percent signs", FORM, _text(parse_urlencoded, "%")),
    Input("query, escapes", FORM, _text(parse_urlencoded, "%e2%98%83")),
    Input("query, escapes and =", FORM, _text(parse_urlencoded, "=%3d")),
    Input("query, raw bytes", FORM, _text(parse_urlencoded, "\xff=")),
    Input("query, blanks", FORM, _text(parse_urlencoded, "+%20 ")),
    Input("cookies, pairs", LINE, _numbered(parse_cookies, "a{}=1;")),
    Input("cookies, semicolons", LINE, _text(parse_cookies, "; ")),
    Input("cookies, quotes", LINE, _text(parse_cookies, 'a="\\"')),
    Input("cookies, escapes", LINE, _text(lambda t: parse_cookies(f'a="{t}"'), "\\377")),
    Input("cookies, raw bytes", LINE, _text(parse_cookies, "\xe2\x98\x83=")),
    Input(
        "session, many cookies of the name",
        LINE,
        _request(SITE, HTTP_COOKIE=_of(f"session=eyJhIjoxfQ.1900000000.{'A' * 43}; ")),
    ),
    Input(
        "session, one long cookie", LINE, _request(SITE, HTTP_COOKIE=lambda n: "session=" + "a" * n)
    ),
    Input("session, dots", LINE, _request(SITE, HTTP_COOKIE=lambda n: "session=" + "." * n)),
    Input("path, raw bytes", LINE, _text(decode_path, "\xe2\x98\x83")),
    Input("path, slashes", LINE, _request(SITE, PATH_INFO=_of("/"))),
    Input(
        "path, three parts of a segment", LINE, _request(SITE, PATH_INFO=lambda n: "/d/" + "-" * n)
    ),
    Input(
        "path, a path and more", LINE, _request(SITE, PATH_INFO=lambda n: "/p" + "/x/" * (n // 3))
    ),
    Input(
        "path, slugs and a number",
        LINE,
        _request(SITE, PATH_INFO=lambda n: "/s/" + "1-" * (n // 2)),
    ),
    Input(
        "path, in the log", LINE, _request(SITE, PATH_INFO=lambda n: "/" + "\xff\x01" * (n // 2))
    ),
    Input("JSON, deep", FORM, _json(lambda n: "[" * n)),
    Input("JSON, digits", FORM, _json(lambda n: "9" * n)),
    Input("JSON, a long fraction", FORM, _json(lambda n: "0." + "1" * n)),
    Input("JSON, an exponent", FORM, _json(lambda n: "1e" + "0" * n)),
    Input("JSON, escapes", FORM, _json(lambda n: '"' + "\\u00e9" * (n // 6) + '"')),
    Input(
        "JSON, pairs of surrogates", FORM, _json(lambda n: '"' + "\\ud83d\\ude00" * (n // 12) + '"')
    ),
    Input("JSON, keys", FORM, _json(lambda n: json.dumps({str(i): i for i in range(n // 14)}))),
    Input("JSON, one key", FORM, _json(lambda n: "{" + '"a":1,' * (n // 6) + '"a":1}')),
    Input("JSON, blanks", FORM, _json(lambda n: " " * n)),
    Input("JSON, a quote never closed", FORM, _json(lambda n: '"' + "\\\\" * (n // 2))),
    Input("multipart, parts", FORM, _multipart(_parts)),
    Input("multipart, half boundaries", FORM, _multipart(_one_field(b"\r\n--"))),
    Input("multipart, line ends", FORM, _multipart(_one_field(b"\r\n"))),
    Input("multipart, dashes", FORM, _multipart(_one_field(b"-"))),
    Input("multipart, quotes in a name", LINE, _multipart(_part_header(b'\\"'))),
    Input("multipart, semicolons in a name", LINE, _multipart(_part_header(b'"; a="'))),
    Input("multipart, combining marks", LINE, _multipart(_part_header("\u0301\u0323".encode()))),
    Input("multipart, a folded header", LINE, _multipart(_part_header(b"\r\n "))),
    Input("file's name, dots", LINE, _text(safe_filename, ". ")),
    Input("file's name, slashes", LINE, _text(safe_filename, "/\\")),
    Input("file's name, marks", LINE, _text(safe_filename, "\u0323\u0301<")),
    Input("Content-Type, parameters", LINE, _numbered(parse_content_type, "; a{}=1")),
    Input("Content-Type, a quote never closed", LINE, _text(parse_content_type, ';a="\\')),
    Input("Content-Type, blanks", LINE, _text(parse_content_type, "; ")),
    Input("Accept, ranges", LINE, _numbered(lambda t: preferred_type(t, ["a/b", "c/d"]), "a/{},")),
    Input("Accept, parameters", LINE, _numbered(lambda t: preferred_type(t, ["a/b"]), ";a={}")),
    Input("Accept-Encoding", LINE, _text(accepted_encodings, "gzip ;q=0.5 ,")),
    Input("Accept-Encoding, blanks", LINE, _text(accepted_encodings, " ")),
    Input("If-None-Match, tags", LINE, _text(lambda t: weakly_matches(t, '"b"'), '"a", ')),
    Input("If-None-Match, open tags", LINE, _text(lambda t: weakly_matches(t, '"b"'), ' W/"a')),
    Input("a date", LINE, _text(parse_http_date, "Sun, 06 Nov 1994 ")),
    Input("Range, ranges", LINE, _text(lambda t: parse_range(f"bytes={t}", 10**6), "0-1,")),
    Input("Range, digits", LINE, _text(lambda t: parse_range(f"bytes={t}-", 10**6), "0")),
    Input("Host", LINE, _text(split_host, "a.")),
    Input("Host, a name of names", LINE, _text(split_host, "xn--")),
    Input("X-Forwarded-For", LINE, _forwarded("HTTP_X_FORWARDED_FOR", "10.0.0.1,")),
    Input("X-Forwarded-For, long", LINE, _forwarded("HTTP_X_FORWARDED_FOR", "1:")),
    Input("X-Forwarded-Prefix", LINE, _forwarded("HTTP_X_FORWARDED_PREFIX", "/a")),
    Input("X-Forwarded-Prefix, slashes", LINE, _forwarded("HTTP_X_FORWARDED_PREFIX", "/")),
    Input("next, marks", FORM, _text(lambda t: safe_next(PLAIN, "//" + t), "\u0301\u0323")),
    Input("next, slashes", FORM, _text(lambda t: safe_next(PLAIN, t), "/\\")),
    Input("redirect, marks", LINE, _text(redirect, "\u0301\u0323")),
]
