"""Helpers for a project's tests: a client, mail, passwords, access (docs/testing.md)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

try:
    from mtvgen.runtime.testing.client import Client
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] != "werkzeug":
        raise
    raise ModuleNotFoundError(
        'mtvgen.runtime.testing needs werkzeug. -> pip install "mtvgen[test]"', name=error.name
    ) from error

from mtvgen.runtime.security.passwords import cheap_passwords
from mtvgen.runtime.testing.access import who_may_use

if TYPE_CHECKING:
    from mtvgen.runtime.mail.outbox import Outbox, sent_mail

__all__ = ["Client", "Outbox", "cheap_passwords", "sent_mail", "who_may_use"]


def __getattr__(name: str) -> Any:
    """Import what mail needs for the tests of a site that sends mail (PEP 562)."""
    if name not in ("Outbox", "sent_mail"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("mtvgen.runtime.mail.outbox"), name)
