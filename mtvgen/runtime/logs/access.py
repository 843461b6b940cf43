"""access_log(): one log record for each request, and an id that all records of a request share."""

from __future__ import annotations

import logging
import re
from secrets import token_hex
from time import perf_counter
from typing import TYPE_CHECKING

from mtvgen.runtime.http.grammar import printable
from mtvgen.runtime.logs import current_request_id
from mtvgen.runtime.responses.files import end_with_file

if TYPE_CHECKING:
    from mtvgen.runtime.middleware import Handler, Middleware
    from mtvgen.runtime.requests.request import Request
    from mtvgen.runtime.responses.response import Response

# What proxies and clients use as ids: UUIDs, hexadecimal digits, base64. Nothing that could start
# a line, end a quoted text or fill a disk.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


def access_log(logger: str = "mtvgen.access") -> Middleware:
    """Middleware that logs one record for each request, at level INFO, once it has been answered.

    It goes first in the list, so that what the others refuse is logged too. The request's id is
    that of `X-Request-Id` where one came that is fit for a log, or a new one; it goes back in
    the same field, and `RequestIdFilter` puts it on every record of the request.

    The record's message is for people, `GET /notes/7 200 3.1 ms`; besides it, for JSON, it has
    `method`, `path`, `pattern` (`/notes/<int:id>`), `route` (its name; None where none matched),
    `status`, `duration_ms`, `client` and `request_id`. The query is left out: it may hold secrets.

    Args:
        logger: The name of the logger.
    """
    log = logging.getLogger(logger)

    def middleware(handler: Handler) -> Handler:
        def logged(request: Request) -> Response:
            entry = _Entry(log, request)
            # The first that is registered is the last that is called: what other closers log
            # still has the id.
            request.on_close(entry.write)
            response = handler(request)
            response.headers["X-Request-Id"] = entry.request_id
            entry.status = response.status
            end_with_file(request, response)
            return response

        return logged

    return middleware


class _Entry:
    """One request, from its first line to the last byte of its answer."""

    def __init__(self, log: logging.Logger, request: Request) -> None:
        self.started = perf_counter()
        self.request_id = _request_id(request.environ.get("HTTP_X_REQUEST_ID", ""))
        self.status = 500
        self._log = log
        self._request = request
        current_request_id.set(self.request_id)

    def write(self) -> None:
        """Log it. A server may close an answer in another thread than the one that made it."""
        if self._log.isEnabledFor(logging.INFO):
            self._write((perf_counter() - self.started) * 1000)
        current_request_id.set(None)

    def _write(self, duration: float) -> None:
        request = self._request
        route = request.route
        method, path = printable(request.method), printable(_path(request))
        self._log.info(
            "%s %s %d %.1f ms",
            method,
            path,
            self.status,
            duration,
            extra={
                "method": method,
                "path": path,
                "pattern": route.pattern if route else None,
                "route": route.name if route else None,
                "status": self.status,
                "duration_ms": round(duration, 3),
                "client": request.environ.get("REMOTE_ADDR") or None,
                "request_id": self.request_id,
            },
        )


def _request_id(sent: str) -> str:
    return sent if _REQUEST_ID.fullmatch(sent) else token_hex(16)


def _path(request: Request) -> str:
    # Raw bytes as latin-1 text (PEP 3333); those that are no UTF-8 are shown as escapes.
    path: str = request.environ.get("PATH_INFO", "")
    return path.encode("latin-1", "replace").decode("utf-8", "backslashreplace") or "/"
