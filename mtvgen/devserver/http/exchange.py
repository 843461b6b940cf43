"""One request through a WSGI application: wsgiref's handler, held to the letter of PEP 3333.

wsgiref gives the frame (`BaseHandler`: environ, result, the error output, the file wrapper).
Here it learns what a strict HTTP/1.1 server owes: lengths or chunks, no body where none may be,
one send for a short answer, checks that do not vanish with `python -O`, and `close()` always.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol
from wsgiref.handlers import BaseHandler, format_date_time

from mtvgen.devserver.http.body import Body
from mtvgen.devserver.http.conformance import check_status, checked_length
from mtvgen.devserver.http.head import RequestHead

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import ErrorStream, InputStream

    # The type of sys.exc_info().
    ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class ClientGone(Exception):
    """The connection broke while the answer was sent."""


class ResponseLog(Protocol):
    """Reports of the server about its work; `terminal.py` turns them into lines."""

    def answered(
        self, environ: dict[str, Any], status: int, seconds: float, error: BaseException | None
    ) -> None:
        """Report a request that was answered, and the `error` of the application, if any."""

    def refused(self, status: int, reason: str) -> None:
        """Report bytes that are not a request."""


class Exchange(BaseHandler):
    """One request and its answer.

    Args:
        send: Takes the answer's bytes; raises OSError when the client has gone.
        head: What was asked.
        body: The rest of what was sent.
        environ: What is the same for each request of the connection.
    """

    http_version = "1.1"
    error_body = b"Internal Server Error\n"
    error_headers = [("Content-Type", "text/plain; charset=utf-8")]  # noqa: RUF012 (wsgiref's)

    def __init__(
        self,
        send: Callable[[bytes], None],
        head: RequestHead,
        body: Body,
        environ: dict[str, Any],
        log: ResponseLog,
    ) -> None:
        self._send = send
        self._head = head
        self._body = body
        self._environ = environ
        self._log = log
        self._fields: list[tuple[str, str]] | None = None
        self._promised: int | None = None
        self._chunked = False
        self._sends_body = head.method != "HEAD"
        self.status: str | None = None
        self.headers_sent = False
        self.bytes_sent = 0
        self.error: BaseException | None = None
        self.keep_alive = head.keep_alive

    def run(self, application: Any) -> None:
        """Call the application, send its answer, close it, log the request."""
        begun = time.perf_counter()
        try:
            try:
                self.setup_environ()
                self.result = application(self.environ, self.start_response)
                self.finish_response()
            except ClientGone:
                self.keep_alive = False
            except BaseException:  # SystemExit in a view ends the request, not the server
                self.handle_error()
        except ClientGone:
            self.keep_alive = False
        code = int(self.status[:3]) if self.status else 500
        self._log.answered(self.environ, code, time.perf_counter() - begun, self.error)

    def setup_environ(self) -> None:
        """Set up the environ of PEP 3333; os.environ, which wsgiref adds, is nobody's business."""
        self.environ = self._environ.copy()
        self.add_cgi_vars()
        self.environ["wsgi.input"] = self.get_stdin()
        self.environ["wsgi.errors"] = self.get_stderr()

    def add_cgi_vars(self) -> None:
        """Add what the request's head says."""
        head = self._head
        environ = self.environ
        environ.update(head.fields)
        environ["REQUEST_METHOD"] = head.method
        environ["PATH_INFO"] = head.path
        environ["QUERY_STRING"] = head.query
        environ["SERVER_PROTOCOL"] = head.version

    def get_stdin(self) -> InputStream:
        """`wsgi.input`."""
        return self._body

    def get_stderr(self) -> ErrorStream:
        """`wsgi.errors`."""
        return sys.stderr

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """`start_response` of PEP 3333, which checks what it is given.

        Raises:
            TypeError, ValueError: The status or a header field can't be sent.
            RuntimeError: It was called twice without `exc_info`.
        """
        if exc_info:
            self.error = exc_info[1]
            if self.headers_sent and self.error is not None:
                raise self.error.with_traceback(exc_info[2])
        elif self._fields is not None:
            raise RuntimeError("start_response() was called twice without exc_info")
        check_status(status)
        self._promised = checked_length(headers)
        self.status = status
        self._fields = list(headers)
        return self.write

    def write(self, data: bytes) -> None:
        """Send a part of the body, behind the head if that has not been sent."""
        if not isinstance(data, bytes):
            raise TypeError(f"the body must be bytes, not {type(data).__name__}")
        if self._fields is None:
            raise RuntimeError("the body began before start_response() was called")
        if not data:
            return
        first = b"" if self.headers_sent else self._response_head(len(data))
        if self._sends_body:
            data, excess = self._within_promise(data)
            self._write(first + self._framed(data))
            if excess:
                raise RuntimeError(f"the body passes its Content-Length by {excess} bytes")
        elif first:
            self._write(first)

    def finish_response(self) -> None:
        """Send the whole result, or its head alone for HEAD, and close it."""
        try:
            for data in self.result:
                self.write(data)
                if self.headers_sent and not self._sends_body:
                    break
            self.finish_content()
        finally:
            self.close()

    def finish_content(self) -> None:
        """Send a head without a body, or the end of the body."""
        if self._fields is None:
            raise RuntimeError("the application returned and never called start_response()")
        if not self.headers_sent:
            self._write(self._response_head(0))
        elif self._chunked and self._sends_body:
            self._write(b"0\r\n\r\n")
        if self._sends_body and self._promised is not None and self.bytes_sent < self._promised:
            missing = self._promised - self.bytes_sent
            raise RuntimeError(f"the body falls short of its Content-Length by {missing} bytes")

    def close(self) -> None:
        """Close the application's iterable, once."""
        result, self.result = self.result, None
        close = getattr(result, "close", None)
        if close is not None:
            close()

    def handle_error(self) -> None:
        """Answer 500 where nothing was sent; else break off, so that the client sees it."""
        self.error = self.error or sys.exc_info()[1]
        if self.headers_sent:
            self.keep_alive = False
            return
        self._sends_body = self._head.method != "HEAD"
        self.result = self.error_output(self.environ, self.start_response)
        self.finish_response()

    def _response_head(self, first_length: int) -> bytes:
        status, fields = self.status or "", self._fields or []
        names = {name.lower() for name, _ in fields}
        lines = [f"HTTP/1.1 {status}", *[f"{name}: {value}" for name, value in fields]]
        if "date" not in names:
            lines.append(f"Date: {format_date_time(time.time())}")
        if status[:3] in ("204", "304"):
            self._sends_body = False
        elif "content-length" not in names:
            self._frame(first_length, lines)
        self._decide_connection(lines)
        self.headers_sent = True
        lines.append("\r\n")
        return "\r\n".join(lines).encode("latin-1")

    def _frame(self, first_length: int, lines: list[str]) -> None:
        """Say where the body ends: a length, chunks, or closing (RFC 9112, section 6.3)."""
        if first_length == 0 or _length_of(self.result) == 1:
            self._promised = first_length
            if first_length or self._sends_body:
                lines.append(f"Content-Length: {first_length}")
        elif self._head.version == "HTTP/1.1":
            self._chunked = True
            lines.append("Transfer-Encoding: chunked")
        else:
            self.keep_alive = False

    def _decide_connection(self, lines: list[str]) -> None:
        self.keep_alive &= self._body.is_drainable
        if not self.keep_alive:
            lines.append("Connection: close")
        elif self._head.version == "HTTP/1.0":
            lines.append("Connection: keep-alive")

    def _within_promise(self, data: bytes) -> tuple[bytes, int]:
        if self._promised is None:
            return data, 0
        room = self._promised - self.bytes_sent
        return data[:room], max(0, len(data) - room)

    def _framed(self, data: bytes) -> bytes:
        self.bytes_sent += len(data)
        return b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data

    def _flush(self) -> None:
        pass  # nothing is held back

    def _write(self, data: bytes) -> None:
        try:
            self._send(data)
        except OSError as error:
            raise ClientGone from error


def _length_of(result: object) -> int | None:
    try:
        return len(result)  # type: ignore[arg-type]  # most iterables of an application have none
    except TypeError:
        return None
