"""The server as the first process of a container, in a PID namespace of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.devserver.running import SITE, Running, runserver, until

# A namespace has processes of its own, of which the first is 1; `unshare` is not in it.
UNSHARE = ["unshare", *([] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["-Ur"]), "-pf"]


def can_unshare() -> bool:
    if shutil.which("unshare") is None or not Path("/proc/self/stat").exists():
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not can_unshare(), reason="needs a PID namespace")

VIEW = (
    SITE["views/home.py"]
    + '''
import subprocess
def slow(request):
    """Leave an orphan, and run a program whose exit code is needed."""
    subprocess.run(["sh", "-c", "sleep 0.2 & exit 0"], check=True)
    return str(subprocess.run(["sh", "-c", "exit 7"]).returncode)
'''
)


@pytest.fixture(params=[("0",), ("0", "--no-reload")], ids=["reloading", "single"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    site = {**SITE, "views/home.py": VIEW}
    (tmp_path / "tmp").mkdir()
    with runserver(
        tmp_path / "mysite",
        *request.param,
        site=site,
        prefix=UNSHARE,
        environ={"TMPDIR": str(tmp_path / "tmp")},  # no server of another namespace shares it
    ) as running:
        yield running


def programs(server: Running) -> list[str]:
    """What each process of the server's session runs; a zombie keeps the name of its program."""
    names = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name, _, fields = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            if int(fields.split()[3]) == server.process.pid:
                names.append(name)
    return names


def first_process(server: Running) -> int:
    """What is 1 in there: the child of `unshare`."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return int(children.read_text().split()[0])


def test_orphans_are_reaped_and_a_views_own_children_are_not(server: Running) -> None:
    for _ in range(3):
        assert server.get("/slow").text == "7"

    until(lambda: "sleep" not in programs(server), lambda: str(programs(server)))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_to_the_first_process_ends_the_server(
    server: Running, number: signal.Signals, code: int
) -> None:
    os.kill(first_process(server), number)

    assert server.process.wait(20) == code
    assert programs(server) == []


def test_an_edit_is_served(server: Running) -> None:
    if "Saving a file" not in server.terminal():
        pytest.skip("serves no edits")
    server.replace("views/home.py", "first", "second")

    server.wait_for("<h1>second</h1>")


def test_two_containers_share_a_temporary_directory(tmp_path: Path) -> None:
    """Of another namespace no process can be seen: what seems to have no owner has one."""
    shared = tmp_path / "tmp"
    shared.mkdir()
    environ = {"TMPDIR": str(shared)}
    with runserver(tmp_path / "mysite", environ=environ, prefix=UNSHARE) as server:
        before = set(shared.iterdir())
        with runserver(tmp_path / "other", environ=environ, prefix=UNSHARE) as other:
            assert other.get().status == 200
        assert before <= set(shared.iterdir())
        assert before
        server.replace("views/home.py", "first", "second")
        server.wait_for("<h1>second</h1>")
