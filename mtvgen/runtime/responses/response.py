"""Response: what a view returns, and redirect()."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Mapping
from copy import copy
from datetime import datetime
from types import TracebackType
from typing import Any, TypeGuard
from urllib.parse import quote

from mtvgen.runtime.http.cookies import format_set_cookie
from mtvgen.runtime.http.headers import ResponseHeaders, checked_value, header_pairs
from mtvgen.runtime.responses.bodies import BODILESS, no_body, without_content
from mtvgen.runtime.responses.status_lines import STATUS_LINES, add_status_line

HTML = "text/html; charset=utf-8"
BYTES = "application/octet-stream"

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
# For one visitor, and asked for each time (RFC 9111, section 5.2.2).
PRIVATE = "private, no-cache"

Body = str | bytes | Iterable[bytes]
HeaderItems = Mapping[str, str] | Iterable[tuple[str, str]]

_new = object.__new__  # without __init__(), which would check everything again

# What nearly all answers have, so that looking whether a view has set a field costs little.
_USUAL_FIELDS = frozenset(
    {"Cache-Control", "Content-Type", "Content-Length", "Location", "Set-Cookie", "Vary"}
)

# Redirects, errors and most JSON are short: their Content-Length is made once, when it is needed.
_SHORT = 1024  # bytes
_SHORT_LENGTHS: list[tuple[str, str] | None] = [None] * _SHORT


class Response:
    """An answer to one request.

    It has no room for attributes of your own; `request.state` has. A view may keep one and return
    it each time: each request goes on with a copy.

    Attributes:
        error: The exception that this answers; None where nothing went wrong. What a request with
            an error wrote is rolled back, whatever the status is.
        exc_info: What is handed on to the server (PEP 3333, "Error Handling"): an exception that
            nobody expected; None for all else.

    Args:
        body: Text (sent as UTF-8), bytes, or an iterable of bytes, which is streamed.
        status: A status code from 200 to 999 (RFC 9110, section 15).
        headers: Header fields to add; a mapping, or pairs where a name repeats.
        content_type: The media type, with its charset.

    Raises:
        TypeError: The body is none of the above.
        ValueError: The status is not a code, or a header holds what it may not carry
            (control characters: CR and LF would start a field of somebody else's).
    """

    # A dict for each would cost more than any other single thing here.
    __slots__ = ("_body", "_fields", "_personal", "_status", "error", "exc_info")

    error: Exception | None
    exc_info: ExcInfo | None
    # Why it is one visitor's own, and whether it was returned before; None: neither.
    _personal: tuple[str, bool] | None

    def __init__(
        self,
        body: Body = "",
        status: int = 200,
        headers: HeaderItems | None = None,
        content_type: str = HTML,
    ) -> None:
        if status not in STATUS_LINES:
            add_status_line(status)  # here, with the misspelt line on the stack
        self._status = status
        self.error = self.exc_info = self._personal = None
        try:
            field = _CONTENT_TYPES[content_type]
        except KeyError:
            field = _content_type_field(content_type)
        if body.__class__ is str:
            body = body.encode()
        if body.__class__ is bytes:
            self._body: bytes | Iterable[bytes] = body
            length = len(body)
            self._fields = [
                field,
                (_SHORT_LENGTHS[length] or _short_length(length))
                if length < _SHORT
                else ("Content-Length", str(length)),
            ]
        else:
            self._fields = [field]
            self.body = body
        if headers is not None:
            add_headers(self.headers, headers)

    @property
    def status(self) -> int:
        """The status code."""
        return self._status

    @status.setter
    def status(self, status: int) -> None:
        if status not in STATUS_LINES:
            add_status_line(status)
        self._status = status

    @property
    def body(self) -> bytes | Iterable[bytes]:
        """The content: bytes, or the iterable that is streamed."""
        return self._body

    @body.setter
    def body(self, body: Body) -> None:
        headers = self.headers
        if isinstance(body, str):
            body = body.encode()
        if isinstance(body, bytes | bytearray | memoryview):
            self._body = bytes(body)
            headers["Content-Length"] = str(len(self._body))
        elif _is_stream(body):
            self._body = body
            headers.pop("Content-Length", None)
        else:
            raise no_body(body)

    @property
    def headers(self) -> ResponseHeaders:
        """The header fields: a mapping that ignores case, with add() and getlist()."""
        return ResponseHeaders(self._fields)

    def set_cookie(
        self,
        name: str,
        value: str = "",
        *,
        max_age: int | None = None,
        expires: datetime | float | None = None,
        path: str = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = True,
        samesite: str | None = "Lax",
        partitioned: bool = False,
    ) -> None:
        """Ask the browser to keep a value, and to send it back with each request below `path`.

        The answer is for this visitor: unless it has a Cache-Control, it gets `private, no-cache`.

        Args:
            name: A token (RFC 9110, section 5.6.2).
            value: Text; what RFC 6265 does not allow in a cookie is quoted as http.cookies does.
            max_age: Lifetime in seconds; None keeps it until the browser closes.
            expires: The same as a moment, for clients that know no Max-Age: a datetime with its
                zone, or seconds since 1970.
            path: Prefix of the paths that get the cookie back.
            domain: A domain whose subdomains get it too; None: this host alone.
            secure: Over https only.
            httponly: Out of reach of scripts.
            samesite: "Lax", "Strict" or "None" (which needs secure); None leaves it out.
            partitioned: Kept apart for each site that embeds this one (needs secure).

        Raises:
            ValueError: The name is not a token, an attribute can't be carried, or the finished
                header passes 4,096 bytes, the least that RFC 6265 (section 6.1) asks of a browser.
        """
        field = format_set_cookie(
            name,
            value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )
        headers = self.headers
        headers.add("Set-Cookie", field)
        # A cache that keeps the answer would hand the cookie to the next visitor.
        if "Cache-Control" not in headers:
            self._fields.append(("Cache-Control", PRIVATE))

    def delete_cookie(
        self,
        name: str,
        *,
        path: str = "/",
        domain: str | None = None,
        samesite: str | None = "Lax",
        partitioned: bool = False,
    ) -> None:
        """Ask the browser to forget a cookie; the arguments are those that it was set with.

        Args:
            name: The cookie's name.
            path: Its path.
            domain: Its domain.
            samesite: Its SameSite; in a frame of another site, browsers ignore what is not "None".
            partitioned: Whether it is kept apart for each site that embeds this one.
        """
        # Browsers drop these without Secure, also where the cookie is to be forgotten.
        needs_secure = partitioned or str(samesite).lower() == "none" or str(name).startswith("__")
        self.set_cookie(
            name,
            max_age=0,
            path=path,
            domain=domain,
            secure=needs_secure,
            samesite=samesite,
            partitioned=partitioned,
        )

    def add_missing(self, fields: Iterable[tuple[str, str]], names: Container[str]) -> None:
        """Add header fields, but for those that the answer has already.

        Args:
            fields: Pairs that were checked before, the same for each request.
            names: Their names in lower case.
        """
        for name, _ in self._fields:
            if name not in _USUAL_FIELDS and name.lower() in names:
                present = {name.lower() for name, _ in self._fields}
                fields = [field for field in fields if field[0].lower() not in present]
                break
        self._fields.extend(fields)

    def keep_fields(self, is_kept: Callable[[tuple[str, str]], bool]) -> None:
        """Drop the header fields for which `is_kept(pair)` is false."""
        self._fields[:] = filter(is_kept, self._fields)

    def copy(self) -> Response:
        """Return an answer of its own, with the same status, header fields and body."""
        own = _new(Response) if self.__class__ is Response else copy(self)
        own._status, own._fields, own._body = self._status, self._fields.copy(), self._body
        own.error, own.exc_info, own._personal = self.error, self.exc_info, self._personal
        return own

    def make_personal(self, why: str) -> None:
        """Refuse to be returned to a second request.

        Args:
            why: As in `it sets a cookie`.
        """
        self._personal = why, False

    def start(
        self, start_response: Callable[..., object], environ: Mapping[str, Any]
    ) -> bytes | Iterable[bytes]:
        """Hand status, header fields and an unexpected error to the server (PEP 3333).

        Args:
            start_response: The server's.
            environ: The request's: after HEAD, no content is sent.

        Returns:
            The content that is to be sent.
        """
        status, fields, body = self._status, self._fields, self._body
        if status in BODILESS or environ["REQUEST_METHOD"] == "HEAD":
            fields, body = without_content(status, fields, body)
        # uWSGI raises what it is handed here out of start_response() itself (unbit/uwsgi issue
        # 2278, in 2.0.31 too), and the visitor would get no page at all.
        if self.exc_info is None or "uwsgi.version" in environ:
            start_response(STATUS_LINES[status], fields)
        else:
            start_response(STATUS_LINES[status], fields, self.exc_info)
        return body

    def __repr__(self) -> str:
        kind = dict(self._fields).get("Content-Type", "no content type")
        return f"<Response {STATUS_LINES[self.status]}, {kind}>"


# What sys.getrefcount() says of a Response that only a local variable holds.
_COUNTS_HOLDERS = sys.implementation.name == "cpython" and sys.version_info < (3, 14)
SOLE_HOLDER = 2 if _COUNTS_HOLDERS else 0


def copy_of_kept(response: Response, whose: str) -> Response:
    """Return a copy of a Response that somebody keeps, for one request to write on.

    Ask first whether somebody does: `getrefcount(response) > SOLE_HOLDER`, on a local variable.
    To copy each one would cost a page of text a tenth of its time. Where counting does not tell
    (Python 3.14 counts local variables in another way), each one is copied.

    Args:
        response: What a view, a middleware or an error handler returned.
        whose: Who returned it, for the error.

    Raises:
        RuntimeError: It was returned before, and is one visitor's own.
    """
    why, was_returned = response._personal or ("", False)
    if not why and "Set-Cookie" in response.headers:
        why = "it sets a cookie"
    if why and was_returned:
        raise RuntimeError(
            f"{whose} returned a Response that was sent before, and {why}. "
            "Make a new one for each request."
        )
    own = response.copy()
    response._personal = why, True
    return own


def _is_stream(body: object) -> TypeGuard[Iterable[bytes]]:
    if isinstance(body, list | tuple):  # of the others nobody knows what they hold
        return all(isinstance(piece, bytes) for piece in body)
    return isinstance(body, Iterable) and not isinstance(body, Mapping)


def _short_length(length: int) -> tuple[str, str]:
    field = _SHORT_LENGTHS[length] = ("Content-Length", str(length))
    return field


def redirect(url: str, status: int = 303) -> Response:
    """Make a response that sends the browser elsewhere.

    It goes wherever `url` says, to another host too: pass an address that came with the request
    through `safe_next()` first.

    Args:
        url: An address; what is not allowed in one, CR, LF and backslash too, is percent-encoded.
        status: 303 (look there with GET), 301, 302, 307 or 308 (RFC 9110, section 15.4).

    Raises:
        TypeError: The address is not text.
        ValueError: The status is not a redirect.
    """
    if status not in (301, 302, 303, 307, 308):
        raise ValueError(f"redirect(): {status!r} is not a redirect: 301, 302, 303, 307 or 308.")
    response = Response("", status)
    try:
        # Every character that RFC 3986 reserves, and "%" itself, stays as it was written.
        location = quote(url, safe="%:/?#[]@!$&'()*+,;=~")
    except TypeError:
        raise TypeError(
            f'redirect(): the address is text, not {url!r}. Write redirect(request.url_for("...")).'
        ) from None
    response._fields.append(("Location", location))
    return response


def bytes_response(body: bytes, status: int = 200) -> Response:
    """Bytes without a type of their own."""
    return Response(body, status, content_type=BYTES)


# Media type -> its header field, checked once.
_CONTENT_TYPES: dict[str, tuple[str, str]] = {}


def _content_type_field(content_type: str) -> tuple[str, str]:
    field = ("Content-Type", checked_value("Content-Type", content_type))
    # What programs write is a handful; the bound is for one that echoes a visitor's.
    if len(_CONTENT_TYPES) < 1000:
        _CONTENT_TYPES[content_type] = field
    return field


def add_headers(target: ResponseHeaders, headers: HeaderItems) -> None:
    """Set header fields; where one of a mapping's pairs repeats a name, both are sent."""
    seen: set[str] = set()
    for name, value in header_pairs(headers):
        # The first of a name replaces what the Response set by itself; more of them add up.
        if name.lower() in seen:
            target.add(name, value)
        else:
            target[name] = value
            seen.add(name.lower())
