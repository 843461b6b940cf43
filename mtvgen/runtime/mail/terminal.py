"""Mail in the terminal, while a site is developed: nothing leaves the machine."""

from __future__ import annotations

import sys

from mtvgen.runtime.mail.messages import Mail

_WIDTH = 72  # columns of the lines above and below


def show(mail: Mail) -> None:
    """Print a mail, where `mtvgen runserver` prints its requests."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    shown = as_text(mail).encode(encoding, "backslashreplace").decode(encoding)
    print(shown, flush=True)  # noqa: T201  # that is what it is for


def as_text(mail: Mail) -> str:
    """Return a mail as text that a terminal shows and does not obey."""
    lines = [
        " mail (only shown here while developing) ".center(_WIDTH, "-"),
        *([f"From: {mail.sender}"] if mail.sender else []),
        f"To: {', '.join(mail.to)}",
        f"Subject: {mail.subject}",
        "",
        mail.text.rstrip("\n"),
        "-" * _WIDTH,
    ]
    return "".join(map(_harmless, "\n".join(lines)))


def _harmless(character: str) -> str:
    """Escape what could move the cursor or turn the text around: a visitor may have typed it."""
    if character in "\n\t" or character.isprintable():
        return character
    return repr(character)[1:-1]
