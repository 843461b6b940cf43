"""Files: of which types, and how large."""

from __future__ import annotations

from typing import Any

from mtvgen.runtime.forms.errors import Refused
from mtvgen.runtime.forms.extras import Accept
from mtvgen.runtime.forms.kinds.base import Kind
from mtvgen.runtime.requests.limits import KIBIBYTE, MEBIBYTE
from mtvgen.runtime.requests.uploads import UploadedFile

# What files of a type begin with, whatever their names and their senders say.
_BEGINNINGS = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "application/pdf": (b"%PDF-",),
    "application/zip": (b"PK\x03\x04", b"PK\x05\x06"),
}
_LONGEST = 16  # bytes that are looked at
_WEBP = "image/webp"  # "RIFF", a size, and then its name


class File(Kind):
    """A file that a visitor sends.

    Args:
        accept: Which ones are taken; None: any.
    """

    control = "file"
    input_type = "file"
    is_shown = False
    missing = "choose_file"

    def __init__(self, accept: Accept | None) -> None:
        self._accept = accept
        self.attributes = () if accept is None else (("accept", ",".join(accept.types)),)

    def take(self, file: UploadedFile) -> UploadedFile:
        """Return a file that is accepted, with the type that it was found to be.

        Raises:
            Refused: It is too large, or of another type.
        """
        accept = self._accept
        if accept is None:
            return file
        if file.size > accept.size:
            raise Refused("file_size", limit=_size(accept.size))
        found = _type_of(file)
        if found not in accept.types:
            raise Refused("file_type", types=", ".join(accept.types))
        file.content_type = found
        return file

    def from_json(self, value: Any) -> list[str]:
        """Refuse: JSON has no files."""
        raise Refused("unknown")


def _type_of(file: UploadedFile) -> str:
    """Return the type that the first bytes say; what they don't know, the sender says."""
    file.file.seek(0)
    start = file.file.read(_LONGEST)
    file.file.seek(0)
    for media_type, beginnings in _BEGINNINGS.items():
        if start.startswith(beginnings):
            return media_type
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return _WEBP
    claimed = file.content_type.partition(";")[0].strip().lower()
    return "" if claimed in _BEGINNINGS or claimed == _WEBP else claimed


def _size(size: int) -> str:
    if size >= MEBIBYTE:
        return f"{size / MEBIBYTE:.3g} MB"
    return f"{size / KIBIBYTE:.3g} kB"
