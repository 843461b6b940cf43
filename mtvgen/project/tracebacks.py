"""An exception in the user's code, as the user should read it: their frames, their paths.

The frames of mtvgen, of other packages and of the import machinery are left out; what is written
where is decided by the project's directory alone.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from traceback import FrameSummary, TracebackException
from types import ModuleType
from typing import TYPE_CHECKING

from mtvgen.project.cures import name_not_imported, suggest_fix
from mtvgen.project.missing_imports import names_of

if TYPE_CHECKING:
    from mtvgen.project.masking import Masker

# Installed code may lie below the project too, in `.venv`.
_SITE_PACKAGES = f"{os.sep}site-packages{os.sep}"
_INSTALLED = tuple({sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()})

_MOST_RELATED = 20  # causes and members of groups that are worth a line


def is_users(file: str, root: Path) -> bool:
    """Return whether a source file belongs to the project in `root`."""
    # On text, because the server asks this of a thousand modules at each edit.
    inside = f"{root}{os.sep}"
    if not file.startswith(inside) or file.find(_SITE_PACKAGES, len(inside)) >= 0:
        return False
    return not file.startswith(_installed_below(inside))


@lru_cache
def _installed_below(inside: str) -> tuple[str, ...]:
    return tuple(f"{place}{os.sep}" for place in _INSTALLED if place.startswith(inside))


def path_in_project(file: str, root: Path) -> str:
    """Return a path as a person names it: relative to the project where it is in it."""
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def users_frames(error: BaseException, root: Path) -> list[FrameSummary]:
    """Return the user's frames of an exception, the innermost last."""
    return _users(traceback.extract_tb(error.__traceback__), root)


def users_place(error: BaseException, root: Path) -> str:
    """`views/notes.py:14`: the user's innermost frame of an exception; empty without one."""
    frames = users_frames(error, root)
    return f"{path_in_project(frames[-1].filename, root)}:{frames[-1].lineno}" if frames else ""


def related_errors(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """Yield what an exception came from, and what a group of exceptions holds, each with its part.

    Yields:
        `Caused by`, or `1 of 3`, and the exception; those of a group before what caused it.
    """
    seen = {id(error)}
    waiting: list[tuple[str, BaseException]] = [("", error)]
    while waiting and len(seen) <= _MOST_RELATED:
        _, current = waiting.pop(0)
        before = current.__cause__
        if before is None and not current.__suppress_context__:
            before = current.__context__
        members = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        near = [(f"{n} of {len(members)}", member) for n, member in enumerate(members, 1)]
        near += [("Caused by", before)] if before is not None else []
        for part, related in near:
            if id(related) not in seen:
                seen.add(id(related))
                waiting.append((part, related))
                yield part, related


def users_traceback(error: BaseException, root: Path) -> str:
    """Return the traceback that Python would print, with the user's frames only.

    A syntax error is the place, the sentence, the line and the caret.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return _syntax_error(error, root)
    summary = TracebackException.from_exception(error)
    _keep_users_frames(summary, root)
    return _new_masker().scrubbed_traceback("".join(summary.format()).rstrip("\n"))


def whole_traceback(error: BaseException, masker: Masker | None = None) -> str:
    """Return the traceback that Python would print, without secrets.

    Args:
        error: The exception.
        masker: Knows the request's secrets, where there is a request.
    """
    text = "".join(traceback.format_exception(error)).rstrip("\n")
    return (masker or _new_masker()).scrubbed_traceback(text)


def place_and_sentence(error: BaseException, root: Path) -> str:
    """One line: `views/notes.py:14: ZeroDivisionError: division by zero`."""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{path_in_project(error.filename, root)}:{error.lineno}: "
    else:
        frames = users_frames(error, root)
        place = (
            f"{path_in_project(frames[-1].filename, root)}:{frames[-1].lineno}: " if frames else ""
        )
    return place + sentence(error)


def sentence(error: BaseException, masker: Masker | None = None) -> str:
    """Return the exception's name and its message, and the cure where one is known, on one line.

    Args:
        error: The exception.
        masker: Knows the request's secrets, where there is a request.
    """
    name = type(error).__name__
    text = error.msg if isinstance(error, SyntaxError) else _text(error)
    text = " ".join(text.split()) + suggestion(error)
    cure = suggest_fix(error)
    told = (f"{name}: {text}" if text else name) + (f" -> {cure}" if cure else "")
    return (masker or _new_masker()).scrubbed(told)


def _new_masker() -> Masker:
    # It knows the names of the runtime's settings. Nothing but a mistake needs it, and `runserver`
    # forks the process that imports the project before it imports the runtime itself.
    from mtvgen.project.masking import Masker

    return Masker()


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # its __str__ is the user's code, too
        return "its message can't be shown"


def suggestion(error: BaseException) -> str:
    """`. Did you mean 'index'?` for a name that a module or a function lacks."""
    name = getattr(error, "name", "") or ""
    if isinstance(error, ImportError) and not suggest_fix(error):
        known = names_of(sys.modules.get(name))
        name = name_not_imported(error)
    elif isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        known = set(vars(error.obj))
    elif type(error) is NameError and not suggest_fix(error):
        known = _names_around(error)
    else:
        return ""
    from mtvgen.runtime.support.suggestions import did_you_mean  # nothing but a mistake needs it

    meant = did_you_mean(name, known)
    return f".{meant}" if meant else ""


def _names_around(error: NameError) -> set[str]:
    """Return the names that there are where an undefined one is used."""
    link = error.__traceback__
    while link is not None and link.tb_next is not None:
        link = link.tb_next
    if link is None:
        return set()
    frame = link.tb_frame
    return {*frame.f_locals, *frame.f_globals, *frame.f_builtins}


def _users(frames: Iterable[FrameSummary], root: Path) -> list[FrameSummary]:
    return [frame for frame in frames if is_users(frame.filename, root)]


def _keep_users_frames(summary: TracebackException, root: Path) -> None:
    waiting: list[TracebackException | None] = [summary]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        link.stack = traceback.StackSummary.from_list(_users(link.stack, root))
        waiting += [link.__cause__, link.__context__, *(link.exceptions or ())]


def _syntax_error(error: SyntaxError, root: Path) -> str:
    lines = [place_and_sentence(error, root)]
    if error.text:
        # What `SyntaxError.print` would show, without its first line, which says "File ...".
        shown = list(TracebackException.from_exception(error).format_exception_only())
        masker = _new_masker()
        lines += [masker.scrubbed_source(line.rstrip("\n")) for line in shown[1:-1]]
    return "\n".join(lines)
