"""The settings that this process has read: a site has one object of them.

What a project need not hand around asks here, as `mtvgen.runtime.mail` does for MAIL_URL.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtvgen.runtime.settings.settings import Settings

_read: list[weakref.ref[Settings]] = []


def remember_settings(settings: Settings) -> None:
    """Let `current_settings()` find these; those that were read before count no more."""
    _read[:] = [weakref.ref(settings)]


def current_settings() -> Settings | None:
    """Return the settings that were read last and are still used, or None."""
    return _read[0]() if _read else None
