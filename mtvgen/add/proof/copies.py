"""A copy of a project, in a hidden directory in it, which is gone afterwards.

What is large is linked and not copied; databases, environments and git's own directory are left
out.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from mtvgen.add.moving import Move
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.runtime.support.walking import walk
from mtvgen.startproject.staging import staging

_MOST_COPIED = 4 * 1024 * 1024  # bytes of a file; what is larger is data
_LEFT_OUT = frozenset({"__pycache__", "node_modules"})
_DATABASE_MARK = ".sqlite3"


@contextlib.contextmanager
def copied(root: Path, moves: Sequence[Move]) -> Iterator[Path]:
    """Make a copy of a project with some files added or edited, for as long as the block.

    Args:
        root: The project's directory.
        moves: The files that only the copy has, or has in another version.

    Raises:
        OSError: The disk refuses.
    """
    with OpenDirectory.at(root) as project, staging(project) as hidden:
        copy = hidden.path / root.name
        _copy(root, copy)
        for move in moves:
            file = copy / move.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(move.content)
        yield copy


def _copy(root: Path, copy: Path) -> None:
    for parent, directories, files in walk(root):
        source = Path(parent)
        target = copy / source.relative_to(root)
        target.mkdir(parents=True, exist_ok=True)
        for name in [name for name in directories if (source / name).is_symlink()]:
            directories.remove(name)
            (target / name).symlink_to((source / name).resolve())
        directories[:] = [name for name in directories if _is_copied(source / name)]
        for name in files:
            if _DATABASE_MARK not in name:
                _copy_file(source / name, target / name)


def _is_copied(directory: Path) -> bool:
    is_hidden = directory.name.startswith(".")
    is_environment = (directory / "pyvenv.cfg").exists()
    return not is_hidden and not is_environment and directory.name not in _LEFT_OUT


def _copy_file(source: Path, target: Path) -> None:
    if not source.is_file():
        return  # a socket, a pipe, a broken link
    if source.is_symlink() or source.stat().st_size > _MOST_COPIED:
        target.symlink_to(source.resolve())
    else:
        shutil.copy2(source, target)
