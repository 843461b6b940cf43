"""The projects of a workspace: below its folders, and around the files that are opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mtvgen.lsp.workspace.engine import Engine
from mtvgen.project.loading import MARKS, NoProjectError, find_project

_DEEPEST = 3  # levels below a folder of the workspace that a project is looked for in
_MOST = 8  # projects that are checked because they are there, and not because one was opened
_LEFT_OUT = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})


class Projects:
    """The engines, by the directories of their projects."""

    def __init__(self) -> None:
        self._engines: dict[Path, Engine] = {}
        self._roots: dict[Path, Path | None] = {}
        self._folders: set[Path] = set()

    def __iter__(self) -> Iterator[Engine]:
        """Go through the engines."""
        return iter(list(self._engines.values()))

    def add_below(self, folder: Path) -> None:
        """Find the projects of a folder of the workspace: the one around it, or those in it."""
        self._folders.add(folder)
        if self.around(folder / MARKS[0]) is None:
            for root in _projects_below(folder):
                if len(self._engines) < _MOST:
                    self._engine(root)

    def leave(self, folder: Path, open_files: Iterable[Path]) -> list[Engine]:
        """Forget the projects of a folder that has left the workspace; returns their engines.

        Args:
            folder: The folder.
            open_files: The files whose projects are checked in any case.
        """
        self._folders.discard(folder)
        files = tuple(open_files)
        left = [
            engine
            for root, engine in self._engines.items()
            if _are_in_line(root, folder)
            and not any(_are_in_line(root, other) for other in self._folders)
            and not any(file.is_relative_to(root) for file in files)
        ]
        for engine in left:
            del self._engines[engine.root]
        return left

    def around(self, path: Path) -> Engine | None:
        """Return the engine of the project that a file is in; None outside any."""
        directory = path.parent
        if directory not in self._roots:
            self._roots[directory] = _root_of(directory)
        root = self._roots[directory]
        return self._engine(root) if root is not None else None

    def forget_places(self) -> None:
        """Look for projects again: files have come or gone."""
        self._roots = {place: root for place, root in self._roots.items() if root is not None}

    def _engine(self, root: Path) -> Engine:
        if root not in self._engines:
            self._engines[root] = Engine(root)
        return self._engines[root]


def _are_in_line(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _root_of(directory: Path) -> Path | None:
    try:
        return find_project(directory).root
    except (NoProjectError, OSError):
        return None


def _projects_below(folder: Path) -> Iterator[Path]:
    """Yield the projects below a folder; a project holds no other."""
    start = len(folder.parts)
    for parent, directories, files in os.walk(folder):
        if all(mark in files for mark in MARKS):
            directories.clear()
            if (root := _root_of(Path(parent))) is not None:
                yield root
        is_deepest = len(Path(parent).parts) - start >= _DEEPEST
        directories[:] = [] if is_deepest else sorted(filter(_may_hold_one, directories))


def _may_hold_one(name: str) -> bool:
    return not name.startswith(".") and name not in _LEFT_OUT
