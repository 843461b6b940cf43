"""The `Content-Type` field: a media type, its parameters, and the charsets that are taken."""

from __future__ import annotations

import re

from mtvgen.runtime.http.errors import BadRequest
from mtvgen.runtime.http.grammar import TOKEN

# A parameter (RFC 9110, section 5.6.6).
_PARAMETER = re.compile(rf';[ \t]*({TOKEN})=("(?:[^"\\]|\\.)*"|[^";\s]*)')
_QUOTED_PAIR = re.compile(r"\\(.)")


def parse_content_type(header: str) -> tuple[str, dict[str, str]]:
    """Return a media type in lower case and its parameters (RFC 9110, section 8.3.1).

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
    return media_type(header), options


def media_type(content_type: str) -> str:
    """Return the media type alone, in lower case: `text/html`."""
    return content_type.partition(";")[0].strip(" \t").lower()


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


def python_codec(name: str) -> str:
    """Return the name of a charset as Python's codecs have it.

    Raises:
        BadRequest: It is not taken (400).
    """
    try:
        return _CHARSETS[name.lower()]
    except KeyError:
        raise BadRequest(f"charset {name[:40]!r} is not accepted; send UTF-8") from None
