"""A large project's modules are held, and a worker is started without them where they don't fit."""

from __future__ import annotations

import pytest

from mtvgen.devserver.supervisor.fork_machine import MANY_MODULES
from mtvgen.devserver.supervisor.supervisor import PREPARES_AFTER
from tests.devserver.supervisor.world import Recorded, World

MODULES = {f"views.a{number}": f"/site/views/a{number}.py" for number in range(MANY_MODULES)}


@pytest.fixture
def world() -> World:
    """A world whose first worker has imported many modules, which are held now."""
    world = World()
    world.says(1, "loaded", modules=MODULES)
    prepare(world)
    return world


def prepare(world: World) -> Recorded:
    """Let the server prepare for the next edit; the newest process that holds modules."""
    world.pass_time(PREPARES_AFTER)
    holder = world.machine.forked[-1]
    world.hear(holder, {"do": "held", "files": ["/site/models/__init__.py"], "reason": ""})
    return holder


def serve(world: World, worker: int, **report: object) -> None:
    """Let a worker take over."""
    world.says(worker, "loaded", **report)
    world.says(worker - 1, "stopped")


def changed(world: World, worker: int) -> list[object]:
    """What a worker was told of files that are not as they were held."""
    channel = world.worker(worker).channel
    assert isinstance(channel, Recorded)
    return [order["files"] for order in channel.orders("changed")]


def orders_to_hold(world: World) -> list[object]:
    return [
        order["modules"] for order in world.machine.fork_servers[-1].orders("fork_models_server")
    ]


def test_few_modules_are_not_held() -> None:
    world = World()
    few = dict(list(MODULES.items())[1:])
    world.says(1, "loaded", modules=few)
    prepare(world)
    assert orders_to_hold(world) == [{}]


def test_an_edit_forgets_its_file_and_is_held_again_when_it_is_quiet(world: World) -> None:
    holder = world.machine.forked[1]
    assert orders_to_hold(world) == [MODULES]
    worker = world.edit("/site/views/a0.py")
    assert changed(world, worker) == [["/site/views/a0.py"]]
    serve(world, worker, modules={"views.a0": "/site/views/a0.py"})
    world.pass_time(PREPARES_AFTER)
    renewals = holder.orders("renew")
    assert renewals == [{"changed": ["/site/views/a0.py"], "modules": {}}]
    worker = world.edit("/site/views/a1.py")
    assert changed(world, worker) == [["/site/views/a1.py"]]


def test_a_worker_waits_for_the_next_edit(world: World) -> None:
    holder, spare = world.machine.forked[1:]
    assert holder.orders("fork") == [{"id": -1, "waits": True}]
    world.hear(holder, {"do": "forked", "id": -1, "pid": 70})
    worker = world.edit("/site/views/a0.py")
    assert spare.sent == ["changed", "begin"]
    serve(world, worker)
    world.pass_time(PREPARES_AFTER)
    assert holder.sent == ["fork", "warm", "renew", "fork"]
    world.hear(holder, {"do": "exit", "pid": 70, "code": 1})
    assert worker not in world.states()


def test_an_edit_does_not_wait_for_a_spare_that_has_ended(world: World) -> None:
    holder, spare = world.machine.forked[1:]
    world.hear(holder, {"do": "forked", "id": -1, "pid": 70})
    world.hear(holder, {"do": "exit", "pid": 70, "code": -9})
    world.edit("/site/views/a0.py")
    assert spare.sent == []
    assert holder.sent == ["fork", "fork"]


def test_a_spare_of_what_was_held_before_is_dismissed(world: World) -> None:
    _, spare = world.machine.forked[1:]
    worker = world.edit("/site/views/a0.py")
    serve(world, worker, modules={"views.more": "/site/views/more.py"})
    world.pass_time(PREPARES_AFTER)
    second = world.machine.forked[-1]
    assert spare.open
    world.edit("/site/.env")
    assert not second.open


def test_edits_add_up_until_it_is_quiet(world: World) -> None:
    both = ["/site/views/a0.py", "/site/views/a1.py"]
    assert changed(world, world.edit(both[0])) == [both[:1]]
    assert changed(world, world.edit(both[1])) == [both]


@pytest.mark.parametrize("path", ["/site/views/new.py", "/site/.env", "/site/models/note.py"])
def test_a_new_file_and_what_all_depends_on_end_what_is_held(world: World, path: str) -> None:
    holder = world.machine.forked[1]
    worker = world.edit(path)
    assert holder.sent == ["fork", "retire"]
    serve(world, worker, modules={"views.new": "/site/views/new.py"})
    prepare(world)
    assert orders_to_hold(world)[-1] == {**MODULES, "views.new": "/site/views/new.py"}


@pytest.mark.parametrize("again", [True, False])
def test_a_worker_that_does_not_fit_is_replaced_by_one_that_imports_everything(
    world: World, again: bool
) -> None:
    holder = world.machine.forked[1]
    worker = world.edit("/site/views/a0.py")
    world.says(worker, "misfit", again=again)
    assert holder.sent == ["fork", "retire"]
    other = world.fork()
    assert world.states() == {1: "stopping", worker: "discarded", other: "loading"}
    assert world.machine.fork_servers[0].sent[-1] == "fork"
    assert world.orders()[-1]["because"] == ["/site/views/a0.py"]
    world.says(other, "loaded")
    world.says(1, "stopped")
    assert world.states()[other] == "accepting"
    prepare(world)
    assert orders_to_hold(world)[-1] == (MODULES if again else {})


def test_what_was_saved_while_it_was_imported_is_not_used(world: World) -> None:
    holder = world.machine.forked[1]
    world.hear(holder, {"do": "spoiled"})
    assert holder.sent == ["fork", "retire"]
