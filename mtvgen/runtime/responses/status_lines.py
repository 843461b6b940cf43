"""The status lines of responses: `404 Not Found`."""

from __future__ import annotations

from mtvgen.runtime.http.errors import PHRASES

# Codes that no standard names join when one is used first: all of them would take 100 kB in each
# process.
STATUS_LINES = {status: f"{status} {PHRASES[status]}" for status in PHRASES if status >= 200}


def add_status_line(status: int) -> None:
    """Note the line of a code that no standard names.

    Raises:
        ValueError: It can't be the status of a response.
    """
    if status not in range(200, 1000):
        hint = _meant(status)
        raise ValueError(f"{status!r} is not a response status: an int from 200 to 999.{hint}")
    STATUS_LINES[status] = f"{int(status)} Unknown"


def _meant(status: object) -> str:
    """Return what to write instead of text: Flask takes `404 Not Found`, Django a media type."""
    if not isinstance(status, str):
        return ""
    if "/" in status:
        return f" Write content_type={status!r}."
    number = status[:3]
    return f" Write {number}." if number.isdecimal() and int(number) >= 200 else ""
