"""The errors of HTTP: raise one, and the answer has its status.

    Exception
      HTTPError                 answered with its status; raise it in a view or a middleware
        BadRequest (400) ... HTTPVersionNotSupported (505)
        MissingField            a 400 that names the field of the form or the query

Names and numbers are those of RFC 9110, section 15, and of RFC 6585.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import ClassVar

from mtvgen.runtime.http.headers import checked_value, header_pairs

# Whichever version of Python this is: four phrases changed with RFC 9110 (section 15.5), and
# Python follows from 3.13 on.
PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


class HTTPError(Exception):
    """An answer with an error status, raised instead of returned.

    Args:
        detail: What the visitor may know, shown on the error page.
        headers: Header fields for the answer, such as `Retry-After`; a mapping, or pairs where a
            name repeats.

    Raises:
        TypeError: The detail or a header's value is not text.
        ValueError: A header's value holds what it may not carry.
    """

    status: ClassVar[int] = 500
    # On the class, because most errors have neither and then need no dict of their own.
    detail: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(
        self, detail: str = "", *, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    ) -> None:
        if detail:
            if not isinstance(detail, str):
                raise _no_text(type(self).__name__, detail)
            self.detail = detail
        if headers:
            # Here, where the line that wrote them is on the stack, and not when it is answered.
            self.headers = tuple(
                (name, checked_value(name, value)) for name, value in header_pairs(headers)
            )

    @property
    def phrase(self) -> str:
        """The reason phrase of the status: `Not Found`; `Unknown` where no standard has one."""
        # A class of the project's own may have a number that no standard names.
        return PHRASES.get(self.status, "Unknown")

    def __str__(self) -> str:
        return self.detail or self.phrase


def _no_text(name: str, detail: object) -> TypeError:
    """Return what is raised where other frameworks take a status, or somebody hands on an error."""
    kinds = HTTPError.__subclasses__()
    meant = next((f"{kind.__name__}()" for kind in kinds if kind.status == detail), "")
    return TypeError(
        f"{name}({detail!r}): the detail is text for the visitor, and each status has its class."
        f" Write {meant or f'{name}(str(...))'}."
    )


class BadRequest(HTTPError):
    """The request is malformed (400)."""

    status = 400


class MissingField(BadRequest, KeyError):
    """A field that the view reads is not in the form or the query (400).

    It is a KeyError too, so `try: request.form["text"] except KeyError:` works as with any mapping.

    Attributes:
        place: Where it was looked for, as a person says it: `the form`, `the query`.
        name: The field's name.
    """

    def __init__(self, place: str, name: str) -> None:
        super().__init__(f"{place} has no field {name!r}")
        self.place = place
        self.name = name


class Unauthorized(HTTPError):
    """The request lacks valid credentials (401).

    Say how to give them: `headers=[("WWW-Authenticate", "Basic")]` (RFC 9110, section 15.5.2).
    """

    status = 401


class PaymentRequired(HTTPError):
    """Reserved by RFC 9110 for later use (402)."""

    status = 402


class Forbidden(HTTPError):
    """The request was understood and is refused (403)."""

    status = 403


class NotFound(HTTPError):
    """There is nothing at this address (404)."""

    status = 404


class MethodNotAllowed(HTTPError):
    """The address exists and does not take this method (405).

    Args:
        allowed: The methods that it takes, for the `Allow` field that RFC 9110 asks for.

    Raises:
        TypeError: The methods are one text, or nothing that holds several.
    """

    status = 405

    def __init__(self, allowed: Iterable[str], detail: str = "") -> None:
        if isinstance(allowed, str) or not hasattr(allowed, "__iter__"):
            methods = [allowed] if isinstance(allowed, str) else ["GET", "POST"]
            raise TypeError(
                f"MethodNotAllowed({allowed!r}): it takes the methods that are allowed, as a list. "
                f"Write MethodNotAllowed({methods!r})."
            )
        self.allowed = tuple(sorted(allowed))
        super().__init__(detail, headers=[("Allow", ", ".join(self.allowed))])


class NotAcceptable(HTTPError):
    """No representation fits the request's Accept fields (406)."""

    status = 406


class ProxyAuthenticationRequired(HTTPError):
    """The client must first authenticate with the proxy (407)."""

    status = 407


class RequestTimeout(HTTPError):
    """The request took too long to arrive (408)."""

    status = 408


class Conflict(HTTPError):
    """The request conflicts with the present state (409)."""

    status = 409


class Gone(HTTPError):
    """There was something at this address, and it will not come back (410)."""

    status = 410


class LengthRequired(HTTPError):
    """The body needs a Content-Length (411)."""

    status = 411


class PreconditionFailed(HTTPError):
    """A condition in the request's header fields is false (412)."""

    status = 412


class ContentTooLarge(HTTPError):
    """The body is larger than the application takes (413)."""

    status = 413


class URITooLong(HTTPError):
    """The address is longer than the server takes (414)."""

    status = 414


class UnsupportedMediaType(HTTPError):
    """The body has a type or an encoding that is not accepted here (415)."""

    status = 415


class RangeNotSatisfiable(HTTPError):
    """None of the requested ranges overlaps the content (416)."""

    status = 416


class ExpectationFailed(HTTPError):
    """The Expect field can't be met (417)."""

    status = 417


class MisdirectedRequest(HTTPError):
    """The request reached a server that does not answer for its authority (421)."""

    status = 421


class UnprocessableContent(HTTPError):
    """The body is well formed, and what it says can't be done (422)."""

    status = 422


class UpgradeRequired(HTTPError):
    """The client must switch to another protocol (426).

    A WSGI application may not send the `Upgrade` field that belongs to it (PEP 3333).
    """

    status = 426


class PreconditionRequired(HTTPError):
    """The request must be conditional (428, RFC 6585)."""

    status = 428


class TooManyRequests(HTTPError):
    """The client sent too many requests (429, RFC 6585)."""

    status = 429


class RequestHeaderFieldsTooLarge(HTTPError):
    """The header section is larger than the server takes (431, RFC 6585)."""

    status = 431


class InternalServerError(HTTPError):
    """Something unexpected happened (500)."""

    status = 500


class NotImplementedByServer(HTTPError):
    """The method is not known here (501); `NotImplemented` is taken by Python."""

    status = 501


class BadGateway(HTTPError):
    """A server behind this one gave an invalid answer (502)."""

    status = 502


class ServiceUnavailable(HTTPError):
    """The server can't answer at the moment (503)."""

    status = 503


class GatewayTimeout(HTTPError):
    """A server behind this one did not answer in time (504)."""

    status = 504


class HTTPVersionNotSupported(HTTPError):
    """The protocol version is not spoken here (505)."""

    status = 505
