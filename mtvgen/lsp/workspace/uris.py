"""URIs of files, as editors write them (RFC 8089)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


def path_of(uri: str) -> Path | None:
    """Return the path of a file's URI; None for what is not a file of this machine."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path, errors="surrogateescape")
    if "\0" in path or not path.startswith("/"):
        return None
    return Path(path)


def uri_of(path: Path) -> str:
    """Return the URI of a file."""
    return f"file://{quote(str(path), errors='surrogateescape')}"
