"""Helpers for a project's tests: a client, mail, passwords, access (docs/testing.md)."""

from __future__ import annotations

try:
    from mtvgen.runtime.testing.client import Client
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] != "werkzeug":
        raise
    raise ModuleNotFoundError(
        'mtvgen.runtime.testing needs werkzeug. -> pip install "mtvgen[test]"', name=error.name
    ) from error

from mtvgen.runtime.mail.outbox import Outbox, sent_mail
from mtvgen.runtime.security.passwords import cheap_passwords
from mtvgen.runtime.testing.access import who_may_use

__all__ = ["Client", "Outbox", "cheap_passwords", "sent_mail", "who_may_use"]
