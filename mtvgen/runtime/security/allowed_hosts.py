"""allowed_hosts(): the names that a site answers for, and the proxies whose word it takes."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from mtvgen.runtime.http.errors import BadRequest
from mtvgen.runtime.http.hosts import HostList, is_loopback, split_host
from mtvgen.runtime.middleware import Handler, Middleware, guards_itself
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.security.proxies import TrustedProxies

# Whole Host fields that have passed, so that a request costs one look into a set. A wildcard lets
# a client invent any number of them.
_MAX_KNOWN_HOSTS = 1_000
_MAX_LOGGED_HOSTS = 100  # names; scanners try thousands, and an owner's mistake is one

logger = logging.getLogger("mtvgen")


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
        ValueError: An entry is not a host, or not an address.
    """
    allowed = HostList(hosts)
    proxies = TrustedProxies(trusted_proxies)

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        known: set[str] = set()
        refused: set[str] = set()

        def check_host(request: Request) -> Response:
            if request.environ.get("HTTP_HOST") not in known:
                try:
                    named = _checked_host(request, allowed)
                except BadRequest as error:
                    if isinstance(error, _UnknownHost):
                        _log_once(error.name, refused)
                    return request.app.answer_error(request, error)
                if named is not None and len(known) < _MAX_KNOWN_HOSTS:
                    known.add(named)
            return handler(request)

        def check_forwarded_host(request: Request) -> Response:
            try:
                proxies.rewrite(request.environ)
            except BadRequest as error:
                return request.app.answer_error(request, error)
            return check_host(request)

        return check_forwarded_host if proxies.any else check_host

    return middleware


class _UnknownHost(BadRequest):
    """A host that is not one of the site's."""

    def __init__(self, name: str) -> None:
        # Which setting decides is for the owner to know: the log says it.
        super().__init__(f"This site does not answer for {name!r}.")
        self.name = name


def _log_once(name: str, logged: set[str]) -> None:
    if name not in logged and len(logged) < _MAX_LOGGED_HOSTS:
        logged.add(name)
        logger.warning(
            "refused a request for %r, which is not in ALLOWED_HOSTS. "
            "-> if that is this site, add it there",
            name,
        )


def _checked_host(request: Request, allowed: HostList) -> str | None:
    """Return the Host field, once it is known to name this site; None where HTTP/1.0 left it out.

    Raises:
        BadRequest: It does not, or is missing, or is not a host.
    """
    environ = request.environ
    named: str | None = environ.get("HTTP_HOST")
    if named is None:
        if environ.get("SERVER_PROTOCOL") in ("HTTP/1.0", "HTTP/0.9"):  # they know no Host
            return None
        raise BadRequest("The request has no Host field (RFC 9112, section 3.2).")
    split = split_host(named)
    if split is None:
        raise BadRequest("The Host field is not a valid host.")
    name = split[0]
    if not allowed.has(name) and not (request.app.debug and is_loopback(name)):
        raise _UnknownHost(name)
    return named
