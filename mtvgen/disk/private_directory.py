"""A directory of this process alone, and what is left of those whose process was killed.

    .mtvgen-2f1c.../              mode 0700, and locked by its process for as long as that lives
        made-here                 an empty file, which is never touched again
        made-here-12-34-5678      the numbers of both on this disk (inodes), and when the file was
                                  made, in nanoseconds, as the disk noted it (st_ctime)

A left one is found by its name and believed for nothing else. It has to be a real directory, of
this user, closed to all others, without a living process, and made by mtvgen in this very place:
a clone or an archive can bring any name, file, mode and time of modification, but whoever made
it can't know which numbers its files get here, nor the moment in which they are unpacked, which
no program can set. Another user can rename a directory of ours, but not write into it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from mtvgen.disk.open_directory import OpenDirectory

_HAS_OWNERS = hasattr(os, "geteuid")  # not Windows, where TEMP is the user's own already
_WITNESS = "made-here"
_RANDOM = 8  # bytes of a name: nobody can take it first


@contextlib.contextmanager
def private_directory(parent: OpenDirectory, prefix: str) -> Iterator[OpenDirectory]:
    """Make a directory of our own in `parent`, for as long as the block.

    Raises:
        OSError: `parent` can't be written.
    """
    while True:
        name = f"{prefix}{os.urandom(_RANDOM).hex()}"
        try:
            directory = _made(parent, name)
            if directory is not None:
                with directory:
                    yield directory
                return
        finally:
            try:
                _remove(parent, name)
            finally:
                # A signal, which is raised once, or a full disk may have cut the first one short.
                _remove(parent, name)


def open_private_directory(path: Path) -> OpenDirectory:
    """Open a directory that `private_directory()` has made, for another process of the same user.

    Raises:
        OSError: There is none, or it is not the one that was made.
    """
    directory = OpenDirectory.at(path)
    if not _is_private(directory) or not _was_made_here(directory):
        directory.close()
        raise PermissionError(errno.EPERM, "it is not the directory that was made here", str(path))
    return directory


def abandoned_directories(parent: OpenDirectory, prefix: str) -> Iterator[OpenDirectory]:
    """Each directory of ours in `parent` whose process is dead; it is removed after its turn.

    Whatever can't be removed stays; on Windows all of it, as nobody knows who is alive.
    """
    pattern = re.compile(rf"{re.escape(prefix)}[0-9a-f]{{{2 * _RANDOM}}}")
    with contextlib.suppress(OSError):
        for name in filter(pattern.fullmatch, parent.names()):
            with contextlib.suppress(OSError), parent.enter(name) as directory:
                if _is_private(directory) and directory.lock(must=True):
                    if _was_made_here(directory):
                        yield directory
                    _clear(directory)
                    # Refused if it is not ours, and not empty.
                    parent.remove_directory(name)


def _made(parent: OpenDirectory, name: str) -> OpenDirectory | None:
    """Return a new directory; None when another process has taken it for an abandoned one."""
    parent.make_directory(name, 0o700)
    directory = parent.enter(name)
    try:
        if directory.lock() and parent.has(name):
            directory.create(_WITNESS, b"")
            directory.create(_mark_of(directory), b"")
            return directory
    except BaseException:
        directory.close()
        raise
    directory.close()
    return None


def _is_private(directory: OpenDirectory) -> bool:
    """Return whether it belongs to this user and is closed to all others."""
    if not _HAS_OWNERS:
        return True
    status = directory.status()
    # A set-group-id bit is inherited from the directory above, and opens it to nobody.
    return status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) & 0o777 == 0o700


def _was_made_here(directory: OpenDirectory) -> bool:
    try:
        return directory.has(_mark_of(directory))
    except OSError:  # there is no witness
        return False


def _mark_of(directory: OpenDirectory) -> str:
    """Return the name of the mark.

    Raises:
        OSError: The file is not there by which it is made up.
    """
    witness = directory.status_of(_WITNESS)
    numbers = (directory.status().st_ino, witness.st_ino, witness.st_ctime_ns)
    return "-".join([_WITNESS, *map(str, numbers)])


def _remove(parent: OpenDirectory, name: str) -> None:
    with contextlib.suppress(OSError):
        with parent.enter(name) as directory:
            if _is_private(directory):
                _clear(directory)
        parent.remove_directory(name)


def _clear(directory: OpenDirectory) -> None:
    """Remove all that is in it, if it was made here.

    The mark goes last, so that half of it can still be known from another's; a process that is
    killed around it, or before it was made, leaves the witness alone.
    """
    if _was_made_here(directory):
        mark = _mark_of(directory)
        directory.clear(but={mark, _WITNESS})
        directory.remove_file(mark)
    if directory.names() == [_WITNESS]:
        directory.remove_file(_WITNESS)
