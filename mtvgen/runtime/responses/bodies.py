"""The end of an answer: close() of its body, and what waits for it (PEP 3333, "close()")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from types import GeneratorType
from typing import TYPE_CHECKING

from mtvgen.runtime.requests.life import Callbacks

if TYPE_CHECKING:
    from mtvgen.runtime.requests.life import RequestLife


def closing(body: bytes | Iterable[bytes], request: RequestLife) -> Iterable[bytes]:
    """A body whose close() also calls what `request.on_close()` was given.

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
