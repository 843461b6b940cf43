"""Places in source files, as a person names them: `views/notes.py:14`."""

from __future__ import annotations

import inspect
import sys
from pathlib import PurePath
from typing import Any, NamedTuple


class Location(NamedTuple):
    """A line of a source file.

    Attributes:
        file: The file's path as the interpreter knows it, mostly absolute.
        line: The line's number, from 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}"


def caller(depth: int = 1) -> Location:
    """Return the line that called the function that asks; `depth` more frames further up."""
    # _getframe costs a fifth of what inspect.stack does not even begin for,
    # and urls.py pays it once for each route.
    frame = sys._getframe(depth + 1)
    return Location(frame.f_code.co_filename, frame.f_lineno)


def of_function(function: Any) -> Location | None:
    """Return where a function is defined, below its decorators' wrappers; None if unknown."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return None if code is None else Location(code.co_filename, code.co_firstlineno)


def shown(file: str) -> str:
    """Return a file's path below the first `sys.path` entry that holds it.

    The project's directory.
    """
    path = PurePath(file)
    for entry in sys.path:
        if entry and path.is_relative_to(entry):
            return path.relative_to(entry).as_posix()
    return path.as_posix()
