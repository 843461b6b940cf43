"""Forms with files, written as browsers write them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from mimetypes import guess_type
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage, Headers
from werkzeug.test import EnvironBuilder

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


class Builder(EnvironBuilder):
    """Writes a multipart form as browsers do, in memory.

    werkzeug leaves out the line end of an empty part, which no browser does and strict parsers
    refuse; and what passes 500 kB it writes into a temporary file that nobody closes.
    """

    def get_environ(self) -> WSGIEnvironment:
        """Return the environ, whose body is the form."""
        if self.input_stream is None and self.mimetype == "multipart/form-data":
            boundary = token_hex(16)
            fields = [*self.form.items(multi=True), *self.files.items(multi=True)]
            parts = [_part(boundary, name, value) for name, value in fields]
            self.close()  # the files, which an input stream stands in for from now on
            self.input_stream = BytesIO(b"".join([*parts, f"--{boundary}--\r\n".encode()]))
            self.content_type = f"multipart/form-data; boundary={boundary}"
        return super().get_environ()


def _part(boundary: str, name: str, value: Any) -> bytes:
    """Write a field or a file (RFC 7578, section 4.2; WHATWG HTML, "multipart/form-data")."""
    disposition = f'form-data; name="{_escaped(name)}"'
    if not isinstance(value, FileStorage):
        return _framed(boundary, [("Content-Disposition", disposition)], str(value).encode())
    if value.filename is not None:
        disposition += f'; filename="{_escaped(value.filename)}"'
    guessed = guess_type(value.filename or "")[0] or "application/octet-stream"
    fields = Headers(value.headers)
    fields["Content-Disposition"] = disposition
    fields.setdefault("Content-Type", guessed)
    return _framed(boundary, fields, value.read())


def _framed(boundary: str, fields: Iterable[tuple[str, str]], data: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"--{boundary}\r\n{head}\r\n".encode() + data + b"\r\n"


def _escaped(text: str) -> str:
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
