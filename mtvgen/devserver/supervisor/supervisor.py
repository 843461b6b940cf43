"""The state of every worker, and the one gate: two of them never accept at the same time.

    loading -> loaded -> accepting -> stopping -> draining -> gone

Nothing here touches a process, a socket or the clock. Messages come in by `hear()` and `lose()`,
changed files by `change()`, the time by `tick()`; orders go out through `Machine` and channels.
"""

from __future__ import annotations

import signal
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from mtvgen.devserver.pages.event_streams import EventStreams
from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.supervisor.fork_servers import (
    ForkServerHandle,
    ForkServers,
    ProcessFactory,
)
from mtvgen.devserver.terminal.exit_status import how_it_ended

HANGS_AFTER = 3.0  # seconds of importing, after which a worker tells where it stands
HANGS_AT_FIRST_AFTER = 10.0  # at the start, when a cold disk is read and a database is made
ANSWERS_WITHIN = 1.0  # seconds; a worker that does not holds the interpreter's lock in C
STOPS_WITHIN = 1.0  # seconds until a worker that does not stop accepting is killed
DRAINS_WITHIN = 30.0  # seconds for the requests that a worker had begun when it stopped
MAX_DRAINING = 8  # workers that finish old requests; the oldest is killed beyond
MAX_DEATHS, DEATHS_WITHIN = 4, 5.0  # deaths within seconds, after which a stand-in serves
PREPARES_AFTER = 0.05  # seconds between a switch and the preparation for the next one


class Machine(ProcessFactory, Protocol):
    """What the supervisor can have done to the world."""

    def kill(self, pid: int, number: int) -> None:
        """Send a signal to a process."""

    def started(self, about: str, error: str) -> None:
        """The first worker is about to accept."""

    def reloaded(self, because: Sequence[str], seconds: float, error: str) -> None:
        """Another worker is about to accept."""

    def died(self, code: int | None) -> None:
        """A worker ended that nobody had told to."""


@dataclass(eq=False)
class WorkerHandle:
    """A worker as the supervisor knows it."""

    id: int
    channel: Channel
    fork_server: ForkServerHandle
    begun: float
    because: Sequence[str] = ()
    state: str = "loading"
    deadline: float | None = None
    pid: int | None = None
    sentenced: int | None = None
    report: dict[str, Any] = field(default_factory=dict, repr=False)


class Supervisor:
    """Keeps one worker accepting, as new as the files on the disk.

    Args:
        machine: Carries out what is decided here.
        root: The project's directory.
        streams: The pages to be told of changes.
        now: The time, in seconds; it is told again with each event.
    """

    def __init__(self, machine: Machine, root: Path, streams: EventStreams, now: float) -> None:
        self._machine = machine
        self._streams = streams
        self._now = now
        self._ids = count(1)
        self._fork_servers = ForkServers(machine, root)
        self._current: WorkerHandle | None = None
        self._next: WorkerHandle | None = None
        self._leaving: list[WorkerHandle] = []
        self._deaths: list[float] = []
        self._prepare_at: float | None = None
        self._started = False
        self._has_loaded = False
        self._ending = False
        self._fork()

    def change(self, now: float, code: Collection[str], *, pages: bool, style: bool) -> None:
        """Files changed: these sources, or templates and static files, or style sheets."""
        self._now = now
        if code:
            self._replace(sorted(code))
        elif pages or style:
            self._streams.generation += 1
            if self._current is not None:
                self._current.channel.send("generation", generation=self._streams.generation)
            self._streams.tell("reload" if pages else "style")

    def hear(self, now: float, channel: Channel, message: Message) -> None:
        """A process said something."""
        self._now = now
        fork_server = self._fork_server_of(channel)
        if fork_server is not None:
            self._fork_servers.hear(fork_server, message)
            match message["do"]:
                case "forked":
                    self._forked(message["id"], message["pid"])
                case "exit":
                    self._exited(message["pid"], message["code"])
            return
        worker = self._worker_of(channel)
        if worker is not None:
            self._hear_worker(worker, message)

    def lose(self, now: float, channel: Channel) -> None:
        """A process has ended its conversation."""
        self._now = now
        if self._ending:
            self._leaving = [worker for worker in self.workers() if worker.channel.open]
            self._current = self._next = None
            return
        fork_server = self._fork_server_of(channel)
        if fork_server is not None:
            if self._fork_servers.lose(fork_server):
                self._start_over()
            # A fork server reports how its workers ended, except when it ended itself.
            for worker in self.workers():
                if worker.fork_server is fork_server and not worker.channel.open:
                    self._gone(worker, None)
            return
        lost = self._worker_of(channel)
        if lost is not None and not lost.fork_server.channel.open:
            self._gone(lost, None)

    def tick(self, now: float) -> None:
        """Time went on."""
        self._now = now
        for worker in self.workers():
            if worker.deadline is not None and worker.deadline <= now:
                self._lose_patience(worker)
        if self._prepare_at is not None and self._prepare_at <= now:
            self._prepare_at = None
            if self._current is not None:
                self._fork_servers.prepare(self._current.report.get("files", ()))

    def next_deadline(self) -> float | None:
        """When `tick()` will have something to do."""
        times = [worker.deadline for worker in self.workers()] + [self._prepare_at]
        return min((time for time in times if time is not None), default=None)

    def channels(self) -> list[Channel]:
        """All conversations that are open."""
        ends = [process.channel for process in (*self.workers(), *self._fork_servers)]
        return [end for end in ends if end.open]

    def workers(self) -> list[WorkerHandle]:
        """All workers that live."""
        newest = [worker for worker in (self._current, self._next) if worker is not None]
        return [*newest, *self._leaving]

    def end(self) -> None:
        """Ask every worker to stop, and replace none."""
        self._ending = True
        for worker in self.workers():
            worker.channel.send("stop")

    def _replace(self, because: Sequence[str]) -> None:
        self._fork_servers.replace_outdated(because)
        if self._next is not None:  # it accepts nothing yet
            self._sentence(self._next, signal.SIGKILL)
            self._leaving.append(self._next)
        if self._current is not None and self._current.state == "accepting":
            self._current.state = "stopping"
            self._current.deadline = self._now + STOPS_WITHIN
            self._current.channel.send("stop")
        self._fork(because)

    def _fork(self, because: Sequence[str] = (), error: str | None = None) -> None:
        id = next(self._ids)
        fork_server, channel = self._fork_servers.fork(
            id, because, error, is_first=not self._has_loaded
        )
        patience = HANGS_AT_FIRST_AFTER if self._current is None else HANGS_AFTER
        deadline = self._now + patience
        self._next = WorkerHandle(id, channel, fork_server, self._now, because, deadline=deadline)

    def _hear_worker(self, worker: WorkerHandle, message: Message) -> None:
        match message["do"]:
            case "loaded":
                self._loaded(worker, message)
            case "hangs" if worker.state == "asked":
                worker.state, worker.deadline = "loaded", None
                worker.report = {"error": "The project is still being imported."}
                self._open_the_gate()
            case "stopped":
                self._drain(worker)
                self._open_the_gate()
            case "learned":
                self._fork_servers.learn(message["names"])
            case "stream":
                self._streams.add(message["descriptor"])

    def _loaded(self, worker: WorkerHandle, report: Message) -> None:
        worker.report = report
        self._has_loaded |= not report["error"]
        self._fork_servers.learn(report["names"])
        if worker.state in ("loading", "asked"):
            worker.state, worker.deadline = "loaded", None
            self._open_the_gate()
        elif worker.state == "accepting":
            # It was let through while it hung, and has come to its end after all.
            self.change(self._now, (), pages=True, style=False)

    def _open_the_gate(self) -> None:
        """Let the new worker accept, once it is loaded AND the old one has stopped."""
        new = self._next
        if new is None or new.state != "loaded" or self._current is not None:
            return
        self._streams.generation += 1
        self._announce(new)
        new.channel.send("accept", generation=self._streams.generation)
        new.state = "accepting"
        self._current, self._next = new, None
        self._streams.tell("reload")
        self._prepare_at = self._now + PREPARES_AFTER

    def _announce(self, worker: WorkerHandle) -> None:
        error = worker.report.get("error", "")
        if self._started:
            self._machine.reloaded(worker.because, self._now - worker.begun, error)
        else:
            self._started = True
            self._machine.started(worker.report.get("about", ""), error)

    def _drain(self, worker: WorkerHandle) -> None:
        if worker is not self._current:
            return
        self._current = None
        worker.state, worker.deadline = "draining", self._now + DRAINS_WITHIN
        self._leaving.append(worker)
        draining = [leaving for leaving in self._leaving if leaving.sentenced is None]
        for oldest in draining[:-MAX_DRAINING]:
            self._sentence(oldest, signal.SIGKILL)

    def _lose_patience(self, worker: WorkerHandle) -> None:
        if worker.state == "loading":
            worker.state, worker.deadline = "asked", self._now + ANSWERS_WITHIN
            worker.channel.send("hanging")
        elif worker.state == "asked":
            self._sentence(worker, signal.SIGABRT)  # faulthandler prints where it was
        else:
            self._sentence(worker, signal.SIGKILL)

    def _sentence(self, worker: WorkerHandle, number: int) -> None:
        worker.sentenced, worker.deadline = number, None
        if worker.pid is not None:
            self._machine.kill(worker.pid, number)

    def _forked(self, id: int, pid: int) -> None:
        for worker in self.workers():
            if worker.id == id:
                worker.pid = pid
                if worker.sentenced is not None:
                    self._machine.kill(pid, worker.sentenced)

    def _exited(self, pid: int, code: int) -> None:
        for worker in self.workers():
            if worker.pid == pid:
                self._gone(worker, code)

    def _gone(self, worker: WorkerHandle, code: int | None) -> None:
        worker.channel.close()
        if worker in self._leaving:
            self._leaving.remove(worker)
        elif worker is self._next:
            self._fork(worker.because, f"The process {how_it_ended(code)} while importing.")
        elif worker is self._current:
            self._current = None
            if worker.state == "accepting":
                self._machine.died(code)
                self._fork(error=self._too_many_deaths(code))
            self._open_the_gate()

    def _too_many_deaths(self, code: int | None) -> str | None:
        self._deaths = [when for when in self._deaths if when > self._now - DEATHS_WITHIN]
        self._deaths.append(self._now)
        if len(self._deaths) < MAX_DEATHS:
            return None
        return f"The process {how_it_ended(code)}, {len(self._deaths)} times in a few seconds."

    def _start_over(self) -> None:
        """The fork server is a new one; all that came from the old one has gone with it."""
        for worker in self.workers():
            worker.channel.close()
        self._current, self._leaving = None, []
        self._fork()

    def _fork_server_of(self, channel: Channel) -> ForkServerHandle | None:
        return next((s for s in self._fork_servers if s.channel is channel), None)

    def _worker_of(self, channel: Channel) -> WorkerHandle | None:
        return next((w for w in self.workers() if w.channel is channel), None)
