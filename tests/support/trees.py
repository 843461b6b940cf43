"""Directories as values, so that a test can say that the disk is byte for byte as it was."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

DEEPER_THAN_PYTHON = 1_100  # levels; Python calls itself a thousand times


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below a directory: its kind and permissions, and its bytes or where it points."""
    return {
        path.relative_to(root).as_posix(): (path.lstat().st_mode, _content(path))
        for path in sorted(root.rglob("*"))
    }


def _content(path: Path) -> bytes:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return os.fsencode(path.readlink())
    return path.read_bytes() if stat.S_ISREG(mode) else b""


@contextlib.contextmanager
def deep_directory(top: Path, levels: int = DEEPER_THAN_PYTHON) -> Iterator[Path]:
    """The innermost of directories in each other; all are gone after the block, and what is in it.

    pytest, which removes what tests leave, calls itself for each level.
    """
    path = top
    made = []
    for _ in range(levels):
        path /= "d"
        path.mkdir()
        made.append(path)
    try:
        yield path
    finally:
        for file in made[-1].iterdir():
            file.unlink()
        for directory in reversed(made):
            directory.rmdir()
