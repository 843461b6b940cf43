"""Every transition of the table, brought about as it comes about: by messages, files and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mtvgen.devserver.supervisor.states import TRANSITIONS, Event, State
from mtvgen.devserver.supervisor.supervisor import (
    ANSWERS_WITHIN,
    HANGS_AFTER,
    MAX_DRAINING,
    STOPS_WITHIN,
    Worker,
)
from tests.devserver.supervisor.world import World

FINAL = {State.GONE, State.FAILED, State.DIED, State.ORPHANED}


@pytest.fixture
def world() -> Iterator[World]:
    """A world whose first worker, 1, accepts."""
    world = World()
    world.says(1, "loaded")
    yield world
    world.streams.close()


def starting(world: World) -> Worker:
    world.supervisor.change(world.now, ["/site/a.py"], pages=False, style=False)
    new = max(worker.id for worker in world.supervisor.workers())
    world.from_fork_server({"do": "forked", "id": new, "pid": new})
    return world.worker(new)


def pending(world: World, *, seconds: float = 0) -> Worker:
    """A worker that has been loading for so long; the one before it is still at the gate."""
    worker = world.worker(world.edit())
    world.pass_time(seconds)
    return worker


def loaded(world: World) -> Worker:
    worker = pending(world)
    world.says(worker.id, "loaded")
    return worker


def old(world: World, *, seconds: float = 0, says: str = "") -> Worker:
    """The first worker, so long after an edit, which has said something."""
    worker = world.worker(1)
    pending(world, seconds=seconds)
    if says:
        world.says(1, says)
    return worker


def asked(world: World) -> Worker:
    return pending(world, seconds=HANGS_AFTER)


def aborted(world: World) -> Worker:
    worker = asked(world)
    world.pass_time(ANSWERS_WITHIN)
    return worker


def discarded(world: World) -> Worker:
    worker = pending(world)
    world.edit()
    return worker


def ending(world: World) -> Worker:
    worker = world.worker(1)
    world.supervisor.end()
    return worker


WAYS_TO: dict[State, Callable[[World], Worker]] = {
    State.STARTING: starting,
    State.LOADING: pending,
    State.ASKED: asked,
    State.ABORTED: aborted,
    State.LOADED: loaded,
    State.ACCEPTING: lambda world: world.worker(1),
    State.STOPPING: old,
    State.OVERDUE: lambda world: old(world, seconds=STOPS_WITHIN),
    State.DRAINING: lambda world: old(world, says="stopped"),
    State.DISCARDED: discarded,
    State.ENDING: ending,
}


def admit(world: World, worker: Worker) -> None:
    world.says(1, "stopped")


def crowd(world: World, worker: Worker) -> None:
    for _ in range(MAX_DRAINING):
        new = world.worker(max(each.id for each in world.supervisor.workers()))
        world.says(new.id, "loaded")
        world.edit()
        world.says(new.id, "stopped")


def be_late(world: World, worker: Worker) -> None:
    assert worker.deadline is not None
    world.pass_time(worker.deadline - world.now)


def fall_silent(world: World, worker: Worker) -> None:
    worker.channel.close()
    world.supervisor.lose(world.now, worker.channel)


def lose_the_fork_server(world: World, worker: Worker) -> None:
    fork_server = world.machine.fork_servers[-1]
    fork_server.close()
    world.supervisor.lose(world.now, fork_server)


CAUSES: dict[Event, Callable[[World, Worker], object]] = {
    Event.BEGUN: lambda world, worker: world.says(worker.id, "begun"),
    Event.LOADED: lambda world, worker: world.says(worker.id, "loaded"),
    Event.HANGS: lambda world, worker: world.says(worker.id, "hangs"),
    Event.STOPPED: lambda world, worker: world.says(worker.id, "stopped"),
    Event.ADMITTED: admit,
    Event.OUTDATED: lambda world, worker: world.edit(),
    Event.LATE: be_late,
    Event.CROWDED: crowd,
    Event.SHUT_DOWN: lambda world, worker: world.supervisor.end(),
    Event.UNHEARD: fall_silent,
    Event.ENDED: lambda world, worker: world.exits(worker.id, -9),
    Event.LOST: lose_the_fork_server,
}


# State, what happens, the next state.
TABLE = """
starting   begun      loading
starting   outdated   discarded
starting   ended      failed
starting   lost       orphaned
starting   shut_down  ending
loading    loaded     loaded
loading    late       asked
loading    outdated   discarded
loading    ended      failed
loading    lost       orphaned
loading    shut_down  ending
asked      loaded     loaded
asked      hangs      loaded
asked      late       aborted
asked      outdated   discarded
asked      ended      failed
asked      lost       orphaned
asked      shut_down  ending
aborted    outdated   discarded
aborted    ended      failed
aborted    lost       orphaned
aborted    shut_down  ending
loaded     admitted   accepting
loaded     outdated   discarded
loaded     ended      failed
loaded     lost       orphaned
loaded     shut_down  ending
accepting  outdated   stopping
accepting  ended      died
accepting  lost       died
accepting  shut_down  ending
stopping   stopped    draining
stopping   late       overdue
stopping   ended      gone
stopping   lost       gone
stopping   shut_down  ending
overdue    ended      gone
overdue    lost       gone
overdue    shut_down  ending
draining   late       discarded
draining   crowded    discarded
draining   ended      gone
draining   lost       gone
draining   shut_down  ending
discarded  ended      gone
discarded  lost       gone
discarded  shut_down  ending
ending     unheard    gone
ending     ended      gone
ending     lost       gone
ending     shut_down  ending
"""
ROWS = [tuple(line.split()) for line in TABLE.split("\n") if line]


@pytest.mark.parametrize("state", WAYS_TO)
def test_a_worker_comes_to_every_state_that_a_process_can_be_in(world: World, state: State) -> None:
    assert WAYS_TO[state](world).state is state


@pytest.mark.parametrize(("before", "event", "after"), ROWS)
def test_what_happens_takes_a_worker_to_its_next_state(
    world: World, before: str, event: str, after: str
) -> None:
    worker = WAYS_TO[State(before)](world)

    CAUSES[Event(event)](world, worker)

    assert worker.state == after
    assert (worker in world.supervisor.workers()) == (worker.state not in FINAL)


def test_the_table_has_no_other_row() -> None:
    rows = {
        (str(before), str(event), str(after))
        for before, events in TRANSITIONS.items()
        for event, after in events.items()
    }
    assert rows == set(ROWS)
    assert set(TRANSITIONS) == set(State) - FINAL


MAY_BE_TOO_LATE = ("begun", "loaded", "hangs", "stopped", "outdated")
TOO_LATE = sorted(
    {(str(state), event) for state in WAYS_TO for event in MAY_BE_TOO_LATE}
    - {(before, event) for before, event, _ in ROWS}
)


@pytest.mark.parametrize(("state", "event"), TOO_LATE)
def test_what_comes_too_late_to_matter_changes_nothing(
    world: World, state: str, event: str
) -> None:
    worker = WAYS_TO[State(state)](world)

    CAUSES[Event(event)](world, worker)

    assert worker.state == state
