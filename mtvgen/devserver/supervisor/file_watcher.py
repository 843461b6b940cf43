"""What changed in the project, told as soon as it is on the disk.

watchfiles hears of changes; the list of files with their times and sizes finds those made before
it listened, and stands in for it where the system's table of watches is full.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

# Milliseconds. Together they find an edit within 15 ms and cost 0.4 % of a processor; watchfiles'
# own 50 and 1,600 take 50 ms longer.
_STEP, _DEBOUNCE, _TIMEOUT = 10, 50, 5_000
_POLL_SECONDS = 0.25

_LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})
_STAMP = tuple[int, int, int]


def kind_of(path: str, root: Path) -> str | None:
    """What a changed file means: `code`, `page` (template or static), `style`, or None.

    The tests are left out: no page shows them.
    """
    parts = Path(path).relative_to(root).parts if Path(path).is_relative_to(root) else ()
    if not parts or any(_is_left_out(part) for part in parts[:-1]) or parts[0] == "tests":
        return None
    name = parts[-1]
    if name == ".env" or name.endswith(".py"):
        return "code"
    if name.startswith(".") or name.endswith(("~", ".swp", ".tmp", ".pyc")):
        return None
    if "static" in parts[:-1]:
        return "style" if name.endswith(".css") else "page"
    return "page" if "templates" in parts[:-1] else None


def _is_left_out(directory: str) -> bool:
    return directory.startswith(".") or directory in _LEFT_OUT


class Snapshot:
    """The project's files at one moment.

    Attributes:
        files: Path to what tells one content from another: inode, time of change, size.
        directories: All that are watched; links are followed once.
        inode: The root's, which is another one after it was deleted and made anew.
    """

    def __init__(self, root: Path) -> None:
        self.files: dict[str, _STAMP] = {}
        self.directories: list[str] = []
        self.inode = _inode(root)
        self._root = root
        self._seen: set[str] = set()
        self._walk(str(root))

    def changed_since(self, before: Snapshot) -> set[str]:
        """The files that were made, changed or deleted."""
        return {path for path, _ in self.files.items() ^ before.files.items()}

    def note(self, paths: Iterable[str]) -> None:
        """Take files as they are now, so that they are not told of twice."""
        for path in paths:
            self.files.pop(path, None)
            with suppress(OSError):
                self.files[path] = _stamp(Path(path).stat())

    def _walk(self, directory: str) -> None:
        real = os.path.realpath(directory)
        if real in self._seen:
            return
        self._seen.add(real)
        try:
            entries = list(os.scandir(directory))
        except OSError:
            return  # deleted meanwhile, or not readable
        if any(entry.name == "pyvenv.cfg" for entry in entries):
            return  # a virtual environment, whatever its name
        self.directories.append(directory)
        for entry in entries:
            self._look_at(entry)

    def _look_at(self, entry: os.DirEntry[str]) -> None:
        try:
            if entry.is_dir():
                if not _is_left_out(entry.name):
                    self._walk(entry.path)
            elif kind_of(entry.path, self._root):
                # Windows keeps less in a directory than stat() tells: no inode.
                status = entry.stat() if sys.platform != "win32" else Path(entry.path).stat()
                self.files[entry.path] = _stamp(status)
        except OSError:
            pass  # a broken link, or deleted meanwhile


def _stamp(status: os.stat_result) -> _STAMP:
    return status.st_ino, status.st_mtime_ns, status.st_size


class Watcher:
    """Reports changes from a thread of its own.

    Args:
        root: The project's directory.
        report: Called with the paths that changed; from the thread.
        complain: Called with one line if the system can't watch so many directories.
        listen: Watches directories; for tests of a system that can't.
    """

    def __init__(
        self,
        root: Path,
        report: Callable[[set[str]], None],
        complain: Callable[[str], None],
        listen: Callable[[list[str]], Any] | None = None,
    ) -> None:
        self._listen = listen or _notifier
        self._root = root
        self._report = report
        self._complain = complain
        self._snapshot = Snapshot(root)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Watch from now on; changes since the object was made are reported too."""
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """Report nothing more."""
        self._stopping.set()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                watched = self._snapshot.directories
                with self._listen(watched) as notifier:
                    self._compare()  # what changed while nobody listened
                    if set(self._snapshot.directories) != set(watched):
                        continue
                    for paths in self._heard(notifier):
                        self._tell(paths)
                        if self._directories_changed(paths):
                            break
            except (OSError, RuntimeError) as error:  # watchfiles raises both
                self._compare()
                if not isinstance(error, FileNotFoundError) or not self._snapshot.directories:
                    self._poll(error)  # else one of them was deleted at that moment

    def _heard(self, notifier: Any) -> Iterator[set[str]]:
        while not self._stopping.is_set():
            heard = notifier.watch(_DEBOUNCE, _STEP, _TIMEOUT, self._stopping)
            if isinstance(heard, set):
                yield {path for _, path in heard}
            elif not self._root_is_watched():
                return

    def _tell(self, paths: set[str]) -> None:
        wanted = {path for path in paths if kind_of(path, self._root)}
        self._snapshot.note(wanted)
        if wanted:
            self._report(wanted)

    def _directories_changed(self, paths: set[str]) -> bool:
        """Whether a directory came or went, so that others must be watched from now on."""
        known = set(self._snapshot.directories)
        return any(path in known or _is_new_directory(path) for path in paths)

    def _root_is_watched(self) -> bool:
        """Whether the directory is still the one that is watched, and not one made in its place."""
        return _inode(self._root) == self._snapshot.inode != 0

    def _compare(self) -> None:
        now = Snapshot(self._root)
        changed = now.changed_since(self._snapshot)
        self._snapshot = now
        if changed:
            self._report(changed)

    def _poll(self, error: Exception) -> None:
        if self._snapshot.directories:
            reason = str(error).partition(" about [")[0].rstrip(".")  # less what Rust adds
            self._complain(
                f"Watching by polling, as the system refused to watch ({reason}). "
                "Edits are seen a little later."
            )
        while not self._stopping.wait(_POLL_SECONDS):
            had_gone = not self._snapshot.directories
            self._compare()
            if had_gone and self._snapshot.directories:
                return  # the project is back, and can be watched again


def _is_new_directory(path: str) -> bool:
    return not _is_left_out(os.path.basename(path)) and os.path.isdir(path)  # noqa: PTH112, PTH119


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _notifier(directories: list[str]) -> Any:
    # Imported here: it takes 30 ms, which the supervisor has while the project is imported.
    from watchfiles._rust_notify import RustNotify

    if not directories:
        raise FileNotFoundError("the project's directory is gone")
    # The last one would ignore that the table of watches is full, as if it were a permission.
    return RustNotify(directories, False, False, 0, False, False)


def site_packages_stamp() -> tuple[float, ...]:
    """What changes when a package is installed or removed."""
    import site

    places = site.getsitepackages()
    return tuple(os.stat(place).st_mtime for place in places if os.path.isdir(place))  # noqa: PTH112, PTH116
