"""Places in source files, as a person names them: `views/notes.py:14`."""

from __future__ import annotations

import inspect
import sys
from bisect import bisect_right
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Any, NamedTuple
from weakref import ref

_FAR = 4096  # bytes into a function, or a module: a list of a hundred routes


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
    return Location(frame.f_code.co_filename, _line_of(frame))


def _line_of(frame: FrameType) -> int:
    # Python reads its table of lines from the beginning, for each line that it is asked for: the
    # lines of a list of 1,000 routes took 50 ms.
    if frame.f_lasti < _FAR:
        return frame.f_lineno
    global _table
    table = _table
    if table.code() is not frame.f_code:
        table = _table = _LineTable(frame.f_code)
    return table.line_at(frame.f_lasti) or frame.f_lineno


class _LineTable:
    """The lines of one code object, which is not kept alive by it.

    Attributes:
        code: Gives the code object, or None once that is gone.
    """

    def __init__(self, code: CodeType) -> None:
        self.code = ref(code, self._forget)
        lines = list(code.co_lines())
        self._starts = [start for start, _, _ in lines]
        self._lines = [line for _, _, line in lines]

    def line_at(self, position: int) -> int | None:
        return self._lines[bisect_right(self._starts, position) - 1]

    def _forget(self, _: object) -> None:
        self._starts, self._lines = [], []


_table = _LineTable(_line_of.__code__)  # of the module that has asked last: it has more routes


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
