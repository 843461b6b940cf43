"""A hidden directory beside the target, where a project is made before anyone can see it.

    .mtvgen-2f1c.../          locked by the process that made it (flock), so the next run
                              can tell work in progress from what a SIGKILL left behind
        project/              the finished project, about to be moved
        journal.json          exists only while files move into an existing directory

A new target appears by one rename. Into an existing directory each file is linked, which never
overwrites; until the last one is, the journal tells the process that made them, or the next run,
how to take them back.
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


def sweep(parent: Path) -> None:
    """Remove the hidden directories whose process is dead, and take back what it had not finished.

    What can't be removed stays: it harms nobody.
    """
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    _sweep_one(Path(entry.path))


@contextlib.contextmanager
def staging(parent: Path) -> Iterator[Path]:
    """A new hidden directory in `parent`, gone at the end.

    Raises:
        OSError: `parent` can't be written.
    """
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
        # Only what this run has made: the same file may have come from another run meanwhile.
        made: dict[str, Any] = {"folders": [], "files": {}}
        try:
            _make(project, target, record, made)
        except BaseException:
            _withdraw(project, target, made)
            raise
        finally:
            journal.unlink(missing_ok=True)


def _make(project: Path, target: Path, record: dict[str, Any], made: dict[str, Any]) -> None:
    """Make what is recorded, and note in `made` what that has come to so far."""
    for folder in record["folders"]:
        (target / folder).mkdir()
        made["folders"].append(folder)
    for file, time in record["files"].items():
        made["files"][file] = time
        try:
            _place(project / file, target / file)
        except FileExistsError:
            del made["files"][file]
            raise


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
        # Readable for others, as .env is not, only when it is whole and has its own mode.
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
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


def _is_adopted(project: Path, target: Path, record: dict[str, Any]) -> bool:
    """Whether somebody has gone on with the half that a killed run left: then it is theirs."""
    return any(
        not _is_ours(project / file, target / file, time)
        for file, time in record["files"].items()
        if os.path.lexists(target / file)
    )


def _is_ours(staged: Path, placed: Path, time: int) -> bool:
    """Whether a file is the staged one and untouched, or what a copy of it has become so far."""
    if staged.samefile(placed):
        return placed.stat().st_mtime_ns == time
    return not placed.is_symlink() and staged.read_bytes().startswith(placed.read_bytes())


def _sweep_one(path: Path) -> None:
    if path.stat().st_uid != os.geteuid():
        return  # in a directory such as /tmp: another user's, or another user's trap
    with _locked(path, must=True):
        record = _read(path / "journal.json")
        if record and not _is_adopted(path / "project", path.parent, record):
            _withdraw(path / "project", path.parent, record)
        shutil.rmtree(path, ignore_errors=True)


def _read(journal: Path) -> dict[str, Any] | None:
    """A journal that is whole; one that is not was cut short before the first file was placed."""
    try:
        record = json.loads(journal.read_bytes())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and {"files", "folders"} <= record.keys() else None


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
