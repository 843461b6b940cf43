"""Forms: urlencoded text, and multipart bodies with their files, within limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import Any, BinaryIO

from mtvgen.runtime.http.errors import BadRequest, ContentTooLarge
from mtvgen.runtime.http.multidict import MultiDict
from mtvgen.runtime.http.urlencoded import parse_urlencoded
from mtvgen.runtime.requests.body import BodyReader, read_body
from mtvgen.runtime.requests.limits import Limits

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"

# The charsets of a form (RFC 7578, section 5.1.2, and no more: UTF-7 and UTF-16 hide `<`).
_CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin-1": "latin-1",
    "latin1": "latin-1",
}


class UploadedFile:
    """A file of a multipart form. It lives as long as the request; `save()` keeps it.

    Attributes:
        filename: The name the client gave, made safe: the last part of a path, without control
            characters, reserved characters (`<>:"|?*`), and dots or spaces at either end; never
            empty. Two visitors may send the same name.
        content_type: What the client says it is; nobody checked.
        size: Bytes.
        headers: The header lines of its part, by their names in title case.
        file: A binary file at its beginning, in memory or on disk.
    """

    def __init__(
        self, file: BinaryIO, filename: str, content_type: str, size: int, headers: dict[str, str]
    ) -> None:
        self.file = file
        self.filename = safe_filename(filename)
        self.content_type = content_type
        self.size = size
        self.headers = headers

    def save(self, path: str | Path) -> None:
        """Copy the file to a path, and replace what is there.

        Raises:
            OSError: The path can't be written.
        """
        self.file.seek(0)
        with Path(path).open("wb") as target:
            copyfileobj(self.file, target)
        self.file.seek(0)

    def close(self) -> None:
        """Give the memory or the disk space back; the request does so at its end."""
        self.file.close()

    def __repr__(self) -> str:
        return f"<UploadedFile {self.filename!r}, {self.size:,} bytes>"


# Characters and names that mean something to a file system, most of them to Windows.
_RESERVED = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_MAX_NAME_SIZE = 200  # bytes in UTF-8; file systems take 255, and a program may add to it
_MAX_SUFFIX_SIZE = 20  # bytes; longer ones are no suffixes


def safe_filename(name: str) -> str:
    """The last part of a path, with nothing that a file system reads as more than a name."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(char for char in last if char.isprintable())
    path = PurePosixPath(_RESERVED.sub("_", printable).strip(". "))
    suffix = path.suffix if len(path.suffix.encode()) <= _MAX_SUFFIX_SIZE else ""
    stem = path.name.removesuffix(suffix).encode()[: _MAX_NAME_SIZE - len(suffix.encode())]
    short = (stem.decode(errors="ignore") + suffix).rstrip(". ")
    return f"_{short}" if _DEVICE.match(short) else short or "unnamed"


Form = MultiDict[str]
Files = MultiDict[UploadedFile]

# Nobody can change a MultiDict, so all requests without a form share these.
_NO_FIELDS: Form = MultiDict()
_NO_FILES: Files = MultiDict()


def is_multipart(environ: Mapping[str, Any]) -> bool:
    """Whether the body is a multipart form, which is read once and piece by piece."""
    return _media_type(environ.get("CONTENT_TYPE") or "") == _MULTIPART


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip(" \t").lower()


def parse_form(
    environ: Mapping[str, Any], limits: Limits, body: bytes | None = None
) -> tuple[Form, Files, bytes | None]:
    """The fields and the files of the body, both empty where it is no form, and the body.

    The caller closes the files at the end of the request: `for _, file in files.pairs`.

    Args:
        environ: The WSGI environ; its `wsgi.input` is read.
        limits: How much is taken.
        body: The body, where it has been read before; it comes back as it is, or as it was
            read here. None comes back where it was not read, or piece by piece.

    Raises:
        BadRequest: It is malformed, or ends too early, or its charset is not taken (400).
        LengthRequired: It has no length (411).
        ContentTooLarge: It passes a limit (413).
        UnsupportedMediaType: It is compressed (415).
    """
    content_type, charset = environ.get("CONTENT_TYPE") or "", "utf-8"
    # What browsers send has no parameter to look for.
    if content_type != _URLENCODED:
        content_type, options = parse_content_type(content_type)
        if content_type not in (_URLENCODED, _MULTIPART):
            return _NO_FIELDS, _NO_FILES, body
        charset = _charset(options.get("charset", charset))
        if content_type == _MULTIPART:
            boundary = options.get("boundary", "")
            return *_parse_multipart(environ, limits, charset, boundary, body), body
    if body is None:
        body = read_body(environ, limits, limits.max_form_size)
    elif len(body) > limits.max_form_size:
        raise ContentTooLarge(f"the form is larger than {limits.max_form_size:,} bytes")
    fields = parse_urlencoded(body.decode("latin-1"), charset, limits.max_fields)
    return MultiDict(fields), _NO_FILES, body


def _check_part(head: Any) -> None:
    """Refuse what two readers of a part would take for two things.

    Raises:
        BadRequest: The part has no name (RFC 7578, section 4.2; an empty one is one), or a header
            field of it holds NUL or half a line end (RFC 9110, section 5.5).
    """
    if any(_NO_FIELD_VALUE.search(value) for _, value in head.headerlist):
        raise BadRequest("multipart body: A header of a part holds NUL, CR or LF")
    # The parser gives a part without a name an empty one.
    if not head.name and "name" not in parse_content_type(head["Content-Disposition"])[1]:
        raise BadRequest("multipart body: A part has no name")


_NO_FIELD_VALUE = re.compile(r"[\0\r\n]")


def _too_many(what: str, limit: int) -> ContentTooLarge:
    return ContentTooLarge(f"the form has more than {limit:,} {what}")


# A parameter (RFC 9110, section 5.6.6).
_PARAMETER = re.compile(r';[ \t]*([!#$%&\'*+\-.^_`|~0-9A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^";\s]*)')
_QUOTED_PAIR = re.compile(r"\\(.)")


def parse_content_type(header: str) -> tuple[str, dict[str, str]]:
    """A media type in lower case and its parameters (RFC 9110, section 8.3.1).

    Raises:
        BadRequest: A parameter comes twice, so that two readers would disagree (400).
    """
    options: dict[str, str] = {}
    if ";" in header:
        for match in _PARAMETER.finditer(header):
            name, value = match[1].lower(), match[2]
            if name in options:
                raise BadRequest(f"Content-Type has {name!r} twice")
            options[name] = _QUOTED_PAIR.sub(r"\1", value[1:-1]) if value[:1] == '"' else value
    return _media_type(header), options


def _charset(name: str) -> str:
    try:
        return _CHARSETS[name.lower()]
    except KeyError:
        raise BadRequest(f"charset {name[:40]!r} is not taken; send UTF-8") from None


# Characters of a boundary; RFC 2046 (section 5.1.1) has 70, and old clients do not count.
_BOUNDARY = re.compile(r"[ -~]{0,199}[!-~]")
_CHUNK_SIZE = 64 * 1024  # bytes; what is read at a time
_MAX_PART_HEADERS = 16  # lines; RFC 7578 defines three


def _parse_multipart(
    environ: Mapping[str, Any], limits: Limits, charset: str, boundary: str, body: bytes | None
) -> tuple[Form, Files]:
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
    try:
        for event in parser.parse_blocking(source.read, _CHUNK_SIZE):
            parts.take(event)
    except BaseException as error:
        parts.close()
        if isinstance(error, ParserLimitReached):
            raise ContentTooLarge(f"multipart body: {error.args[0]}") from error
        if isinstance(error, MultipartError):
            raise BadRequest(f"multipart body: {error.args[0]}") from error
        raise
    return MultiDict(parts.fields), MultiDict(parts.files)


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
            charset = _charset(head.charset) if head.charset else self._charset
            self.fields.append((head.name, self._data.read().decode(charset, "replace")))
        elif head.filename or self._size:
            kind = head.content_type or "application/octet-stream"
            file = UploadedFile(self._data, head.filename, kind, self._size, dict(head.headerlist))
            self.files.append((head.name, file))
        # Else a file field where nothing was chosen: browsers send it without name and content.
