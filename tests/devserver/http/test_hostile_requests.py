"""The hostile corpus against `mtvgen runserver`, over raw sockets; a healthy page after each."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.devserver.http.hostile_requests import PROBES, get
from tests.support.wire import Answer, read_answers

SUPPORT = Path(__file__).parents[2] / "support"


class Site:
    """A project behind `mtvgen runserver`, and what the server has printed."""

    def __init__(self, port: int, output: Path) -> None:
        self.port = port
        self.output = output

    def send(self, data: bytes) -> list[Answer]:
        """Every answer until the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
            with suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(data)
            received = b""
            with suppress(ConnectionResetError):
                while part := client.recv(65_536):
                    received += part
        return read_answers(received)


@contextmanager
def runserver(project: Path) -> Iterator[Site]:
    output = project.parent / "output.txt"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mtvgen", "runserver", "0"],
            cwd=project,
            env={**os.environ, "SECRET_KEY": "a key", "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield Site(port_of(process, output), output)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def port_of(process: subprocess.Popen[bytes], output: Path) -> int:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        if match := re.search(rb"http://127\.0\.0\.1:([0-9]+)", output.read_bytes()):
            return int(match[1])
        time.sleep(0.02)
    raise AssertionError(f"runserver did not start:\n{output.read_text()}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    project = tmp_path_factory.mktemp("hostile") / "site"
    project.mkdir()
    shutil.copy(SUPPORT / "guarded_site.py", project)
    (project / "urls.py").write_text("from guarded_site import ROUTES as urlpatterns\n")
    (project / "wsgi.py").write_text(
        "from pathlib import Path\n"
        "from guarded_site import make_site\n"
        "application = make_site(Path(__file__).parent, debug=True)\n"
    )
    with runserver(project) as running:
        yield running
        printed = running.output.read_text(errors="replace")
    assert "Traceback" not in printed
    assert all(line.isprintable() for line in printed.splitlines())


@pytest.mark.parametrize(("data", "right"), PROBES.values(), ids=PROBES)
def test_a_hostile_request_gets_an_answer_below_500_and_the_site_lives(
    site: Site, data: bytes, right: frozenset[int]
) -> None:
    answers = site.send(data)

    assert [answer.status for answer in answers if answer.status not in right] == []
    assert len(answers) == 1
    for answer in answers:
        assert b"Traceback" not in answer.body
        assert "evil.test" not in answer.headers.get("location", "").partition("?")[0][:12]
        assert "x-injected" not in answer.headers
    (healthy,) = site.send(get("/"))
    assert (healthy.status, healthy.body) == (200, b"home")


def test_there_are_at_least_400_probes() -> None:
    assert len(PROBES) >= 400
