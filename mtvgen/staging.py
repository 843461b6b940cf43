"""A hidden directory beside the target, where a project is made before anyone can see it.

    .mtvgen-2f1c.../          locked by the process that made it (flock), so the next run
                              can tell work in progress from what a SIGKILL left behind
        project/              the finished project, about to be moved
        journal.json          exists only while files move into an existing directory

A new target appears by one rename. Into an existing directory each file is linked, which never
overwrites; until the last one is, the journal says how to take them back, to the process that
made them or to the next run.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows: no locks, and so nothing is swept
    fcntl = None  # type: ignore[assignment]

_NAME = re.compile(r"\.mtvgen-[0-9a-f]{16}")
_CANNOT_LINK = {
    errno.EPERM,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EMLINK,
    errno.EXDEV,
    errno.EACCES,
}


@contextlib.contextmanager
def staging(parent: Path) -> Iterator[Path]:
    """A new hidden directory in `parent`, gone at the end; what dead processes left goes first.

    Raises:
        OSError: `parent` can't be written.
    """
    _sweep(parent)
    while True:
        path = parent / f".mtvgen-{secrets.token_hex(8)}"
        try:
            with contextlib.ExitStack() as held, _removed_at_the_end(path):
                path.mkdir(mode=0o700)
                if _is_locked(path, held):
                    yield path
                    return
        finally:
            # A signal may have cut the first removal short; signals raise once (signals.py).
            shutil.rmtree(path, ignore_errors=True)


def appear(project: Path, target: Path) -> None:
    """Let a project appear under a name that is free, by one rename.

    Raises:
        OSError: Something of that name has appeared in the meantime, or the disk refuses.
    """
    project.rename(target)


def merge(project: Path, target: Path, files: Iterable[str]) -> None:
    """Let files appear in a directory that exists, all of them or none.

    Args:
        project: Where they are, below the staging directory.
        target: The directory.
        files: Their paths in both.

    Raises:
        FileExistsError: One of them has appeared in the meantime.
        BlockingIOError: Another run is at work there.
        OSError: The disk refuses.
    """
    journal = project.parent / "journal.json"
    with _locked(target):
        record = _recorded(project, target, files)
        journal.write_text(json.dumps(record), encoding="utf-8")
        try:
            for folder in record["folders"]:
                (target / folder).mkdir()
            for file in record["files"]:
                _place(project / file, target / file)
        except BaseException:
            _withdraw(project, target, record)
            raise
        finally:
            journal.unlink(missing_ok=True)


def _recorded(project: Path, target: Path, files: Iterable[str]) -> dict[str, Any]:
    """What will be made: the folders that are not there, outermost first, and each file's time."""
    times = {file: (project / file).stat().st_mtime_ns for file in files}
    folders = {str(folder) for file in files for folder in Path(file).parents} - {"."}
    missing = sorted(folder for folder in folders if not (target / folder).is_dir())
    return {"folders": missing, "files": times}


def _place(staged: Path, target: Path) -> None:
    """A file under a second name, which must be free; a copy where the disk knows no links."""
    try:
        os.link(staged, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        with target.open("xb") as copy:
            copy.write(staged.read_bytes())
        shutil.copystat(staged, target)


def _withdraw(project: Path, target: Path, record: dict[str, Any]) -> None:
    """Take back what was placed: only what is still ours, so an edited file stays."""
    for file, time in record["files"].items():
        with contextlib.suppress(OSError):
            if _is_ours(project / file, target / file, time):
                (target / file).unlink()
    for folder in reversed(record["folders"]):
        with contextlib.suppress(OSError):  # not empty: somebody has put something there
            (target / folder).rmdir()


def _is_ours(staged: Path, placed: Path, time: int) -> bool:
    """Whether a file is the staged one and untouched, or what a copy of it has become so far."""
    if staged.samefile(placed):
        return placed.stat().st_mtime_ns == time
    return not placed.is_symlink() and staged.read_bytes().startswith(placed.read_bytes())


def _sweep(parent: Path) -> None:
    """Remove the hidden directories whose process is dead, and what it had not finished."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError, ValueError, KeyError):
                    _sweep_one(Path(entry.path))


def _sweep_one(path: Path) -> None:
    if path.stat().st_uid != os.geteuid():
        return  # in a directory such as /tmp: another user's, or another user's trap
    with _locked(path, must=True):
        journal = path / "journal.json"
        if journal.exists():
            _withdraw(path / "project", path.parent, json.loads(journal.read_bytes()))
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _removed_at_the_end(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _is_locked(path: Path, held: contextlib.ExitStack) -> bool:
    """Whether a new directory is ours; another run may have taken it for a dead one's."""
    try:
        held.enter_context(_locked(path))
    except (BlockingIOError, FileNotFoundError):
        return False
    return path.exists()


@contextlib.contextmanager
def _locked(directory: Path, *, must: bool = False) -> Iterator[None]:
    """Hold a directory's lock, which ends with the process at the latest.

    Raises:
        BlockingIOError: A live process holds it.
        OSError: With `must`, also where the file system has no locks.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BlockingIOError(errno.EAGAIN, "another run is at work there") from error
        except OSError:
            if must:
                raise
        yield
    finally:
        os.close(descriptor)
