"""Stand-ins that a worker serves without an application: the error, or that the import hangs."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_FIELDS = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]


class BrokenProject:
    """An application that answers every request with the error that broke the project."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 500, with the error for whoever shows error pages (PEP 3333)."""
        environ["mtvgen.broken"] = True  # the terminal has shown the error when it came
        error = self.error
        start_response(
            "500 Internal Server Error",
            list(_FIELDS),
            (type(error), error, error.__traceback__),  # type: ignore[arg-type]
        )
        return [b"The project can't be loaded.\n"]


class HangingImport(Exception):
    """A module of the project has been busy for seconds; its stack is the message."""


class HangingProject:
    """An application that shows where the import of the project is.

    Attributes:
        since: When it was seen to hang, on the monotonic clock.
    """

    def __init__(self, importing: threading.Thread) -> None:
        self._importing = importing
        self.since = time.monotonic()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 500 with the stack of the thread that imports."""
        frame = sys._current_frames().get(self._importing.ident or 0)
        stack = "".join(traceback.format_stack(frame)) if frame else ""
        error = HangingImport(f"The project is still being imported. It is here:\n{stack}")
        start_response(
            "500 Internal Server Error",
            [*_FIELDS, ("Retry-After", "1")],
            (HangingImport, error, None),  # type: ignore[arg-type]
        )
        return [str(error).encode()]
