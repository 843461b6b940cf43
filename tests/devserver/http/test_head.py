from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.devserver.http.head import HeadError, RequestHead, parse_head, refuse_early


def head_of(*lines: str) -> RequestHead:
    return parse_head("\r\n".join(lines).encode("latin-1"))


def test_a_browsers_request() -> None:
    head = head_of(
        "GET /notes/7?page=2&q=%E4%BD%A0 HTTP/1.1",
        "Host: localhost:8000",
        "Accept: text/html,*/*;q=0.8",
        "Accept-Language:   de, en;q=0.5  ",
        "Content-Type: text/plain",
        "Content-Length: 12",
    )

    assert head == RequestHead(
        method="GET",
        path="/notes/7",
        query="page=2&q=%E4%BD%A0",
        version="HTTP/1.1",
        fields={
            "HTTP_HOST": "localhost:8000",
            "HTTP_ACCEPT": "text/html,*/*;q=0.8",
            "HTTP_ACCEPT_LANGUAGE": "de, en;q=0.5",
            "CONTENT_TYPE": "text/plain",
            "CONTENT_LENGTH": "12",
        },
        length=12,
        keep_alive=True,
        expects_continue=False,
    )


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a%2Fb", "/a/b", ""),
        ("/%2541", "/%41", ""),
        ("/%e9%a6%96", "/首".encode().decode("latin-1"), ""),
        ("/a?b?c=%00", "/a", "b?c=%00"),
        ("/a+b", "/a+b", ""),
        ("/a;b=c", "/a;b=c", ""),
        ("//a//b", "//a//b", ""),
        ("http://example.com/x?y", "/x", "y"),
        ("HTTP://example.com", "/", ""),
        ("https://example.com?y", "/", "y"),
    ],
)
def test_the_path_is_decoded_once_and_the_query_not(target: str, path: str, query: str) -> None:
    head = head_of(f"GET {target} HTTP/1.1", "Host: a")

    assert (head.path, head.query) == (path, query)


def test_the_host_of_an_absolute_target_wins() -> None:
    head = head_of("GET http://one.example/ HTTP/1.1", "Host: two.example")

    assert head.fields["HTTP_HOST"] == "one.example"


@pytest.mark.parametrize(
    ("lines", "key", "value"),
    [
        (["Accept: a", "Accept: b"], "HTTP_ACCEPT", "a, b"),
        (["Cookie: a=1", "cookie: b=2"], "HTTP_COOKIE", "a=1; b=2"),
        (["X-Real-IP: 1", "X_Real_IP: 2"], "HTTP_X_REAL_IP", "1"),
    ],
)
def test_repeated_fields(lines: list[str], key: str, value: str) -> None:
    assert head_of("GET / HTTP/1.1", "Host: a", *lines).fields[key] == value


@pytest.mark.parametrize(
    ("version", "connection", "stays"),
    [
        ("1.1", None, True),
        ("1.1", "close", False),
        ("1.1", "Close", False),
        ("1.1", "keep-alive, close", False),
        ("1.1", "closed", True),
        ("1.1", "upgrade", True),
        ("1.0", None, False),
        ("1.0", "keep-alive", True),
        ("1.0", "Keep-Alive, close", False),
    ],
)
def test_who_closes_the_connection(version: str, connection: str | None, stays: bool) -> None:
    fields = [f"Connection: {connection}"] if connection else []

    assert head_of(f"GET / HTTP/{version}", "Host: a", *fields).keep_alive is stays


@pytest.mark.parametrize(
    ("version", "expect", "waits"),
    [("1.1", "100-continue", True), ("1.1", "100-Continue", True), ("1.0", "100-continue", False)],
)
def test_who_waits_for_100_continue(version: str, expect: str, waits: bool) -> None:
    head = head_of(f"POST / HTTP/{version}", "Host: a", f"Expect: {expect}")

    assert head.expects_continue is waits


@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_a_head_error(data: bytes) -> None:
    with suppress(HeadError):
        refuse_early(data)
        parse_head(data)


TOKEN = st.text("abcdefghijklmnopqrstuvwxyzABC!#$%&'*+-.^`|~0123456789", min_size=1, max_size=20)
VALUE = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=50
)


@given(st.dictionaries(TOKEN.map(lambda name: "X-" + name), VALUE, max_size=20))
def test_what_was_written_is_read(fields: dict[str, str]) -> None:
    lines = [f"{name}: {value}" for name, value in fields.items()]
    head = head_of("GET / HTTP/1.1", "Host: a", *lines)

    expected: dict[str, str] = {}
    for name, value in fields.items():
        key = "HTTP_" + name.upper().replace("-", "_")
        expected[key] = f"{expected[key]}, {value}" if key in expected else value
    assert {key: value for key, value in head.fields.items() if key != "HTTP_HOST"} == expected


@pytest.mark.parametrize("last", [b"X-Foo: a\r", b"X-Foo: \r", b"X-Foo: a\r\r", b"\r"])
def test_smuggling_a_bare_carriage_return_is_refused_in_the_last_field_too(last):
    with pytest.raises(HeadError, match="control characters"):
        parse_head(b"GET / HTTP/1.1\r\nHost: a\r\n" + last)


@given(st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"])))
def test_a_path_survives_its_way_through_a_url(text: str) -> None:
    from urllib.parse import quote

    head = head_of(f"GET /{quote(text)} HTTP/1.1", "Host: a") if len(text) < 500 else None

    assert head is None or head.path.encode("latin-1").decode() == "/" + text


@given(st.data())
def test_a_head_that_arrives_in_pieces_is_refused_only_if_the_whole_is(data: st.DataObject) -> None:
    whole = b"GET /a HTTP/1.1\r\nHost: a\r\nCookie: b=1\r\n\r\n"
    cut = data.draw(st.integers(min_value=0, max_value=len(whole)))

    refuse_early(whole[:cut])
