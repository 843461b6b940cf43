"""A server that starts a process for each edit, as on Windows, whose lacks are made here too."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devserver.running import (
    SECONDS,
    SITE,
    Running,
    hang_until_released,
    runserver,
    session_of,
    until,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends servers by POSIX's signals")

VIEW = SITE["views/home.py"]
RESTARTING = {"MTVGEN_DEVSERVER": "restart"}
STAND_IN = Path(__file__).parents[1] / "without_posix.py"


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environ in which every Python lacks what Windows lacks."""
    directory = tmp_path_factory.mktemp("windows")
    (directory / "sitecustomize.py").write_bytes(STAND_IN.read_bytes())
    return {"PYTHONPATH": str(directory)}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, windows: dict[str, str]) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("site") / "mysite"
    with runserver(root, environ=windows) as running:
        yield running


@pytest.fixture
def server(shared: Running) -> Running:
    """The shared server, with its project as it was."""
    if (shared.root / "views/home.py").read_text(encoding="utf-8") != VIEW:
        shared.write("views/home.py", VIEW)
    shared.wait_for("<h1>first</h1>")
    time.sleep(0.1)  # the last reload may still be under way
    return shared


@pytest.fixture
def quiet(tmp_path: Path, windows: dict[str, str]) -> Iterator[Running]:
    """A server in which nothing has been saved before."""
    with runserver(tmp_path / "mysite", environ=windows) as running:
        yield running


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_the_process_that_serves_is_a_program_of_its_own(server: Running) -> None:
    command = Path(f"/proc/{server.worker()}/cmdline").read_bytes()
    assert b"mtvgen.devserver.processes.restart_worker" in command


def test_an_edit_is_served_and_told(server: Running) -> None:
    before = server.worker()
    server.replace("views/home.py", "first", "second")

    server.wait_for("<h1>second</h1>")
    server.wait_for_line(r"reloaded views/home\.py in \d+\.\d\d s\n")
    assert server.worker() != before


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (VIEW + "def (", "SyntaxError"),
        (VIEW + "raise SystemExit(3)\n", "SystemExit"),
        (VIEW + "os._exit(3)\n", "exited with 3 while importing"),
    ],
)
def test_a_broken_file_is_told_and_shown_until_the_next_save_mends_it(
    server: Running, broken: str, told: str
) -> None:
    server.write("views/home.py", broken)
    server.wait_for(told, status=500)
    assert told in server.terminal()

    server.write("views/home.py", VIEW.replace("first", "mended"))
    server.wait_for("<h1>mended</h1>")


def test_a_hanging_import_is_shown_and_heals_by_itself(server: Running) -> None:
    hang_until_released(server)


def test_an_import_that_lets_no_thread_run_is_ended(server: Running) -> None:
    server.write("views/home.py", VIEW + "import re; re.match('(a+)+$', 'a' * 50 + 'b')\n")
    server.wait_for("was ended by SIGABRT while importing", status=500)
    assert "home.py" in server.terminal().partition("Fatal Python error: Aborted")[2]


def test_a_process_that_ends_itself_is_told_and_the_next_save_starts_another(
    server: Running,
) -> None:
    os.kill(server.worker(), signal.SIGKILL)
    server.wait_for("The serving process was ended by SIGKILL.", status=500)
    assert "another one takes over" not in server.terminal()

    server.write("views/home.py", VIEW.replace("first", "again"))
    server.wait_for("<h1>again</h1>")


def test_a_request_in_hand_is_finished_and_none_is_refused(server: Running) -> None:
    answers: list[str] = []
    slow = threading.Thread(target=lambda: answers.append(server.get("/slow?seconds=0.5").text))
    slow.start()
    for number in range(3):
        server.write("views/home.py", VIEW.replace("first", f"mark-{number}"))
        while f"mark-{number}" not in (page := server.get()).text:
            assert page.status == 200
    slow.join()

    assert len(answers) == 1
    assert answers[0] in {"first", "mark-0"}


def test_templates_need_no_other_process_and_open_pages_are_told_of_all(quiet: Running) -> None:
    server = quiet
    worker = server.worker()
    shown = re.search(r"live\.js\?(\d+)", server.get().text)
    assert shown
    with Stream(server.port) as stream:
        assert stream.event() == ("hello", shown[1])
        server.write("static/style.css", SITE["static/style.css"] + "h2 {}")
        assert stream.event()[0] == "style"
        server.replace("templates/home.html", "<h1>", "<h1>the ")
        assert stream.event()[0] == "reload"
        server.wait_for("<h1>the first</h1>")
        assert server.worker() == worker
        server.replace("views/home.py", "first", "newer")
        assert stream.event()[0] == "reload"
        server.wait_for("<h1>the newer</h1>")
        assert stream.at_end()  # the browser asks for another one
    with Stream(server.port) as stream:
        name, generation = stream.event()
    assert name == "hello"
    assert int(generation) > int(shown[1])


class Stream:
    """The event stream that a page's script opens."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._socket.sendall(b"GET /__mtvgen__/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self._file = self._socket.makefile("rb")
        while self._file.readline() != b"\r\n":
            pass

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def event(self) -> tuple[str, str]:
        name, data, _ = (self._file.readline().decode().strip() for _ in range(3))
        return name.removeprefix("event: "), data.removeprefix("data: ")

    def at_end(self) -> bool:
        return self._file.read() == b""


def test_a_project_that_is_broken_at_the_start_is_served_once_it_is_mended(tmp_path: Path) -> None:
    site = {**SITE, "views/home.py": VIEW + "def ("}
    with runserver(tmp_path / "mysite", site=site, environ=RESTARTING) as server:
        server.wait_for_line("Waiting for you to save a fix")
        server.wait_for("SyntaxError", status=500)
        server.write("views/home.py", VIEW)
        server.wait_for("<h1>first</h1>")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_end_leaves_nothing_and_frees_the_port(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with runserver(tmp_path / "mysite", environ=RESTARTING) as server:
        assert server.get().status == 200
        assert server.end(number) == code
        until(lambda: session_of(server.process.pid) == [])
        assert "Traceback" not in server.terminal()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", server.port))


def test_a_supervisor_that_is_killed_takes_its_process_with_it(tmp_path: Path) -> None:
    with runserver(tmp_path / "mysite", environ=RESTARTING) as server:
        server.end(signal.SIGKILL)
        until(lambda: session_of(server.process.pid) == [])


def test_a_port_in_use_is_told(server: Running) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mtvgen", "runserver", str(server.port)],
        cwd=server.root,
        env={**os.environ, **RESTARTING},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 1
    assert f"Error: port {server.port} is in use. -> mtvgen runserver" in done.stderr


@pytest.mark.parametrize(
    "module",
    ["supervisor.event_loop", "processes.restart_worker", "single", "processes.launch"],
)
def test_a_module_is_imported_where_nothing_of_posix_is(
    module: str, windows: dict[str, str]
) -> None:
    lacks = "import signal, sys; del signal.SIGKILL; assert 'fcntl' in sys.modules"
    code = f"{lacks}; import mtvgen.cli, mtvgen.commands.runserver, mtvgen.devserver.{module}"
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **windows}, check=True, timeout=SECONDS
    )


def test_one_process_without_reload_serves_where_nothing_of_posix_is(
    tmp_path: Path, windows: dict[str, str]
) -> None:
    with runserver(tmp_path / "mysite", "--no-reload", "0", environ=windows) as server:
        assert "<h1>first</h1>" in server.get().text
        assert server.end(signal.SIGINT) == 130
