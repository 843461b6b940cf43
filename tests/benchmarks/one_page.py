"""The page of docs/comparison.md over a socket: Tornado on its own server, the others on gunicorn.

    python tests/benchmarks/one_page.py                     about a minute
    python tests/benchmarks/one_page.py --json out.json     keep every round

One process each, and for gunicorn four threads, asked by wrk with 16 connections that stay open.
All run side by side and are asked in turn, so that whatever else the machine does falls on all of
them. "us" is the time of a processor that a request costs the server's processes: it hardly
depends on what else runs. The frameworks come from the `bench` extra, wrk from Debian's packages;
the processor's time is read in /proc.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.devserver import HOST, family, found, ticks
from tests.benchmarks.timing import machine, spread, table

PAGES = Path(__file__).parent.parent.parent / "docs" / "comparison"
GUNICORN = (sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4", "--bind")
PATH = "/people/1"
RIGHT = "<h1>Ada &lt;Lovelace&gt;</h1>"
CONNECTIONS = 16
TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")  # microseconds
STARTS_WITHIN = 20.0  # seconds
# What the table calls it -> the command that serves it at a port.
SERVED: dict[str, Callable[[int], list[str]]] = {
    "mtvgen, gunicorn": lambda port: [*GUNICORN, f"{HOST}:{port}", "mtvgen_page:application"],
    "Flask, gunicorn": lambda port: [*GUNICORN, f"{HOST}:{port}", "flask_page:app"],
    "Django, gunicorn": lambda port: [*GUNICORN, f"{HOST}:{port}", "django_page:application"],
    "Tornado, its own server": lambda port: [sys.executable, "tornado_page.py"],
}
PACKAGES = ["mtvgen", "flask", "django", "tornado", "gunicorn", "jinja2"]

# Framework -> "rate" and "us", round by round.
Measured = dict[str, dict[str, list[float]]]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2, help="of each turn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every round")
    options = parser.parse_args()
    measured = measure(options.rounds, options.seconds)
    rows = [
        [
            name,
            f"{median(taken['rate']):,.0f}",
            f"{median(taken['us']):.0f}",
            f"{spread(taken['us']):.0%}",
        ]
        for name, taken in measured.items()
    ]
    print(table(["", "requests a second", "us", "spread"], rows))
    if options.json:
        document = {"machine": machine(PACKAGES), "measured": measured}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(rounds: int, seconds: int) -> Measured:
    """Serve all four, check their answers, and ask them in turn."""
    measured: Measured = {name: {"rate": [], "us": []} for name in SERVED}
    with ExitStack() as stack:
        serving = {
            name: stack.enter_context(_serving(command, _free_port()))
            for name, command in SERVED.items()
        }
        for turn in range(rounds):
            names = list(SERVED)
            for name in names[turn % 4 :] + names[: turn % 4]:
                rate, cost = _ask(*serving[name], seconds)
                measured[name]["rate"].append(rate)
                measured[name]["us"].append(cost)
    return measured


@contextmanager
def _serving(command: Callable[[int], list[str]], port: int) -> Iterator[tuple[int, int]]:
    """A server in a process group of its own, once its answer is right; its port and process."""
    process = subprocess.Popen(
        command(port),
        cwd=PAGES,
        env={**os.environ, "PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", PATH)
            answer = connection.getresponse().read().decode()
            connection.close()
            if RIGHT not in answer:
                raise ValueError(f"{process.args} gives another page:\n{answer}")
            return
        time.sleep(0.02)
    raise TimeoutError(f"{process.args} does not answer")


def _ask(port: int, leader: int, seconds: int) -> tuple[float, float]:
    """Requests a second, and the microseconds of a processor that one of them takes."""
    tree = family(leader)
    before = sum(map(ticks, tree))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://{HOST}:{port}{PATH}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = sum(map(ticks, tree)) - before
    if "Non-2xx" in said:
        raise ValueError(said)
    rate = float(found(r"Requests/sec:\s+([\d.]+)", said))
    return rate, spent * TICK / float(found(r"(\d+) requests in", said))


if __name__ == "__main__":
    sys.exit(main())
