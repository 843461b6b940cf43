"""Problems from the last run of the checks: left by the supervisor, read by the error page.

The two are in different processes, so it is a file in the server's private directory. That is in
the system's temporary one, where others delete what they like: without the file nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from mtvgen.disk.open_directory import OpenDirectory

_FILE = "problems.json"


class FoundProblem(NamedTuple):
    """A problem, as far as the server asks: where it is, and how it is printed.

    Attributes:
        file: The file's path below the project.
        line: The line, from 1.
        text: The line that `mtvgen check` prints.
    """

    file: str
    line: int
    text: str


def save_problems(problems: Iterable[FoundProblem], directory: OpenDirectory | None) -> None:
    """Leave what was found, in place of what was left before.

    Args:
        problems: In the order in which they are to be shown.
        directory: The server's private one, if it has one.
    """
    if directory is not None:
        with suppress(OSError):
            directory.write(_FILE, json.dumps(list(problems)).encode())


def problems_of(places: Mapping[str, range | None], directory: OpenDirectory | None) -> list[str]:
    """Return what the last run has found where an error passed, as lines.

    Args:
        places: A file below the project's directory, `views/notes.py`, or a whole directory,
            `models`, and the lines of it that matter; None: all.
        directory: The one that was given to `save_problems()`; None for a server without checks.
    """
    try:
        data = json.loads(directory.read(_FILE) if directory else "[]")
        problems = [FoundProblem(*fields) for fields in data]
    except (OSError, ValueError, TypeError):  # nothing found yet, or not by this server
        return []
    return [problem.text for problem in problems if _is_at(problem, places)]


def _is_at(problem: FoundProblem, places: Mapping[str, range | None]) -> bool:
    for place in (problem.file, problem.file.partition("/")[0]):
        if place in places:
            lines = places[place]
            return lines is None or problem.line in lines
    return False
