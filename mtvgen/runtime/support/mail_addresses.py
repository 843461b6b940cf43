"""Mail addresses (RFC 5322, section 3.4), for the standard library's messages."""

from __future__ import annotations

import unicodedata
from email.errors import MessageError
from email.headerregistry import Address

_LONGEST = 254  # octets: a path of RFC 5321 (section 4.5.3.1.3) without its angle brackets

# The standard library encodes host names by IDNA 2003, which takes these for other letters, and so
# for the name of somebody else (RFC 5891 keeps them).
_DEVIATIONS = frozenset("\u00df\u1e9e\u03c2\u200c\u200d")


def mail_address(text: str, name: str = "") -> Address:
    """Return one address, its host name in ASCII (IDNA).

    Args:
        text: `ada@example.org`, and nothing around it.
        name: Whose it is, as mail programs show it.

    Raises:
        ValueError: It is not a single address, or a control character is in it or in the name.
    """
    refuse_controls(name, "a name")
    refuse_controls(text, "an address")
    local, _, domain = text.rpartition("@")
    try:
        if not (local and domain):
            raise ValueError("not the text of an address")
        if not _DEVIATIONS.isdisjoint(domain):
            raise ValueError("a host name that IDNA 2003 takes for another")
        host = domain.encode("idna").decode("ascii")
        # RFC 6531 (section 3.3) lets letters of all languages be where "x" may be.
        plain = "".join(letter if letter.isascii() else "x" for letter in local)
        if Address(addr_spec=f"{plain}@{host}").addr_spec != f"{plain}@{host}":
            raise ValueError("more than an address")
        address = Address(name, local, host)
    # The parser also raises IndexError for some texts that end too early.
    except (ValueError, IndexError, MessageError) as error:
        raise ValueError(f"{text!r} is not a mail address, such as ada@example.org.") from error
    if len(address.addr_spec.encode("utf-8", "replace")) > _LONGEST:
        raise ValueError(f"{text[:20]!r}... is longer than a mail address: {_LONGEST} bytes.")
    return address


def sender_address(text: str) -> Address:
    """Return the address of a sender, `Notes <notes@example.org>` or `notes@example.org`.

    Raises:
        ValueError: It is neither.
    """
    name, separator, address = text.strip().rpartition("<")
    if not separator:
        return mail_address(address)
    if not address.endswith(">"):
        raise ValueError(f"{text!r} does not end with '>'.")
    return mail_address(address[:-1], name.strip().strip('"'))


def refuse_controls(text: str, what: str) -> None:
    r"""Refuse a text that could start another header, or another line of one.

    Raises:
        ValueError: A line break, another control character or half a character is in it.
    """
    bad = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")), None)
    if bad is not None:
        raise ValueError(f"{bad!r} has no place in {what} of a mail.")
