"""The syntax of a host, as the `Host` field has it (RFC 9112, section 3.2), and lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv6Address

# Labels of letters, digits, `-` and `_`, joined by dots, with the root's dot allowed at the end
# (RFC 1123, section 2.1; `_` is what container tools put into host names). An IPv4 address has
# this form too. RFC 3986 would allow percent-encoding and `!$&'()*+,;=`: no host has them, and
# each has been used to poison a link in a mail.
_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_HOST = re.compile(rf"({_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::([0-9]{{0,5}}))?")

# Characters of a name, and of a name with its brackets, colon and port (RFC 1035, section 2.3.4).
_MAX_NAME_LENGTH = 254
_MAX_HOST_LENGTH = _MAX_NAME_LENGTH + len(":65535")
_MAX_PORT = 65_535


def is_valid_host(text: str) -> bool:
    """Return whether a text is a host name, IPv4 or bracketed IPv6 address, port or not."""
    return split_host(text) is not None


def split_host(text: str) -> tuple[str, int | None] | None:
    """Return the host, in lower case and without the root's dot, and the port; None for bad syntax.

    `EXAMPLE.com.:8000` gives `("example.com", 8000)`, `[0:0::1]` gives `("[::1]", None)`.
    An empty port counts as none, as in RFC 3986 (section 3.2.3).
    """
    if len(text) > _MAX_HOST_LENGTH:
        return None
    match = _HOST.fullmatch(text)
    if match is None:
        return None
    name, digits = match.groups()
    port = int(digits) if digits else None
    if port is not None and port > _MAX_PORT:
        return None
    host = _normal_address(name) if name.startswith("[") else _normal_name(name)
    return None if host is None else (host, port)


def _normal_name(name: str) -> str | None:
    return name.lower().removesuffix(".") if len(name) <= _MAX_NAME_LENGTH else None


def _normal_address(bracketed: str) -> str | None:
    try:
        return f"[{IPv6Address(bracketed[1:-1]).compressed}]"
    except AddressValueError:
        return None


class HostList:
    """The names that a site answers to.

    Args:
        entries: Hosts without a port; `*.example.com` is every subdomain of example.com and not
            example.com itself, `*` is any host.

    Raises:
        ValueError: An entry is not a host.
        TypeError: `entries` is one text instead of a list.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        if isinstance(entries, str):
            raise TypeError(f"allowed hosts {entries!r}: write a list, [{entries!r}].")
        names = [_listed_name(entry) for entry in entries]
        self._any = "*" in names
        self._names = frozenset(name for name in names if "*" not in name)
        self._endings = tuple(name[1:] for name in names if name.startswith("*."))

    def has(self, name: str) -> bool:
        """Return whether a host is in the list.

        Args:
            name: As `split_host()` gives it, without a port.
        """
        return self._any or name in self._names or name.endswith(self._endings)


def _listed_name(entry: str) -> str:
    if entry == "*":
        return entry
    wildcard, bare = ("*.", entry[2:]) if entry.startswith("*.") else ("", entry)
    # Two colons are an IPv6 address whose brackets were forgotten.
    split = split_host(f"[{bare}]" if bare.count(":") > 1 and "[" not in bare else bare)
    if split is None or split[1] is not None:
        raise ValueError(
            f"allowed host {entry!r}: write a name or an address alone, without scheme, port or "
            "path, in ASCII: 'example.com', '*.example.com', '203.0.113.7', '[2001:db8::7]'."
        )
    return wildcard + split[0]


def is_loopback(name: str) -> bool:
    """Return whether a host is this machine under a name that nobody else can take.

    `localhost` and what ends in it (RFC 6761, section 6.3), 127.0.0.1 and its network, and ::1.

    Args:
        name: As `split_host()` gives it, without a port.
    """
    return (
        name == "localhost"
        or name.endswith(".localhost")
        or name == "[::1]"
        or re.fullmatch(r"127(?:\.[0-9]{1,3}){3}", name) is not None
    )
