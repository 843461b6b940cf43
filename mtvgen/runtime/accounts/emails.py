"""normalize_email(): one spelling for each address, so that nobody has two accounts by accident.

An address that is stored is also where mail goes, so nothing is folded that could lead to another
mailbox: a dotless i, a Cyrillic a and a sharp s keep being other letters than i, a and ss.
"""

from __future__ import annotations

import re
import unicodedata

_MOST = 254  # characters and bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets)
_MOST_LOCAL = 64  # bytes before the @ (RFC 5321, section 4.5.3.1.1)

# What may be before the @ without quotes (RFC 5322, section 3.2.3, and RFC 6531, section 3.3).
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

# Letters that IDNA 2003, which is what Python has, turns into others: strasse.de would get the
# mail of somebody at another domain (RFC 5894, section 7.2).
_TURNED_BY_IDNA = frozenset("\u00df\u03c2\u200c\u200d")


class InvalidEmail(ValueError):
    """The text is not an email address; the message is a sentence for whoever typed it."""

    def __init__(self) -> None:
        super().__init__("Write an email address, such as ada@example.com.")


def normalize_email(text: str) -> str:
    """Return an address as it is stored and looked up; to normalize it again changes nothing.

    Compatible characters are united (NFKC), letters are small ones, and the domain is in ASCII
    (IDNA, RFC 3490). Letters that only look alike stay different.

    Args:
        text: What was typed; blanks around it do not count.

    Raises:
        InvalidEmail: It is not an address, is longer than 254 characters, has no dot in its
            domain, or is one of the rare ones with quotes or an IP address.
    """
    text = text.strip()
    if len(text) > _MOST:  # before the work, which grows with the square of some texts
        raise InvalidEmail
    local, at, domain = _small(text).rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > _MOST_LOCAL:
        raise InvalidEmail
    email = f"{local}@{_ascii_domain(domain)}"
    if len(email.encode()) > _MOST:
        raise InvalidEmail
    return email


def email_address(text: str) -> str | None:
    """Say what is wrong with an address: an extra for a field, `Annotated[str, email_address]`."""
    try:
        normalize_email(text)
    except InvalidEmail as error:
        return str(error)
    return None


def _small(text: str) -> str:
    # Small letters of composed ones can be composed again.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())


def _ascii_domain(domain: str) -> str:
    if not _TURNED_BY_IDNA.isdisjoint(domain):
        raise InvalidEmail
    try:
        name = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise InvalidEmail from None
    labels = name.split(".")
    is_name = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    if not is_name or labels[-1].isdigit():
        raise InvalidEmail
    return name
