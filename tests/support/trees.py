"""Directories as values, so that a test can say that the disk is byte for byte as it was."""

from __future__ import annotations

import os
import stat
from pathlib import Path


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
