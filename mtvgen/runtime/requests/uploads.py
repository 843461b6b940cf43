"""Files of a form, and names for them that no file system reads as more than a name."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO


class UploadedFile:
    """A file of a multipart form. It is gone after the request; `save()` keeps it.

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
_MAX_SUFFIX_SIZE = 20  # bytes; longer ones are not suffixes


def safe_filename(name: str) -> str:
    """Return the last part of a path, with nothing that a file system reads as more than a name."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(char for char in last if char.isprintable())
    plain = _RESERVED.sub("_", printable).strip(". ")
    stem, suffix = _divided(plain)
    stem = _cut(stem, _MAX_NAME_SIZE - len(suffix.encode()))
    short = (stem + suffix).rstrip(". ")
    return f"_{short}" if _DEVICE.match(short) else short or "unnamed"


def _divided(name: str) -> tuple[str, str]:
    """Return `notes` and `.txt`; no suffix if there is none, or if it is too long."""
    # No pathlib here: it interns each part of a name that anybody may send, and Python 3.12
    # before 3.12.6 keeps what is interned for good (python/cpython issue 113993).
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) >= _MAX_SUFFIX_SIZE:
        return name, ""
    return stem, f".{suffix}"


def _cut(text: str, size: int) -> str:
    """Return the beginning of a text, up to so many bytes in UTF-8."""
    return text.encode()[:size].decode(errors="ignore")
