"""What a machine and its user do to a server: no watches left, Ctrl-Z, hundreds of idle clients."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.devserver.running import SECONDS, SITE, Running, runserver, session_of, until
from tests.support.wire import read_one

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

POLLING = "Watching by polling, as the system refused to watch"


def can_limit_inotify() -> bool:
    """Whether a user namespace of our own can be had, with limits that nobody else feels."""
    if shutil.which("unshare") is None or not Path("/proc/sys/user/max_inotify_watches").exists():
        return False
    return subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_limit_inotify(), reason="needs a user namespace")
@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("max_inotify_watches 1", r"OS file watch limit reached"),
        ("max_inotify_instances 0", r"Too many open files"),
    ],
)
def test_where_the_system_can_watch_no_more_it_polls_and_says_so_once(
    tmp_path: Path, limit: str, told: str
) -> None:
    name, number = limit.split()
    lower = f'echo {number} > /proc/sys/user/{name} && exec "$@"'
    prefix = ["unshare", "-Ur", "sh", "-c", lower, "sh"]
    with runserver(tmp_path / "mysite", prefix=prefix) as server:
        server.wait_for_line(f"{POLLING} .*{told}")
        for before, after in (("first", "second"), ("second", "third")):
            server.replace("views/home.py", before, after)
            server.wait_for(f"<h1>{after}</h1>")
        server.replace("templates/home.html", "<h1>", "<h1>new ")
        server.wait_for("<h1>new third</h1>")

        assert server.terminal().count(POLLING) == 1


class Shell:
    """An interactive shell in a terminal of its own, which has job control."""

    def __init__(self, directory: Path) -> None:
        self._terminal, its = os.openpty()
        command = ["setsid", "--ctty", "bash", "--norc", "--noprofile", "-i"]
        self._process = subprocess.Popen(command, cwd=directory, stdin=its, stdout=its, stderr=its)
        os.close(its)
        self.pid = self._process.pid
        self._read = ""

    def type(self, text: str) -> None:
        self._read = ""
        os.write(self._terminal, text.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """What is on the screen since something was typed, once it looks so."""
        while not (found := re.search(pattern, self._read)):
            assert select.select([self._terminal], [], [], SECONDS)[0], self._read
            self._read += os.read(self._terminal, 65536).decode()
        return found

    def end(self) -> None:
        for process in session_of(self.pid):
            os.kill(process, signal.SIGKILL)
        self._process.wait(SECONDS)
        os.close(self._terminal)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    if shutil.which("bash") is None or shutil.which("setsid") is None:
        pytest.skip("needs bash and setsid")
    for path, text in SITE.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    shell = Shell(tmp_path)
    yield shell
    shell.end()


def states(shell: Shell) -> set[str]:
    """The states of the processes in the shell's terminal, but for its own: R, S, T ..."""
    found = set()
    for process in session_of(shell.pid):
        if process != shell.pid:
            stat = Path(f"/proc/{process}/stat").read_text()
            found.add(stat.rpartition(")")[2].split()[0])
    return found


def ask(port: int, connection: socket.socket | None = None) -> str:
    with connection or socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return read_one(client).body.decode()


def test_ctrl_z_stops_all_of_it_and_fg_serves_what_was_saved_meanwhile(
    shell: Shell, tmp_path: Path
) -> None:
    shell.type(f"{sys.executable} -m mtvgen runserver 0\n")
    port = int(shell.wait_for(r"is at http://127\.0\.0\.1:(\d+)/")[1])
    assert "<h1>first</h1>" in ask(port)
    shell.wait_for("GET   /")

    shell.type("\x1a")
    shell.wait_for("Stopped")
    until(lambda: states(shell) == {"T"})
    waiting = socket.create_connection(("127.0.0.1", port), SECONDS)
    view = tmp_path / "views" / "home.py"
    view.write_text(SITE["views/home.py"].replace("first", "second"), encoding="utf-8")
    shell.type("fg\n")

    assert "<h1>" in ask(port, waiting)
    until(lambda: "<h1>second</h1>" in ask(port))
    shell.wait_for(r"reloaded views/home\.py")
    shell.type("\x03")
    until(lambda: session_of(shell.pid) == [shell.pid])
    shell.type("echo it was $?\n")
    shell.wait_for("it was 130")


def test_two_hundred_idle_clients_block_nobody(tmp_path: Path) -> None:
    with runserver(tmp_path / "mysite") as server, ExitStack() as stack:
        clients = [connected(server, stack) for _ in range(200)]
        for half in clients[::2]:
            half.sendall(b"GET / HTTP/1.1\r\nHost: loc")

        assert server.get().status == 200
        server.replace("views/home.py", "first", "second")
        server.wait_for("<h1>second</h1>")

        # Those that had begun a request are answered by who had read its beginning.
        for half in clients[::2]:
            half.sendall(b"alhost\r\n\r\n")
            assert read_one(half).status == 200
        for client in clients[1::2]:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"second" in read_one(client).body


def connected(server: Running, stack: ExitStack) -> socket.socket:
    address = ("127.0.0.1", server.port)
    return stack.enter_context(socket.create_connection(address, timeout=SECONDS))
