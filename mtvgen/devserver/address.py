"""Addresses that `runserver` listens on: as typed, as a socket, and as a URL for a browser."""

from __future__ import annotations

import errno
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from mtvgen.errors import MtvgenError, UsageError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
BACKLOG = 128  # connections that wait in the kernel while nobody accepts
_LAST_PORT = 65_535  # 16 bits (RFC 9293, section 3.1)
_PORTS_TRIED = 100  # beyond the default; whoever has so many servers names the port
_ADDRESS = re.compile(r"(?:(?P<host>\[[^\]]+\]|[^:\[\]]*):)?(?P<port>[0-9]{1,5})", re.ASCII)


@dataclass(frozen=True)
class Address:
    """A host and a port.

    Attributes:
        host: A name or an address; IPv6 without brackets.
        port: 0 takes any that is free.
        asked_for: The user named the port, so no other one will do.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    asked_for: bool = False


class AddressError(MtvgenError):
    """The address can't be listened on."""

    kind = "address"


def parse_address(text: str | None) -> Address:
    """Read `8001`, `0.0.0.0:8000`, `[::1]:8000`; None is the default.

    Raises:
        UsageError: It is none of these.
    """
    if text is None:
        return Address()
    match = _ADDRESS.fullmatch(text)
    if match is None:
        alone = Address(text.strip("[]")) if _is_host_alone(text) else Address()
        raise UsageError(
            f"{text!r} is not a valid [HOST:]PORT: 8001, 0.0.0.0:8000, [::1]:8000.",
            cure=f"mtvgen runserver {_typed(alone, DEFAULT_PORT)}",
        )
    if int(match["port"]) > _LAST_PORT:
        before = f"{match['host']}:" if match["host"] else ""
        raise UsageError(
            f"{text!r}: ports end at {_LAST_PORT}.",
            cure=f"mtvgen runserver {before}{DEFAULT_PORT}",
        )
    host = (match["host"] or DEFAULT_HOST).strip("[]")
    return Address(host, int(match["port"]), asked_for=True)


def listen(address: Address) -> socket.socket:
    """Open a listening socket at the address, or at the next free port after the default one.

    Raises:
        AddressError: The port is taken, not allowed, or the host is not this machine.
    """
    try:
        return bind(address.host, address.port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise _unusable(address, error) from error
        free = _next_free(address)
        if free is None or not address.asked_for:
            return free or _none_free(address)
        number = free.getsockname()[1]
        free.close()
        raise AddressError(
            f"port {address.port} is in use.", cure=f"mtvgen runserver {_typed(address, number)}"
        ) from error


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any that is free.

    Raises:
        OSError: The address is taken, is not of this machine, or may not be used.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # `localhost` is both; browsers and curl try both, old tools only the first.
    family, kind, protocol, _, address = min(addresses, key=lambda candidate: candidate[0])
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def is_loopback(host: str) -> bool:
    """Return whether an address or a host name can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def url_of(listener: socket.socket, host: str | None = None) -> str:
    """Return what to type into a browser on this machine."""
    bound, port = listener.getsockname()[:2]
    host = host or {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bound, bound)  # noqa: S104
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{port}/"


def own_addresses(listener: socket.socket) -> list[str]:
    """Return the addresses by which others in the network reach a listening socket."""
    addresses = set()
    for family, elsewhere in _families(listener):
        try:
            # Connecting a datagram socket sends nothing; it only asks for the route.
            with socket.socket(family, socket.SOCK_DGRAM) as asking:
                asking.connect((elsewhere, 9))
                addresses.add(asking.getsockname()[0])
        except OSError:
            continue
    return sorted(address for address in addresses if not is_loopback(address))


def _families(listener: socket.socket) -> Iterator[tuple[int, str]]:
    """Those in which a socket accepts, each with an address that is nobody's (RFC 5737, 3849)."""
    six = listener.family == socket.AF_INET6
    if not six or not listener.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY):
        yield socket.AF_INET, "192.0.2.1"
    if six:
        yield socket.AF_INET6, "2001:db8::1"


def _is_host_alone(text: str) -> bool:
    """Return whether a text is a host that lacks its port.

    `::1:8000` may be that, or both in one.
    """
    if text in ("localhost", "::1", "::"):
        return True
    try:
        ip_address(text[1:-1] if text.startswith("[") else text.replace(":", "?"))
    except ValueError:
        return False
    return True


def _next_free(address: Address) -> socket.socket | None:
    for port in range(address.port + 1, min(address.port + 1 + _PORTS_TRIED, _LAST_PORT + 1)):
        try:
            return bind(address.host, port)
        except OSError:
            continue
    return None


def _none_free(address: Address) -> socket.socket:
    last = address.port + _PORTS_TRIED
    raise AddressError(f"the ports {address.port} to {last} are in use.", cure="mtvgen runserver 0")


def _unusable(address: Address, error: OSError) -> AddressError:
    if isinstance(error, socket.gaierror):
        return AddressError(
            f"no host {address.host!r} is known here.", cure=f"mtvgen runserver {address.port}"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return AddressError(
            f"{address.host} is not an address of this machine.",
            cure=f"mtvgen runserver 0.0.0.0:{address.port}",
        )
    if error.errno == errno.EACCES:
        return AddressError(
            f"port {address.port} needs an administrator.",
            cure=f"mtvgen runserver {_typed(address, DEFAULT_PORT)}",
        )
    return AddressError(f"can't listen on {address.host}:{address.port}: {error.strerror}.")


def _typed(address: Address, port: int) -> str:
    if address.host == DEFAULT_HOST:
        return str(port)
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{port}"
