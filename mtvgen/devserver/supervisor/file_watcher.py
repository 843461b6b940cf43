"""Changes in the project, reported as soon as they are on the disk.

watchfiles hears of changes. The list of files with their times and sizes finds those made before
it listened and those that the system does not report, and takes its place where the table of
watches is full.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mtvgen.devserver.supervisor.project_files import Snapshot, inode_of, is_left_out, kind_of

# Milliseconds. Together they find an edit within 15 ms and cost 0.4 % of a processor; watchfiles'
# own 50 and 1,600 take 50 ms longer.
_STEP, _DEBOUNCE, _TIMEOUT = 10, 50, 5_000
_LATE = 500  # milliseconds by which a report may come later than what it is about
_POLL_SECONDS = 0.25


class Watcher:
    """Reports changes from a thread of its own.

    Args:
        root: The project's directory.
        report: Called with the paths that changed; from the thread.
        complain: Called with one line if the system can't watch the project.
        polls: Compare the files again and again, and leave the system alone.
        listen: Watches directories; for tests of a system that can't.
    """

    def __init__(
        self,
        root: Path,
        report: Callable[[set[str]], None],
        complain: Callable[[str], None],
        *,
        polls: bool = False,
        listen: Callable[[list[str]], Any] | None = None,
    ) -> None:
        self._listen = listen or _notifier
        self._root = root
        self._report = report
        self._complain = complain
        self._polls = polls
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
            if self._polls:
                self._poll()
                continue
            watched = self._snapshot.watched()
            try:
                with self._listen(watched) as notifier:
                    self._compare()  # what changed while nobody listened
                    if set(self._snapshot.watched()) == set(watched):
                        self._follow(notifier)
            except (OSError, RuntimeError) as error:  # watchfiles raises both
                self._compare()
                if not self._snapshot.directories:
                    self._await_return()
                elif not isinstance(error, FileNotFoundError):  # one was deleted at that moment
                    self._poll_from_now_on(
                        "Watching by polling, as the system refused to watch "
                        f"({_without_paths(error)}). Edits are seen a little later."
                    )

    def _follow(self, notifier: Any) -> None:
        """Report what is heard, until other directories are to be watched."""
        while not self._stopping.is_set():
            heard = notifier.watch(_DEBOUNCE, _STEP, _TIMEOUT, self._stopping)
            if isinstance(heard, set):
                paths = {path for _, path in heard}
                self._tell(paths)
                if self._must_watch_others(paths):
                    return
            elif not self._root_is_watched():
                return
            elif missed := self._compare():
                if self._is_deaf(notifier, missed):
                    self._poll_from_now_on(
                        "Watching by polling, as the system does not report every edit here. "
                        "-> mtvgen runserver --poll does so from the start"
                    )
                return

    def _is_deaf(self, notifier: Any, missed: set[str]) -> bool:
        """Return whether nothing is heard of a change.

        After a pause (Ctrl-Z) it may come a bit later.
        """
        heard = notifier.watch(_DEBOUNCE, _STEP, _LATE, self._stopping)
        paths = {path for _, path in heard} if isinstance(heard, set) else set()
        heard_of = paths | self._snapshot.links_to(paths)
        self._tell(paths - missed)
        return not heard_of & missed and not self._stopping.is_set()

    def _tell(self, paths: set[str]) -> None:
        changed = paths | self._snapshot.links_to(paths)
        wanted = {path for path in changed if kind_of(path, self._root)}
        self._snapshot.note(wanted)
        if wanted:
            self._report(wanted)

    def _must_watch_others(self, paths: set[str]) -> bool:
        """Return whether a directory came or went, or a link."""
        known = set(self._snapshot.directories)
        return any(
            path in known
            or _is_new_directory(path, known)
            or (self._snapshot.is_link(path) and kind_of(path, self._root) is not None)
            for path in paths
        )

    def _root_is_watched(self) -> bool:
        """Return whether the directory is still the one that is watched, and not a new one."""
        return inode_of(self._root) == self._snapshot.inode != 0

    def _compare(self) -> set[str]:
        """Report what has changed since the last look, and give it."""
        now = Snapshot(self._root)
        changed = now.changed_since(self._snapshot)
        self._snapshot = now
        if changed:
            self._report(changed)
        return changed

    def _poll_from_now_on(self, why: str) -> None:
        self._polls = True
        self._complain(why)

    def _poll(self) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            self._compare()

    def _await_return(self) -> None:
        """Wait for the project's directory, which is gone; it can be watched when it is back."""
        while not self._snapshot.directories and not self._stopping.wait(_POLL_SECONDS):
            self._compare()


def _without_paths(error: Exception) -> str:
    """Return the system's own words, less what Rust adds."""
    return str(error).partition(" about [")[0].rstrip(".")


def _is_new_directory(path: str, known: set[str]) -> bool:
    parent, name = os.path.split(path)
    return parent in known and not is_left_out(name) and os.path.isdir(path)  # noqa: PTH112


def _notifier(directories: list[str]) -> Any:
    # Imported here: it takes 30 ms, which the supervisor has while the project is imported.
    from watchfiles._rust_notify import RustNotify

    if not directories:
        raise FileNotFoundError("the project's directory is gone")
    # The last one would ignore that the table of watches is full, as if it were a permission.
    return RustNotify(directories, False, False, 0, False, False)
