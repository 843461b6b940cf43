"""What the last run of the checks has found: left by the supervisor, read by the error page.

The two are in different processes, so it is a file in the server's private directory.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

_FILE = "problems.json"


def save_problems(lines: Iterable[str], directory: Path) -> None:
    """Leave what was found, in place of what was left before.

    Args:
        lines: Each begins with its file: `views/notes.py:14: ...`.
        directory: The server's private one.
    """
    (directory / _FILE).write_text(json.dumps(sorted(lines)), encoding="utf-8")


def problems_of(files: Collection[str], directory: Path | None) -> list[str]:
    """What the last run has found in some files, as lines.

    Args:
        files: Below the project's directory: `views/notes.py`, or a whole directory: `models`.
        directory: The one that was given to `save_problems()`; None for a server without checks.
    """
    try:
        text = (directory / _FILE).read_text(encoding="utf-8") if directory else "[]"
        lines: list[str] = json.loads(text)
    except (OSError, ValueError):  # nothing found yet, or just being written
        return []
    places = ((line, line.partition(":")[0]) for line in lines)
    return [line for line, file in places if {file, file.partition("/")[0]} & set(files)]
