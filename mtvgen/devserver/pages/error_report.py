"""An exception as data: the sentence, the places, a hint. Pages and texts show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import TracebackException
from typing import Any

from mtvgen.devserver.pages.error_frames import Frame, frames_of, frames_of_view
from mtvgen.devserver.pages.error_hints import likely_fix, schema_fault
from mtvgen.devserver.pages.placeholder_apps import HangingImport
from mtvgen.project.cures import is_call_of_view
from mtvgen.project.loading import ProjectError
from mtvgen.project.masking import Masker
from mtvgen.project.tracebacks import related_errors, suggestion, users_place

CAN_NOT_LOAD = "The project can't be loaded"


@dataclass(frozen=True)
class ErrorReport:
    """What there is to say about an exception.

    Attributes:
        kind: The exception's class; of the tool's own, what it means.
        message: Its text; the exception before it, which it was raised from, is in `causes`.
        frames: From the request inwards.
        hint: What probably helps, or empty.
        causes: What it came from, and what a group of exceptions holds, each with its place.
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


def make_report(
    error: BaseException, root: Path, masker: Masker, view: Callable[..., Any] | None = None
) -> ErrorReport:
    """Take an exception apart.

    Args:
        error: The exception.
        root: The project's directory.
        masker: Hides secrets.
        view: Who was to answer: the user's place where the error came after the view's return.
    """
    # An error of the tool's own wraps the user's, and has the better sentence.
    origin = error if error.__traceback__ or error.__cause__ is None else error.__cause__
    frames = tuple(frames_of(origin, root, masker))
    if not any(frame.is_users for frame in frames):
        frames += tuple(frames_of_view(view, root, has_returned=not is_call_of_view(origin)))
    frames = tuple(_without_secrets(frame, masker) for frame in frames)
    kind, message = _sentence(error)
    schema = schema_fault(error, root)
    if schema:  # it knows which of the two cures that the whole text has
        message = getattr(error, "message", message)
    return ErrorReport(
        kind=kind,
        message=masker.scrubbed(message),
        frames=frames,
        hint=masker.scrubbed(str(schema or likely_fix(error, frames))),
        causes=tuple(_causes(error, root, masker)),
    )


def _without_secrets(frame: Frame, masker: Masker) -> Frame:
    """A frame whose source says no secret; its values have none already."""
    lines = (replace(line, text=masker.scrubbed_source(line.text)) for line in frame.source)
    return replace(frame, source=tuple(lines))


def as_text(report: ErrorReport) -> str:
    """The report for a terminal, a mail or a search box."""
    lines = [f"{report.kind}: {report.message}" if report.message else report.kind]
    if report.hint:
        lines.append(f"Hint: {report.hint}")
    lines += report.causes
    for frame in [frame for frame in (report.main, *report.users_others) if frame]:
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


def _causes(error: BaseException, root: Path, masker: Masker) -> Iterator[str]:
    if isinstance(error, ProjectError):  # its message says all of the one that it came from
        return
    for part, related in related_errors(error):
        kind, message = _sentence(related)
        place = users_place(related, root)
        said = f"{kind}: {message}" if message else kind
        yield masker.scrubbed(f"{part} {said}" + (f" ({place})" if place else ""))
