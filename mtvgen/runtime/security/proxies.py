"""The client's address behind proxies, from the proxies that are named and no other.

X-Forwarded-For      client, proxy, proxy    -> REMOTE_ADDR
X-Forwarded-Proto    http or https           -> wsgi.url_scheme
X-Forwarded-Host     the Host that was sent  -> HTTP_HOST
X-Forwarded-Prefix   what the proxy cut off  -> SCRIPT_NAME
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from mtvgen.runtime.http.errors import BadRequest

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

# Path segments (RFC 3986, section 3.3) that need no decoding. Not among them: the second `/` of
# `//host`; `.` and `..`, which browsers resolve; `;`, which would end the path of a cookie.
_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9\-._~!$&'()*+=:@]+)*/?")
_MAX_KNOWN = 1_000  # addresses of clients, of which there is no end


class TrustedProxies:
    """The proxies whose word counts.

    Args:
        entries: IP addresses, networks (`10.0.0.0/8`), or `unix` for a proxy on a Unix socket,
            where there is no address.

    Attributes:
        any: Whether there are any.

    Raises:
        ValueError: An entry is none of these.
        TypeError: `entries` is one text instead of a list.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        if isinstance(entries, str):
            raise TypeError(f"trusted_proxies={entries!r}: write a list, [{entries!r}].")
        texts = list(entries)
        self.any = bool(texts)
        self._networks = [_network(text) for text in texts if text != "unix"]
        self._known: dict[str, bool] = {"": "unix" in texts}

    def rewrite(self, environ: WSGIEnvironment) -> None:
        """Put the client in place of the proxy that passed its request on.

        Raises:
            BadRequest: A trusted proxy sends what can't be understood.
        """
        if not self._trusts(environ.get("REMOTE_ADDR", "")):
            return
        if forwarded := environ.get("HTTP_X_FORWARDED_FOR"):
            environ["REMOTE_ADDR"] = self._client(forwarded, environ.get("REMOTE_ADDR", ""))
        if scheme := _nearest(environ, "HTTP_X_FORWARDED_PROTO"):
            environ["wsgi.url_scheme"] = _scheme(scheme.lower())
        if named := _nearest(environ, "HTTP_X_FORWARDED_HOST"):
            environ["HTTP_HOST"] = named  # checked as any other, next
        if prefix := _nearest(environ, "HTTP_X_FORWARDED_PREFIX"):
            environ["SCRIPT_NAME"] = _prefix(prefix) + environ.get("SCRIPT_NAME", "")

    def _client(self, forwarded: str, proxy: str) -> str:
        """Return the last address that none of our proxies has.

        Anybody can write the addresses before it.
        """
        client = proxy
        for entry in reversed(forwarded.split(",")):
            address = _address(entry.strip(" \t"))
            if address is None:
                break
            client = address
            if not self._trusts(client):
                break
        return client

    def _trusts(self, address: str) -> bool:
        trusted = self._known.get(address)
        if trusted is None:
            trusted = self._is_listed(address)
            if len(self._known) < _MAX_KNOWN:
                self._known[address] = trusted
        return trusted

    def _is_listed(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        # A server that listens on IPv6 sees IPv4 clients as ::ffff:192.0.2.1.
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip in network for network in self._networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip("[]"))
    except ValueError as error:
        raise ValueError(
            f"trusted_proxies: {text!r} is neither an IP address nor a network: {error}"
        ) from error


def _nearest(environ: WSGIEnvironment, key: str) -> str:
    """Return what the proxy next to us says.

    The last of the list, where several have added theirs.
    """
    value: str = environ.get(key, "")
    return value.rpartition(",")[2].strip(" \t")


def _address(entry: str) -> str | None:
    """Return an entry's address without its port: `192.0.2.1`, `192.0.2.1:443`, `[::1]:443`."""
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        ip = ip_address(entry)
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        # Without its zone, which may be any text, and means nothing on another machine (RFC 4007,
        # section 6).
        return str(ip.ipv4_mapped or IPv6Address(int(ip)))
    return str(ip)


def _scheme(text: str) -> str:
    if text not in ("http", "https"):
        raise BadRequest("The proxy's X-Forwarded-Proto is neither http nor https.")
    return text


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise BadRequest("The proxy's X-Forwarded-Prefix is not a path.")
    return text.rstrip("/")
