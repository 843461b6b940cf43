"""The project's files that a page could show: what each kind means, and all of them at a moment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from mtvgen.runtime.support.editors_files import is_editors_file

_LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})

Kind = Literal["code", "page", "style"]
_STAMP = tuple[int, int, int]


def kind_of(path: str, root: Path) -> Kind | None:
    """Return what a changed file means: `code`, `page` (template or static), `style`, or None.

    The tests are left out: no page shows them.
    """
    # On text: it is asked of every file of the project, every five seconds.
    inside = os.path.join(root, "")  # noqa: PTH118
    if not path.startswith(inside):
        return None
    *directories, name = parts = path[len(inside) :].split(os.sep)  # noqa: PTH206
    if parts[0] == "tests" or any(is_left_out(part) for part in directories):
        return None
    if name == ".env":
        return "code"
    if name.startswith(".") or name.endswith(".pyc") or is_editors_file(name):
        return None
    if name.endswith(".py"):
        return "code"
    if "static" in directories:
        return "style" if name.endswith(".css") else "page"
    return "page" if "templates" in directories else None


def is_left_out(directory: str) -> bool:
    """Return whether a directory of this name holds nothing that the project's author writes."""
    return directory.startswith(".") or directory in _LEFT_OUT


class Snapshot:
    """The project's files at one moment.

    Attributes:
        files: Path to what distinguishes one content from another: inode, time of change, size.
        directories: All of the project's that are looked into; links are followed once.
        inode: The root's, which is another one after it was deleted and made again.
    """

    def __init__(self, root: Path) -> None:
        self.files: dict[str, _STAMP] = {}
        self.directories: list[str] = []
        self.inode = inode_of(root)
        self._root = root
        self._seen: set[str] = set()
        self._links: dict[str, set[str]] = {}
        self._walk(str(root))

    def watched(self) -> list[str]:
        """Return the directories in which a change can be one of the project.

        Where links lead, too.
        """
        targets = {os.path.dirname(target) for target in self._links} - self._seen  # noqa: PTH120
        return [*self.directories, *sorted(filter(os.path.isdir, targets))]

    def links_to(self, paths: Iterable[str]) -> set[str]:
        """Return the project's files that are links to some of these paths."""
        if not self._links:
            return set()
        real = {os.path.join(*_real_directory(path)) for path in paths}  # noqa: PTH118
        return {link for target in real for link in self._links.get(target, ())}

    def is_link(self, path: str) -> bool:
        """Return whether a path is a link to a file, or was one.

        Another file must be watched now.
        """
        return Path(path).is_symlink() or any(path in links for links in self._links.values())

    def changed_since(self, before: Snapshot) -> set[str]:
        """Return the files that were made, changed or deleted."""
        return {path for path, _ in self.files.items() ^ before.files.items()}

    def note(self, paths: Iterable[str]) -> None:
        """Take files as they are now, so that they are not reported twice."""
        for path in paths:
            self.files.pop(path, None)
            with suppress(OSError):
                self.files[path] = _stamp(Path(path).stat())

    def _walk(self, top: str) -> None:
        """Look into a directory and those in it; by a loop: they may be nested a thousand deep."""
        waiting = [(top, os.path.realpath(top))]
        while waiting:
            directory, real = waiting.pop()
            if real in self._seen:
                continue
            self._seen.add(real)
            try:
                entries = list(os.scandir(directory))
            except OSError:
                continue  # deleted meanwhile, or not readable
            if any(entry.name == "pyvenv.cfg" for entry in entries):
                continue  # a virtual environment, whatever its name
            self.directories.append(directory)
            inner = [entry for entry in entries if self._is_to_be_walked(entry)]
            waiting += ((entry.path, _real_path(entry, real)) for entry in reversed(inner))

    def _is_to_be_walked(self, entry: os.DirEntry[str]) -> bool:
        """Return whether an entry is a directory of the project's.

        A file of the project's is noted.
        """
        try:
            if entry.is_dir():
                return not is_left_out(entry.name)
            if kind_of(entry.path, self._root):
                if entry.is_symlink():
                    self._links.setdefault(os.path.realpath(entry.path), set()).add(entry.path)
                # Windows keeps less in a directory than stat() says: no inode.
                status = entry.stat() if sys.platform != "win32" else Path(entry.path).stat()
                self.files[entry.path] = _stamp(status)
        except OSError:
            pass  # a link that leads nowhere, or deleted meanwhile
        return False


def inode_of(path: Path) -> int:
    """Return the number of a file on its disk; 0 if there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _stamp(status: os.stat_result) -> _STAMP:
    return status.st_ino, status.st_mtime_ns, status.st_size


def _real_path(entry: os.DirEntry[str], real_parent: str) -> str:
    """Return where an entry is without links, by its parent.

    Looking at each step costs depth squared.
    """
    is_link = entry.is_symlink() or sys.platform == "win32"  # which has junctions besides
    return os.path.realpath(entry.path) if is_link else os.path.join(real_parent, entry.name)  # noqa: PTH118


def _real_directory(path: str) -> tuple[str, str]:
    directory, name = os.path.split(path)
    return os.path.realpath(directory), name
