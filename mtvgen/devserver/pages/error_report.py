"""An exception as data: the sentence, the places, a hint. Pages and texts show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from inspect import unwrap
from pathlib import Path
from traceback import TracebackException, walk_tb
from typing import Any

from mtvgen.devserver.pages.error_frames import Frame, frames_of, frames_of_view
from mtvgen.devserver.pages.error_hints import likely_fix, schema_fault
from mtvgen.devserver.pages.placeholder_apps import HangingImport
from mtvgen.devserver.pages.source_lines import without_secrets
from mtvgen.project.cures import enters_view, is_call_of_view
from mtvgen.project.loading import ProjectError
from mtvgen.project.masking import Masker
from mtvgen.project.tracebacks import related_errors, suggestion
from mtvgen.runtime.application.view_results import name_of, to_response

CAN_NOT_LOAD = "The project can't be loaded"


@dataclass(frozen=True)
class Related:
    """What an exception came from, or what a group of exceptions holds.

    Attributes:
        part: `Caused by`, or `1 of 3`.
        sentence: Its class and its text.
        frame: The user's innermost frame of it; None where it has none.
    """

    part: str
    sentence: str
    frame: Frame | None


@dataclass(frozen=True)
class ErrorReport:
    """A report about an exception.

    Attributes:
        kind: The exception's class; of the tool's own, what it means.
        message: Its text; the exception before it, which it was raised from, is in `causes`.
        cure: What to type or to write, as the message's end had it or as it is known; or empty.
        stage: That it came before or after the view, in a sentence; or empty.
        frames: From the request inwards.
        causes: What it came from, and what a group of exceptions holds, each with its place.
    """

    kind: str
    message: str
    cure: str
    stage: str
    frames: tuple[Frame, ...]
    causes: tuple[Related, ...]

    @property
    def main(self) -> Frame | None:
        """The user's innermost frame: where the mistake most probably is."""
        return next((frame for frame in reversed(self.frames) if frame.is_users), None)

    @property
    def users_others(self) -> tuple[Frame, ...]:
        """The user's other frames, the innermost first."""
        main = self.main
        # A template that can't be parsed is one place in two frames: Jinja2's, and what it shows.
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
    error: BaseException,
    root: Path,
    masker: Masker,
    view: Callable[..., Any] | None = None,
    *,
    is_routed: bool = False,
) -> ErrorReport:
    """Take an exception apart.

    Args:
        error: The exception.
        root: The project's directory.
        masker: Hides secrets.
        view: Who was to answer: the user's place where the error came after the view's return.
        is_routed: Whether it is known that `view` was reached, or, without one, that none was.
    """
    # An error of the tool's own wraps the user's, and has the better sentence.
    origin = error if error.__traceback__ or error.__cause__ is None else error.__cause__
    frames = tuple(frames_of(origin, root, masker))
    if not any(frame.is_users for frame in frames):
        frames += tuple(frames_of_view(view, root, has_returned=not is_call_of_view(origin)))
    frames = tuple(_without_secrets(frame, masker) for frame in frames)
    kind, message = _sentence(error)
    message, written = _divided(error, message)
    cures = [likely_fix(error, frames), written]
    if fault := schema_fault(error, root):  # it knows which of the two cures it is
        cures = [str(fault)]
    cure = "\n".join(dict.fromkeys(each for each in cures if each))
    return ErrorReport(
        kind=kind,
        message=masker.scrubbed(message),
        cure=masker.scrubbed(cure),
        stage=_stage(origin, view) if is_routed else "",
        frames=frames,
        causes=tuple(_causes(error, frames, root, masker)),
    )


def _divided(error: BaseException, message: str) -> tuple[str, str]:
    """Split a message from the end that says what to do.

    The cure, or what was probably meant.

    Many errors have the two as data. All other texts of mtvgen's are written in one way, and so
    are Python's suggestions; one of several lines is a list, each with its own, and stays whole.
    """
    sentence = getattr(error, "sentence", getattr(error, "message", None))
    cure = getattr(error, "cure", None)
    if isinstance(sentence, str) and isinstance(cure, str) and cure:
        return sentence, cure
    marks = _MARKS if _is_of_tool(error) else _MARKS_OF_ALL
    ends = [place for place in (message.find(mark) for mark in marks) if place > 0]
    if not ends or "\n" in message:
        return message, ""
    return message[: min(ends)], message[min(ends) :].strip().removeprefix("-> ")


_MARKS_OF_ALL = (" Did you mean",)
_MARKS = (*_MARKS_OF_ALL, " -> ", " Create ")


def _is_of_tool(error: BaseException) -> bool:
    """Return whether a text is mtvgen's.

    The error was raised there, or render() has explained it.
    """
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    if not frames:
        return isinstance(error, ProjectError)
    module = str(frames[-1].f_globals.get("__name__"))
    return module.startswith("mtvgen.") or type(error).__module__.startswith("jinja2.")


def _stage(error: BaseException, view: Callable[..., Any] | None) -> str:
    """Say that an error came before or after the view; empty for one in it or its decorators."""
    if view is None:
        return "Before the view: the request had not reached one."
    code = getattr(unwrap(view), "__code__", None)
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    entered = [number for number, frame in enumerate(frames) if enters_view(frame)]
    if any(frame.f_code is code for frame in frames) or is_call_of_view(error):
        return ""
    if entered and frames[entered[-1] + 1].f_code is not to_response.__code__:
        return ""
    return f"After the view: {name_of(view)} had returned."


def _without_secrets(frame: Frame, masker: Masker) -> Frame:
    """Return a frame whose source says no secret; its values have none already."""
    lines = (without_secrets(line, masker.scrubbed_source) for line in frame.source)
    return replace(frame, source=tuple(lines))


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


def _causes(
    error: BaseException, frames: tuple[Frame, ...], root: Path, masker: Masker
) -> Iterator[Related]:
    if isinstance(error, ProjectError):  # its message says all of the one that it came from
        return
    shown = [frame.values for frame in frames if frame.is_users]
    for part, related in related_errors(error):
        kind, message = _sentence(related)
        said = masker.scrubbed(f"{kind}: {message}" if message else kind)
        users = [frame for frame in frames_of(related, root, masker) if frame.is_users]
        frame = _without_secrets(users[-1], masker) if users else None
        if frame is not None and frame.values in shown:  # one function has raised them all
            frame = replace(frame, values=())
        elif frame is not None:
            shown.append(frame.values)
        yield Related(part, said, frame)
