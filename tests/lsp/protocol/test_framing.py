"""Bytes become messages however they are cut, and what is not a message ends the connection."""

from __future__ import annotations

import json

import pytest

from mtvgen.lsp.protocol.framing import MAX_BODY, MAX_HEADER, Decoder, FramingError, framed


def test_messages_are_the_same_however_the_bytes_are_cut():
    bodies = [b'{"a": 1}', "中".encode(), b"", b"x" * 5000]
    data = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
    for size in (1, 2, 7, 64, len(data)):
        decoder = Decoder()
        cut = [data[start : start + size] for start in range(0, len(data), size)]
        assert [body for piece in cut for body in decoder.feed(piece)] == bodies


def test_the_header_may_have_other_fields_in_any_case():
    header = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-LENGTH:2\r\n\r\n"
    assert list(Decoder().feed(header + b"{}")) == [b"{}"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "without Content-Length"),
        (b"Content-Length: -1\r\n\r\n", "not a number"),
        (b"Content-Length: 1e3\r\n\r\n", "not a number"),
        (b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), "bytes"),
        (b"Content-Length: %s\r\n\r\n" % (b"9" * 500), "too large"),
        (b"\0" * MAX_HEADER, "without an end"),
    ],
)
def test_what_is_not_a_message_is_refused(data, fault):
    with pytest.raises(FramingError, match=fault):
        list(Decoder().feed(data))


def test_a_header_without_an_end_is_refused_before_it_is_long():
    decoder = Decoder()
    for _ in range(MAX_HEADER - 1):
        assert list(decoder.feed(b"a")) == []
    with pytest.raises(FramingError):
        list(decoder.feed(b"a"))


def test_what_is_sent_is_ascii_and_as_long_as_it_says():
    data = framed({"text": "中\ud83d"})
    header, _, body = data.partition(b"\r\n\r\n")
    assert header == b"Content-Length: %d" % len(body)
    assert json.loads(body) == {"text": "中\ud83d"}
