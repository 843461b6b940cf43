"""URIs of files, as editors write them (RFC 8089)."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


def path_of(uri: str) -> Path | None:
    """Return the path of a file's URI, without links in its directory.

    None for what is not a file of this machine.
    """
    path = _written(uri)
    return Path(os.path.realpath(path.parent), path.name) if path is not None else None


def _written(uri: str) -> Path | None:
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


class Links:
    """What the client calls directories that it reaches through links.

    A file that it is sent by another name is another file to an editor, and opened twice.
    """

    def __init__(self) -> None:
        self._written: dict[Path, Path] = {}

    def learn_folder(self, uri: str) -> None:
        """Hear of a folder of the workspace."""
        if (path := _written(uri)) is not None:
            self._written[Path(os.path.realpath(path))] = path

    def forget_folder(self, uri: str) -> None:
        """Hear of a folder that has left the workspace."""
        if (path := _written(uri)) is not None:
            self._written.pop(Path(os.path.realpath(path)), None)

    def learn_file(self, uri: str) -> None:
        """Hear of a file; one in a folder of the workspace tells nothing new."""
        path, real = _written(uri), path_of(uri)
        if path is None or real is None or path == real or self._directory_of(real) is not None:
            return
        while path.name and path.name == real.name:
            path, real = path.parent, real.parent
        self._written[real] = path

    def uri_of(self, path: Path) -> str:
        """Return the URI of a file, as the client writes it."""
        directory = self._directory_of(path)
        if directory is None:
            return uri_of(path)
        return uri_of(self._written[directory] / path.relative_to(directory))

    def _directory_of(self, path: Path) -> Path | None:
        return next((one for one in (path, *path.parents) if one in self._written), None)
