"""The server that follows every edit where nothing can be forked or handed over: on Windows.

Each edit of the code starts a process (`restart_worker.py`) that inherits the listening socket.
The one before it has stopped accepting by then, and who comes meanwhile waits in the kernel.
Threads put what happens into one queue, because a queue, unlike poll(), waits for everything
everywhere.
"""

from __future__ import annotations

import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any

from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.processes.programs import RESTART_WORKER, command
from mtvgen.devserver.supervisor.file_watcher import Watcher
from mtvgen.devserver.supervisor.project_files import kind_of
from mtvgen.devserver.supervisor.supervisor import STOPS_WITHIN
from mtvgen.devserver.terminal.announcements import Announcements
from mtvgen.devserver.terminal.exit_status import how_it_ended
from mtvgen.devserver.terminal.terminal import Terminal
from mtvgen.project.loading import Project

ENDS_WITHIN = 1.0  # seconds for the requests in hand when Ctrl-C comes
TURN_SECONDS = 0.2  # a wait that Ctrl-C does not end on Windows must be a short one
_ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # no system has all


@dataclass(eq=False)
class Child:
    """A process that serves the project, will, or did.

    Attributes:
        report: What it said when it had loaded the project; empty before.
        stops_by: When it has to have stopped accepting, once it was told to.
    """

    process: subprocess.Popen[bytes]
    channel: Channel
    because: Sequence[str]
    begun: float = field(default_factory=time.monotonic)
    report: dict[str, Any] = field(default_factory=dict)
    stops_by: float | None = None


class RestartLoop:
    """The supervisor of those processes: two of them never accept at the same time.

    Args:
        project: What to serve.
        listener: Where; it stays open here, so that nobody is refused between two processes.
        all_frames: Whole tracebacks, for `--traceback`.
        notes: Lines for the banner.
        polls: Look for edits, rather than be told of them.
    """

    def __init__(
        self,
        project: Project,
        listener: socket.socket,
        *,
        all_frames: bool = False,
        notes: Sequence[str] = (),
        polls: bool = False,
    ) -> None:
        self._project = project
        self._listener = listener
        self._all_frames = all_frames
        self._terminal = Terminal(project.root, all_frames=all_frames)
        self._announcements = Announcements(project, listener, self._terminal, notes)
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._signals: list[int] = []
        self._current: Child | None = None
        self._next: Child | None = None
        self._leaving: list[Child] = []
        self._generation = 0
        self._has_loaded = False
        # It knows the files from before the project is imported, so no edit falls between.
        self._watcher = Watcher(project.root, self._report, self._terminal.say, polls=polls)

    def run(self) -> int:
        """Serve until a signal ends it; the exit code."""
        for name in _ENDING_SIGNALS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._receive_signal)
        self._start()
        self._watcher.start()
        try:
            while not self._signals:
                self._turn()
        finally:
            self._watcher.stop()
            self._end()
        return 130 if self._signals[0] == signal.SIGINT else 0

    def _turn(self) -> None:
        with suppress(queue.Empty):
            self._events.get(timeout=TURN_SECONDS)()
        late = self._current
        if late is not None and late.stops_by is not None and late.stops_by <= time.monotonic():
            late.process.kill()  # a view holds the interpreter's lock

    def _receive_signal(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)
        self._events.put(lambda: None)  # wakes the main loop, where a signal alone does not

    def _report(self, paths: set[str]) -> None:
        """Note changes (in the watcher's thread)."""
        self._events.put(partial(self._change, paths))

    def _listen(self, child: Child) -> None:
        """Note what a child says (in a thread for each)."""
        while child.channel.open:
            for message in child.channel.receive():
                self._events.put(partial(self._hear, child, message))
        self._events.put(partial(self._lose, child))

    # What follows happens in the main loop, one at a time.

    def _change(self, paths: set[str]) -> None:
        kinds = {path: kind_of(path, self._project.root) for path in paths}
        code = {path for path, kind in kinds.items() if kind == "code"}
        if code:
            self._replace(code)
        elif self._current is not None:
            self._generation += 1
            event = "reload" if "page" in kinds.values() else "style"
            self._current.channel.send("generation", generation=self._generation, event=event)

    def _replace(self, because: set[str]) -> None:
        if self._next is not None:  # it accepts nothing yet
            because |= set(self._next.because)
            self._next.process.kill()
            self._leaving.append(self._next)
        if self._current is not None and self._current.stops_by is None:
            self._current.stops_by = time.monotonic() + STOPS_WITHIN
            self._current.channel.send("stop", event="reload")
        self._start(sorted(because))

    def _start(self, because: Sequence[str] = (), error: str | None = None) -> None:
        """Start another process; with `error` one that shows it and imports nothing."""
        mine, its = socket.socketpair()
        ends = (its, self._listener)
        for end in ends:
            end.set_inheritable(True)
        numbers = [str(end.fileno()) for end in ends]
        # All else that is open here is not inheritable (PEP 446); `pass_fds` is POSIX's alone.
        process = subprocess.Popen(command(RESTART_WORKER, *numbers), close_fds=False)
        its.close()
        self._next = child = Child(process, Channel(mine), because)
        child.channel.send(
            "begin",
            root=str(self._project.root),
            all_frames=self._all_frames,
            because=because,
            error=error,
            is_first=not self._has_loaded,
        )
        threading.Thread(target=self._listen, args=[child], daemon=True).start()

    def _hear(self, child: Child, message: Message) -> None:
        if message["do"] == "loaded":
            child.report = message
            self._has_loaded |= not message["error"]
            self._open_the_gate()
        elif message["do"] == "stopped" and child is self._current:
            self._current = None
            self._leaving.append(child)  # it ends itself when its last request is answered
            self._open_the_gate()

    def _lose(self, child: Child) -> None:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(STOPS_WITHIN)
        child.process.kill()  # the project has closed what it did not open, and lives on unheard
        code = child.process.wait()
        if child in self._leaving:
            self._leaving.remove(child)
        elif child is self._next:
            self._start(child.because, f"The process {how_it_ended(code)} while importing.")
        elif child is self._current:
            self._current = None
            if child.stops_by is None:
                self._start(error=f"The serving process {how_it_ended(code)}.")
            self._open_the_gate()

    def _open_the_gate(self) -> None:
        """Let the new process accept, once it has loaded AND the old one has stopped."""
        new = self._next
        if new is None or not new.report or self._current is not None:
            return
        error, because = new.report["error"], new.because
        if self._generation:
            self._announcements.reloaded(because, time.monotonic() - new.begun, error)
        else:
            self._announcements.started(new.report["about"], error)
        self._generation += 1
        new.channel.send("accept", generation=self._generation)
        self._current, self._next = new, None

    def _end(self) -> None:
        """Let the requests in hand be finished, for a moment; a second signal cuts them off."""
        self._terminal.end()
        self._listener.close()
        if self._next is not None:
            self._next.process.kill()
        children = [child for child in (self._current, self._next, *self._leaving) if child]
        for child in children:
            child.channel.send("stop")
        deadline = time.monotonic() + ENDS_WITHIN
        for child in children:
            while time.monotonic() < deadline and len(self._signals) < 2:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(0.05)
                    break
            child.process.kill()
            child.process.wait()
