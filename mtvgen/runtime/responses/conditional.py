"""conditional(): an answer with its tag, or 304 where the browser has it already."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from mtvgen.runtime.http.conditions import format_http_date, is_valid_etag, precondition_status
from mtvgen.runtime.http.errors import PreconditionFailed
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response


def conditional(
    request: Request,
    response: Response,
    *,
    etag: str | None = None,
    last_modified: datetime | None = None,
) -> Response:
    """Answer with 304 and no body where the browser holds this very page (RFC 9110, section 13).

        return conditional(request, render(request, "feed.xml", notes=notes))

    Args:
        request: The request at hand.
        response: What the answer is to a browser that has nothing; only a 200 is conditional.
        etag: A tag that changes with the content, without quotes; None: made of the body.
        last_modified: When the content changed last, with its time zone; None: nobody knows.

    Raises:
        PreconditionFailed: If-Match or If-Unmodified-Since asks for another version (412).
        ValueError: The tag has a character that a tag can't have, or the moment has no zone.
    """
    if response.status != 200:
        return response
    response = response.copy()  # a view may keep the one that it handed over
    tag = _tag(response) if etag is None else f'"{etag}"'
    if tag is not None:
        if not is_valid_etag(tag):
            raise ValueError(f"{etag!r} is not an entity-tag (RFC 9110, section 8.8.3).")
        response.headers["ETag"] = tag
    seconds = None
    if last_modified is not None:
        response.headers["Last-Modified"] = format_http_date(last_modified)
        seconds = last_modified.astimezone(UTC).timestamp()
    status = precondition_status(request.method, request.headers, etag=tag, last_modified=seconds)
    if status == 412:
        raise PreconditionFailed()
    if status == 304:
        response.status = 304
    return response


def _tag(response: Response) -> str | None:
    """Return a strong tag: the same for the same bytes and for no others. A stream has none."""
    if not isinstance(response.body, bytes):
        return None
    return f'"{sha256(response.body).hexdigest()[:32]}"'
