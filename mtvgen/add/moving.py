"""Files move into a project by renames: all of them, or none.

    .mtvgen-2f1c.../          next to the project's files, private, locked by its process
        new-0, new-1 ...      each file as it will be, in the order of moving
        old-3 ...             the edited ones as they were, until all has moved

New files come first, which nothing names yet; then the edited ones, in the order that they are
given. Of two that only work together, one takes two steps: first to what works with the other as
it was and as it will be, and in the end to what it will be. A process that was killed leaves the
first steps done; the same files once more are recognized byte for byte, and the rest follows.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.signals import Signals, raised_signals
from mtvgen.startproject.staging import staging, sweep

_CANNOT_LINK = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
_OF_NEW_FILES = 0o644


class InTheWayError(Exception):
    """A file is not what it was when the addition was planned.

    Attributes:
        file: Its path in the project.
    """

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.file = file


@dataclass(frozen=True)
class Move:
    """A file that is to be in the project.

    Attributes:
        file: Its path, with `/` between folders.
        content: What it will hold.
        before: What it holds now; None for a new file.
        meanwhile: What it holds until all others are there; None: `content`, from the start.
    """

    file: str
    content: bytes
    before: bytes | None = None
    meanwhile: bytes | None = None


@dataclass
class _Done:
    """The steps that were taken so far, to be undone from the last one back."""

    folders: list[str] = field(default_factory=list)
    moves: list[tuple[int, Move]] = field(default_factory=list)


def move_in(root: Path, moves: Sequence[Move]) -> None:
    """Let files appear in a project, and others be replaced: all, or the disk is as it was.

    Args:
        root: The project's directory.
        moves: What to move. A new file that is there already, byte for byte, is left alone.

    Raises:
        InTheWayError: Another file has that name, or an edited one has changed in the meantime.
        BlockingIOError: Another process adds something there.
        OSError: The disk refuses.
        Signalled: A signal came before the last file.
    """
    with raised_signals() as signals:
        sweep(root)
        with OpenDirectory.at(root) as project:
            if not project.lock():
                raise BlockingIOError(errno.EAGAIN, "another process adds something there")
            with staging(project) as hidden:
                planned = list(_planned(project, moves))
                for number, move in planned:
                    hidden.create(f"new-{number}", move.content, _mode(project, move))
                _move_all(project, hidden, planned, signals)


def _planned(project: OpenDirectory, moves: Sequence[Move]) -> Iterator[tuple[int, Move]]:
    """Yield the steps that are still to be taken."""
    there = {move.file: _content(project, move.file) for move in moves}
    finished = {move.file for move in moves if there[move.file] == move.content}
    for number, step in enumerate(_steps(moves)):
        if step.file in finished or there[step.file] == step.content:
            continue
        if there[step.file] != step.before:
            raise InTheWayError(step.file)
        there[step.file] = step.content
        yield number, step


def _steps(moves: Sequence[Move]) -> Iterator[Move]:
    """Yield each change of a file by itself: new files first, and what has to wait in the end."""
    for move in sorted(moves, key=lambda move: move.before is not None):
        yield replace(move, content=move.content if move.meanwhile is None else move.meanwhile)
    for move in moves:
        if move.meanwhile is not None:
            yield replace(move, before=move.meanwhile)


def _move_all(
    project: OpenDirectory, hidden: OpenDirectory, planned: list[tuple[int, Move]], signals: Signals
) -> None:
    done = _Done()
    try:
        for number, move in planned:
            if move.before is None:
                _make_folders(project, move.file, done)
                _place(project, hidden, number, move, done)
            else:
                _replace(project, hidden, number, move, done)
        signals.hold()  # all is there: what is left is our own directory
    except BaseException:
        signals.hold()
        _undo(project, hidden, done)
        raise


def _make_folders(project: OpenDirectory, file: str, done: _Done) -> None:
    folders = file.split("/")[:-1]
    for depth, name in enumerate(folders):
        with project.reach(folders[:depth]) as around:
            if not around.has(name):
                done.folders.append("/".join(folders[: depth + 1]))
                around.make_directory(name)


def _place(
    project: OpenDirectory, hidden: OpenDirectory, number: int, move: Move, done: _Done
) -> None:
    """Give a new file its name, which must be free."""
    with _folder_of(project, move.file) as (folder, name):
        if folder.has(name):
            raise InTheWayError(move.file)
        done.moves.append((number, move))
        try:
            _link(folder, name, hidden, f"new-{number}")
        except FileExistsError:
            done.moves.pop()
            raise InTheWayError(move.file) from None


def _replace(
    project: OpenDirectory, hidden: OpenDirectory, number: int, move: Move, done: _Done
) -> None:
    """Replace a file by its edited version, and keep the old one."""
    with _folder_of(project, move.file) as (folder, name):
        old = f"old-{number}"
        is_linked = _link(hidden, old, folder, name)
        # Some editors write into the file, and some put another one in its place.
        is_same = os.path.samestat(hidden.status_of(old), folder.status_of(name))
        if hidden.read(old) != move.before or (is_linked and not is_same):
            raise InTheWayError(move.file)
        done.moves.append((number, move))
        folder.take(f"new-{number}", hidden, name)
        # An editor that has written into the very file since then has written into the kept one.
        if hidden.read(old) != move.before:
            raise InTheWayError(move.file)


def _link(target: OpenDirectory, name: str, source: OpenDirectory, its_name: str) -> bool:
    """Give a file another name, which must be free.

    Returns:
        Whether both are the same file; where the disk has no links it is copied.
    """
    try:
        target.link(name, source, its_name)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        target.create(name, source.read(its_name), source.status_of(its_name).st_mode & 0o777)
        return False
    return True


def _undo(project: OpenDirectory, hidden: OpenDirectory, done: _Done) -> None:
    """Take everything back, from the last to the first; what somebody has edited stays."""
    for number, move in reversed(done.moves):
        with contextlib.suppress(OSError), _folder_of(project, move.file) as (folder, name):
            if folder.read(name) != move.content:
                continue
            if move.before is None:
                folder.remove_file(name)
            else:
                folder.take(f"old-{number}", hidden, name)
    for path in reversed(done.folders):
        with contextlib.suppress(OSError), _folder_of(project, path) as (folder, name):
            folder.remove_directory(name)  # refused if somebody has put something there


def _content(project: OpenDirectory, file: str) -> bytes | None:
    """Return what a file holds; None if it is not there."""
    try:
        with _folder_of(project, file) as (folder, name):
            return folder.read(name)
    except FileNotFoundError:
        return None


def _mode(project: OpenDirectory, move: Move) -> int:
    if move.before is None:
        mask = os.umask(0o077)  # the system reveals it only to whoever changes it
        os.umask(mask)
        return _OF_NEW_FILES & ~mask
    with _folder_of(project, move.file) as (folder, name):
        return stat.S_IMODE(folder.status_of(name).st_mode)


@contextlib.contextmanager
def _folder_of(project: OpenDirectory, file: str) -> Iterator[tuple[OpenDirectory, str]]:
    *folders, name = file.split("/")
    with project.reach(folders) as folder:
        yield folder, name
