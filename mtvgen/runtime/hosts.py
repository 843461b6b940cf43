"""The syntax of a host, as the `Host` header field carries it (RFC 9112, section 3.2)."""

from __future__ import annotations

import re
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
    """Whether a text is a host name, an IPv4 or a bracketed IPv6 address, with or without port."""
    return split_host(text) is not None


def split_host(text: str) -> tuple[str, int | None] | None:
    """The host, in lower case and without the root's dot, and the port; None for bad syntax.

    `EXAMPLE.com.:8000` gives `("example.com", 8000)`, `[0:0::1]` gives `("[::1]", None)`.
    An empty port is no port, as RFC 3986 (section 3.2.3) has it.
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
