"""The supervisor alone: fake processes, and a clock that stands still until it is told."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator

import pytest

from mtvgen.devserver.processes.launch import LaunchError
from mtvgen.devserver.supervisor.supervisor import (
    ANSWERS_WITHIN,
    DEATHS_WITHIN,
    DRAINS_WITHIN,
    HANGS_AFTER,
    HANGS_AT_FIRST_AFTER,
    MAX_DRAINING,
    PREPARES_AFTER,
    STOPS_WITHIN,
)
from tests.devserver.supervisor.world import NO_PYTHON, World, events_of


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.streams.close()
    for page in world.pages:
        page.close()


@pytest.fixture
def serving(world: World) -> World:
    """A world whose first worker, 1, accepts."""
    world.says(1, "loaded")
    return world


def test_the_first_worker_accepts_when_it_is_loaded(world: World) -> None:
    assert world.states() == {1: "loading"}
    world.says(1, "loaded")
    assert world.states() == {1: "accepting"}
    assert world.machine.told == ["started"]


@pytest.mark.parametrize("first", ["loaded", "stopped"])
def test_the_gate_opens_when_the_new_is_loaded_and_the_old_has_stopped(
    serving: World, first: str
) -> None:
    page = serving.open_page()
    new = serving.edit()
    assert serving.states() == {1: "stopping", new: "loading"}
    assert serving.sent_to(1) == ["accept", "stop"]
    steps = {"loaded": (new, "loaded"), "stopped": (1, "stopped")}
    serving.says(*steps.pop(first))
    assert "accepting" not in serving.states().values()
    serving.says(*steps.popitem()[1])
    assert serving.states() == {1: "draining", new: "accepting"}
    assert serving.machine.told == ["started", "reloaded /site/views/home.py"]
    assert events_of(page) == ["reload"]


def test_an_edit_while_loading_kills_what_accepts_nothing_yet(serving: World) -> None:
    second = serving.edit()
    third = serving.edit()
    assert serving.machine.killed == [(second, signal.SIGKILL)]
    serving.says(1, "stopped")
    serving.says(third, "loaded")
    assert serving.states()[third] == "accepting"


def test_an_edit_while_loading_adds_to_the_reasons_of_the_next_worker(serving: World) -> None:
    serving.edit("/site/models/note.py")
    third = serving.edit("/site/views/home.py", "/site/urls.py")
    serving.says(1, "stopped")
    serving.says(third, "loaded")
    reasons = ["/site/models/note.py", "/site/urls.py", "/site/views/home.py"]
    assert serving.orders()[-1]["because"] == reasons
    assert serving.machine.told[-1] == f"reloaded {', '.join(reasons)}"


def test_the_database_is_looked_at_until_a_worker_has_loaded_the_project(world: World) -> None:
    world.says(1, "loaded", error="SyntaxError")
    world.says(world.edit(), "loaded")
    world.edit()
    assert [order["is_first"] for order in world.orders()] == [True, True, False]


def test_a_worker_that_is_superseded_before_it_has_a_pid_is_killed_when_it_gets_one(
    serving: World,
) -> None:
    serving.supervisor.change(0, ["/site/a.py"], pages=False, style=False)
    serving.edit()
    assert serving.machine.killed == []
    serving.from_fork_server({"do": "forked", "id": 2, "pid": 2})
    assert serving.machine.killed == [(2, signal.SIGKILL)]


def test_an_old_worker_that_does_not_stop_is_killed_and_its_death_opens_the_gate(
    serving: World,
) -> None:
    new = serving.edit()
    serving.says(new, "loaded")
    serving.pass_time(STOPS_WITHIN)
    assert serving.machine.killed == [(1, signal.SIGKILL)]
    serving.exits(1, -9)
    assert serving.states() == {new: "accepting"}
    assert "died" not in " ".join(serving.machine.told)


def test_a_hanging_import_is_asked_then_let_through(serving: World) -> None:
    new = serving.edit()
    serving.says(1, "stopped")
    serving.pass_time(HANGS_AFTER)
    assert serving.states()[new] == "asked"
    assert serving.sent_to(new) == ["hanging"]
    serving.says(new, "hangs")
    assert serving.states()[new] == "accepting"
    assert serving.machine.told[-1].endswith("The project is still being imported.")
    before = serving.streams.generation
    serving.says(new, "loaded")
    assert serving.streams.generation == before + 1


def test_the_first_import_may_take_longer(world: World) -> None:
    world.pass_time(HANGS_AFTER)
    assert world.states() == {1: "loading"}
    world.pass_time(HANGS_AT_FIRST_AFTER - HANGS_AFTER)
    assert world.states() == {1: "asked"}


def test_a_process_that_begins_slowly_does_not_hang(serving: World) -> None:
    serving.supervisor.change(0, ["/site/a.py"], pages=False, style=False)
    serving.says(1, "stopped")
    serving.pass_time(2 * HANGS_AT_FIRST_AFTER)
    assert serving.states()[2] == "starting"
    serving.fork()
    serving.pass_time(HANGS_AFTER)
    assert serving.states()[2] == "loading"


def test_a_worker_that_does_not_answer_is_aborted_and_stood_in_for(serving: World) -> None:
    new = serving.edit()
    serving.says(1, "stopped")
    serving.pass_time(HANGS_AFTER)
    serving.pass_time(ANSWERS_WITHIN)
    assert serving.machine.killed == [(new, signal.SIGABRT)]
    serving.exits(new, -6)
    stand_in = serving.fork()
    serving.says(stand_in, "loaded", error="The process was ended by SIGABRT while importing.")
    assert serving.states()[stand_in] == "accepting"


def test_a_worker_that_dies_while_importing_is_stood_in_for(serving: World) -> None:
    serving.exits(serving.edit(), -11)
    assert shown_errors(serving)[-1] == "The process was ended by SIGSEGV while importing."


def test_a_worker_whose_fork_server_is_gone_is_replaced_when_it_goes(serving: World) -> None:
    serving.machine.stamp = 1
    serving.supervisor.change(0, ["/site/a.py"], pages=False, style=False)
    old, _ = serving.machine.fork_servers
    old.close()
    serving.supervisor.lose(0, old)
    assert serving.states()[1] == "stopping"
    channel = serving.worker(1).channel
    channel.close()
    serving.supervisor.lose(0, channel)
    assert 1 not in serving.states()


def test_the_next_deadline_is_the_nearest(serving: World) -> None:
    assert serving.supervisor.next_deadline() == PREPARES_AFTER
    serving.pass_time(PREPARES_AFTER)
    assert serving.supervisor.next_deadline() is None
    serving.edit()
    assert serving.supervisor.next_deadline() == serving.now + min(STOPS_WITHIN, HANGS_AFTER)


def shown_errors(world: World) -> list[str | None]:
    """What each worker was told to show instead of the project."""
    return [order["error"] for order in world.orders()]


def test_a_worker_that_dies_is_replaced_and_after_four_deaths_stood_in_for(serving: World) -> None:
    for worker in range(1, 5):
        serving.exits(worker, -11)
        serving.fork()
        serving.says(worker + 1, "loaded")

    told = "The process was ended by SIGSEGV, 4 times in a few seconds."
    assert shown_errors(serving) == [None, None, None, None, told]
    assert serving.machine.told.count("died -11") == 4
    serving.edit()
    assert shown_errors(serving)[-1] is None


def test_who_takes_the_place_of_a_dead_worker_has_nothing_to_announce(serving: World) -> None:
    new = serving.edit()
    serving.says(1, "stopped")
    serving.says(new, "loaded")
    serving.exits(new, -11)
    serving.says(serving.fork(), "loaded")
    assert serving.machine.told[-3:] == ["reloaded /site/views/home.py", "died -11", "reloaded"]


def test_deaths_now_and_then_are_replaced_for_ever(serving: World) -> None:
    for worker in range(1, 9):
        serving.exits(worker, -11)
        serving.fork()
        serving.says(worker + 1, "loaded")
        serving.pass_time(DEATHS_WITHIN / 2)

    assert set(shown_errors(serving)) == {None}


def test_requests_in_hand_have_their_time_and_no_more(serving: World) -> None:
    new = serving.edit()
    serving.says(1, "stopped")
    serving.says(new, "loaded")
    serving.pass_time(DRAINS_WITHIN - 1)
    assert serving.machine.killed == []
    serving.pass_time(1)
    assert serving.machine.killed == [(1, signal.SIGKILL)]


def test_few_old_workers_drain_at_once(serving: World) -> None:
    current = 1
    for _ in range(MAX_DRAINING + 1):
        new = serving.edit()
        serving.says(current, "stopped")
        serving.says(new, "loaded")
        current = new
    assert serving.machine.killed == [(1, signal.SIGKILL)]


def test_a_new_fork_server_begins_again(serving: World) -> None:
    fork_server = serving.machine.fork_servers[0]
    fork_server.close()
    serving.supervisor.lose(0, fork_server)
    assert len(serving.machine.fork_servers) == 2
    new = serving.fork()
    assert serving.states() == {new: "loading"}
    serving.says(new, "loaded")
    assert serving.states() == {new: "accepting"}


def test_what_is_lost_with_the_fork_server_while_loading_is_begun_again(serving: World) -> None:
    serving.edit("/site/urls.py")
    fork_server = serving.machine.fork_servers[0]
    fork_server.close()
    serving.supervisor.lose(0, fork_server)
    new = serving.fork()
    assert serving.states() == {new: "loading"}
    assert serving.orders()[-1]["because"] == ["/site/urls.py"]
    assert serving.orders()[-1]["error"] is None


def test_an_installation_makes_a_new_fork_server_and_the_old_one_stays_for_its_workers(
    serving: World,
) -> None:
    serving.machine.stamp = 1
    serving.supervisor.change(0, ["/site/a.py"], pages=False, style=False)
    assert len(serving.machine.fork_servers) == 2
    assert len(serving.supervisor.channels()) == 4


def test_an_environment_without_python_is_waited_for(serving: World) -> None:
    serving.machine.stamp = NO_PYTHON
    new = serving.edit()
    assert len(serving.machine.fork_servers) == 1
    assert serving.states() == {1: "stopping", new: "loading"}
    serving.machine.stamp = 1
    serving.edit()
    assert len(serving.machine.fork_servers) == 2


def test_learned_modules_are_held_once_and_a_models_server_after_them(serving: World) -> None:
    serving.says(1, "loaded", names=["sqlalchemy"])
    serving.pass_time(PREPARES_AFTER)
    assert serving.machine.fork_servers[0].sent == ["fork", "warm", "preload", "fork_models_server"]
    serving.says(1, "loaded", names=["sqlalchemy"])
    new = serving.edit()
    serving.says(1, "stopped")
    serving.says(new, "loaded")
    serving.pass_time(PREPARES_AFTER)
    assert serving.machine.fork_servers[0].sent.count("preload") == 1


def test_what_requests_imported_is_held_for_the_next_worker(serving: World) -> None:
    new = serving.edit()
    serving.says(1, "stopped")
    serving.says(1, "learned", names=["sqlalchemy.dialects.sqlite"])
    serving.says(new, "loaded")
    serving.pass_time(PREPARES_AFTER)
    assert serving.machine.fork_servers[0].sent.count("preload") == 1


def test_a_module_that_starts_a_thread_is_denied_to_the_next_fork_server(serving: World) -> None:
    serving.says(1, "loaded", names=["good", "threads"])
    serving.pass_time(PREPARES_AFTER)
    serving.from_fork_server({"do": "preloaded", "culprit": "threads"})
    assert len(serving.machine.fork_servers) == 2
    serving.says(serving.edit(), "loaded")
    serving.says(1, "stopped")
    serving.pass_time(PREPARES_AFTER)
    assert serving.machine.fork_servers[1].orders("preload") == [{"names": ["good"]}]


@pytest.mark.parametrize(
    ("path", "from_models_server"),
    [
        ("/site/views/home.py", True),
        ("/site/settings.py", False),
        ("/site/models/note.py", False),
        ("/site/models/new.py", False),
        ("/site/.env", False),
    ],
)
def test_a_models_server_serves_until_something_that_it_holds_changes(
    serving: World, path: str, from_models_server: bool
) -> None:
    serving.pass_time(PREPARES_AFTER)
    models_server = serving.machine.forked[-1]
    files = ["/site/models/__init__.py", "/site/models/note.py", "/site/settings.py"]
    serving.hear(models_server, {"do": "held", "files": files, "reason": ""})
    serving.supervisor.change(0, [path], pages=False, style=False)
    assert models_server.sent == (["fork"] if from_models_server else ["retire"])


def test_a_refused_models_server_is_not_tried_again_before_something_changes(
    serving: World,
) -> None:
    serving.pass_time(PREPARES_AFTER)
    models_server = serving.machine.forked[-1]
    serving.hear(models_server, {"do": "held", "files": [], "reason": "no models"})
    tries = serving.machine.fork_servers[0].sent.count("fork_models_server")
    for changed, more in (("/site/views/home.py", 0), ("/site/models/note.py", 1)):
        new = serving.edit(changed)
        serving.says(new - 1, "stopped")
        serving.says(new, "loaded")
        serving.pass_time(PREPARES_AFTER)
        sent = serving.machine.fork_servers[0].sent
        assert sent.count("fork_models_server") == tries + more


def test_a_stand_in_is_forked_from_what_holds_nothing_of_the_project(serving: World) -> None:
    serving.pass_time(PREPARES_AFTER)
    models_server = serving.machine.forked[-1]
    serving.hear(models_server, {"do": "held", "files": [], "reason": ""})
    new = serving.edit()
    assert models_server.sent == ["fork"]
    serving.exits(new, 1)
    assert models_server.sent == ["fork"]


def test_a_models_server_is_made_again_when_the_fork_server_holds_more(serving: World) -> None:
    serving.pass_time(PREPARES_AFTER)
    models_server = serving.machine.forked[-1]
    serving.hear(models_server, {"do": "held", "files": [], "reason": ""})
    serving.says(1, "learned", names=["sqlalchemy"])
    new = serving.edit()
    serving.says(1, "stopped")
    serving.says(new, "loaded")
    serving.pass_time(PREPARES_AFTER)
    assert models_server.sent == ["fork", "retire"]
    assert serving.machine.fork_servers[0].sent[-2:] == ["preload", "fork_models_server"]


def test_templates_and_styles_reach_the_pages_without_a_worker(serving: World) -> None:
    before = serving.streams.generation
    page = serving.open_page()
    serving.supervisor.change(0, [], pages=True, style=False)
    assert events_of(page) == ["reload"]
    serving.supervisor.change(0, [], pages=False, style=True)
    assert events_of(page) == ["style"]
    assert serving.streams.generation == before + 2
    assert serving.sent_to(1) == ["accept", "generation", "generation"]
    assert serving.states() == {1: "accepting"}


def test_nobody_is_replaced_at_the_end(serving: World) -> None:
    new = serving.edit()
    serving.supervisor.end()
    assert serving.sent_to(1)[-1] == serving.sent_to(new)[-1] == "stop"
    one, other = (worker.channel for worker in serving.supervisor.workers())
    one.close()
    serving.supervisor.lose(0, one)
    assert [worker.channel for worker in serving.supervisor.workers()] == [other]
    channel = other
    channel.close()
    serving.supervisor.lose(0, channel)
    assert serving.supervisor.workers() == []


def test_who_has_fallen_silent_before_the_end_is_not_waited_for(serving: World) -> None:
    new = serving.edit()
    serving.says(1, "stopped")
    channel = serving.worker(1).channel
    channel.close()
    serving.supervisor.lose(0, channel)
    assert serving.states() == {1: "draining", new: "loading"}  # its exit code is to come
    serving.supervisor.end()
    assert serving.states() == {new: "ending"}


@pytest.mark.parametrize("seed", range(50))
def test_whatever_happens_one_worker_at_most_accepts(seed: int) -> None:
    """Messages of all processes in every order, as long as each process speaks in its own."""
    dice = random.Random(seed)
    world = World()
    for _ in range(300):
        workers = world.supervisor.workers()
        event = dice.choice(["edit", "loaded", "stopped", "exit", "time", "hangs"])
        if event == "edit":
            world.edit()
        elif event == "time":
            world.pass_time(dice.choice([0.01, 0.5, 1.1, 3.1]))
        elif workers:
            worker = dice.choice(workers)
            if event == "exit":
                world.exits(worker.id, -9)
            elif event != "stopped" or worker.state == "stopping":
                world.says(worker.id, event)
        world.fork()
        accepting = [each for each in world.supervisor.workers() if each.state == "accepting"]
        assert len(accepting) <= 1
        assert not accepting or all(each.state != "stopping" for each in world.supervisor.workers())


def test_processes_that_never_work_end_the_server(serving: World) -> None:
    for _ in range(2):
        serving.machine.fork_servers[-1].close()
        serving.supervisor.lose(0, serving.machine.fork_servers[-1])
    serving.supervisor.lose(0, serving.machine.fork_servers[-1])
    with pytest.raises(LaunchError, match="end as soon as they begin"):
        serving.supervisor.lose(0, serving.machine.fork_servers[-1])
