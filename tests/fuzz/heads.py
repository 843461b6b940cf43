"""The development server's heads: a request that the application understands, or a refusal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mtvgen.devserver.http.head import HeadError, parse_head, refuse_early
from tests.fuzz.parsers import grown_from

HEADS = [
    "GET", "POST", "OPTIONS", " ", "/", "*", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "http://a.test",
    "\r\n", "\n", "\r", ":", "Host", "Host: a.test", "Content-Length: 3", "Content-Length",
    "Transfer-Encoding: chunked", "Connection: close", "Expect: 100-continue", "\t", "\0", "\x7f",
    "%41", "%zz", "%0d%0a", "?", "#", "X_Forwarded_For: 1", "X-Forwarded-For: 2", "+3", "é",
]  # fmt: skip


@given(grown_from(HEADS, most=25), st.booleans())
def fuzz_heads_any_bytes_are_a_request_or_a_refusal(text, with_line):
    start = "GET / HTTP/1.1\r\nHost: a.test\r\n" if with_line else ""
    data = (start + text).encode("latin-1")
    head = head_of(data)
    if isinstance(head, HeadError):
        assert 400 <= head.status < 600
        assert head.reason.isprintable()
        return
    assert head.path.startswith("/") or head.path in ("", "*")
    assert head.version in ("HTTP/1.0", "HTTP/1.1")
    assert 0 <= head.length < 10**18
    for key, value in head.fields.items():
        assert key == key.upper()
        assert "-" not in key
        assert not set(value) & {"\r", "\n", "\0"}, (key, value)
        assert value == value.strip(" \t")
    if head.version == "HTTP/1.1":
        assert head.fields["HTTP_HOST"] is not None
    assert "HTTP_TRANSFER_ENCODING" not in head.fields


def head_of(data):
    try:
        refuse_early(data)
        return parse_head(data)
    except HeadError as refusal:
        return refusal


names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True).map(lambda name: f"X-{name}")
contents = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f"))


@given(st.dictionaries(names.map(str.title), contents, max_size=8))
def fuzz_heads_what_a_browser_writes_is_read(fields):
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    head = parse_head(
        f"GET /a%20b?c=d HTTP/1.1\r\nHost: a.test\r\n{lines}".removesuffix("\r\n").encode("latin-1")
    )
    assert (head.method, head.path, head.query) == ("GET", "/a b", "c=d")
    for name, value in fields.items():
        assert head.fields["HTTP_" + name.upper().replace("-", "_")] == value
