"""Files on the disk: which version of a file is there, and what is below a directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from mtvgen.runtime.support.editors_files import is_editors_file
from mtvgen.runtime.support.walking import walk

# What changes when a file does: its modification time in nanoseconds, and its size in bytes.
# None stands for a file that is not there.
Stamp: TypeAlias = tuple[int, int] | None

MAX_SIZE = 4 * 1024 * 1024  # bytes; what is larger is data, and would hold up each check


def stamp_of(path: str | Path) -> Stamp:
    """Return the version of a file that is on the disk."""
    try:
        status = os.stat(path)  # noqa: PTH116  # a Path for each file costs as much as the look
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size)


def identity_of(directory: str) -> tuple[int, int] | None:
    """Return what is the same for a directory by whatever path it is reached.

    None where it is gone.
    """
    try:
        status = os.stat(directory)  # noqa: PTH116  # as above
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


def is_below(file: str, directory: Path) -> bool:
    """Return whether a file is below a directory, by its name or its real path.

    A part may be a link.
    """
    path = Path(file)
    return path.is_relative_to(directory) or path.resolve().is_relative_to(directory)


def is_file(path: Path) -> bool:
    """Return whether a file is there; one in a directory that this user may not search is not."""
    return os.path.isfile(path)  # noqa: PTH113  # Path's raises PermissionError up to Python 3.13


def is_directory(path: str | Path) -> bool:
    """Return the same for a directory."""
    return os.path.isdir(path)  # noqa: PTH112  # as above


def is_searchable(directory: str) -> bool:
    """Return whether this user may ask for the files in a directory.

    To list their names is not enough.
    """
    return os.access(directory, os.X_OK, effective_ids=os.access in os.supports_effective_ids)


def files_below(directory: str) -> Iterator[str]:
    """Yield the files below a directory, without those of editors.

    One that can't be read holds none.

    Links to directories are not followed, as in Jinja2's list.
    """
    for parent, directories, files in walk(directory):
        directories.sort()
        for name in files if is_searchable(parent) else ():
            if not is_editors_file(name):
                yield os.path.join(parent, name)  # noqa: PTH118
