"""The server that follows every edit: the supervisor's process, its signals, files and clock."""

from __future__ import annotations

import queue
import selectors
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from mtvgen.devserver.pages.event_streams import EventStreams
from mtvgen.devserver.processes.channel import Channel
from mtvgen.devserver.processes.launch import Launcher, Mode
from mtvgen.devserver.supervisor.background_checks import BackgroundChecks
from mtvgen.devserver.supervisor.executing_machines import RestartMachine, SpawnMachine
from mtvgen.devserver.supervisor.file_watcher import Watcher
from mtvgen.devserver.supervisor.fork_machine import ForkMachine
from mtvgen.devserver.supervisor.project_files import kind_of
from mtvgen.devserver.supervisor.supervisor import Supervisor
from mtvgen.devserver.terminal.announcements import Announcements
from mtvgen.devserver.terminal.terminal import Terminal
from mtvgen.project.loading import Project

ENDS_WITHIN = 1.0  # seconds for the requests in hand when Ctrl-C comes
_ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # no system has all
# One that needs no descriptor of its own, so that each turn can make another.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


_MACHINES = {Mode.FORK: ForkMachine, Mode.SPAWN: SpawnMachine, Mode.RESTART: RestartMachine}


class EventLoop:
    """The main loop.

    Args:
        project: What is served.
        launcher: Starts processes.
        notes: Lines for the banner.
        polls: Look for edits, rather than wait for the system to report them.
    """

    def __init__(
        self, project: Project, launcher: Launcher, *, notes: Sequence[str], polls: bool
    ) -> None:
        self._root = project.root
        self._launcher = launcher
        self._terminal = Terminal(project.root, all_frames=launcher.all_frames)
        self._announcements = Announcements(
            project, launcher.listener, self._terminal, notes, self._when_started
        )
        self._streams = EventStreams()
        self._changed: queue.SimpleQueue[set[str]] = queue.SimpleQueue()
        self._signals: list[int] = []
        # It knows the files from before the project is imported, so no edit falls between.
        self._watcher = Watcher(project.root, self._report, self._terminal.say, polls=polls)
        self._machine = _MACHINES[launcher.mode](launcher)
        self._checks = BackgroundChecks(
            project.root, launcher.directory, self._announcements.warned
        )
        # A byte for each signal and each change, so that a wait ends whenever they come.
        self._woken, self._wake = socket.socketpair()
        self._wake.setblocking(False)

    def run(self) -> int:
        """Serve until a signal ends it; the exit code."""
        self._receive_signals()
        now = time.monotonic()
        supervisor = Supervisor(self._machine, self._announcements, self._streams, now)
        try:
            while not self._signals:
                self._turn(supervisor)
        finally:
            self._watcher.stop()
            self._end(supervisor)
        return 130 if self._signals[0] == signal.SIGINT else 0

    def _when_started(self) -> None:
        self._watcher.start()  # not sooner, or it would take the processor from the first page
        self._check_soon()

    def _check_soon(self) -> None:
        if self._machine.checks:
            self._checks.schedule(time.monotonic())

    def _receive_signals(self) -> None:
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for name in _ENDING_SIGNALS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._receive_signal)
        if hasattr(signal, "SIGCHLD"):  # handled, so that it comes as a byte
            signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _turn(self, supervisor: Supervisor) -> None:
        """Wait for something to happen, and pass it on."""
        conversations = {end.fileno(): end for end in supervisor.channels()}
        pages = {client.fileno(): client for client in self._streams}
        checks = self._checks.descriptors()
        ready = self._wait(
            [*conversations, *pages, *checks],
            supervisor.next_deadline(),
            self._checks.next_deadline(),
        )
        self._pass_on_changes(supervisor)
        for descriptor in ready:
            if descriptor in conversations:
                _listen(supervisor, conversations[descriptor])
            elif descriptor in pages:
                self._streams.hear(pages[descriptor])
            elif descriptor in checks:
                self._checks.hear(time.monotonic())
        supervisor.tick(time.monotonic())
        self._checks.tick(time.monotonic())

    def _wait(self, descriptors: Sequence[int], *deadlines: float | None) -> list[int]:
        """Which of these are ready; none after a signal, a change, or the first deadline."""
        now = time.monotonic()
        waits = [max(0, deadline - now) for deadline in deadlines if deadline is not None]
        waits += [self._machine.turn_seconds] if self._machine.turn_seconds else []
        with _Selector() as selector:
            for descriptor in (self._woken.fileno(), *descriptors):
                selector.register(descriptor, selectors.EVENT_READ)
            ready = [key.fd for key, _ in selector.select(min(waits, default=None))]
        if self._woken.fileno() in ready:
            self._woken.recv(4096)
        return ready

    def _pass_on_changes(self, supervisor: Supervisor) -> None:
        paths: set[str] = set()
        while not self._changed.empty():
            paths |= self._changed.get()
        if not paths:
            return
        kinds = {path: kind_of(path, self._root) for path in paths}
        self._check_soon()
        supervisor.change(
            time.monotonic(),
            [path for path, kind in kinds.items() if kind == "code"],
            pages="page" in kinds.values(),
            style="style" in kinds.values(),
        )

    def _end(self, supervisor: Supervisor) -> None:
        """Let the requests in hand be finished, for a moment; a second signal cuts them off."""
        self._terminal.end()
        self._launcher.listener.close()
        self._streams.close()
        self._checks.stop()
        supervisor.end()
        deadline = time.monotonic() + ENDS_WITHIN
        while supervisor.workers() and time.monotonic() < deadline and len(self._signals) < 2:
            # Only the workers are listened to: a fork server that ends now is not replaced.
            conversations = {end.channel.fileno(): end.channel for end in supervisor.workers()}
            for descriptor in self._wait([*conversations], deadline):
                if descriptor in conversations:
                    _listen(supervisor, conversations[descriptor])
        self._launcher.end()
        signal.set_wakeup_fd(-1)
        for channel in supervisor.channels():
            channel.close()
        self._woken.close()
        self._wake.close()

    def _receive_signal(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)

    def _report(self, paths: set[str]) -> None:
        """Note changes (in the watcher's thread)."""
        self._changed.put(paths)
        with suppress(OSError):  # full of bytes that say the same, or closed at the end
            self._wake.send(b"c")


def _listen(supervisor: Supervisor, channel: Channel) -> None:
    if not channel.open:
        return  # another message of the same turn has ended it
    for message in channel.receive():
        supervisor.hear(time.monotonic(), channel, message)
    if not channel.open:
        supervisor.lose(time.monotonic(), channel)
