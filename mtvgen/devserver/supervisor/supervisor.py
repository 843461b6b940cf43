"""The supervisor: at most one worker accepts, and it is as new as the files on the disk.

Each worker goes through the states of states.py; what is done on entering one is `_enter()`.
Nothing here touches a process, a socket or the clock. Messages come in by `hear()` and `lose()`,
changed files by `change()`, the time by `tick()`; orders go out through a machine and channels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import assert_never

from mtvgen.devserver.pages.event_streams import EventStreams
from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.supervisor.machine import Ended, Machine
from mtvgen.devserver.supervisor.states import AT_THE_GATE, PENDING, TRANSITIONS, Event, State
from mtvgen.devserver.terminal.announcements import Announcements
from mtvgen.devserver.terminal.exit_status import how_it_ended

HANGS_AFTER = 3.0  # seconds of importing, after which a worker is asked where it is
HANGS_AT_FIRST_AFTER = 10.0  # at the start, when a cold disk is read and a database is made
ANSWERS_WITHIN = 1.0  # seconds; a worker that does not holds the interpreter's lock in C
STOPS_WITHIN = 1.0  # seconds until a worker that does not stop accepting is killed
DRAINS_WITHIN = 30.0  # seconds for the requests that a worker had begun when it stopped
PATIENCE = {
    State.ASKED: ANSWERS_WITHIN,
    State.STOPPING: STOPS_WITHIN,
    State.DRAINING: DRAINS_WITHIN,
}
MAX_DRAINING = 8  # workers that finish old requests; the oldest is killed beyond
DEATHS_WITHIN = 5.0  # seconds; so many as the machine allows, and a stand-in serves
PREPARES_AFTER = 0.05  # seconds between a switch and the preparation for the next one


@dataclass(eq=False)
class Worker:
    """A worker as the supervisor knows it.

    Attributes:
        because: The files whose change made it necessary.
        deadline: When it is late; None: whenever it likes.
        report: What it said when it had loaded the project; None before.
        exit_code: How it ended, if anybody knows.
    """

    id: int
    channel: Channel
    begun: float
    because: Sequence[str]
    state: State = State.STARTING
    deadline: float | None = None
    report: Message | None = None
    exit_code: int | None = None


class Supervisor:
    """Keeps one worker accepting, until `end()`.

    Args:
        machine: Starts and ends the workers.
        announcements: Shows what a person should know.
        streams: The pages that hear of changes.
        now: The time, in seconds; each event brings it again.
    """

    def __init__(
        self, machine: Machine, announcements: Announcements, streams: EventStreams, now: float
    ) -> None:
        self._machine = machine
        self._announcements = announcements
        self._streams = streams
        self._now = now
        self._ids = count(1)
        self._workers: list[Worker] = []  # the oldest first
        self._deaths: list[float] = []
        self._prepare_at: float | None = None
        self._has_started = False
        self._has_loaded = False
        self._start()

    # What happens.

    def change(self, now: float, code: Collection[str], *, pages: bool, style: bool) -> None:
        """Files changed: these sources, or templates and static files, or style sheets."""
        self._now = now
        if code:
            self._replace(code)
        elif pages or style:
            self._tell_pages("reload" if pages else "style")

    def hear(self, now: float, channel: Channel, message: Message) -> None:
        """Handle a message from a process."""
        self._now = now
        worker = self._worker_of(channel)
        if worker is None:
            self._take_note(self._machine.hear(channel, message))
        else:
            self._hear_worker(worker, message)
        self._open_the_gate()

    def lose(self, now: float, channel: Channel) -> None:
        """Handle the end of a process's conversation."""
        self._now = now
        worker = self._worker_of(channel)
        if worker is None:
            self._take_note(self._machine.lose(channel))
        else:
            self._fire(worker, Event.UNHEARD)
            self._take_note(self._machine.unheard(worker.id))
        self._open_the_gate()

    def tick(self, now: float) -> None:
        """Time went on."""
        self._now = now
        self._take_note(self._machine.reap())
        for worker in self.workers():
            if worker.deadline is not None and worker.deadline <= now:
                self._fire(worker, Event.LATE)
        if self._prepare_at is not None and self._prepare_at <= now:
            self._prepare_at = None
            self._prepare()
        self._open_the_gate()

    def end(self) -> None:
        """Ask every worker to stop, and replace none."""
        for worker in self.workers():
            self._fire(worker, Event.SHUT_DOWN)
            if not worker.channel.open:  # its end was about to be reported, which nobody hears now
                self._fire(worker, Event.UNHEARD)

    # What there is to wait for.

    def next_deadline(self) -> float | None:
        """When `tick()` will have something to do."""
        times = [worker.deadline for worker in self._workers] + [self._prepare_at]
        return min((time for time in times if time is not None), default=None)

    def channels(self) -> list[Channel]:
        """All conversations that are open."""
        workers = [worker.channel for worker in self._workers if worker.channel.open]
        return [*workers, *self._machine.channels()]

    def workers(self) -> list[Worker]:
        """All workers that live."""
        return list(self._workers)

    # From one state to the next.

    def _fire(self, worker: Worker, event: Event) -> None:
        """Take a worker to the state that an event leads to."""
        state = TRANSITIONS[worker.state].get(event)
        if state is not None:
            worker.state = state
            worker.deadline = self._now + PATIENCE[state] if state in PATIENCE else None
            self._enter(worker)

    def _enter(self, worker: Worker) -> None:
        match worker.state:
            case State.STARTING | State.LOADED:
                pass
            case State.LOADING:
                is_served = self._one_of(AT_THE_GATE) is not None
                worker.deadline = self._now + (HANGS_AFTER if is_served else HANGS_AT_FIRST_AFTER)
            case State.ASKED:
                worker.channel.send("hanging")
            case State.ABORTED:
                self._machine.abort(worker.id)
            case State.ACCEPTING:
                self._accept(worker)
            case State.STOPPING:
                worker.channel.send("stop", event="reload")
            case State.OVERDUE | State.DISCARDED:
                self._machine.kill(worker.id)
            case State.DRAINING:
                self._discard_the_oldest()
            case State.ENDING:
                worker.channel.send("stop")
            case State.GONE:
                self._leave(worker)
            case State.FAILED:
                self._leave(worker)
                how = how_it_ended(worker.exit_code)
                self._start(worker.because, f"The process {how} while importing.")
            case State.DIED:
                self._leave(worker)
                if self._machine.max_deaths > 1:  # else there is no other one, and it says so
                    self._announcements.died(worker.exit_code)
                self._start(worker.because, self._too_many_deaths(worker.exit_code))
            case State.ORPHANED:
                self._leave(worker)
                self._start(worker.because, self._too_many_deaths(worker.exit_code))
            case _:
                assert_never(worker.state)

    def _open_the_gate(self) -> None:
        """Let the new worker accept, once it is loaded AND the old one has stopped."""
        if self._one_of(AT_THE_GATE) is None:
            for worker in self.workers():
                self._fire(worker, Event.ADMITTED)

    # What is done.

    def _start(self, because: Sequence[str] = (), error: str | None = None) -> None:
        """Begin a worker; with `error` one that shows it and imports nothing of the project."""
        id = next(self._ids)
        channel = self._machine.start(id, is_stand_in=error is not None)
        is_first = not self._has_loaded
        channel.send("begin", because=because, error=error, is_first=is_first)
        self._workers.append(Worker(id, channel, self._now, because))

    def _replace(self, code: Collection[str]) -> None:
        self._machine.replace_outdated(code)
        pending = self._one_of(PENDING)
        for worker in self.workers():
            self._fire(worker, Event.OUTDATED)
        self._start(sorted({*code, *(pending.because if pending else ())}))

    def _hear_worker(self, worker: Worker, message: Message) -> None:
        match message["do"]:
            case "loaded":
                self._loaded(worker, message)
            case "begun" | "hangs" | "stopped" as said:
                self._fire(worker, Event(said))
            case "misfit" if worker.state in PENDING:
                self._machine.distrust(may_hold_again=message["again"])
                self._replace(worker.because)
            case "learned":
                self._machine.learn(message["names"], {})
            case "stream":
                self._streams.add(message["descriptor"])

    def _loaded(self, worker: Worker, report: Message) -> None:
        worker.report = report
        self._has_loaded |= not report["error"]
        self._machine.learn(report["names"], report["modules"])
        if worker.state is State.ACCEPTING:
            # It was let through while it hung, and has come to its end after all.
            self._tell_pages("reload")
        self._fire(worker, Event.LOADED)

    def _accept(self, worker: Worker) -> None:
        report = worker.report or {"error": "The project is still being imported."}
        if self._has_started:
            seconds = self._now - worker.begun
            self._announcements.reloaded(worker.because, seconds, report["error"])
            worker.because = ()  # one that takes its place later has nothing to announce
        else:
            self._has_started = True
            self._announcements.started(report.get("about", ""), report["error"])
        self._streams.generation += 1
        worker.channel.send("accept", generation=self._streams.generation)
        self._streams.tell("reload")
        self._prepare_at = self._now + PREPARES_AFTER

    def _tell_pages(self, event: str) -> None:
        self._streams.generation += 1
        worker = self._one_of(AT_THE_GATE)
        if worker is not None:
            worker.channel.send("generation", generation=self._streams.generation, event=event)
        self._streams.tell(event)

    def _discard_the_oldest(self) -> None:
        draining = [worker for worker in self._workers if worker.state is State.DRAINING]
        for worker in draining[:-MAX_DRAINING]:
            self._fire(worker, Event.CROWDED)

    def _prepare(self) -> None:
        worker = self._one_of(AT_THE_GATE)
        if worker is not None:
            self._machine.prepare((worker.report or {}).get("files", ()))

    def _take_note(self, ends: Iterable[Ended]) -> None:
        for end in ends:
            for worker in self.workers():
                if worker.id == end.id:
                    worker.exit_code = end.code
                    self._fire(worker, Event.LOST if end.code is None else Event.ENDED)

    def _leave(self, worker: Worker) -> None:
        worker.channel.close()
        self._workers.remove(worker)

    def _too_many_deaths(self, code: int | None) -> str | None:
        """Return what to show instead of the project, if workers have ended too often."""
        self._deaths = [when for when in self._deaths if when > self._now - DEATHS_WITHIN]
        self._deaths.append(self._now)
        how, times = how_it_ended(code), len(self._deaths)
        if times < self._machine.max_deaths:
            return None
        if times == 1:
            return f"The serving process {how}."
        return f"The process {how}, {times} times in a few seconds."

    def _one_of(self, states: Collection[State]) -> Worker | None:
        return next((worker for worker in self._workers if worker.state in states), None)

    def _worker_of(self, channel: Channel) -> Worker | None:
        return next((worker for worker in self._workers if worker.channel is channel), None)
