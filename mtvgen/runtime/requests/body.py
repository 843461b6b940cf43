"""The bytes of a request's body: never more than was announced, never less, within the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtvgen.runtime.http.errors import (
    BadRequest,
    ContentTooLarge,
    LengthRequired,
    UnsupportedMediaType,
)
from mtvgen.runtime.requests.limits import Limits

_CHUNK_SIZE = 64 * 1024  # bytes; what one read asks for where the length is not known

# Digits; ten exabytes, so a longer number is too large whatever the limit, and int() never
# sees the thousands of digits that it refuses.
_MAX_LENGTH_DIGITS = 19


def read_body(environ: Mapping[str, Any], limits: Limits, max_size: int | None = None) -> bytes:
    """Return the whole body, in memory.

    Args:
        environ: The WSGI environ; its `wsgi.input` is read.
        limits: `max_body_size` bounds what is sent, `max_memory_size` what is read here.
        max_size: Bytes; the bound of this body, instead of `max_memory_size`.

    Raises:
        BadRequest: The Content-Length is not a number, or the body ends before it (400).
        LengthRequired: There is no length, and the server does not mark the end (411).
        ContentTooLarge: The body passes the limit (413).
        UnsupportedMediaType: The body is compressed (415).
    """
    limit = limits.max_memory_size if max_size is None else max_size
    if limit > limits.max_body_size:
        limit = limits.max_body_size
    length = body_length(environ)
    if length is None:
        return _read_to_end(environ, limit)
    if length > limit:
        raise _too_large(limit)
    if not length:
        return b""
    stream = environ["wsgi.input"]
    data = read_some(stream, length)
    # Mostly all of it; a pipe gives it in pieces.
    return data if len(data) == length else data + read_exactly(stream, length - len(data))


def body_length(environ: Mapping[str, Any]) -> int | None:
    """Return the body's length in bytes; None where only the server knows its end.

    Raises:
        BadRequest: The Content-Length is not a number (400).
        LengthRequired: The body is chunked, and the server leaves that to us (411).
        UnsupportedMediaType: The body is compressed (415).
    """
    if "HTTP_CONTENT_ENCODING" in environ:
        _refuse_compression(environ["HTTP_CONTENT_ENCODING"])
    text = environ.get("CONTENT_LENGTH")
    if "HTTP_TRANSFER_ENCODING" in environ or not text:
        return _unknown_length(environ)
    # ASCII digits (RFC 9110, section 8.6): int() would take "+1", "1_0" and digits of any script.
    if not (text.isascii() and text.isdecimal()):
        raise BadRequest(f"Content-Length {text[:40]!r} is not a number")
    if len(text) > _MAX_LENGTH_DIGITS:
        raise ContentTooLarge("the body is too large")
    return int(text)


def _refuse_compression(header: str) -> None:
    """Refuse what would have to be inflated: 42 kB of zip bomb are 4 PB of body."""
    codings = {coding.strip(" \t").lower() for coding in header.split(",")}
    if codings - {"", "identity"}:
        # RFC 9110, section 12.5.3: a 415 for the coding says which ones are taken.
        raise UnsupportedMediaType(
            f"Content-Encoding {header[:40]!r} is not accepted here",
            headers=[("Accept-Encoding", "identity")],
        )


def _unknown_length(environ: Mapping[str, Any]) -> int | None:
    """No body, or one whose end the server marks (`wsgi.input_terminated`); else 411."""
    if environ.get("wsgi.input_terminated"):
        return None
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise LengthRequired("send the body with a Content-Length")
    return 0


def read_exactly(stream: Any, length: int) -> bytes:
    """As many bytes as announced, however few the stream gives at a time.

    Raises:
        BadRequest: The stream ends before, or breaks off.
    """
    chunks = []
    while length:
        data = read_some(stream, length)
        if not data:
            raise BadRequest("the body ends before its Content-Length")
        chunks.append(data)
        length -= len(data)
    return b"".join(chunks)


def read_some(stream: Any, size: int) -> bytes:
    """Up to `size` bytes; none at the end.

    Raises:
        BadRequest: The client went away, or its chunks are malformed.
    """
    try:
        data: bytes = stream.read(size)
    except MemoryError:
        raise
    # PEP 3333 says nothing of errors here. A lost client and a malformed chunk are OSError or
    # ValueError with most servers, a class of its own with gunicorn since 27, and a RuntimeError
    # with one that is not written in Python.
    except Exception as error:
        raise BadRequest("the body broke off") from error
    return data


def _read_to_end(environ: Mapping[str, Any], limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while data := read_some(environ["wsgi.input"], min(_CHUNK_SIZE, limit + 1 - size)):
        size += len(data)
        if size > limit:
            raise _too_large(limit)
        chunks.append(data)
    return b"".join(chunks)


def _too_large(limit: int) -> ContentTooLarge:
    return ContentTooLarge(f"the body is larger than {limit:,} bytes")


class BodyReader:
    """A body read piece by piece, for what does not fit into memory.

    Args:
        environ: The WSGI environ; its `wsgi.input` is read.
        limits: `max_body_size` bounds the whole.

    Raises:
        HTTPError: As `read_body` does.
    """

    def __init__(self, environ: Mapping[str, Any], limits: Limits) -> None:
        self._stream = environ["wsgi.input"]
        self._limit = limits.max_body_size
        length = body_length(environ)
        if length is not None and length > self._limit:
            raise _too_large(self._limit)
        self._is_terminated = length is None
        # One byte beyond the limit tells apart a body that is too large from one that just fits.
        self._left = self._limit + 1 if length is None else length

    def read(self, size: int) -> bytes:
        """Return the next bytes: `size` of them but for the last piece, none at the end.

        Raises:
            BadRequest: The body ends before its Content-Length (400).
            ContentTooLarge: It passes the limit (413).
        """
        wanted = min(size, self._left)
        if not self._is_terminated:
            self._left -= wanted
            return read_exactly(self._stream, wanted)
        data = read_some(self._stream, wanted)
        self._left -= len(data)
        if not self._left:
            raise _too_large(self._limit)
        return data
