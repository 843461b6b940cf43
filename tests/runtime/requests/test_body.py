"""The bytes of a body: never past its length, never less, within the limits."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import Limits
from mtvgen.runtime.http.errors import (
    BadRequest,
    ContentTooLarge,
    LengthRequired,
    UnsupportedMediaType,
)
from mtvgen.runtime.requests.body import BodyReader, body_length, read_body

SMALL = Limits(max_body_size=100, max_memory_size=10)


class Wire:
    """What a server hands over: `chunk` bytes at a time at most, then nothing, or an error."""

    def __init__(self, data, chunk=None, error=None):
        self.data = io.BytesIO(data)
        self.chunk = chunk
        self.error = error
        self.asked = 0

    def read(self, size):
        assert size > 0  # read(-1) waits for the end of the connection
        self.asked += size
        data = self.data.read(size if self.chunk is None else min(size, self.chunk))
        if not data and self.error is not None:
            raise self.error
        return data


def environ(data=b"", length=None, chunk=None, error=None, **extra):
    length = len(data) if length is None else length
    return {"wsgi.input": Wire(data, chunk, error), "CONTENT_LENGTH": str(length), **extra}


CHUNKED = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}


def read_piecewise(environ, limits):
    """The same body as BodyReader gives it."""
    reader = BodyReader(environ, limits)
    return b"".join(iter(lambda: reader.read(7), b""))


both_ways = pytest.mark.parametrize("read", [read_body, read_piecewise])


@both_ways
@pytest.mark.parametrize("chunk", [None, 1, 3])
def test_a_body_is_read_whole_however_it_arrives(read, chunk):
    assert read(environ(b"0123456789", chunk=chunk), Limits()) == b"0123456789"


@both_ways
def test_a_body_is_never_read_past_its_length(read):
    given = environ(b"01234GET /next HTTP/1.1", length=5)
    assert read(given, Limits()) == b"01234"
    assert given["wsgi.input"].data.read() == b"GET /next HTTP/1.1"


@both_ways
@pytest.mark.parametrize("length", ["", "0", None])
def test_without_a_length_there_is_no_body(read, length):
    given = environ(b"never read")
    given["CONTENT_LENGTH"] = length
    if length is None:
        del given["CONTENT_LENGTH"]
    assert read(given, Limits()) == b""
    assert given["wsgi.input"].asked == 0


@both_ways
@pytest.mark.parametrize("chunk", [None, 2])
def test_a_short_body_is_a_bad_request(read, chunk):
    with pytest.raises(BadRequest, match="the body ends before its Content-Length"):
        read(environ(b"01234", length=10, chunk=chunk), Limits())


@both_ways
@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        TimeoutError(),
        OSError("chunk"),
        ValueError("closed"),
        type("InvalidChunkSize", (Exception,), {})("a server's own class"),
        RuntimeError("a server in another language"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("extra", [{}, {**CHUNKED, "wsgi.input_terminated": True}])
def test_a_lost_client_is_a_bad_request(read, error, extra):
    with pytest.raises(BadRequest, match="the body broke off") as caught:
        read(environ(b"01234", length=10, error=error) | extra, Limits())
    assert caught.value.__cause__ is error


@both_ways
def test_memory_that_is_short_is_not_the_clients_mistake(read):
    with pytest.raises(MemoryError):
        read(environ(b"01234", length=10, error=MemoryError()), Limits())


@pytest.mark.parametrize(
    "length",
    ["-1", "+5", "5 ", " 5", "5,5", "0x5", "5.0", "1e3", "1_0", "\u0665", "²", "five", "5\n"],
)
def test_a_length_that_is_no_number_is_a_bad_request(length):
    with pytest.raises(BadRequest, match=r"Content-Length .* is not a number"):
        body_length({"CONTENT_LENGTH": length})


@pytest.mark.parametrize("length", ["9" * 19, "9" * 20, "9" * 5_000])
@both_ways
def test_an_absurd_length_is_too_large(read, length):
    with pytest.raises(ContentTooLarge):
        read(environ(b"x", length=length), Limits())


def test_a_length_may_have_leading_zeros():
    assert body_length({"CONTENT_LENGTH": "007"}) == 7


# Chunked bodies (RFC 9112, section 7.1)


@both_ways
def test_a_chunked_body_is_read_where_the_server_marks_its_end(read):
    given = environ(b"0123456789", chunk=3) | {**CHUNKED, "wsgi.input_terminated": True}
    assert read(given, Limits()) == b"0123456789"


@both_ways
def test_the_server_may_mark_the_end_of_a_plain_body_too(read):
    given = environ(b"0123456789", length=4) | {"wsgi.input_terminated": True}
    assert read(given, Limits()) == b"0123"


@both_ways
@pytest.mark.parametrize("length", ["", "5"])
@pytest.mark.parametrize("extra", [{}, {"wsgi.input_terminated": False}])
def test_a_chunked_body_is_refused_where_it_does_not(read, length, extra):
    given = environ(b"5\r\nhello\r\n0\r\n\r\n") | CHUNKED | {"CONTENT_LENGTH": length} | extra
    with pytest.raises(LengthRequired, match="send the body with a Content-Length"):
        read(given, Limits())
    assert given["wsgi.input"].asked == 0


@both_ways
def test_the_chunks_decide_where_there_is_a_length_too(read):
    """RFC 9112, section 6.3: Transfer-Encoding overrides Content-Length."""
    given = environ(b"0123456789", length=4) | {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
    }
    assert read(given, Limits()) == b"0123456789"


# Limits


@pytest.mark.parametrize("extra", [{}, {**CHUNKED, "wsgi.input_terminated": True}])
def test_what_is_read_into_memory_is_bounded(extra):
    assert read_body(environ(b"0123456789") | extra, SMALL) == b"0123456789"
    with pytest.raises(ContentTooLarge, match="the body is larger than 10 bytes"):
        read_body(environ(b"0123456789x") | extra, SMALL)


@pytest.mark.parametrize("extra", [{}, {**CHUNKED, "wsgi.input_terminated": True}])
def test_what_is_read_piece_by_piece_is_bounded(extra):
    assert read_piecewise(environ(b"x" * 100) | extra, SMALL) == b"x" * 100
    with pytest.raises(ContentTooLarge, match="the body is larger than 100 bytes"):
        read_piecewise(environ(b"x" * 101) | extra, SMALL)


def test_the_bound_of_the_body_holds_in_memory_too():
    limits = Limits(max_body_size=5, max_memory_size=10)
    with pytest.raises(ContentTooLarge, match="the body is larger than 5 bytes"):
        read_body(environ(b"012345"), limits)


def test_one_body_may_have_a_bound_of_its_own():
    with pytest.raises(ContentTooLarge, match="the body is larger than 3 bytes"):
        read_body(environ(b"0123"), SMALL, max_size=3)


def test_a_body_that_is_too_large_is_not_read_at_all():
    given = environ(b"x" * 101)
    with pytest.raises(ContentTooLarge):
        BodyReader(given, SMALL)
    assert given["wsgi.input"].asked == 0


def test_a_length_without_a_body_takes_no_memory():
    given = environ(b"", length=32 * 1024 * 1024)
    tracemalloc.start()
    try:
        with pytest.raises(BadRequest, match="the body ends before its Content-Length"):
            BodyReader(given, Limits()).read(64 * 1024)
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()


# Content codings


@both_ways
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "zstd", "identity, gzip", "?"])
def test_a_compressed_body_is_refused_and_told_what_is_taken(read, coding):
    given = environ(b"0123456789") | {"HTTP_CONTENT_ENCODING": coding}
    with pytest.raises(
        UnsupportedMediaType, match=r"Content-Encoding .* is not accepted"
    ) as caught:
        read(given, Limits())
    assert caught.value.headers == (("Accept-Encoding", "identity"),)
    assert given["wsgi.input"].asked == 0


@pytest.mark.parametrize("coding", ["identity", "Identity", "", " identity , identity"])
def test_the_coding_that_changes_nothing_is_taken(coding):
    given = environ(b"0123456789") | {"HTTP_CONTENT_ENCODING": coding}
    assert read_body(given, Limits()) == b"0123456789"


@given(
    data=st.binary(max_size=30),
    extra=st.fixed_dictionaries(
        {},
        optional={
            "CONTENT_LENGTH": st.integers(-5, 40).map(str) | st.text(),
            "HTTP_TRANSFER_ENCODING": st.text(),
            "HTTP_CONTENT_ENCODING": st.text(),
            "wsgi.input_terminated": st.booleans(),
        },
    ),
    chunk=st.none() | st.integers(1, 5),
)
def test_no_body_whatever_makes_it_fail(data, extra, chunk):
    for read in (read_body, read_piecewise):
        try:
            body = read(environ(data, chunk=chunk) | extra, Limits())
        except (BadRequest, LengthRequired, ContentTooLarge, UnsupportedMediaType):
            continue
        assert data.startswith(body)
