"""docs/comparison.md: the same page in four frameworks answers alike, and no figure is typed."""

from __future__ import annotations

import http.client
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.servers.serving import free_port

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "docs" / "comparison"
FRAMEWORKS = ["tornado", "django", "flask", "mtvgen"]
SECONDS = 20.0  # until a program has failed to answer


class Answer(NamedTuple):
    status: int
    content_type: str
    text: str


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    """Each program as a process of its own, started together, and the port where it listens."""
    missing = [name for name in FRAMEWORKS if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f'not installed: {", ".join(missing)}; pip install -e ".[bench]"')
    with ExitStack() as stack:
        started = {name: stack.enter_context(running(name)) for name in FRAMEWORKS}
        for port, process in started.values():
            wait_for(port, process)
        yield {name: port for name, (port, _) in started.items()}


@contextmanager
def running(framework: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, PROGRAMS / f"{framework}_page.py"],
        env={**os.environ, "PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield port, process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            ask(port, "GET", "/")
        except OSError:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, f"{process.args} does not answer"
            time.sleep(0.02)
        else:
            return


def ask(port: int, method: str, path: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read().decode()
        kind = answer.headers.get("Content-Type", "").lower().replace(" ", "")
    finally:
        connection.close()
    # Jinja2 leaves a template's last line break out; the minute may turn between two answers.
    text = re.sub(r"It is \d\d:\d\d\.", "It is now.", body.strip())
    return Answer(answer.status, kind, text)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_page_has_the_name_the_age_and_the_time_and_is_escaped(ports, framework):
    answer = ask(ports[framework], "GET", "/people/1")
    assert (answer.status, answer.content_type) == (200, "text/html;charset=utf-8")
    assert "<h1>Ada &lt;Lovelace&gt;</h1>" in answer.text
    assert "<p>36 years old. It is now.</p>" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/people/1", 200),
        ("GET", "/people/2", 200),
        ("GET", "/people/3", 404),
        ("GET", "/people/ada", 404),
        ("GET", "/people/-1", 404),
        ("GET", "/", 404),
        ("GET", "/nowhere", 404),
        ("HEAD", "/people/1", 200),
        ("HEAD", "/people/3", 404),
        ("HEAD", "/nowhere", 404),
        ("POST", "/people/1", 405),
        ("POST", "/nowhere", 404),
    ],
)
def test_all_four_answer_alike(ports, method, path, status):
    answers = {name: ask(port, method, path) for name, port in ports.items()}
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(
        FRAMEWORKS, status
    )
    if status != 405:  # each has words of its own for that
        assert len({(answer.content_type, answer.text) for answer in answers.values()}) == 1
    if method == "HEAD":
        assert answers["mtvgen"].text == ""
    elif status == 404:
        assert "<h1>Nobody here</h1>" in answers["mtvgen"].text


def test_the_figures_of_the_pages_are_those_that_the_benchmarks_kept():
    script = ROOT / "tests" / "benchmarks" / "figures.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}python tests/benchmarks/figures.py"
