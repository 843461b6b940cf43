"""An exception as data: the sentence, the place, the frames, a hint. Pages and texts show it."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from traceback import TracebackException
from types import FunctionType, ModuleType, TracebackType
from typing import Any

from mtvgen.devserver.pages.masking import Masker
from mtvgen.devserver.pages.placeholder_apps import HangingImport
from mtvgen.project.cures import cure_of
from mtvgen.project.database import state_of_database
from mtvgen.project.loading import OWN_MODULES, Project, ProjectError
from mtvgen.project.tracebacks import below, is_users, suggestion
from mtvgen.runtime.support.locations import of_function
from mtvgen.runtime.templates.rendering import REQUEST_NAMES

_CONTEXT = 3  # lines before and after the one that failed
_MAX_FRAMES = 60  # a recursion has a thousand that say the same
_MAX_LOCALS = 40
_IN_EVERY_TEMPLATE = REQUEST_NAMES - {"request"}
_DEFINITIONS = (ModuleType, FunctionType, type)
CAN_NOT_LOAD = "The project can't be loaded"
_PLACE = re.compile(r"^(?P<file>[^:\n]+\.py):(?P<line>[0-9]+): ", re.MULTILINE)


@dataclass(frozen=True)
class Line:
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
    source: tuple[Line, ...]
    values: tuple[tuple[str, str], ...]
    is_users: bool

    @property
    def place(self) -> str:
        """`views/notes.py:14`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Report:
    """What there is to say about an exception.

    Attributes:
        kind: The exception's class; of the tool's own, what it means.
        message: Its text; the exception before it, which it was raised from, is in `causes`.
        frames: From the request inwards.
        hint: What probably helps, or empty.
        causes: The sentences of the exceptions that this one came from.
    """

    kind: str
    message: str
    frames: tuple[Frame, ...]
    hint: str
    causes: tuple[str, ...]

    @property
    def main(self) -> Frame | None:
        """The user's innermost frame: where the mistake most probably is."""
        return next((frame for frame in reversed(self.frames) if frame.is_users), None)

    @property
    def users_others(self) -> tuple[Frame, ...]:
        """The user's other frames, the innermost first."""
        main = self.main
        # A template that can't be parsed is one place in two frames: Jinja2's, and what it tells.
        return tuple(
            frame
            for frame in reversed(self.frames)
            if frame.is_users and frame is not main and (main is None or frame.place != main.place)
        )

    @property
    def users_others_title(self) -> str:
        """What they are: places that were passed, or further mistakes."""
        return "The other places" if self.kind == CAN_NOT_LOAD else "How it came there"

    @property
    def folded(self) -> tuple[Frame, ...]:
        """The frames of mtvgen and of packages, the innermost first."""
        return tuple(frame for frame in reversed(self.frames) if not frame.is_users)


def report(
    error: BaseException, root: Path, masker: Masker, view: Callable[..., Any] | None = None
) -> Report:
    """Take an exception apart.

    Args:
        error: The exception.
        root: The project's directory.
        masker: Hides secrets.
        view: Who was to answer: the user's place where the error came after the view's return.
    """
    # An error of the tool's own wraps the user's, and has the better sentence.
    origin = error if error.__traceback__ or error.__cause__ is None else error.__cause__
    frames = tuple(_frames(origin, root, masker))
    if not any(frame.is_users for frame in frames):
        frames += tuple(_frames_of_view(view, root))
    kind, message = _sentence(error)
    schema = _hint_of_schema(error, root)
    if schema:  # it knows which of the two cures that the message has
        message = message.removesuffix(f" -> {getattr(error, 'cure', '')}")
    return Report(
        kind=kind,
        message=masker.scrubbed(message),
        frames=frames,
        hint=schema
        or cure_of(error)
        or _hint_of_method(error, frames)
        or _hint_of_constraint(error)
        or _hint_of_text(error),
        causes=tuple(_causes(error, masker)),
    )


def as_text(found: Report) -> str:
    """The report for a terminal, a mail or a search box."""
    lines = [f"{found.kind}: {found.message}" if found.message else found.kind]
    if found.hint:
        lines.append(f"Hint: {found.hint}")
    lines += [f"Caused by {cause}" for cause in found.causes]
    for frame in [each for each in (found.main, *found.users_others) if each]:
        where = f" in {frame.function}" if frame.function else ""
        lines += ["", f"{frame.place}{where}"]
        lines += [
            f"{'>' if line.failed else ' '} {line.number or '':4} {line.text}"
            for line in frame.source
        ]
    return "\n".join(lines) + "\n"


# The tool's own exceptions, whose names mean nothing to a user.
_KINDS: dict[type[BaseException], str] = {
    ProjectError: CAN_NOT_LOAD,
    HangingImport: "The project can't be loaded yet",
}


def _sentence(error: BaseException) -> tuple[str, str]:
    if type(error) in _KINDS:
        return _KINDS[type(error)], str(error)
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        return kind, error.msg or ""
    # Python's own, because it adds "Did you mean: 'name'?" where it knows a better one.
    last = "".join(TracebackException.from_exception(error).format_exception_only()).strip()
    for prefix in (
        f"{type(error).__module__}.{type(error).__qualname__}",
        type(error).__qualname__,
    ):
        if last == prefix:
            return kind, ""
        if last.startswith(prefix + ": "):
            message = last.removeprefix(prefix + ": ")
            return kind, message if "Did you mean" in message else message + suggestion(error)
    return kind, str(error)


def _causes(error: BaseException, masker: Masker) -> Iterator[str]:
    if isinstance(error, ProjectError):  # its message says all of the one that it came from
        return
    seen = {id(error)}
    while True:
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None or id(before) in seen:
            return
        seen.add(id(before))
        kind, message = _sentence(before)
        yield masker.scrubbed(f"{kind}: {message}" if message else kind)
        error = before


def _frames(error: BaseException, root: Path, masker: Masker) -> Iterator[Frame]:
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
            file=below(code.co_filename, root),
            line=line,
            function="" if is_template or code.co_name == "<module>" else code.co_name,
            source=_source(code.co_filename, line),
            values=tuple(_values(frame.f_locals, masker)),
            is_users=is_users(code.co_filename, root),
        )
    yield from _place_of_syntax_error(error, root)
    yield from _places_in_message(error, root)


def _frames_of_view(view: Callable[..., Any] | None, root: Path) -> Iterator[Frame]:
    """Where the view begins, if it is the user's."""
    place = None if view is None else of_function(view)
    if place is not None and is_users(place.file, root):
        source = _source(place.file, place.line)
        name = getattr(view, "__name__", "")
        yield Frame(below(place.file, root), place.line, name, source, (), is_users=True)


def _place_of_syntax_error(error: BaseException, root: Path) -> Iterator[Frame]:
    """The place that a syntax error, of Python or of a template, is about."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if isinstance(file, str) and isinstance(line, int):
        source = tuple(_with_caret(_source(file, line), error))
        yield Frame(below(file, root), line, "", source, (), is_users(file, root))


def _with_caret(source: tuple[Line, ...], error: BaseException) -> Iterator[Line]:
    for line in source:
        yield line
        if line.failed and isinstance(error, SyntaxError) and error.offset:
            begin = error.offset - 1  # counted from 1
            last = error.end_offset if error.end_lineno == error.lineno else None
            blanks = "".join("\t" if each == "\t" else " " for each in line.text[:begin])
            yield Line(0, blanks + "^" * max(1, (last or 0) - error.offset), failed=False)


def _places_in_message(error: BaseException, root: Path) -> Iterator[Frame]:
    """The places that lines of a message begin with: `urls.py:8: '/notes/<itn:id>': ...`.

    From the last to the first, because the innermost frame is the one that is shown above.
    """
    if not isinstance(error, ProjectError):
        return
    for found in reversed(list(_PLACE.finditer(str(error)))):
        file, line = str(root / found["file"]), int(found["line"])
        yield Frame(below(file, root), line, "", _source(file, line), (), is_users(file, root))


def _source(file: str, line: int) -> tuple[Line, ...]:
    linecache.checkcache(file)
    numbers = range(max(1, line - _CONTEXT), line + _CONTEXT + 1)
    lines = [Line(number, linecache.getline(file, number), number == line) for number in numbers]
    return tuple(
        Line(each.number, each.text.rstrip("\n"), each.failed) for each in lines if each.text
    )


def _values(values: dict[str, Any], masker: Masker) -> Iterator[tuple[str, str]]:
    shown = 0
    for name, value in values.items():
        # What a module imports and defines says nothing about how it failed.
        is_plain = name.startswith("__") or name in _IN_EVERY_TEMPLATE
        if is_plain or isinstance(value, _DEFINITIONS) or shown >= _MAX_LOCALS:
            continue
        shown += 1
        yield name, masker.shown(name, value)


_HINTS = [
    (
        re.compile(
            r"no such (table|column)|UndefinedTable|UndefinedColumn|relation .* does not exist"
        ),
        "The database lacks what the models describe. -> mtvgen migrate",
    ),
    (
        re.compile(rf"ModuleNotFoundError: No module named '(?P<name>{'|'.join(OWN_MODULES)})'"),
        "It is a module of the project: is it still in the project's directory?",
    ),
    (
        re.compile(r"ModuleNotFoundError: No module named '(?P<name>\w+)'"),
        "Is it spelled right? If it is a package: pip install {name}",
    ),
    (
        re.compile(r"circular import"),
        "Two modules import each other: move what both need into a third one.",
    ),
    (re.compile(r"database is locked"), "Another process writes to the database. Try again."),
]


def _hint_of_schema(error: BaseException, root: Path) -> str:
    """What `runserver` says of the database at its start, which may be newer than the start."""
    if type(error).__name__ != "SchemaMismatch":
        return ""
    try:
        return next(state_of_database(Project(root)), "")
    except Exception:  # a hint must not fail; the general one is good enough
        return ""


def _hint_of_method(error: BaseException, frames: tuple[Frame, ...]) -> str:
    """`request.json() is a method here.` where the line has `request.json["title"]`."""
    if "'method' object is not subscriptable" not in str(error) or not frames:
        return ""
    line = next((each.text for each in frames[-1].source if each.failed), "")
    names = re.findall(r"([A-Za-z_][\w.]*\.\w+)\[", line)
    # With more than one of them, which is the method is a guess.
    return f"{names[0]}() is a method here." if len(set(names)) == 1 else ""


def _hint_of_constraint(error: BaseException) -> str:
    """What the database refused, by its own words: mostly a value that must be unique."""
    if type(error).__name__ != "IntegrityError":
        return ""
    said = str(getattr(error, "orig", "")).partition("\n")[0]
    return (
        f"{said}. To answer it beside the field, write in the view: try: request.db.flush(), "
        "except IntegrityError (from sqlalchemy.exc); docs/howto/forms.md shows it."
    )


def _hint_of_text(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}"
    for pattern, hint in _HINTS:
        match = pattern.search(text)
        if match:
            return hint.format(**match.groupdict())
    return ""
