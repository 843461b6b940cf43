"""Bodies of responses: whether there is one, and what waits for its end (PEP 3333)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from mtvgen.runtime.requests.life import Callbacks

if TYPE_CHECKING:
    from mtvgen.runtime.requests.life import RequestLife


def closing(body: bytes | Iterable[bytes], request: RequestLife) -> Iterable[bytes]:
    """Return a body whose close() also calls what `request.on_close()` was given.

    Where nothing was, a body stays as it is: a server knows its own wrapper of a file by its type.
    """
    callbacks = request.callbacks
    if callbacks is None:
        callbacks = request.callbacks = Callbacks()
        callbacks.is_settled = True
    pieces = (body,) if isinstance(body, bytes) else body
    # A generator is code of the project's, which may still register something.
    if callbacks.close or isinstance(pieces, GeneratorType):
        return _ClosingBody(pieces, callbacks)
    callbacks.is_closed_by_us = False
    return pieces


class _ClosingBody:
    def __init__(self, pieces: Iterable[bytes], callbacks: Callbacks) -> None:
        self._pieces = pieces
        self._callbacks = callbacks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """Close the body, then call every callback, whatever the ones before it raised."""
        waiting, self._callbacks.close = self._callbacks.close, []
        with ExitStack() as stack:  # which calls the last one first
            for callback in waiting:
                stack.callback(callback)
            if close := getattr(self._pieces, "close", None):
                stack.callback(close)


def no_body(value: object) -> TypeError:
    """Return the error about what can't be the body of a Response."""
    if isinstance(value, int) and 200 <= value < 1000:
        hint = f"Write Response(status={value})."
    elif value is None:
        hint = 'Write "" for an empty one.'
    elif isinstance(value, dict | list | tuple):
        hint = "To send JSON, write json_response(value)."
    else:
        hint = "Write str(...)."
    return TypeError(
        f"A Response's body is text, bytes or an iterable of bytes, not {value!r}. {hint}"
    )


# Statuses whose answer never has a body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
BODILESS = frozenset({204, 205, 304})


def without_content(
    status: int, fields: list[tuple[str, str]], body: bytes | Iterable[bytes]
) -> tuple[list[tuple[str, str]], bytes | Iterable[bytes]]:
    """Return the fields and the body of an answer that has no content."""
    if status == 205:
        fields = [*_fields_without(fields, "content-length"), ("Content-Length", "0")]
    elif status in BODILESS:
        fields = _fields_without(fields, "content-type", "content-length")
    return fields, _Unsent(body) if hasattr(body, "close") else b""


def _fields_without(fields: list[tuple[str, str]], *names: str) -> list[tuple[str, str]]:
    return [field for field in fields if field[0].lower() not in names]


class _Unsent:
    """In place of a body that is not sent: empty, and closes that one."""

    def __init__(self, body: Any) -> None:
        self.close = body.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(())
