"""The server that follows every edit: the supervisor's process, its signals, files and clock."""

from __future__ import annotations

import os
import queue
import select
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from mtvgen.devserver.pages.event_streams import EventStreams
from mtvgen.devserver.processes.channel import Channel, channels
from mtvgen.devserver.processes.launch import Processes
from mtvgen.devserver.supervisor.background_checks import BackgroundChecks
from mtvgen.devserver.supervisor.file_watcher import Watcher, site_packages_stamp
from mtvgen.devserver.supervisor.project_files import kind_of
from mtvgen.devserver.supervisor.supervisor import Supervisor
from mtvgen.devserver.terminal.announcements import Announcements
from mtvgen.devserver.terminal.terminal import Terminal
from mtvgen.project.loading import Project

ENDS_WITHIN = 1.0  # seconds for the requests in hand when Ctrl-C comes


class EventLoop:
    """The main loop, and what the supervisor can have done to the world (`Machine`)."""

    def __init__(
        self,
        project: Project,
        listener: socket.socket,
        processes: Processes,
        *,
        all_frames: bool = False,
        notes: Sequence[str] = (),
        polls: bool = False,
    ) -> None:
        self._project = project
        self._listener = listener
        self._terminal = Terminal(project.root, all_frames=all_frames)
        self._announcements = Announcements(project, listener, self._terminal, notes)
        self._processes = processes
        self._streams = EventStreams()
        self._changed: queue.SimpleQueue[set[str]] = queue.SimpleQueue()
        self._signals: list[int] = []
        # It knows the files from before the project is imported, so no edit falls between.
        self._watcher = Watcher(project.root, self._report, self._terminal.say, polls=polls)
        self._checks = BackgroundChecks(project.root, processes.directory, self._terminal.say)
        # A byte for each signal and each change, so that poll() sees them whenever they come.
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    def run(self) -> int:
        """Serve until a signal ends it; the exit code."""
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive_signal)
        supervisor = Supervisor(self, self._project.root, self._streams, time.monotonic())
        try:
            while not self._signals:
                self._turn(supervisor)
        finally:
            self._watcher.stop()
            self._end(supervisor)
        return 130 if self._signals[0] == signal.SIGINT else 0

    def _turn(self, supervisor: Supervisor) -> None:
        """Wait for something to happen, and pass it on."""
        conversations = {end.fileno(): end for end in supervisor.channels()}
        pages = {client.fileno(): client for client in self._streams}
        checks = self._checks.descriptors()
        deadlines = (supervisor.next_deadline(), self._checks.next_deadline())
        ready = self._wait(
            [self._woken, *conversations, *pages, *checks],
            min((deadline for deadline in deadlines if deadline is not None), default=None),
        )
        if self._woken in ready:
            os.read(self._woken, 4096)
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

    def _wait(self, descriptors: Sequence[int], deadline: float | None) -> list[int]:
        poll = select.poll()
        for descriptor in descriptors:
            poll.register(descriptor, select.POLLIN)
        seconds = None if deadline is None else max(0, deadline - time.monotonic())
        # Rounded up, or the loop would spin through the last millisecond.
        return [ready for ready, _ in poll.poll(None if seconds is None else seconds * 1000 + 1)]

    def _pass_on_changes(self, supervisor: Supervisor) -> None:
        paths: set[str] = set()
        while not self._changed.empty():
            paths |= self._changed.get()
        kinds = {path: kind_of(path, self._project.root) for path in paths}
        if paths:
            self._checks.schedule(time.monotonic())
        supervisor.change(
            time.monotonic(),
            [path for path, kind in kinds.items() if kind == "code"],
            pages="page" in kinds.values(),
            style="style" in kinds.values(),
        )

    def _end(self, supervisor: Supervisor) -> None:
        """Let the requests in hand be finished, for a moment; a second signal cuts them off."""
        self._terminal.end()
        self._listener.close()
        self._streams.close()
        self._checks.stop()
        supervisor.end()
        deadline = time.monotonic() + ENDS_WITHIN
        while supervisor.workers() and time.monotonic() < deadline and len(self._signals) < 2:
            conversations = {end.fileno(): end for end in supervisor.channels()}
            for descriptor in self._wait([self._woken, *conversations], deadline):
                if descriptor == self._woken:
                    os.read(self._woken, 4096)
                else:
                    _listen(supervisor, conversations[descriptor])
        self._processes.end()
        for channel in supervisor.channels():
            channel.close()

    def _receive_signal(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)

    def _report(self, paths: set[str]) -> None:
        """Note changes (in the watcher's thread)."""
        self._changed.put(paths)
        with suppress(BlockingIOError):  # full of bytes that say the same
            os.write(self._wake, b"c")

    # What follows is the supervisor's `Machine`.

    def start_fork_server(self) -> Channel:
        """Start a process that forks others."""
        return self._processes.start_fork_server()

    def new_channel(self) -> tuple[Channel, int]:
        """A channel, and the descriptor of its other end."""
        mine, its = channels()
        return mine, its.detach()

    def packages_stamp(self) -> object:
        """What changes when a package is installed."""
        return site_packages_stamp()

    def kill(self, pid: int, number: int) -> None:
        """Send a signal to a process that its parent has not waited for."""
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def started(self, about: str, error: str) -> None:
        """Print the banner."""
        self._watcher.start()  # not sooner, or it would take the processor from the first page
        self._announcements.started(about, error)
        self._checks.leave_out(error)
        self._checks.schedule(time.monotonic())

    def reloaded(self, because: Sequence[str], seconds: float, error: str) -> None:
        """Print what was reloaded, or what keeps it from being so."""
        self._announcements.reloaded(because, seconds, error)
        self._checks.leave_out(error)

    def died(self, code: int | None) -> None:
        """Print that a worker ended by itself."""
        self._announcements.died(code)


def _listen(supervisor: Supervisor, channel: Channel) -> None:
    if not channel.open:
        return  # another message of the same turn has ended it
    for message in channel.receive():
        supervisor.hear(time.monotonic(), channel, message)
    if not channel.open:
        supervisor.lose(time.monotonic(), channel)
