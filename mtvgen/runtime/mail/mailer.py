"""Mailer: a server and a sender; and send(), which takes those of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mtvgen.runtime.mail.delivery import MailError, deliver
from mtvgen.runtime.mail.messages import Mail, as_message, make_mail
from mtvgen.runtime.mail.outbox import open_outbox
from mtvgen.runtime.mail.queue import queue
from mtvgen.runtime.mail.terminal import show
from mtvgen.runtime.settings.current import current_settings
from mtvgen.runtime.settings.mail_server import EXAMPLE, MailServer, read_mail_url

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request
    from mtvgen.runtime.responses.response import Response

_NOWHERE = "nobody@localhost"  # the sender while developing, where MAIL_FROM is not set


@dataclass(frozen=True)
class Mailer:
    """A way for mail to leave; `send()` has that of the settings, and a second one is made by hand.

        newsletter = Mailer(settings.newsletter_url, sender="News <news@example.org>")
        newsletter.send(request, to=reader.email, subject="News", text="...")

    Args:
        url: `smtp://user:password@host:587`, `smtps://...`; "" without a server.
        sender: Who the mail is from: `Notes <notes@example.org>`.
        debug: Whether to show mail in the terminal instead of sending it. A server on this
            machine, such as one that only catches mail, gets it, too.

    Raises:
        ValueError: The URL names no mail server.
    """

    url: str = field(repr=False)
    sender: str
    debug: bool = False

    def __post_init__(self) -> None:
        if self.url:
            read_mail_url(self.url)

    def send(
        self,
        request: Request,
        *,
        to: str | Sequence[str],
        subject: str,
        text: str | Response,
        html: str | Response | None = None,
    ) -> None:
        """Send a mail once what the request wrote is committed; see `send()`."""
        self._check()
        letter = _Letter(make_mail(self.sender, to=to, subject=subject, text=text, html=html))
        waiting = request.callbacks.commit if request.callbacks else []
        batch = next((b for b in waiting if isinstance(b, _Batch) and b.mailer == self), None)
        if batch is None:
            batch = _Batch(self)
            request.on_commit(batch)
        batch.letters.append(letter)

    def send_now(
        self,
        *,
        to: str | Sequence[str],
        subject: str,
        text: str | Response,
        html: str | Response | None = None,
    ) -> None:
        """Send a mail and wait until the server has taken it; see `send_now()`."""
        self._check()
        letter = _Letter(make_mail(self.sender, to=to, subject=subject, text=text, html=html))
        server = self._server_for([letter])
        if server is not None:
            deliver(server, [letter.message])

    def send_soon(self, letters: Sequence[_Letter]) -> None:
        """Send what a request has written, without waiting for the server."""
        server = self._server_for(letters)
        if server is not None:
            queue.put(server, [letter.message for letter in letters])

    def _check(self) -> None:
        if not (self.url or self.debug or open_outbox() is not None):
            raise MailError(
                "MAIL_URL is not set, and this is not mtvgen runserver. "
                f"-> export MAIL_URL={EXAMPLE} MAIL_FROM='My site <me@example.com>'; "
                "in a test: with sent_mail() as outbox"
            )

    def _server_for(self, letters: Sequence[_Letter]) -> MailServer | None:
        """Return the server that gets these; None where a test or the terminal has got them."""
        outbox = open_outbox()
        if outbox is not None:
            outbox.extend(letter.mail for letter in letters)
            return None
        server = read_mail_url(self.url) if self.url else None
        if not self.debug:
            return server
        for letter in letters:
            show(letter.mail)
        return server if server is not None and server.is_on_this_machine else None


class _Letter:
    """A mail, and how it travels: made in the view, so that mistakes are raised there."""

    def __init__(self, mail: Mail) -> None:
        self.mail = mail
        self.message = as_message(mail)


class _Batch:
    """The mails of one request and one mailer, which leave over one connection."""

    def __init__(self, mailer: Mailer) -> None:
        self.mailer = mailer
        self.letters: list[_Letter] = []

    def __call__(self) -> None:
        self.mailer.send_soon(self.letters)


def send(
    request: Request,
    *,
    to: str | Sequence[str],
    subject: str,
    text: str | Response,
    html: str | Response | None = None,
) -> None:
    """Send a mail once what the request wrote is committed; never if it is rolled back.

    The answer does not wait for the server. All mails of a request leave over one connection; one
    that can't be sent is logged.

    Args:
        request: The request at hand.
        to: An address, or several, each of which can read the others.
        subject: One line.
        text: The mail in plain text, as a str or as `render(request, "mail/note.txt", ...)`.
        html: The same for those who see HTML.

    Raises:
        ValueError: An address is not one, or a control character is in it or in the subject.
        MailError: MAIL_URL is not set, and the site is neither developed nor tested.
    """
    _mailer().send(request, to=to, subject=subject, text=text, html=html)


def send_now(
    *,
    to: str | Sequence[str],
    subject: str,
    text: str | Response,
    html: str | Response | None = None,
) -> None:
    """Send a mail and wait until the server has taken it: for jobs, which can try again.

    Args:
        to: An address, or several, each of which can read the others.
        subject: One line.
        text: The mail in plain text.
        html: The same for those who see HTML.

    Raises:
        ValueError: As in `send()`.
        MailError: It was not sent; says why.
    """
    _mailer().send_now(to=to, subject=subject, text=text, html=html)


def _mailer() -> Mailer:
    """Return the mailer of the settings, as they are at the moment.

    Raises:
        MailError: Nothing has read settings.
    """
    settings = current_settings()
    if settings is None:
        if open_outbox() is not None:
            return Mailer("", _NOWHERE)
        raise MailError(
            "No settings were read, so MAIL_URL is not known. "
            "-> settings = Settings.from_environment(...), or a Mailer of your own"
        )
    return Mailer(settings.mail_url, settings.mail_from or _NOWHERE, settings.debug)
