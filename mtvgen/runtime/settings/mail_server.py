"""The mail server of a site, as MAIL_URL names it: smtp://user:password@smtp.example.org:587."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from mtvgen.runtime.support.faults import Fault, FaultError

EXAMPLE = "smtp://user:password@smtp.example.org:587"

# RFC 8314 (section 3.3) has submission over TLS from the first byte at 465; RFC 6409 (section 3.1)
# has submission at 587, where STARTTLS begins the encryption.
_PORTS = {"smtp": 587, "smtps": 465}
_PLAIN = "tls=never"
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


@dataclass(frozen=True)
class MailServer:
    """A server that takes mail, and how it is spoken to.

    Attributes:
        host: Its name or its address.
        port: Its port.
        user: Whom it knows; "" where it asks nobody.
        password: The user's.
        is_encrypted_at_once: Whether TLS begins with the first byte (`smtps`), and not by STARTTLS.
        may_be_plain: Whether mail may go to it without TLS: it is on this machine, or the URL says
            `?tls=never`.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_encrypted_at_once: bool = False
    may_be_plain: bool = False

    @property
    def is_on_this_machine(self) -> bool:
        """Whether nothing that is sent to it leaves the machine by itself."""
        return bool(_LOOPBACK.fullmatch(self.host))


class WrongMailURL(FaultError, ValueError):
    """A URL names no mail server; nothing of a user or a password is in the message."""

    def __init__(self, message: str, cure: str = f"MAIL_URL={EXAMPLE}") -> None:
        super().__init__(Fault("wrong", message, cure, "MAIL_URL"))


def read_mail_url(url: str) -> MailServer:
    """Return the server that a URL names.

    Args:
        url: `smtp://` with STARTTLS, or `smtps://` with TLS from the first byte; user and password
            as in any URL (RFC 3986), so that `@` in a password is `%40`.

    Raises:
        WrongMailURL: It is not such a URL.
    """
    parts = _split(url)
    port = _port(parts)
    _refuse_extras(parts)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        missing = "password" if user else "user"
        raise WrongMailURL(f"it has no {missing}.")
    host = parts.hostname or ""
    may_be_plain = parts.query == _PLAIN or bool(_LOOPBACK.fullmatch(host))
    if parts.query == _PLAIN and user:
        raise WrongMailURL(
            "with ?tls=never, the password would travel unencrypted.",
            "leave ?tls=never out, or the user and the password",
        )
    return MailServer(host, port, user, password, parts.scheme == "smtps", may_be_plain)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:  # such as a bracket that nothing closes
        raise WrongMailURL("it is not a URL.") from error
    if parts.scheme not in _PORTS:
        raise WrongMailURL("it does not begin with smtp:// or smtps://.")
    if "@" in parts.path + parts.query + parts.fragment:
        cure = "write / as %2F, ? as %3F and # as %23 in a password"
        raise WrongMailURL("a character in the user or the password ends it.", cure)
    if not parts.hostname:
        raise WrongMailURL("it names no host.")
    return parts


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        cure = "a number up to 65535 behind the host; in a password, write : as %3A"
        raise WrongMailURL("its port is not a number up to 65535.", cure) from error
    return _PORTS[parts.scheme] if port is None else port


def _refuse_extras(parts: SplitResult) -> None:
    if parts.path not in ("", "/") or parts.fragment:
        raise WrongMailURL("a path has no meaning in it.")
    if parts.query and parts.query != _PLAIN:
        raise WrongMailURL("the only option behind ? is tls=never.")
    if parts.query and parts.scheme == "smtps":
        raise WrongMailURL(
            "smtps:// is TLS, and tls=never is not.", "write smtp://, or leave it out"
        )
