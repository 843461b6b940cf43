"""Urlencoded text, of query strings and of forms, to names and values (WHATWG URL, section 5.1)."""

from __future__ import annotations

import re
from binascii import a2b_qp

from mtvgen.runtime.http.errors import ContentTooLarge

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ESCAPED_BYTE = re.compile(rb"%([0-9A-Fa-f]{2})")


Fields = dict[str, str] | list[tuple[str, str]]


def parse_urlencoded(text: str, charset: str = "utf-8", max_fields: int = -1) -> Fields:
    """Return the names and values of a query string or an urlencoded form, in order.

    As browsers have it (WHATWG URL, section 5.1): `;` separates nothing, a lone `%` stays, an
    empty name counts, and bytes that are not text become U+FFFD.

    Args:
        text: The bytes as latin-1 text, as a WSGI server hands them over (PEP 3333).
        charset: What the bytes mean: "utf-8", "ascii" or "latin-1".
        max_fields: How many fields are taken; -1 for any number.

    Returns:
        A dict, or pairs where a name comes twice: what a MultiDict is made of.

    Raises:
        ContentTooLarge: There are more fields.
    """
    if not text.isascii():
        # Against the standards, and rare: bytes that the client forgot to escape.
        text = _BEYOND_ASCII.sub(_escape, text)
    if "+" in text:
        text = text.replace("+", " ")
    fields = text.split("&", max_fields)
    if len(fields) > max_fields > -1:
        raise ContentTooLarge(f"the form has more than {max_fields:,} fields")
    values: dict[str, str] = {}
    for field in fields:
        name, _, value = field.partition("=")
        if "%" in field:
            if "%" in name:
                name = _unescape(name, charset)
            value = _unescape(value, charset)
        elif not field:
            continue
        if name in values:
            return [_pair(field, charset) for field in fields if field]
        values[name] = value
    return values


def _pair(field: str, charset: str) -> tuple[str, str]:
    name, _, value = field.partition("=")
    return _unescape(name, charset), _unescape(value, charset)


def _escape(match: re.Match[str]) -> str:
    # Beyond latin-1 is what PEP 3333 forbids a server to hand over.
    return f"%{ord(match[0]):02x}" if match[0] <= "\xff" else "?"


def _unescape(text: str, charset: str) -> str:
    """Undo the percent-encoding of an ASCII text."""
    # Quoted-printable (RFC 2045, section 6.7) is the same code with another sign, and the
    # standard library reads it in C, which saves a fifth of a form's request (row f of peers.py).
    # Its own "=" is escaped first; its line breaks are not ours.
    if "=" in text:
        text = text.replace("=", "%3D")
    data = a2b_qp(text.replace("%", "="))
    # Each escape makes one byte of three characters. Where one did not, it was none ("100%"),
    # and the two codes disagree about what to do then.
    if len(text) - len(data) != 2 * text.count("%") or "\n" in text or "\r" in text:
        data = _ESCAPED_BYTE.sub(_byte, text.encode())
    return data.decode(charset, "replace")


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))
