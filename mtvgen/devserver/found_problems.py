"""What the last run of the checks has found: left by the supervisor, read by the error page.

The two are in different processes, so it is a file in the server's private directory. That is in
the system's temporary one, where others delete what they like: without the file nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
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
            directory.write(_FILE, json.dumps(sorted(lines)).encode())


def problems_of(files: Collection[str], directory: OpenDirectory | None) -> list[str]:
    """What the last run has found in some files, as lines.

    Args:
        files: Below the project's directory: `views/notes.py`, or a whole directory: `models`.
        directory: The one that was given to `save_problems()`; None for a server without checks.
    """
    try:
        lines: list[str] = json.loads(directory.read(_FILE) if directory else "[]")
    except (OSError, ValueError):  # nothing found yet
        return []
    places = ((line, line.partition(":")[0]) for line in lines)
    return [line for line, file in places if {file, file.partition("/")[0]} & set(files)]
