"""security_headers(): header fields that limit how far browsers trust a page."""

from __future__ import annotations

from collections.abc import Mapping

from mtvgen.runtime.http.headers import ResponseHeaders
from mtvgen.runtime.middleware import Handler, Middleware, guards_itself
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.error_fields import unguard
from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.security import content_policy
from mtvgen.runtime.security.content_policy import Directives, Policy

# A year; half of one is the least that the HTTP Observatory takes.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


def security_headers(
    *,
    content_security_policy: Directives | str | None = content_policy.DEFAULT,
    frame_ancestors: str | None = "'none'",
    referrer_policy: str | None = "strict-origin-when-cross-origin",
    opener_policy: str | None = "same-origin",
    permissions_policy: str | None = "camera=(), geolocation=(), microphone=()",
    strict_transport_security: str | None = STRICT_TRANSPORT_SECURITY,
    nosniff: bool = True,
) -> Middleware:
    """Middleware that limits how far browsers trust a page; what a view has set itself stays.

    Args:
        content_security_policy: What a page may load and run. Directives that are given replace
            those of the default one by one, and None takes one out; a text is the whole policy.
            Where a template has used `csp_nonce`, the nonce is added for scripts and styles.
        frame_ancestors: Who may show the site in a frame: `'none'`, `'self'`, or origins.
        referrer_policy: How much of an address other sites learn from a link.
        opener_policy: Whether windows of other sites keep a hold of this one.
        permissions_policy: Which of the device's abilities scripts may ask for.
        strict_transport_security: For how many seconds browsers insist on https. Sent over https
            only; `includeSubDomains` is for owners of a domain who have looked at all of them.
        nosniff: Take each file for what its Content-Type says.

    None turns a header off.

    Raises:
        ValueError: A value can't be sent in a header.
    """
    policy = Policy(content_security_policy, frame_ancestors)
    fixed = _checked_fields(
        {
            "X-Content-Type-Options": "nosniff" if nosniff else None,
            "Referrer-Policy": referrer_policy,
            "X-Frame-Options": _FRAME_OPTIONS.get(policy.frame_ancestors),
            "Cross-Origin-Opener-Policy": opener_policy,
            "Permissions-Policy": permissions_policy,
        }
    )
    secure = _checked_fields({"Strict-Transport-Security": strict_transport_security})
    # All that is ever sent, made once: a request costs no more than extending a list.
    over_http = [*_checked_fields({content_policy.NAME: policy.text}), *fixed]
    over_https = [*over_http, *secure]
    ours = {name.lower() for name, _ in over_https} | {content_policy.NAME.lower()}

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        def add_headers(request: Request) -> Response:
            response = handler(request)
            https = request.environ.get("wsgi.url_scheme") == "https"
            added = over_https if https else over_http
            nonce = request.csp_nonce
            if nonce is not None:
                added = [*policy.field_with(nonce), *fixed, *(secure if https else ())]
            if response.error is not None:
                unguard(response)
            response.add_missing(added, ours)
            return response

        return add_headers

    return middleware


# The older field, for browsers that know no frame-ancestors; it can't name origins.
_FRAME_OPTIONS: dict[str | None, str] = {"'none'": "DENY", "'self'": "SAMEORIGIN"}


def _checked_fields(fields: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Return the fields that are on, once it is known that they can be sent."""
    checked: list[tuple[str, str]] = []
    headers = ResponseHeaders(checked)
    for name, value in fields.items():
        if value is not None:
            headers[name] = value
    return checked
