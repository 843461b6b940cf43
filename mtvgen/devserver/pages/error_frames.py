"""The places that an exception passed: the source around each, and the values there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, TracebackType
from typing import Any

from mtvgen.devserver.pages.source_lines import (
    SourceLine,
    Span,
    definition_line,
    failing_span,
    source_around,
)
from mtvgen.project.loading import ProjectError
from mtvgen.project.masking import Masker
from mtvgen.project.tracebacks import is_users, path_in_project
from mtvgen.runtime.support.locations import of_function
from mtvgen.runtime.templates.request_names import REQUEST_NAMES

_MAX_FRAMES = 60  # places; of a recursion each is shown once
_MAX_LOCALS = 40
_IN_EVERY_TEMPLATE = REQUEST_NAMES - {"request"}
_DEFINITIONS = (ModuleType, FunctionType, type)


@dataclass(frozen=True)
class Frame:
    """A place that the exception passed.

    Attributes:
        file: Below the project's directory where it is in it.
        function: What runs there; empty in a template.
        values: Names and what they are, secrets masked.
        is_users: It is a file of the project.
        full_path: The file as the interpreter knows it, for an editor.
        times: How often the exception passed it, in a recursion.
    """

    file: str
    line: int
    function: str
    source: tuple[SourceLine, ...]
    values: tuple[tuple[str, str], ...]
    is_users: bool
    full_path: str = ""
    times: int = 1

    @property
    def place(self) -> str:
        """`views/notes.py:14`."""
        return f"{self.file}:{self.line}"

    @property
    def where(self) -> str:
        """`views/notes.py:14 in create`."""
        often = f" ({self.times} times)" if self.times > 1 else ""
        return f"{self.place} in {self.function}{often}" if self.function else self.place


def frames_of(error: BaseException, root: Path, masker: Masker) -> Iterator[Frame]:
    """Return the places that an exception passed, from the request inwards, or that it names."""
    for link, times in _passed(error)[-_MAX_FRAMES:]:
        code = link.tb_frame.f_code
        is_template = not code.co_filename.endswith(".py")
        span = None if is_template else failing_span(code, link.tb_lasti, code.co_filename)
        yield Frame(
            file=path_in_project(code.co_filename, root),
            line=link.tb_lineno,
            function="" if is_template or code.co_name == "<module>" else code.co_name,
            source=source_around(code.co_filename, link.tb_lineno, span),
            values=tuple(_values(link.tb_frame.f_locals, masker)),
            is_users=is_users(code.co_filename, root),
            full_path=code.co_filename,
            times=times,
        )
    yield from _place_of_syntax_error(error, root)
    yield from _named_places(error, root)


def frames_of_view(
    view: Callable[..., Any] | None, root: Path, *, has_returned: bool
) -> Iterator[Frame]:
    """Yield where the view begins, if it is the user's.

    Args:
        view: Who was to answer; None where no view was reached.
        root: The project's directory.
        has_returned: Whether the error came after it; else it could not be called.
    """
    place = None if view is None else of_function(view)
    if place is not None and is_users(place.file, root):
        line = definition_line(place.file, place.line)
        name = getattr(view, "__name__", "")
        if has_returned:
            name += " (after it returned)"
        yield _frame_at(place.file, line, root, name)


def _passed(error: BaseException) -> list[tuple[TracebackType, int]]:
    """Each place once, where the exception passed it last, and how often it did."""
    passed: dict[tuple[CodeType, int], tuple[TracebackType, int]] = {}
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        if not traceback.tb_frame.f_locals.get("__traceback_hide__"):
            key = (traceback.tb_frame.f_code, traceback.tb_lineno)
            _, times = passed.pop(key, (None, 0))
            passed[key] = (traceback, times + 1)
        traceback = traceback.tb_next
    return list(passed.values())


def _frame_at(
    file: str, line: int, root: Path, function: str = "", span: Span | None = None
) -> Frame:
    """Return a place that is known by its file and line alone."""
    source = source_around(file, line, span)
    shown = path_in_project(file, root)
    return Frame(shown, line, function, source, (), is_users(file, root), file)


def _place_of_syntax_error(error: BaseException, root: Path) -> Iterator[Frame]:
    """Yield the place that a syntax error, of Python or of a template, is about."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if isinstance(file, str) and isinstance(line, int):
        span = _span_of_syntax_error(error, line) if isinstance(error, SyntaxError) else None
        yield _frame_at(file, line, root, span=span)


def _span_of_syntax_error(error: SyntaxError, line: int) -> Span | None:
    if not error.offset:
        return None
    begin = error.offset - 1  # counted from 1
    last = (error.end_offset or 0) - 1 if error.end_lineno == error.lineno else 0
    return line, line, begin, max(last, begin + 1)


def _named_places(error: BaseException, root: Path) -> Iterator[Frame]:
    """Yield the places that a project's error is about: `urls.py:8: '/notes/<itn:id>': ...`.

    From the last to the first, because the innermost frame is the one that is shown above.
    """
    for file, line in reversed(error.places if isinstance(error, ProjectError) else ()):
        yield _frame_at(file, line, root)


def _values(values: dict[str, Any], masker: Masker) -> Iterator[tuple[str, str]]:
    shown = 0
    for name, value in values.items():
        # What a module imports and defines says nothing about how it failed.
        # And `.0` is a comprehension's own.
        is_plain = name.startswith(("__", ".")) or name in _IN_EVERY_TEMPLATE
        if is_plain or isinstance(value, _DEFINITIONS) or shown >= _MAX_LOCALS:
            continue
        shown += 1
        yield name, masker.describe(name, value)
