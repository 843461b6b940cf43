"""An application's answer, held back until it is known what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_MAX_PAGE = 4 * 1024 * 1024  # bytes; what is larger is not a page, and goes out as it comes

Fields = list[tuple[str, str]]


class HeldAnswer:
    """A status and fields that are held back until it is known what becomes of the body.

    Attributes:
        is_held: False before the application has begun its answer, and once it has been released.
    """

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self._write: Callable[[bytes], object] | None = None
        self.is_held = False
        self._lets_through = False
        self.status = ""
        self.fields: Fields = []
        self.exc_info: Any = None

    def start_response(
        self, status: str, fields: Fields, exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        """Take the status and the fields from the application, which calls this."""
        if self._lets_through:
            return self._start_response(status, fields, exc_info)
        self.status, self.fields, self.exc_info = status, list(fields), exc_info or self.exc_info
        self.is_held = True
        return self._release_and_write

    def let_through(self) -> None:
        """Hold nothing: the application begins its answer when its body is asked for."""
        self._lets_through = True

    def fail(self) -> list[bytes]:
        """Answer 500 for the exception that is being handled."""
        fields = [("Content-Type", "text/plain; charset=utf-8")]
        self.start_response("500 Internal Server Error", fields, sys.exc_info())
        return [b"Internal Server Error\n"]

    @property
    def is_html(self) -> bool:
        """Whether the answer says that it is."""
        return self._values().get("content-type", "").startswith("text/html")

    def is_page(self, result: object) -> bool:
        """Return whether the answer is HTML, uncompressed, and all there."""
        values = self._values()
        length = values.get("content-length")
        complete = length.isdigit() and int(length) <= _MAX_PAGE if length else _is_single(result)
        return complete and self.is_html and "content-encoding" not in values

    @property
    def has_policy(self) -> bool:
        """Whether a Content-Security-Policy comes with the page."""
        return "content-security-policy" in self._values()

    def keep_out_of_caches(self) -> None:
        """Make sure that a reload asks for the page itself, whatever the application says of it.

        A page from a cache would carry an old generation, and be reloaded for ever.
        """
        self._drop("cache-control", "etag", "last-modified", "expires")
        self.fields.append(("Cache-Control", "no-store"))

    def set_length(self, length: int) -> None:
        """Give the body another Content-Length."""
        self._drop("content-length")
        self.fields.append(("Content-Length", str(length)))

    def release(self) -> None:
        """Let the head go."""
        self.is_held = False
        if self.exc_info is None:
            self._write = self._start_response(self.status, self.fields)
        else:
            self._write = self._start_response(self.status, self.fields, self.exc_info)

    def _values(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.fields}

    def _drop(self, *names: str) -> None:
        self.fields = [pair for pair in self.fields if pair[0].lower() not in names]

    def _release_and_write(self, data: bytes) -> object:
        if self._write is None:
            self.release()
        return self._write(data) if self._write is not None else None


def _is_single(result: object) -> bool:
    return isinstance(result, list | tuple) and len(result) == 1
