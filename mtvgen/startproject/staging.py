"""A hidden directory next to the target, where a project is made before anyone can see it.

    .mtvgen-2f1c.../          private, and locked for as long as its process lives
        project/              the finished project, about to appear
        journal.json          exists only while files join a directory that was there before

A new target appears by one rename. Into a directory that exists each file is linked, which never
overwrites; until the last one is, the journal shows the process that made them, or the next run,
how to take them back. Every step goes from one open directory to the next, so that no link that
somebody puts in the way is followed (mtvgen/disk/).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.private_directory import abandoned_directories, private_directory
from mtvgen.startproject.rendering import RenderedProject

_PREFIX = ".mtvgen-"
_JOURNAL = "journal.json"
_CANNOT_LINK = {
    errno.EPERM,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EMLINK,
    errno.EXDEV,
    errno.EACCES,
}


@dataclass(frozen=True)
class _Journal:
    """The files that are made, or about to be.

    Attributes:
        folders: Paths of folders that were not there, outer ones first.
        files: Paths of files, each with the time of its staged file, in nanoseconds.
    """

    folders: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)


def sweep(parent: Path) -> None:
    """Remove the hidden directories whose process is dead, and take back what it had not finished.

    Whatever can't be removed stays: it harms nobody.
    """
    with contextlib.suppress(OSError), OpenDirectory.at(parent) as target:
        for left in abandoned_directories(target, _PREFIX):
            journal = _read_journal(left)
            with contextlib.suppress(OSError, ValueError), left.enter("project") as made:
                if not _is_adopted(made, target, journal):
                    _withdraw(made, target, journal)


def staging(parent: OpenDirectory) -> AbstractContextManager[OpenDirectory]:
    """Make a new hidden directory in `parent`, gone at the end of the block.

    Raises:
        OSError: `parent` can't be written.
    """
    return private_directory(parent, _PREFIX)


def write(project: RenderedProject, hidden: OpenDirectory, outer: Sequence[str] = ()) -> None:
    """Write a whole project below `project` in the hidden directory.

    Args:
        project: Its files and folders.
        hidden: From `staging()`.
        outer: Folders to have around it: the parts of a new target that are missing.
    """
    top = ["project", *outer]
    for depth, name in enumerate(top):
        with hidden.reach(top[:depth]) as around:
            around.make_directory(name)
    taken_away = _umask()
    with hidden.reach(top) as root:
        for path in project.folders:
            with _folder_of(root, path) as (folder, name):
                folder.make_directory(name)
        for path, file in project.files.items():
            with _folder_of(root, path) as (folder, name):
                folder.create(name, file.content, file.mode & ~taken_away)


def _umask() -> int:
    """Return the permissions that new files lack.

    The system reveals it only to whoever changes it.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def merge(hidden: OpenDirectory, target: OpenDirectory, files: Iterable[str]) -> None:
    """Let files appear in a directory that exists, all of them or none.

    Args:
        hidden: Where they are, below `project`.
        target: The directory.
        files: Their paths in both.

    Raises:
        FileExistsError: One of them has appeared in the meantime.
        BlockingIOError: Another run is at work there.
        OSError: The disk refuses.
    """
    if not target.lock():
        raise BlockingIOError(errno.EAGAIN, "another run is at work there")
    with hidden.enter("project") as project:
        planned = _planned(project, target, files)
        # Only what this run has made: the same file may have come from another run meanwhile.
        made = _Journal()
        try:
            hidden.create(_JOURNAL, json.dumps(asdict(planned)).encode())
            _make(project, target, planned, made)
        except BaseException:
            _withdraw(project, target, made)
            raise
        finally:
            if hidden.has(_JOURNAL):
                hidden.remove_file(_JOURNAL)


def _read_journal(hidden: OpenDirectory) -> _Journal:
    """Return what a dead process was about to make."""
    try:
        values = json.loads(hidden.read(_JOURNAL))
        return _Journal(list(values["folders"]), dict(values["files"]))
    # Not there or not whole: it was killed before it could place the first file.
    except (OSError, ValueError, TypeError, LookupError):
        return _Journal()


def _planned(project: OpenDirectory, target: OpenDirectory, files: Iterable[str]) -> _Journal:
    """Return what will be made."""
    journal = _Journal()
    for path in files:
        with _folder_of(project, path) as (folder, name):
            journal.files[path] = folder.status_of(name).st_mtime_ns
    folders = {str(folder) for path in journal.files for folder in PurePosixPath(path).parents}
    journal.folders.extend(sorted(each for each in folders - {"."} if _is_missing(target, each)))
    return journal


def _is_missing(target: OpenDirectory, path: str) -> bool:
    try:
        with _folder_of(target, path) as (folder, name):
            return not folder.has(name)
    except FileNotFoundError:
        return True


def _make(project: OpenDirectory, target: OpenDirectory, planned: _Journal, made: _Journal) -> None:
    """Make what is planned, and note in `made` what that has come to so far."""
    for path in planned.folders:
        with _folder_of(target, path) as (folder, name):
            folder.make_directory(name)
        made.folders.append(path)
    for path, time in planned.files.items():
        made.files[path] = time
        try:
            with _folder_of(target, path) as (folder, name), _folder_of(project, path) as (its, _):
                _place(its, folder, name)
        except FileExistsError:
            del made.files[path]
            raise


def _place(staged: OpenDirectory, target: OpenDirectory, name: str) -> None:
    """Give a file a second name, which must be free; copy it where the disk has no links."""
    try:
        target.link(name, staged)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        target.create(name, staged.read(name), staged.status_of(name).st_mode & 0o777)


def _withdraw(project: OpenDirectory, target: OpenDirectory, journal: _Journal) -> None:
    """Take back what was placed: only what is still ours, so an edited file stays."""
    for path, time in journal.files.items():
        with contextlib.suppress(OSError), _folder_of(target, path) as (folder, name):
            if _is_ours(project, folder, path, time):
                folder.remove_file(name)
    for path in reversed(journal.folders):
        with contextlib.suppress(OSError), _folder_of(target, path) as (folder, name):
            folder.remove_directory(name)  # refused if somebody has put something there


def _is_adopted(project: OpenDirectory, target: OpenDirectory, journal: _Journal) -> bool:
    """Return whether somebody has gone on with the half that a killed run left.

    Then it is theirs.
    """
    for path, time in journal.files.items():
        try:
            with _folder_of(target, path) as (folder, _):
                if not _is_ours(project, folder, path, time):
                    return True
        except FileNotFoundError:
            continue  # it had not been placed, or somebody has deleted it
        except OSError:
            return True  # something else has taken a folder's place
    return False


def _is_ours(project: OpenDirectory, folder: OpenDirectory, path: str, time: int) -> bool:
    """Return whether a file is the staged one, untouched, or an unfinished copy of it.

    Raises:
        FileNotFoundError: There is none.
    """
    with _folder_of(project, path) as (its, name):
        placed, staged = folder.status_of(name), its.status_of(name)
        if os.path.samestat(staged, placed):
            return placed.st_mtime_ns == time
        is_part = stat.S_ISREG(placed.st_mode) and placed.st_size <= staged.st_size
        return is_part and its.read(name).startswith(folder.read(name))


@contextlib.contextmanager
def _folder_of(root: OpenDirectory, path: str) -> Iterator[tuple[OpenDirectory, str]]:
    """Open the folder that a path leads to, for the block, and give the name in it."""
    *folders, name = path.split("/")
    with root.reach(folders) as folder:
        yield folder, name
