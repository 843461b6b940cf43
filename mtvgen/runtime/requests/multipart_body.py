"""Multipart bodies (RFC 7578): text in memory, files where there is room, all within limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any, BinaryIO

from mtvgen.runtime.http.content_type import parse_content_type, python_codec
from mtvgen.runtime.http.errors import BadRequest, ContentTooLarge
from mtvgen.runtime.http.multidict import MultiDict
from mtvgen.runtime.requests.body import BodyReader
from mtvgen.runtime.requests.limits import Limits
from mtvgen.runtime.requests.uploads import UploadedFile

# Characters of a boundary; RFC 2046 (section 5.1.1) has 70, and old clients do not count.
_BOUNDARY = re.compile(r"[ -~]{0,199}[!-~]")
_LINE_END = b"\r\n"
_CHUNK_SIZE = 64 * 1024  # bytes; what is read at a time
_MAX_PART_HEADERS = 16  # lines; RFC 7578 defines three


def parse_multipart(
    environ: Mapping[str, Any], limits: Limits, charset: str, boundary: str, body: bytes | None
) -> tuple[MultiDict[str], MultiDict[UploadedFile]]:
    """Read the parts one after the other; text stays in memory, files where there is room."""
    # Imported here, because most requests have no such body.
    from multipart import MultipartError, ParserLimitReached, PushMultipartParser

    if not _BOUNDARY.fullmatch(boundary):
        raise BadRequest("the multipart body has no valid boundary")
    source = BodyReader(environ, limits) if body is None else BytesIO(body)
    parser = PushMultipartParser(
        boundary,
        max_header_size=limits.max_part_header_size,
        max_header_count=_MAX_PART_HEADERS,
        max_segment_count=limits.max_fields + limits.max_files,
        header_charset=charset,
    )
    parts = _Parts(limits, charset)
    delimiter = b"--" + boundary.encode("ascii")
    ends_head = False  # whether the last piece was the empty line behind a part's head
    try:
        with parser:
            most = limits.max_fields + limits.max_files + 1
            for piece in _pieces(source.read, _LINE_END * 2 + delimiter, most):
                if ends_head and piece.startswith(delimiter):
                    parts.take_all(parser.parse(_LINE_END))
                is_head_last = parts.take_all(parser.parse(piece))
                ends_head = is_head_last and piece == _LINE_END
                if parser.closed:
                    break
    except BaseException as error:
        parts.close()
        if isinstance(error, ParserLimitReached):
            raise ContentTooLarge(f"multipart body: {error.args[0]}") from error
        if isinstance(error, MultipartError):
            raise BadRequest(f"multipart body: {error.args[0]}") from error
        raise
    return MultiDict(parts.fields), MultiDict(parts.files)


def _pieces(read: Callable[[int], bytes], mark: bytes, most: int) -> Iterator[bytes]:
    """Yield a body in pieces, cut where the next part's delimiter may follow a head at once.

    A part may lack its content (RFC 2046, section 5.1.1), and App Engine sends such parts: the
    empty line behind the head is then all that comes before the delimiter. The parser wants a
    line end of the delimiter's own there, which the caller adds. The last line end before such a
    place is a piece of its own: a head that ends with it has no content yet.

    Args:
        read: Reads up to so many bytes; none at the end.
        mark: The empty line and the delimiter.
        most: How many cuts are made. A mark begins a part, and of more parts nothing is read;
            but behind the last delimiter anything may follow, and 30 MB of marks would be eight
            million pieces.
    """
    rest = b""
    while chunk := read(_CHUNK_SIZE):
        data, start = rest + chunk, 0
        while most and (found := data.find(mark, start)) >= 0:
            yield data[start : found + 2]
            yield data[found + 2 : found + 4]
            start, most = found + 4, most - 1
        end = len(data) - _overlap(data, mark)
        if end > start:
            yield data[start:end]
        rest = data[max(start, end) :]
    if rest:
        yield rest


def _overlap(data: bytes, mark: bytes) -> int:
    """Return how many bytes at the end of the data may be the beginning of the mark."""
    longest = min(len(data), len(mark) - 1)
    return next((n for n in range(longest, 0, -1) if data.endswith(mark[:n])), 0)


class _Parts:
    """The parts of a multipart body as the parser reports them: a head, its bytes, its end."""

    def __init__(self, limits: Limits, charset: str) -> None:
        self.fields: list[tuple[str, str]] = []
        self.files: list[tuple[str, UploadedFile]] = []
        self._limits = limits
        self._charset = charset
        self._text_size = 0  # bytes of all names and values of text
        self._memory_size = 0  # bytes of all that is in memory
        self._head: Any = None
        self._data: BinaryIO = BytesIO()
        self._size = 0  # bytes of the part that is being read
        self._is_on_disk = False

    def take_all(self, events: Iterable[Any]) -> bool:
        """Every event of a piece of the body; returns whether the last one was a part's head."""
        event: Any = None
        for event in events:
            self.take(event)
        return event is not None and event is self._head

    def take(self, event: Any) -> None:
        """One event: a part's head, or some of its bytes, or None at its end."""
        if event is None:
            self._end()
        elif isinstance(event, bytes | bytearray):
            self._write(event)
        else:
            self._begin(event)

    def close(self) -> None:
        """Close all files; for a body that turned out to be malformed."""
        self._data.close()
        for _, file in self.files:
            file.close()

    def _begin(self, head: Any) -> None:
        size = sum(len(name) + len(value) for name, value in head.headerlist)
        if size > self._limits.max_part_header_size:
            raise ContentTooLarge("the headers of a part are too large")
        _check_part(head)
        if head.filename is None:
            if len(self.fields) == self._limits.max_fields:
                raise _too_many("fields", self._limits.max_fields)
            self._count_text(len(head.name))
        elif len(self.files) == self._limits.max_files:
            raise _too_many("files", self._limits.max_files)
        self._head, self._data, self._size, self._is_on_disk = head, BytesIO(), 0, False

    def _count_text(self, size: int) -> None:
        self._text_size += size
        if self._text_size > self._limits.max_form_size:
            raise ContentTooLarge(f"the form's text passes {self._limits.max_form_size:,} bytes")

    def _write(self, data: bytes | bytearray) -> None:
        if self._head.filename is None:
            self._count_text(len(data))
        elif not self._is_on_disk and self._memory_size + len(data) > self._limits.max_memory_size:
            self._move_to_disk()
        if not self._is_on_disk:
            self._memory_size += len(data)
        self._data.write(data)
        self._size += len(data)

    def _move_to_disk(self) -> None:
        from tempfile import TemporaryFile

        self._memory_size -= self._size
        on_disk = TemporaryFile()  # noqa: SIM115  # it lives as long as the request
        on_disk.write(self._data.getvalue())  # type: ignore[attr-defined]  # a BytesIO till now
        self._data, self._is_on_disk = on_disk, True

    def _end(self) -> None:
        head = self._head
        self._data.seek(0)
        if head.filename is None:
            charset = python_codec(head.charset) if head.charset else self._charset
            text = self._data.read().decode(charset, "replace")
            if "\0" in text:
                raise BadRequest("The form holds NUL (U+0000).")
            self.fields.append((head.name, text))
        elif head.filename or self._size:
            kind = head.content_type or "application/octet-stream"
            file = UploadedFile(self._data, head.filename, kind, self._size, dict(head.headerlist))
            self.files.append((head.name, file))
        # Else a file field where nothing was chosen: browsers send it without name and content.


def _check_part(head: Any) -> None:
    """Refuse what two readers of a part would take for two things.

    Raises:
        BadRequest: The part has no name (RFC 7578, section 4.2; an empty one is one), a header
            field or a parameter comes twice, or a field holds NUL or half a line end (RFC 9110,
            section 5.5).
    """
    if any(_NO_FIELD_VALUE.search(value) for _, value in head.headerlist):
        raise BadRequest("multipart body: A header of a part holds NUL, CR or LF")
    if len({name.lower() for name, _ in head.headerlist}) < len(head.headerlist):
        raise BadRequest("multipart body: A header of a part comes twice")
    try:
        _, parameters = parse_content_type(head["Content-Disposition"])
    except BadRequest as error:
        raise BadRequest("multipart body: A part has two names") from error
    # The parser gives a part without a name an empty one.
    if not head.name and "name" not in parameters:
        raise BadRequest("multipart body: A part has no name")


_NO_FIELD_VALUE = re.compile(r"[\0\r\n]")


def _too_many(what: str, limit: int) -> ContentTooLarge:
    return ContentTooLarge(f"the form has more than {limit:,} {what}")
