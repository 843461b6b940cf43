"""Media types by the names of files, and the encodings that a browser takes."""

from __future__ import annotations

import re
from functools import cache

from mtvgen.runtime.http.grammar import TOKEN

# What the web is made of, spelled as browsers want it; the rest is in the standard library's table.
_MEDIA_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",  # RFC 9239
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_UNKNOWN = "application/octet-stream"

# A coding and its weight (RFC 9110, section 12.5.3): `br;q=0.8`.
_CODING = re.compile(rf"\s*({TOKEN})\s*(?:;\s*[qQ]=([01](?:\.[0-9]{{0,3}})?)\s*)?")


def content_type_of(name: str) -> str:
    """Return the Content-Type for a file of this name; text is UTF-8."""
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > name.rfind("/") else ""
    media_type = _MEDIA_TYPES.get(suffix) or _standard_types().get(suffix, _UNKNOWN)
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


@cache
def _standard_types() -> dict[str, str]:
    """Return the standard library's own table.

    Never the machine's: a site is the same everywhere.
    """
    # Imported on use: making a table takes milliseconds, and most sites need none.
    from mimetypes import MimeTypes

    return MimeTypes().types_map[True]


def accepted_encodings(header: str) -> frozenset[str]:
    """Return the codings that an Accept-Encoding names and does not refuse; `*` names none."""
    codings = map(_CODING.fullmatch, header.split(","))
    return frozenset(c[1].lower() for c in codings if c and float(c[2] or 1) > 0)
