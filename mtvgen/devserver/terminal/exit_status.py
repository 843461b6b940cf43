"""The end of a process, in words."""

from __future__ import annotations

import signal


def how_it_ended(code: int | None) -> str:
    """Return `exited with 3` or `was ended by SIGSEGV`."""
    if code is None:
        return "ended"
    return f"exited with {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
