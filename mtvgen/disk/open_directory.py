"""A directory that was opened once: what is in it is reached from there, and never through a link.

A path is looked up again at every use, and whoever may write to a directory above it can let it
mean another place each time. A descriptor stays with the directory that was checked (openat(2)).
Windows has no such descriptors; there the path is used.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Self

try:
    import fcntl
except ImportError:  # Windows has no locks on directories
    fcntl = None  # type: ignore[assignment]

BY_DESCRIPTOR = {os.open, os.mkdir, os.stat, os.unlink, os.rmdir, os.rename} <= os.supports_dir_fd
# O_NOFOLLOW: a link is an error, ENOTDIR or ELOOP, and not another directory.
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_OLD_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

_NOT_NAMES = frozenset({"", ".", ".."})
_NEVER_IN_NAMES = {"/", "\0", os.sep, os.altsep or "/"} | ({":"} if os.name == "nt" else set())


class OpenDirectory:
    """A directory, and the only way to what is in it.

    Its methods take names, not paths: no method leaves the directory, whatever it is given.

    Attributes:
        path: Where it was found, for messages.
        descriptor: Its descriptor, None on Windows.
    """

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self.descriptor = descriptor

    @classmethod
    def at(cls, path: Path) -> Self:
        """Open the directory at a path, whose last part may not be a link.

        Raises:
            OSError: There is none, or it may not be read.
        """
        return cls(path, os.open(path, _DIRECTORY) if BY_DESCRIPTOR else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the descriptor back; twice does no harm."""
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def lock(self, *, must: bool = False) -> bool:
        """Lock the directory until it is closed or the process ends; return whether it is ours.

        Args:
            must: What to answer where the system or the disk has no locks: False if it is set.
        """
        if fcntl is None or self.descriptor is None:
            return not must
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return not must
        return True

    def names(self) -> list[str]:
        """Return the names of everything that is in it."""
        return os.listdir(self.path if self.descriptor is None else self.descriptor)  # noqa: PTH208

    def status(self) -> os.stat_result:
        """Return what the system says about the directory itself."""
        return os.stat(self.path if self.descriptor is None else self.descriptor)  # noqa: PTH116

    def status_of(self, name: str) -> os.stat_result:
        """Return what the system says about an entry.

        About a link, and not about where it leads.
        """
        with self._errors_name(name) as place:
            return os.stat(place, dir_fd=self.descriptor, follow_symlinks=False)

    def has(self, name: str) -> bool:
        """Return whether there is an entry of that name, a link to nothing included."""
        try:
            self.status_of(name)
        except OSError:
            return False
        return True

    def enter(self, name: str) -> OpenDirectory:
        """Open a directory in it; a link to one is an error."""
        with self._errors_name(name) as place:
            if self.descriptor is None and not stat.S_ISDIR(self.status_of(name).st_mode):
                raise NotADirectoryError(f"{name} is not a directory")
            found = os.open(place, _DIRECTORY, dir_fd=self.descriptor) if BY_DESCRIPTOR else None
            return OpenDirectory(self.path / name, found)

    @contextlib.contextmanager
    def reach(self, names: Iterable[str]) -> Iterator[OpenDirectory]:
        """Open a directory further inside, one step after the other, for as long as the block."""
        reached: OpenDirectory = self
        try:
            for name in names:
                inner = reached.enter(name)
                if reached is not self:
                    reached.close()
                reached = inner
            yield reached
        finally:
            if reached is not self:
                reached.close()

    def make_directory(self, name: str, mode: int = 0o777) -> None:
        """Make a directory in it, of which the process's umask takes permissions away."""
        with self._errors_name(name) as place:
            os.mkdir(place, mode, dir_fd=self.descriptor)

    def read(self, name: str) -> bytes:
        """Read a regular file; anything else is an error, a named pipe too."""
        with self._errors_name(name) as place:
            if not stat.S_ISREG(self.status_of(name).st_mode):
                raise OSError(f"{name} is not a regular file")
            with os.fdopen(os.open(place, _OLD_FILE, dir_fd=self.descriptor), "rb") as file:
                return file.read()

    def create(self, name: str, content: bytes, mode: int = 0o600) -> None:
        """Write a file that was not there before.

        Others can read it, if `mode` allows it, only when it is whole.

        Raises:
            FileExistsError: There is something of that name, a link included.
            OSError: The disk refuses; what has been written by then is gone again.
        """
        with self._errors_name(name) as place:
            file = os.open(place, _NEW_FILE, 0o600, dir_fd=self.descriptor)
            try:
                with os.fdopen(file, "wb") as new:
                    new.write(content)
                    if os.chmod in os.supports_fd:
                        os.chmod(new.fileno(), mode)  # noqa: PTH101
                if os.chmod not in os.supports_fd:
                    os.chmod(place, mode)  # noqa: PTH101
            except BaseException:
                self.remove_file(name)
                raise

    def write(self, name: str, content: bytes) -> None:
        """Write a file in place of the one that may be there: a reader finds either, and whole."""
        draft = f"{name}.{os.urandom(8).hex()}"
        self.create(draft, content)
        try:
            self.take(draft, self, name)
        except OSError:
            self.remove_file(draft)
            raise

    def link(self, name: str, source: OpenDirectory, its_name: str = "") -> None:
        """Let a file of another directory have a name here too; a name that is taken stays.

        Args:
            name: The new name.
            source: The other directory.
            its_name: What the file is called there, by default the same.
        """
        with self._errors_name(name) as place:
            os.link(
                source._place_of(its_name or name),
                place,
                src_dir_fd=source.descriptor,
                dst_dir_fd=self.descriptor,
                # Windows does not know the difference, and can't be made aware of it.
                follow_symlinks=os.link not in os.supports_follow_symlinks,
            )

    def take(self, name: str, source: OpenDirectory, new_name: str) -> None:
        """Rename an entry of another directory into this one (rename(2))."""
        with self._errors_name(new_name) as place:
            os.rename(
                source._place_of(name),
                place,
                src_dir_fd=source.descriptor,
                dst_dir_fd=self.descriptor,
            )

    def remove_file(self, name: str) -> None:
        """Remove a file or a link."""
        with self._errors_name(name) as place:
            os.unlink(place, dir_fd=self.descriptor)

    def remove_directory(self, name: str) -> None:
        """Remove a directory that is empty."""
        with self._errors_name(name) as place:
            os.rmdir(place, dir_fd=self.descriptor)

    def clear(self, *, but: Collection[str] = ()) -> None:
        """Remove all that is in it, but for some entries."""
        for name in self.names():
            if name in but:
                continue
            if not stat.S_ISDIR(self.status_of(name).st_mode):
                self.remove_file(name)
                continue
            with self.enter(name) as inner:
                inner.clear()
            self.remove_directory(name)

    def _place_of(self, name: str) -> str:
        if name in _NOT_NAMES or any(character in name for character in _NEVER_IN_NAMES):
            raise ValueError(f"{name!r} is not the name of an entry of a directory")
        return name if self.descriptor is not None else str(self.path / name)

    @contextlib.contextmanager
    def _errors_name(self, name: str) -> Iterator[str]:
        """Return what to give to the system for a name; an error of its shows the whole path."""
        place = self._place_of(name)
        try:
            yield place
        except OSError as error:
            error.filename, error.filename2 = str(self.path / name), None
            raise
