"""The places that an exception passed: the source around each, and the values there."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType, TracebackType
from typing import Any

from mtvgen.project.loading import ProjectError
from mtvgen.project.masking import Masker
from mtvgen.project.tracebacks import is_users, path_in_project
from mtvgen.runtime.support.locations import of_function
from mtvgen.runtime.templates.rendering import REQUEST_NAMES

_CONTEXT = 3  # lines before and after the one that failed
_MAX_FRAMES = 60  # a recursion has a thousand that say the same
_MAX_LOCALS = 40
_IN_EVERY_TEMPLATE = REQUEST_NAMES - {"request"}
_DEFINITIONS = (ModuleType, FunctionType, type)


@dataclass(frozen=True)
class SourceLine:
    """A line of source around the one that failed; number 0 is a caret below it."""

    number: int
    text: str
    failed: bool


@dataclass(frozen=True)
class Frame:
    """A place that the exception passed.

    Attributes:
        file: Below the project's directory where it lies in it.
        function: What runs there; empty in a template.
        values: Names and what they are, secrets masked.
        is_users: It is a file of the project.
    """

    file: str
    line: int
    function: str
    source: tuple[SourceLine, ...]
    values: tuple[tuple[str, str], ...]
    is_users: bool

    @property
    def place(self) -> str:
        """`views/notes.py:14`."""
        return f"{self.file}:{self.line}"


def frames_of(error: BaseException, root: Path, masker: Masker) -> Iterator[Frame]:
    """The places that an exception passed, from the request inwards, and those that it names."""
    passed: list[tuple[Any, int]] = []
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        passed.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    for frame, line in passed[-_MAX_FRAMES:]:
        if frame.f_locals.get("__traceback_hide__"):
            continue
        code = frame.f_code
        is_template = not code.co_filename.endswith(".py")
        yield Frame(
            file=path_in_project(code.co_filename, root),
            line=line,
            function="" if is_template or code.co_name == "<module>" else code.co_name,
            source=_source(code.co_filename, line),
            values=tuple(_values(frame.f_locals, masker)),
            is_users=is_users(code.co_filename, root),
        )
    yield from _place_of_syntax_error(error, root)
    yield from _named_places(error, root)


def frames_of_view(
    view: Callable[..., Any] | None, root: Path, *, has_returned: bool
) -> Iterator[Frame]:
    """Where the view begins, if it is the user's.

    Args:
        view: Who was to answer; None where no view was reached.
        root: The project's directory.
        has_returned: Whether the error came after it; else it could not be called.
    """
    place = None if view is None else of_function(view)
    if place is not None and is_users(place.file, root):
        source = _source(place.file, place.line)
        name = getattr(view, "__name__", "")
        if has_returned:
            name += " (after it returned)"
        yield Frame(path_in_project(place.file, root), place.line, name, source, (), is_users=True)


def _place_of_syntax_error(error: BaseException, root: Path) -> Iterator[Frame]:
    """The place that a syntax error, of Python or of a template, is about."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if isinstance(file, str) and isinstance(line, int):
        source = tuple(_with_caret(_source(file, line), error))
        yield Frame(path_in_project(file, root), line, "", source, (), is_users(file, root))


def _with_caret(source: tuple[SourceLine, ...], error: BaseException) -> Iterator[SourceLine]:
    for line in source:
        yield line
        if line.failed and isinstance(error, SyntaxError) and error.offset:
            begin = error.offset - 1  # counted from 1
            last = error.end_offset if error.end_lineno == error.lineno else None
            blanks = "".join("\t" if each == "\t" else " " for each in line.text[:begin])
            yield SourceLine(0, blanks + "^" * max(1, (last or 0) - error.offset), failed=False)


def _named_places(error: BaseException, root: Path) -> Iterator[Frame]:
    """The places that a project's error is about: `urls.py:8: '/notes/<itn:id>': ...`.

    From the last to the first, because the innermost frame is the one that is shown above.
    """
    for file, line in reversed(error.places if isinstance(error, ProjectError) else ()):
        yield Frame(
            path_in_project(file, root), line, "", _source(file, line), (), is_users(file, root)
        )


def _source(file: str, line: int) -> tuple[SourceLine, ...]:
    linecache.checkcache(file)
    numbers = range(max(1, line - _CONTEXT), line + _CONTEXT + 1)
    texts = [(number, linecache.getline(file, number)) for number in numbers]
    return tuple(
        SourceLine(number, text.rstrip("\n"), number == line) for number, text in texts if text
    )


def _values(values: dict[str, Any], masker: Masker) -> Iterator[tuple[str, str]]:
    shown = 0
    for name, value in values.items():
        # What a module imports and defines says nothing about how it failed.
        is_plain = name.startswith("__") or name in _IN_EVERY_TEMPLATE
        if is_plain or isinstance(value, _DEFINITIONS) or shown >= _MAX_LOCALS:
            continue
        shown += 1
        yield name, masker.describe(name, value)
