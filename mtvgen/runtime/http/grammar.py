"""Rules of grammar that several fields share: the token, the safe methods, printable text."""

from __future__ import annotations

import re

# RFC 9110, section 5.6.2, for use inside larger expressions. Case and digits are spelled out: no
# locale, no Unicode.
TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105  # the grammar's word, not a secret

is_token = re.compile(TOKEN).fullmatch

# Methods that change nothing (RFC 9110, section 9.2.1), so any site may link to them.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

# Characters that no path holds: they end lines and texts in whatever reads it next.
has_controls = re.compile(r"[\x00-\x1f\x7f]").search


def printable(text: str) -> str:
    """Text without control characters: a visitor's line break starts no line of the log."""
    return text if text.isprintable() else repr(text)[1:-1]
