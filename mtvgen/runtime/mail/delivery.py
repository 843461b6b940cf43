"""Delivery: messages to a mail server, over one connection (RFC 5321)."""

from __future__ import annotations

import logging
import os
import smtplib
import ssl
import threading
from collections.abc import Sequence
from email.message import EmailMessage

from mtvgen.runtime.http.grammar import printable
from mtvgen.runtime.mail.messages import recipients
from mtvgen.runtime.settings.mail_server import MailServer

TIMEOUT = 10  # seconds that each step of the conversation may take

logger = logging.getLogger("mtvgen")

# OpenSSL takes locks of its own while it reads the system's certificates. In a process that was
# forked at that moment nobody would ever release them, so a fork waits until they are read.
_reading = threading.Lock()
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(
        before=_reading.acquire,
        after_in_parent=_reading.release,
        after_in_child=_reading.release,
    )


class MailError(Exception):
    """A mail was not sent, or can't be: the sentence says why, and what to do."""


def deliver(server: MailServer, messages: Sequence[EmailMessage]) -> None:
    """Send messages over one connection.

    A message that the server refuses does not keep the others from being sent.

    Raises:
        MailError: At least one was not sent; says which.
    """
    failures = list(_failures(server, messages))
    if failures:
        raise MailError("\n".join(failures))


def deliver_and_log(server: MailServer, messages: Sequence[EmailMessage]) -> None:
    """Send messages, and log those that were not sent: nobody waits for this."""
    try:
        for failure in _failures(server, messages):
            logger.error("%s", failure)
    except Exception:
        logger.exception("sending mail")


def _failures(server: MailServer, messages: Sequence[EmailMessage]) -> list[str]:
    """Send what can be sent; return a sentence for each message that was not."""
    try:
        connection = _connected(server)
    # smtplib's own errors are OSErrors, too; so are those of TLS and of the network.
    except (OSError, ValueError) as error:
        return [_failure(message, _reason(error)) for message in messages]
    failures: list[str] = []
    for number, message in enumerate(messages):
        try:
            connection.send_message(
                message, message["From"].addresses[0].addr_spec, recipients(message)
            )
        except smtplib.SMTPServerDisconnected as error:
            failures += [_failure(lost, _reason(error)) for lost in messages[number:]]
            break
        except (OSError, ValueError) as error:
            failures.append(_failure(message, _reason(error)))
    _hang_up(connection)
    return failures


def _connected(server: MailServer) -> smtplib.SMTP:
    """Return a connection that is encrypted, and knows the user.

    Raises:
        OSError: The server is away, not who it should be, or does not know the user.
    """
    with _reading:
        context = ssl.create_default_context()  # verifies the certificate and the host's name
    if server.is_encrypted_at_once:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        if not server.is_encrypted_at_once:
            _encrypt(connection, server, context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _encrypt(connection: smtplib.SMTP, server: MailServer, context: ssl.SSLContext) -> None:
    connection.ehlo_or_helo_if_needed()
    if connection.has_extn("starttls"):
        connection.starttls(context=context)
    # Whoever sits on the way can take STARTTLS out of the answer (RFC 3207, section 6).
    elif server.user:
        raise smtplib.SMTPNotSupportedError("it offers no TLS, and a password needs it")
    elif not server.may_be_plain:
        raise smtplib.SMTPNotSupportedError(
            "it offers no TLS; if it is in a network of yours, write ?tls=never behind MAIL_URL"
        )


def _hang_up(connection: smtplib.SMTP) -> None:
    """End a conversation in which everything has been said already."""
    try:
        connection.quit()
    except OSError:
        connection.close()


def _failure(message: EmailMessage, reason: str) -> str:
    return f"The mail to {printable(', '.join(recipients(message)))} was not sent: {reason}"


def _reason(error: Exception) -> str:
    """Return what a server or a network said, on one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = [f"{code} {_text(reply)}" for code, reply in error.recipients.values()]
        return printable("; ".join(replies))
    if isinstance(error, smtplib.SMTPResponseException):
        return printable(f"{error.smtp_code} {_text(error.smtp_error)}")
    return printable(str(error) or type(error).__name__)


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
