"""Limits on the body of a request, in one place.

Each limit is answered with 413 when it is passed. Change one for the whole application:

    application = Application(urlpatterns, limits=Limits(max_body_size=100 * MEBIBYTE))
"""

from __future__ import annotations

from dataclasses import dataclass, fields

KIBIBYTE = 1024  # bytes
MEBIBYTE = 1024 * KIBIBYTE  # bytes


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The bounds within which a request's body is read.

    Raises:
        ValueError: A limit is not a whole number, or below zero.
    """

    # Bytes. A photo or a scanned document fits; a film is for a storage service, or for a
    # higher limit that the owner sets on purpose.
    max_body_size: int = 32 * MEBIBYTE

    # Bytes. What of one request is held in memory: `request.body` and `request.json()` are
    # refused above it, uploaded files go to disk. With 16 threads that is 40 MiB of bodies; the
    # values that JSON becomes are up to 25 times as large.
    max_memory_size: int = 5 * MEBIBYTE // 2

    # Bytes. All text of one form, names and values as they were sent; a book chapter has a
    # twentieth of it, so a text form larger than this is an attack or a mistake.
    max_form_size: int = 1 * MEBIBYTE

    # Fields. The largest form that a person fills in has some hundreds; each field costs a
    # place in a dictionary, whatever its length.
    max_fields: int = 1_000

    # Files of one multipart body. Each may hold a descriptor, and 1,024 of them are the
    # usual allowance of a whole process.
    max_files: int = 100

    # Bytes. The header lines of one part of a multipart body; browsers send below 1 KiB,
    # a file's name of 255 characters and its percent-encoding included.
    max_part_header_size: int = 16 * KIBIBYTE

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 0:
                raise ValueError(f"{field.name}={value!r}: a limit is a whole number from 0 up.")
