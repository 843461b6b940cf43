"""A server that forks nothing, as on macOS: each worker is executed, all else is the same."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devserver.running import (
    SITE,
    Running,
    hang_until_released,
    runserver,
    session_of,
    until,
)
from tests.devserver.test_soak import Client, stale
from tests.support.wire import read_one

pytestmark = pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="needs POSIX")

VIEW = SITE["views/home.py"]
SPAWNING = {"MTVGEN_DEVSERVER": "spawn"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("site") / "mysite"
    with runserver(root, environ=SPAWNING) as running:
        yield running


@pytest.fixture
def server(shared: Running) -> Running:
    """The shared server, with its project as it was."""
    if (shared.root / "views/home.py").read_text(encoding="utf-8") != VIEW:
        shared.write("views/home.py", VIEW)
    shared.wait_for("<h1>first</h1>")
    time.sleep(0.1)  # the last reload may still be under way
    return shared


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_every_worker_is_a_program_of_its_own(server: Running) -> None:
    command = Path(f"/proc/{server.worker()}/cmdline").read_bytes()
    assert b"mtvgen.devserver.processes.spawn_worker" in command


def test_an_edit_is_served_and_told(server: Running) -> None:
    server.replace("views/home.py", "first", "second")

    server.wait_for("<h1>second</h1>")
    server.wait_for_line(r"reloaded views/home\.py in \d+\.\d\d s\n")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (VIEW + "def (", "SyntaxError"),
        (VIEW + "raise SystemExit(3)\n", "SystemExit"),
        (VIEW + "os._exit(3)\n", "exited with 3 while importing"),
    ],
)
def test_a_broken_project_is_shown_until_it_is_mended(
    server: Running, broken: str, told: str
) -> None:
    server.write("views/home.py", broken)
    server.wait_for(told, status=500)

    server.write("views/home.py", VIEW.replace("first", "mended"))
    server.wait_for("<h1>mended</h1>")


def test_an_idle_connection_lives_through_a_reload(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        ask = b"GET /pid HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.sendall(ask)
        before = read_one(client).body
        server.replace("views/home.py", "first", "handed over")
        server.wait_for("handed over")
        client.sendall(ask)
        after = read_one(client).body

    assert before != after
    assert after == str(server.worker()).encode()


def test_nothing_is_lost_or_refused_while_files_are_saved(server: Running) -> None:
    clients = [Client(server.port, slow=False) for _ in range(4)]
    ending = threading.Event()
    threads = [threading.Thread(target=each.run, args=[ending]) for each in clients]
    for thread in threads:
        thread.start()
    for number in range(1, 9):
        server.write("views/home.py", VIEW.replace("first", f"mark-{number}"))
        server.wait_for(f"mark-{number}")
    ending.set()
    for thread in threads:
        thread.join()

    asked = sorted((each for client in clients for each in client.asked), key=lambda a: a.begun)
    assert [failure for client in clients for failure in client.failures] == []
    assert {each.status for each in asked} == {200}
    assert stale(asked) == []


def test_what_is_killed_is_replaced(server: Running) -> None:
    worker = server.worker()
    os.kill(worker, signal.SIGKILL)

    server.wait_for_line("was ended by SIGKILL; another one takes over")
    until(lambda: server.worker() != worker)
    server.replace("views/home.py", "first", "again")
    server.wait_for("<h1>again</h1>")


def test_a_process_whose_own_child_outlives_it_is_replaced(server: Running) -> None:
    forks = "    if not os.fork():\n        time.sleep(30)\n        os._exit(0)\n"
    server.replace("views/home.py", "def pid(request):\n", f"def pid(request):\n{forks}")
    server.wait_for_line("reloaded views/home.py")
    worker = server.worker()  # what it has forked holds its end of the conversation
    os.kill(worker, signal.SIGKILL)

    until(lambda: server.worker() != worker)


def test_a_hanging_import_is_shown_and_heals_by_itself(server: Running) -> None:
    hang_until_released(server)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_end_leaves_nothing(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with runserver(tmp_path / "mysite", environ=SPAWNING) as server:
        assert server.get().status == 200
        assert server.end(number) == code
        until(lambda: session_of(server.process.pid) == [])
