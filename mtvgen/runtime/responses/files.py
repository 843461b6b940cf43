"""Files as answers: send_file(), conditions, ranges and blocks (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from mtvgen.runtime.http.conditions import (
    format_http_date,
    parse_range,
    precondition_status,
    range_applies,
)
from mtvgen.runtime.http.errors import NotFound, PreconditionFailed
from mtvgen.runtime.http.media_types import content_type_of
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response

BLOCK = 64 * 1024  # bytes sent at a time; what fits into one is read whole

Fields = list[tuple[str, str]]


class Version(NamedTuple):
    """A version of a file: different after it has been written or replaced.

    Attributes:
        modified: Nanoseconds since 1970.
        size: Bytes.
        inode: The file itself, on its device.
    """

    modified: int
    size: int
    inode: tuple[int, int]

    @classmethod
    def of(cls, status: os.stat_result) -> Version:
        """Return the version that a stat saw."""
        return cls(status.st_mtime_ns, status.st_size, (status.st_dev, status.st_ino))

    @property
    def etag(self) -> str:
        """The entity-tag: a strong one, because it changes with every write."""
        return f'"{self.modified:x}-{self.size:x}"'

    @property
    def seconds(self) -> float:
        """Seconds since 1970."""
        return self.modified / 1_000_000_000


def send_file(
    request: Request,
    path: Path | str,
    *,
    content_type: str | None = None,
    download_as: str | None = None,
    cache_control: str = "no-cache",
) -> Response:
    """Return a file on the disk as a response: with tag and date, in parts on request.

    Args:
        request: GET or HEAD.
        path: The file; never a name that came with the request, or `..` leads anywhere.
        content_type: What it is; None: by its name.
        download_as: The name under which a browser saves it instead of showing it.
        cache_control: How long it may be kept (RFC 9111); the default asks each time.

    Raises:
        NotFound: There is no such regular file.
        PreconditionFailed: If-Match or If-Unmodified-Since asks for another version.
        RangeNotSatisfiable: The range begins beyond the end.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound()
    fields = [("Cache-Control", cache_control)]
    if download_as is not None:
        fields.append(("Content-Disposition", _attachment(download_as)))
    file = path.open("rb")
    return conditional_file(request, file, fields, content_type or content_type_of(path.name))


def _attachment(name: str) -> str:
    """Return the name for a download, in ASCII and as it is (RFC 6266, appendix D)."""
    plain = re.sub(r"[^ !#-\[\]-~]|%", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def fresh_file(
    request: Request, file: BufferedReader, fields: Fields, content_type: str
) -> Response:
    """Return a file as it is now, or the part that was asked for, whatever the browser has of it.

    Args:
        request: GET or HEAD.
        file: Open for reading; it is closed when it has been sent.
        fields: Header fields of the answer.
        content_type: What the file is.

    Raises:
        RangeNotSatisfiable: The range begins beyond the end.
    """
    with _closing_on_error(file):
        return _whole_or_part(request, file, _version(file), None, fields, content_type)


def conditional_file(
    request: Request, file: BufferedReader, fields: Fields, content_type: str
) -> Response:
    """Return the same with a tag and a date, and 304 where the browser has it already.

    Raises:
        PreconditionFailed: If-Match or If-Unmodified-Since asks for another version.
        RangeNotSatisfiable: The range begins beyond the end.
    """
    with _closing_on_error(file):
        # What is open can't be replaced any more: its tag, length and content fit together.
        version = _version(file)
        fields += [("ETag", version.etag), ("Last-Modified", format_http_date(version.seconds))]
        status = precondition_status(
            request.method, request.headers, etag=version.etag, last_modified=version.seconds
        )
        if status == 304:
            file.close()
            return Response(b"", 304, fields)
        if status is not None:
            raise PreconditionFailed()
        return _whole_or_part(request, file, version, version.etag, fields, content_type)


@contextmanager
def _closing_on_error(file: BufferedReader) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.close()
        raise


def _version(file: BufferedReader) -> Version:
    return Version.of(os.fstat(file.fileno()))


def _whole_or_part(
    request: Request,
    file: BufferedReader,
    version: Version,
    etag: str | None,
    fields: Fields,
    content_type: str,
) -> Response:
    fields.append(("Accept-Ranges", "bytes"))
    span = _span(request, version, etag)
    if span is None:
        return _sent(request, file, version.size, 200, fields, content_type)
    first, last = span
    fields.append(("Content-Range", f"bytes {first}-{last}/{version.size}"))
    file.seek(first)
    return _sent(request, file, last - first + 1, 206, fields, content_type)


def _span(request: Request, version: Version, etag: str | None) -> tuple[int, int] | None:
    """Return the first and the last byte that are asked for; None for all."""
    headers = request.headers
    wanted = headers.get("Range")
    if wanted is None or request.method != "GET":  # Range means something with GET alone
        return None
    # Without a tag, nothing that the browser has can be known to fit.
    modified = version.seconds if etag else None
    if not range_applies(headers.get("If-Range"), etag=etag, last_modified=modified):
        return None
    return parse_range(wanted, version.size)


def _sent(
    request: Request,
    file: BufferedReader,
    length: int,
    status: int,
    fields: Fields,
    content_type: str,
) -> Response:
    """Return the next `length` bytes of a file, which is closed behind them."""
    body: bytes | Iterable[bytes]
    if request.method == "HEAD":
        file.close()
        body = b""
    elif length > BLOCK:
        body = _stream(request, file, length)
    else:
        with file:
            body = file.read(length)
        length = len(body)
    response = Response(body, status, fields, content_type)
    response.headers["Content-Length"] = str(length)
    return response


def _stream(request: Request, file: BufferedReader, length: int) -> Iterable[bytes]:
    """Return the next `length` bytes, by the server's own means where they are the file's last.

    A wrapper reads on to the end (PEP 3333, "Optional Platform-Specific File Handling").
    """
    wrapper = request.environ.get("wsgi.file_wrapper")
    if wrapper is not None and file.tell() + length == os.fstat(file.fileno()).st_size:
        sent = _SentFile(file)
        wrapped: Iterable[bytes] = wrapper(sent, BLOCK)
        request.file_body = wrapped, sent
        return wrapped
    blocks = _Blocks(file, length)
    request.file_body = blocks, None
    return blocks


def end_with_file(request: Request, response: Response) -> None:
    """Call what waits for the end of the request when the file that is its body is closed.

    A server knows its own wrapper by its type and lets the kernel send the file (sendfile(2)); in
    a body of ours it would not. Other answers stay as they are. Nothing may fail after this, so
    it is for the outermost layer.
    """
    wrapped, file = request.file_body or (None, None)
    if file is not None and response.body is wrapped and request.callbacks is not None:
        file.closers, request.callbacks.close = request.callbacks.close, []


class _SentFile:
    """An open file whose close() also calls what was registered for the end of the request."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self.closers: list[Callable[[], object]] = []
        # What servers ask of a file that they wrap.
        self.read, self.seek, self.tell = file.read, file.seek, file.tell
        self.fileno = file.fileno

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)

    def close(self) -> None:
        """Close the file, then call every closer once, the last one first."""
        closers, self.closers = self.closers, []
        with ExitStack() as stack:
            for closer in closers:
                stack.callback(closer)
            stack.callback(self._file.close)


class _Blocks:
    """A part of an open file, block by block; the server closes it (PEP 3333)."""

    def __init__(self, file: BufferedReader, length: int) -> None:
        self._file = file
        self._left = length

    def __iter__(self) -> Iterator[bytes]:
        # No more than was promised, where the file has grown meanwhile.
        while self._left > 0 and (block := self._file.read(min(self._left, BLOCK))):
            self._left -= len(block)
            yield block

    def close(self) -> None:
        """Close the file, also where nobody has read it."""
        self._file.close()
