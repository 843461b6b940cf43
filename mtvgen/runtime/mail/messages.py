"""Mail: one message as its author sees it, and as it travels (RFC 5322)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid

from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.support.mail_addresses import mail_address, refuse_controls, sender_address

_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Mail:
    """One mail.

    Attributes:
        sender: Who it is from: `Notes <notes@example.org>`.
        to: The addresses that it goes to; each of them can read the others.
        subject: One line.
        text: The plain text.
        html: The same for those who see HTML; None without it.
    """

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str | None = None

    @property
    def links(self) -> list[str]:
        """The addresses of pages in the text, in their order: what a test follows."""
        return _LINK.findall(self.text)


def make_mail(
    sender: str,
    *,
    to: str | Sequence[str],
    subject: str,
    text: str | Response,
    html: str | Response | None,
) -> Mail:
    """Return a mail.

    Raises:
        ValueError: `to` is not an address, or not a list of them.
    """
    addresses = (to,) if isinstance(to, str) else tuple(to)
    if not addresses:
        raise ValueError("A mail goes to one address at least.")
    return Mail(sender, addresses, subject, _words(text), None if html is None else _words(html))


def as_message(mail: Mail) -> EmailMessage:
    """Return a mail as it travels.

    Raises:
        ValueError: An address is not one, or the subject has a line break or another control
            character.
    """
    refuse_controls(mail.subject, "the subject")
    sender = sender_address(mail.sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = [mail_address(address) for address in mail.to]
    message["Subject"] = mail.subject
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=sender.domain)
    # Automatic replies, such as those of somebody on holiday, stay away (RFC 3834, section 5).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    return message


def recipients(message: EmailMessage) -> list[str]:
    """Return the bare addresses that a message goes to."""
    to: tuple[Address, ...] = message["To"].addresses
    return [address.addr_spec for address in to]


def _words(text: str | Response) -> str:
    if not isinstance(text, Response):
        return str(text)
    if not isinstance(text.body, bytes):
        raise ValueError("The text of a mail is a str, or what render() returns.")
    return text.body.decode()
