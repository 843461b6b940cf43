"""The destination of a project: which directory was meant, and that it can be written."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mtvgen.errors import MtvgenError, UsageError, printable

UNTOUCHED = "Nothing was written."
_ELSEWHERE = "choose another directory"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_IN_THE_WAY = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR}


class NothingMade(MtvgenError):
    """The disk is as it was, and the message says so.

    Attributes:
        problem: What was wrong, as a sentence, or as lines.
        untouched: The sentence that says so.
    """

    kind = "nothing-made"

    def __init__(self, problem: str, *, cure: str = "", untouched: str = UNTOUCHED) -> None:
        separator = "" if problem.endswith("\n") else " "
        super().__init__(f"{problem}{separator}{untouched}", cure=cure)
        self.problem = problem

    def with_another(self, untouched: str) -> NothingMade:
        """Return the same error, with another sentence for the disk."""
        return NothingMade(self.problem, cure=self.cure, untouched=untouched)


@dataclass(frozen=True)
class Destination:
    """The directory that a project will be.

    Attributes:
        shown: As the user wrote it; `Path()` is the current directory.
        path: In full, without links.
        anchor: The nearest directory that exists: itself, or one above.
    """

    shown: Path
    path: Path
    anchor: Path

    @property
    def exists(self) -> bool:
        """Whether it is there already, to be filled."""
        return self.anchor == self.path

    @property
    def missing(self) -> tuple[str, ...]:
        """The folders to be made below the anchor, the project's own last."""
        return self.path.relative_to(self.anchor).parts


def find_destination(directory: str) -> Destination:
    """Return the directory that the user means; it or its parents may be missing.

    Raises:
        UsageError: The text is empty.
        NothingMade: No directory can be there, or no file in it.
    """
    if not directory:
        raise UsageError("the directory is an empty string.", cure="mtvgen startproject mysite")
    here = _current_directory()
    shown = Path(directory)
    with os_errors_as_cli_errors(shown), _link_loops_as_os_errors():
        for part in (shown, *shown.parents):
            if part.is_symlink() and not part.exists():
                raise _blocked(part, "is a broken link")
            if part.exists() and not part.is_dir():
                raise _blocked(part, "is not a directory")
        path = (here / shown).resolve()
        anchor = next(part for part in (path, *path.parents) if part.exists())
        if not os.access(anchor, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(anchor))
    return Destination(Path() if path == here else shown, path, anchor)


def taken(path: Path) -> NothingMade:
    """Return the error for a file that would have been overwritten."""
    return _blocked(path, "already exists")


def _blocked(path: Path, how: str) -> NothingMade:
    return NothingMade(f"{printable(str(path))} {how}.", cure=_ELSEWHERE)


@contextlib.contextmanager
def os_errors_as_cli_errors(shown: Path, *, cure: str = _ELSEWHERE) -> Iterator[None]:
    """Within the block an OSError becomes one sentence about the directory that the user named.

    Args:
        shown: The directory.
        cure: What to do, unless the disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _IN_THE_WAY:
            raise taken(Path(error.filename or shown)) from error
        cure = "make room on the disk" if error.errno in _NO_ROOM else cure
        reason = f"{printable(str(shown))}: {error.strerror or error}."
        raise NothingMade(reason, cure=cure) from error


@contextlib.contextmanager
def _link_loops_as_os_errors() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # Path.resolve() in a loop of links, before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error


def _current_directory() -> Path:
    try:
        return Path.cwd().resolve()
    except OSError as error:
        raise NothingMade("the current directory is gone.", cure="cd to one that exists") from error
