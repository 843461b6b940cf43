"""Visitors: somebody on this machine, somebody in its network, or anybody through a tunnel."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from mtvgen.devserver.address import is_loopback

# What proxies, tunnels and content delivery networks add. Whoever comes through one looks as if
# he were on this machine, and may be anybody.
_PROXY_FIELDS = frozenset(
    {
        "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_CLIENT_IP",
        "HTTP_TRUE_CLIENT_IP", "HTTP_X_CLUSTER_CLIENT_IP", "HTTP_FASTLY_CLIENT_IP",
        "HTTP_FLY_CLIENT_IP", "HTTP_X_APPENGINE_USER_IP", "HTTP_X_AZURE_CLIENTIP",
        "HTTP_CDN_LOOP", "HTTP_X_AMZN_TRACE_ID", "HTTP_X_ORIGINAL_HOST", "HTTP_X_HOST",
    }
)  # fmt: skip
_PROXY_PREFIXES = (
    "HTTP_X_FORWARDED", "HTTP_X_ORIGINAL_FORWARDED", "HTTP_X_PROXY", "HTTP_CF_", "HTTP_X_ENVOY_",
    "HTTP_TAILSCALE_", "HTTP_NGROK_",
)  # fmt: skip


def is_local(environ: Mapping[str, Any]) -> bool:
    """Return whether the client is on this machine and knows it by a loopback name.

    The name matters because any site can have its name resolved to 127.0.0.1 (DNS rebinding), and
    the fields of proxies because a tunnel brings the whole world to the loopback address.
    """
    return (
        is_loopback(environ["REMOTE_ADDR"])
        and is_loopback(_host_name(environ))
        and not _came_through_a_proxy(environ)
    )


def is_near(environ: Mapping[str, Any]) -> bool:
    """Return whether it is local, or in the same network and knows this machine by its address.

    A phone on the desk, for one. By a name it could be a page of another site (DNS rebinding).
    """
    if is_local(environ):
        return True
    host, own = _address(_host_name(environ)), _address(environ.get("SERVER_ADDR", ""))
    return host is not None and host == own and not _came_through_a_proxy(environ)


def may_follow(environ: Mapping[str, Any]) -> bool:
    """Return whether a page may hear of edits: one that is near, and of this very site.

    Any site that the developer visits could open streams in his browser, up to the most there
    are, and would know from them that a server runs here, and when he saves.
    """
    return is_near(environ) and not _is_from_another_site(environ)


def _is_from_another_site(environ: Mapping[str, Any]) -> bool:
    """By what browsers say and no page can change (Fetch Metadata, and the Origin of RFC 6454)."""
    site = environ.get("HTTP_SEC_FETCH_SITE", "")
    if site:
        return site not in ("same-origin", "none")
    origin: str = environ.get("HTTP_ORIGIN", "")
    return bool(origin) and origin.partition("://")[2].lower() != environ["HTTP_HOST"].lower()


def _host_name(environ: Mapping[str, Any]) -> str:
    """Return the Host field without its port and brackets."""
    host: str = environ.get("HTTP_HOST", "")
    return host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]


def _came_through_a_proxy(environ: Mapping[str, Any]) -> bool:
    return any(key in _PROXY_FIELDS or key.startswith(_PROXY_PREFIXES) for key in environ)


def _address(text: str) -> object:
    """Return an address as a value that compares; None for anything else."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
