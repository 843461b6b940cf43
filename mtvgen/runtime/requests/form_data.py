"""Forms: urlencoded text, and multipart bodies with their files, within limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtvgen.runtime.http.content_type import media_type, parse_content_type, python_codec
from mtvgen.runtime.http.errors import BadRequest, ContentTooLarge
from mtvgen.runtime.http.multidict import MultiDict
from mtvgen.runtime.http.urlencoded import parse_urlencoded
from mtvgen.runtime.requests.body import read_body
from mtvgen.runtime.requests.limits import Limits
from mtvgen.runtime.requests.multipart_body import parse_multipart
from mtvgen.runtime.requests.uploads import UploadedFile

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


Form = MultiDict[str]
Files = MultiDict[UploadedFile]

# Nobody can change a MultiDict, so all requests without a form share these.
_NO_FIELDS: Form = MultiDict()
NO_FILES: Files = MultiDict()


def is_multipart(environ: Mapping[str, Any]) -> bool:
    """Return whether the body is a multipart form, which is read once and piece by piece."""
    return media_type(environ.get("CONTENT_TYPE") or "") == _MULTIPART


def parse_form(
    environ: Mapping[str, Any], limits: Limits, body: bytes | None = None
) -> tuple[Form, Files, bytes | None]:
    """Return the fields and the files of the body, both empty where it is not a form, and the body.

    The caller closes the files at the end of the request: `for _, file in files.pairs`.

    Args:
        environ: The WSGI environ; its `wsgi.input` is read.
        limits: How much is taken.
        body: The body, where it has been read before; it comes back as it is, or as it was
            read here. None comes back where it was not read, or piece by piece.

    Raises:
        BadRequest: It is malformed, ends too early, holds NUL, or its charset is not taken (400).
        LengthRequired: It has no length (411).
        ContentTooLarge: It passes a limit (413).
        UnsupportedMediaType: It is compressed (415).
    """
    content_type, charset = environ.get("CONTENT_TYPE") or "", "utf-8"
    # What browsers send has no parameter to look for.
    if content_type != _URLENCODED:
        content_type, options = parse_content_type(content_type)
        if content_type not in (_URLENCODED, _MULTIPART):
            return _NO_FIELDS, NO_FILES, body
        charset = python_codec(options.get("charset", charset))
        if content_type == _MULTIPART:
            boundary = options.get("boundary", "")
            return *parse_multipart(environ, limits, charset, boundary, body), body
    if body is None:
        body = read_body(environ, limits, limits.max_form_size)
    elif len(body) > limits.max_form_size:
        raise ContentTooLarge(f"the form is larger than {limits.max_form_size:,} bytes")
    text = body.decode("latin-1")
    if "%00" in text or "\0" in text:  # as in Request.query
        raise BadRequest("The form holds NUL (%00).")
    fields = parse_urlencoded(text, charset, limits.max_fields)
    return MultiDict(fields), NO_FILES, body
