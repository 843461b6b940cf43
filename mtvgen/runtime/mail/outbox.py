"""The outbox of a test: mails stay in it instead of leaving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mtvgen.runtime.mail.messages import Mail


class Outbox(list[Mail]):
    """The mails that would have been sent, the first one first; each a `Mail`."""

    def to(self, address: str) -> list[Mail]:
        """Return the mails to one address."""
        return [mail for mail in self if address in mail.to]


_open: list[Outbox] = []


@contextmanager
def sent_mail() -> Iterator[Outbox]:
    """Keep what is sent in a list, for as long as a `with` block lasts.

        with sent_mail() as outbox:
            client.post("/forgotten", data={"email": "ada@example.org"})
        (mail,) = outbox
        client.get(mail.links[0])

    It needs no MAIL_URL. What a request sends is in the list once the request is committed.
    """
    outbox = Outbox()
    _open.append(outbox)
    try:
        yield outbox
    finally:
        _open.remove(outbox)


def open_outbox() -> Outbox | None:
    """Return the innermost outbox that is open, or None."""
    return _open[-1] if _open else None
