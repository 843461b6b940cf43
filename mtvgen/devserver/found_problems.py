"""What the last run of the checks has found: left by the supervisor, read by the error page.

The two are in different processes, so it is a file in the server's private directory. That is in
the system's temporary one, where others delete what they like: without the file nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress

from mtvgen.disk.open_directory import OpenDirectory

_FILE = "problems.json"


def save_problems(lines: Iterable[str], directory: OpenDirectory | None) -> None:
    """Leave what was found, in place of what was left before.

    Args:
        lines: Each begins with its file: `views/notes.py:14: ...`.
        directory: The server's private one, if it has one.
    """
    if directory is not None:
        with suppress(OSError):
            directory.write(_FILE, json.dumps(sorted(lines, key=in_reading_order)).encode())


def in_reading_order(line: str) -> tuple[str, int, str]:
    """The key by which lines are sorted: by file, then by number, so that 9 is before 10."""
    file, _, rest = line.partition(":")
    number = rest.partition(":")[0]
    return file, int(number) if number.isdecimal() else 0, rest


def problems_of(places: Mapping[str, range | None], directory: OpenDirectory | None) -> list[str]:
    """What the last run has found where an error passed, as lines.

    Args:
        places: A file below the project's directory, `views/notes.py`, or a whole directory,
            `models`, and the lines of it that matter; None: all.
        directory: The one that was given to `save_problems()`; None for a server without checks.
    """
    try:
        lines: list[str] = json.loads(directory.read(_FILE) if directory else "[]")
    except (OSError, ValueError):  # nothing found yet
        return []
    return [line for line in lines if _is_at(line, places)]


def _is_at(line: str, places: Mapping[str, range | None]) -> bool:
    file, number, _ = in_reading_order(line)
    for place in (file, file.partition("/")[0]):
        if place in places:
            numbers = places[place]
            return numbers is None or number in numbers
    return False
