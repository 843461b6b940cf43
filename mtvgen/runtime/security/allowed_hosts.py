"""What protects every page: allowed_hosts(), same_origin(), security_headers(); and safe_next()."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mtvgen.runtime.http.errors import BadRequest, Forbidden
from mtvgen.runtime.http.headers import ResponseHeaders
from mtvgen.runtime.http.hosts import HostList, is_loopback, split_host
from mtvgen.runtime.middleware import Handler, Middleware, guards_itself
from mtvgen.runtime.requests.request import Request, host, script_name
from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.security import content_policy
from mtvgen.runtime.security.content_policy import Directives, Policy
from mtvgen.runtime.security.proxies import TrustedProxies

# Methods that change nothing (RFC 9110, section 9.2.1), so any site may link to them.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


# Whole Host fields that have passed, so that a request costs one look into a set. A wildcard lets
# a client invent any number of them.
_MAX_KNOWN_HOSTS = 1_000


def allowed_hosts(hosts: Iterable[str], trusted_proxies: Iterable[str] = ()) -> Middleware:
    """Middleware that answers for the site's own names alone (400), before anything reads them.

    A Host that somebody else chose would end up in links, mails and caches; and a page elsewhere
    could point its own name at this machine (DNS rebinding). While developing, the names of this
    machine itself are allowed too.

    Args:
        hosts: Names and addresses, without a port: `example.com`, `203.0.113.7`, `[2001:db8::7]`,
            `*.example.com` for all subdomains, `*` for any.
        trusted_proxies: Addresses and networks of the proxies in front, or `unix` for a proxy on
            a Unix socket. From them, and from nobody else, X-Forwarded-For, -Proto, -Host and
            -Prefix are taken for what the client did; let the proxy set all four.

    Raises:
        ValueError: An entry is no host, or no address.
    """
    allowed = HostList(hosts)
    proxies = TrustedProxies(trusted_proxies)

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        known: set[str] = set()

        def check_host(request: Request) -> Response:
            if request.environ.get("HTTP_HOST") not in known:
                try:
                    named = _checked_host(request, allowed)
                except BadRequest as error:
                    return request.app._answer_error(request, error)
                if named is not None and len(known) < _MAX_KNOWN_HOSTS:
                    known.add(named)
            return handler(request)

        def check_forwarded_host(request: Request) -> Response:
            try:
                proxies.rewrite(request.environ)
            except BadRequest as error:
                return request.app._answer_error(request, error)
            return check_host(request)

        return check_forwarded_host if proxies.any else check_host

    return middleware


def _checked_host(request: Request, allowed: HostList) -> str | None:
    """The Host field, once it is known to name this site; None where HTTP/1.0 left it out.

    Raises:
        BadRequest: It does not, or is missing, or is no host.
    """
    environ = request.environ
    named: str | None = environ.get("HTTP_HOST")
    if named is None:
        if environ.get("SERVER_PROTOCOL") in ("HTTP/1.0", "HTTP/0.9"):  # they know no Host
            return None
        raise BadRequest("The request has no Host field (RFC 9112, section 3.2).")
    split = split_host(named)
    if split is None:
        raise BadRequest("The Host field is no host.")
    name = split[0]
    if not allowed.has(name) and not (request.app.debug and is_loopback(name)):
        raise BadRequest(f"This site does not answer for {name!r}: it is not in ALLOWED_HOSTS.")
    return named


def same_origin(trusted: Iterable[str] = ()) -> Middleware:
    """Middleware that refuses what another site makes a visitor's browser send (403).

    Browsers say where a request comes from, in `Sec-Fetch-Site` (all since 2023) or in `Origin`.
    An unsafe method from another site, or from another subdomain, is refused; so a form needs no
    token. Programs that are no browsers send neither field, hold no visitor's cookie, and pass.
    The rules are those of Go's net/http.CrossOriginProtection.

    Args:
        trusted: Origins that may send forms here, such as `https://pay.example.com`.

    Raises:
        ValueError: An entry of `trusted` is no origin.
    """
    trusted_origins = frozenset(_checked_origin(origin) for origin in trusted)

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        def guard(request: Request) -> Response:
            if request.method not in _SAFE_METHODS and _is_from_another_site(
                request, trusted_origins
            ):
                return request.app._answer_error(request, Forbidden(_FROM_ANOTHER_SITE))
            return handler(request)

        return guard

    return middleware


_FROM_ANOTHER_SITE = "This was sent from another site. Open the page here and try again."


def _is_from_another_site(request: Request, trusted: frozenset[str]) -> bool:
    environ = request.environ
    site = environ.get("HTTP_SEC_FETCH_SITE", "")
    if site in ("same-origin", "none"):  # "none": the visitor's own doing, such as a bookmark
        return False
    origin = environ.get("HTTP_ORIGIN", "")
    if not site and (not origin or _host_of(origin) == host(environ).lower()):
        # Host has no scheme, so a page of this host without TLS passes: in browsers older than
        # 2023, and where no Strict-Transport-Security has been seen.
        return False
    return origin not in trusted


def _host_of(origin: str) -> str | None:
    scheme, separator, authority = origin.lower().partition("://")
    return authority if separator and scheme in ("http", "https") else None


def _checked_origin(origin: str) -> str:
    authority = _host_of(origin)
    if authority is None or split_host(authority) is None or origin != origin.lower():
        raise ValueError(
            f"same_origin(trusted=[{origin!r}]): an origin is scheme and host in lower case, "
            "as in 'https://pay.example.com', with the port where it is not the usual one."
        )
    return origin


# A year; half of one is the least that the HTTP Observatory takes.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"

# What nearly all answers have, so that looking whether a view has set one of ours costs little.
_USUAL_FIELDS = frozenset({"Content-Type", "Content-Length", "Location", "Set-Cookie", "Vary"})


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
    """Middleware that tells browsers how far to trust a page; what a view has set itself stays.

    Args:
        content_security_policy: What a page may load and run. Directives that are given replace
            those of the default one by one, and None takes one out; a text is the whole policy.
            Where a template has used `csp_nonce`, the nonce is added for scripts and styles.
        frame_ancestors: Who may show the site in a frame: `'none'`, `'self'`, or origins.
        referrer_policy: How much of an address other sites learn from a link.
        opener_policy: Whether windows of other sites keep a hold of this one.
        permissions_policy: Which of the device's abilities scripts may ask for.
        strict_transport_security: For how many seconds browsers insist on https. Sent over https
            only; `includeSubDomains` is for who has looked at all of them.
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
            if request._csp_nonce is not None:
                added = [*policy.field_with(request._csp_nonce), *fixed, *(secure if https else ())]
            fields = response._fields
            for name, _ in fields:
                if name not in _USUAL_FIELDS and name.lower() in ours:
                    added = _without(added, response.headers)
                    break
            # One assignment: a view may keep its response, and two threads pass here with it.
            response._fields = [*fields, *added]
            return response

        return add_headers

    return middleware


# The older field, for browsers that know no frame-ancestors; it can't name origins.
_FRAME_OPTIONS: dict[str | None, str] = {"'none'": "DENY", "'self'": "SAMEORIGIN"}


def _checked_fields(fields: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """The fields that are on, once it is known that they can be sent."""
    checked: list[tuple[str, str]] = []
    headers = ResponseHeaders(checked)
    for name, value in fields.items():
        if value is not None:
            headers[name] = value
    return checked


def _without(added: list[tuple[str, str]], present: ResponseHeaders) -> list[tuple[str, str]]:
    """What the response has not set itself."""
    return [field for field in added if field[0] not in present]


def safe_next(request: Request, url: str | None, default: str | None = None) -> str:
    r"""Where to go after a login: `url` if it stays on this site, else `default`.

        return redirect(safe_next(request, request.query.get("next")))

    Args:
        request: The request at hand.
        url: An address that came with the request; None where none did.
        default: The address to fall back to; None: the site's first page.

    Returns:
        A path or a query of this site, never another host, whatever browsers make of
        `//host`, `/\host`, `https:host` or a tab between two slashes.
    """
    fallback = script_name(request.environ) + "/" if default is None else default
    if not url:
        return fallback
    own = f"{request.environ['wsgi.url_scheme']}://{host(request.environ)}/"
    path = url[len(own) - 1 :] if url.startswith(own) else url
    return path if _stays_here(path) else fallback


def _stays_here(path: str) -> bool:
    # Browsers take a backslash for a slash and drop tabs and line ends (WHATWG URL, section
    # 4.4); whoever has those in an address means harm.
    return (
        path.startswith(("/", "?"))  # "?page=2" is this very page with another query
        and not path.startswith("//")
        and "\\" not in path
        and not any(character < " " or character == "\x7f" for character in path)
    )
