"""The files of a project, for all checks: the open texts of an editor, over what is on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeAlias

from mtvgen.checks.files import MAX_SIZE, Stamp, files_below, stamp_of
from mtvgen.runtime.support.regular_files import read_regular_file

# Finds the files below a directory on the disk.
Walk: TypeAlias = Callable[[str], Iterable[str]]


class ProjectFiles:
    """Says which files there are, in which version, and what is in them.

    A file that exists only as an open text exists.

    Args:
        watched: Whether somebody calls `changed()` for what changes on the disk, which is then
            looked at once; else it is looked at each time.
    """

    def __init__(self, *, watched: bool = False) -> None:
        self.watched = watched
        # Counts what was heard of.
        self.version = 0
        self._texts: dict[str, tuple[int, bytes]] = {}
        self._serials = count(1)
        self._stamps: dict[str, Stamp] = {}
        self._listed: dict[tuple[str, Walk], tuple[str, ...]] = {}

    def put(self, path: Path, text: str) -> None:
        """Hand in the text of an open file.

        Args:
            path: The file that it stands for, absolute.
            text: All of it; a byte order mark does not count.
        """
        content = text.removeprefix("\ufeff").encode(errors="replace")
        self._texts[str(path)] = (next(self._serials), content)
        self.version += 1

    def forget(self, path: Path) -> None:
        """Go back to what is on the disk."""
        self._texts.pop(str(path), None)
        self.version += 1

    def changed(self, paths: Iterable[Path]) -> None:
        """Hear which files were written, made or deleted on the disk; directories count too."""
        for path in map(str, paths):
            was_there = self._stamps.pop(path, None) is not None
            if not was_there or stamp_of(path) is None:
                # There may be more or fewer files than were listed.
                self._stamps.clear()
                self._listed.clear()
        self.version += 1

    def is_open(self, path: str | Path) -> bool:
        """Return whether a file's text was handed in."""
        return str(path) in self._texts

    def is_as_on_disk(self, path: str | Path) -> bool:
        """Return whether an open text is what is on the disk: it was saved."""
        try:
            return self.is_open(path) and read_regular_file(path, MAX_SIZE) == self.read(path)
        except OSError:
            return False

    def stamp(self, path: str | Path) -> Stamp:
        """Return the version of a file; None if there is none.

        That of an open text is one that no file on the disk has.
        """
        held = self._texts.get(str(path))
        return (-held[0], len(held[1])) if held is not None else self.stamp_on_disk(path)

    def stamp_on_disk(self, path: str | Path) -> Stamp:
        """Return the version that an import of the project would read."""
        if not self.watched:
            return stamp_of(path)
        key = str(path)
        if key not in self._stamps:
            self._stamps[key] = stamp_of(path)
        return self._stamps[key]

    def read(self, path: str | Path) -> bytes:
        """Return what is in a file.

        Raises:
            OSError: It can't be read, is not a regular file, or is larger than MAX_SIZE.
        """
        held = self._texts.get(str(path))
        return held[1] if held is not None else read_regular_file(path, MAX_SIZE)

    def list(self, directory: str | Path, walk: Walk = files_below) -> tuple[str, ...]:
        """Return the paths of the files below a directory.

        Args:
            directory: The directory, absolute.
            walk: Finds those that are on the disk.
        """
        return (*self.list_on_disk(directory, walk), *self.open_below(directory))

    def list_on_disk(self, directory: str | Path, walk: Walk = files_below) -> tuple[str, ...]:
        """Return the same without those that were never saved."""
        key = (str(directory), walk)
        paths = self._listed.get(key)
        if paths is None:
            paths = tuple(walk(key[0]))
            if self.watched:
                self._listed[key] = paths
        return paths

    def open_below(self, directory: str | Path) -> Iterator[str]:
        """Yield the paths of the open texts below a directory."""
        start = f"{directory}{os.sep}"
        return (path for path in self._texts if path.startswith(start))
