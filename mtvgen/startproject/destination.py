"""The destination of a project: what was meant, what is in the way, and what stays as it is."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mtvgen.errors import MtvgenError, UsageError, printable

UNTOUCHED = "Nothing was written."
_ELSEWHERE = "choose another directory"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_IN_THE_WAY = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR}
_MOST_OF_GITIGNORE = 256 * 1024  # bytes that are looked at; the longest of GitHub's has 8
_HIDES_ENV = {".env", "/.env", ".env*", "/.env*", "*.env", ".env.*"}


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

    def has_files(self) -> bool:
        """Return whether anything is in it already."""
        return self.exists and any(self.path.iterdir())

    def kept(self, files: Iterable[str]) -> dict[str, str]:
        """Which of a template's files stay out, each with the file of the user's that stays."""
        standing = {file: self._standing_for(file) for file in files if self.exists}
        return {file: own for file, own in standing.items() if own is not None}

    def check_free(self, files: Iterable[str]) -> None:
        """Nothing, if every file can be made without touching what is there.

        Raises:
            NothingMade: With the first that can't.
        """
        # urls.py first: it shows best that there is a project already.
        for file in sorted(files, key=lambda file: file != "urls.py"):
            if os.path.lexists(self.path / file):
                raise taken(self.shown / file)
            for folder in Path(file).parents:
                if self._is_blocked(folder):
                    raise taken(self.shown / folder)

    def check_writable(self) -> None:
        """Nothing, if the system says that files can be made there.

        Raises:
            PermissionError: It says that they can't.
        """
        if not os.access(self.anchor, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.anchor))

    def hides_env(self) -> bool:
        """Return whether the user's own .gitignore keeps the secrets of .env out of git."""
        try:
            # A clone may bring a link to a device or a pipe, which would never end.
            with open(self.path / ".gitignore", "rb", opener=_open_at_once) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return False
                lines = file.read(_MOST_OF_GITIGNORE).decode("utf-8", "replace").splitlines()
        except OSError:
            return False
        return any(line.strip() in _HIDES_ENV for line in lines)

    def _standing_for(self, file: str) -> str | None:
        names = (entry.name for entry in self.path.iterdir())
        if file == ".gitignore":
            return next((name for name in names if name == file), None)
        if file == "README.md":  # README.rst is as much the user's README
            return next((name for name in names if _is_readme(name)), None)
        return None

    def _is_blocked(self, folder: Path) -> bool:
        """Return whether something else is where a folder is needed; a link would lead out."""
        path = self.path / folder
        return folder != Path() and (path.is_symlink() or (path.exists() and not path.is_dir()))


def find_destination(directory: str) -> Destination:
    """Return the directory that the user means; it or its parents may be missing.

    Raises:
        UsageError: The text is empty.
        NothingMade: No directory can be there.
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
    return Destination(Path() if path == here else shown, path, anchor)


def taken(path: Path) -> NothingMade:
    """Return the error for a file that would have been overwritten."""
    return _blocked(path, "already exists")


def _blocked(path: Path, how: str) -> NothingMade:
    return NothingMade(f"{printable(str(path))} {how}.", cure=_ELSEWHERE)


@contextlib.contextmanager
def os_errors_as_cli_errors(shown: Path) -> Iterator[None]:
    """Within the block an OSError becomes one sentence about the directory that the user named."""
    try:
        yield
    except OSError as error:
        if error.errno in _IN_THE_WAY:
            raise taken(Path(error.filename or shown)) from error
        cure = "make room on the disk" if error.errno in _NO_ROOM else _ELSEWHERE
        reason = f"{printable(str(shown))}: {error.strerror or error}."
        raise NothingMade(reason, cure=cure) from error


@contextlib.contextmanager
def _link_loops_as_os_errors() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # Path.resolve() in a loop of links, before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is_readme(name: str) -> bool:
    return name.partition(".")[0].lower() == "readme"


def _current_directory() -> Path:
    try:
        return Path.cwd().resolve()
    except OSError as error:
        raise NothingMade("the current directory is gone.", cure="cd to one that exists") from error
