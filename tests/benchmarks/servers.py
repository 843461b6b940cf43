"""Requests a second of the generated project in production, beside the same site elsewhere.

    python tests/benchmarks/servers.py                              about ten minutes
    python tests/benchmarks/servers.py --only gunicorn --seconds 1
    python tests/benchmarks/servers.py --json out.json

The home page (one count), the notes page (20 rows) and the style sheet, under gunicorn, waitress
and granian with the same settings, on SQLite and on PostgreSQL, asked by wrk with 16 connections.
The three sites run side by side and are asked in turn, so that whatever else the machine does
falls on all of them alike. "us" is the time of a processor that a request costs the server's
processes, which hardly depends on what else runs. A ratio above 1 means that mtvgen answers more,
or takes less.

Then a worker by itself: milliseconds from its start to its first page, and the memory that it
holds after it (proportional set size). The peers come from the `bench` extra, wrk and PostgreSQL
from Debian's packages.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from production_sites import NOTES, make_sites
from timing import interleaved, machine, table

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
OURS, PEERS = "mtvgen", ["Flask", "Django"]
TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")  # microseconds


class Turn(NamedTuple):
    """One site, asked for some seconds.

    Attributes:
        rate: Requests a second.
        slow: Milliseconds that 99 of 100 answers stay below.
        cost: Microseconds of a processor that a request takes.
    """

    rate: float
    slow: float
    cost: float


PAGES = {"home": "/", "notes": "/notes", "static": "/static/style.css"}
CONNECTIONS = 16
SERVERS: Mapping[str, Callable[[int], list[str]]] = {
    "gunicorn": lambda port: [
        f"{BIN}/gunicorn", "wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--threads", "4", "--log-level", "error",
    ],
    "waitress": lambda port: [
        f"{BIN}/waitress-serve", "--listen", f"127.0.0.1:{port}", "--threads", "8",
        "wsgi:application",
    ],
    "granian": lambda port: [
        f"{BIN}/granian", "--interface", "wsgi", "--port", str(port), "--workers", "2",
        "--blocking-threads", "4", "--no-ws", "--log-level", "error", "wsgi:application",
    ],
}  # fmt: skip


def main() -> int:
    """Measure and print; 1 where a peer is ahead."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=2, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=SERVERS, help="one server")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every round")
    options = parser.parse_args()
    chosen = [options.only] if options.only else list(SERVERS)
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        sites = make_sites(Path(scratch))
        rows: list[list[str]] = []
        document: dict[str, object] = {"machine": machine(["mtvgen", "flask", "django"])}
        for database, url in _databases(Path(scratch), sites[OURS], stack).items():
            for server in chosen:
                measured = _measure(server, sites, url, options)
                rows += _rows(f"{server}, {database}", measured)
                document[f"{server}, {database}"] = measured
        ratios = [f"{what} x {peer}" for peer in PEERS for what in ("rate", "us")]
        print(table(["requests a second", *_headings(sites), *ratios], rows))
        url = f"sqlite:///{scratch}/notes.sqlite3"
        workers = interleaved({name: _start(sites[name], url) for name in sites}, options.rounds)
        memory = {name: _memory(sites[name], url) for name in sites}
    print("\n" + _worker_table(workers, memory))
    document["first page, ms"], document["memory, MB"] = workers, memory
    if options.json:
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return 0 if all(float(cell) > 1 for row in rows for cell in row[-2 * len(PEERS) :]) else 1


def _headings(sites: Mapping[str, Path]) -> list[str]:
    return [heading for name in sites for heading in (name, "p99 ms", "us")]


def _databases(scratch: Path, ours: Path, stack: ExitStack) -> dict[str, str]:
    """Each database's URL, migrated and filled; PostgreSQL where it is installed."""
    sys.path.append(str(HERE.parent))  # where the tests keep what they share
    from postgresql import running_server

    found = {"SQLite": f"sqlite:///{scratch}/notes.sqlite3"}
    try:
        found["PostgreSQL"] = stack.enter_context(running_server()).url
    except FileNotFoundError:
        print("PostgreSQL is not installed, so nothing is known about it", file=sys.stderr)
    fill = (
        "from models import Note, database\n"
        "with database.session() as db:\n"
        f"    db.add_all([Note(text=f'Note number {{n}}') for n in range({NOTES})])\n"
    )
    for url in found.values():
        migrate = [sys.executable, "-m", "mtvgen", "migrate"]
        for command in (migrate, [sys.executable, "-c", fill]):
            subprocess.run(command, cwd=ours, env=_environ(url), check=True, capture_output=True)
    return found


def _environ(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "a key for a benchmark, which keeps no secrets",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
    }


def _measure(
    server: str, sites: Mapping[str, Path], url: str, options: argparse.Namespace
) -> dict[str, dict[str, list[Turn]]]:
    """Page -> framework -> requests a second and p99, round by round."""
    with ExitStack() as stack:
        serving = {
            name: stack.enter_context(_serving(SERVERS[server], root, url))
            for name, root in sites.items()
        }
        for name, (port, _) in serving.items():
            _check(name, port)
        measured: dict[str, dict[str, list[Turn]]] = {}
        for page, path in PAGES.items():
            measured[page] = {name: [] for name in sites}
            for turn in range(options.rounds):
                names = list(sites)
                for name in names[turn % 3 :] + names[: turn % 3]:
                    measured[page][name].append(_wrk(*serving[name], path, options.seconds))
    return measured


@contextmanager
def _serving(
    command: Callable[[int], list[str]], root: Path, url: str
) -> Iterator[tuple[int, int]]:
    """Run a server; gives its port and its process, which leads a session."""
    port = _free_port()
    process = subprocess.Popen(
        command(port),
        cwd=root,
        env=_environ(url),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            if _get(port, "/")[0] == 200:
                return
        time.sleep(0.005)
    raise RuntimeError("the server does not answer")


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def _check(name: str, port: int) -> None:
    """Each site gives the pages that are timed."""
    assert f"holds {NOTES} notes" in re.sub(r"\s+", " ", _get(port, "/")[1]), name
    assert _get(port, "/notes")[1].count("<li>") == NOTES, name
    assert _get(port, "/static/style.css")[0] == 200, name


def _wrk(port: int, leader: int, path: str, seconds: float) -> Turn:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency"]
    before = _processor_time(leader)
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    spent = _processor_time(leader) - before
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec: +([\d.]+)", said)
    slow = re.search(r"99% +([\d.]+)(us|ms|s)", said)
    total = re.search(r"(\d+) requests in", said)
    assert rate, said
    assert slow, said
    assert total, said
    milliseconds = float(slow[1]) * {"us": 0.001, "ms": 1, "s": 1000}[slow[2]]
    return Turn(float(rate[1]), milliseconds, spent / int(total[1]))


def _processor_time(leader: int) -> float:
    """Microseconds that the processes of a session have had of a processor (proc(5))."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK


def _rows(where: str, measured: Mapping[str, Mapping[str, list[Turn]]]) -> list[list[str]]:
    rows = []
    for page, taken in measured.items():
        cells = [f"{where}, {page}"]
        for turns in taken.values():
            cells.append(f"{median(turn.rate for turn in turns):.0f}")
            cells.append(f"{median(turn.slow for turn in turns):.1f}")
            cells.append(f"{median(turn.cost for turn in turns):.0f}")
        for peer in PEERS:
            pairs = list(zip(taken[OURS], taken[peer], strict=True))
            cells.append(f"{median(ours.rate / theirs.rate for ours, theirs in pairs):.2f}")
            cells.append(f"{median(theirs.cost / ours.cost for ours, theirs in pairs):.2f}")
        rows.append(cells)
    return rows


def _one_worker(port: int) -> list[str]:
    command = [f"{BIN}/gunicorn", "wsgi:application", "--bind", f"127.0.0.1:{port}"]
    return [*command, "--log-level", "error"]


def _start(root: Path, url: str) -> Callable[[], float]:
    """A contestant: the milliseconds from the start of gunicorn to the first page."""

    def measure() -> float:
        started = time.perf_counter()
        with _serving(_one_worker, root, url):
            return (time.perf_counter() - started) * 1000

    return measure


def _memory(root: Path, url: str) -> float:
    """The megabytes that the worker holds after some hundred pages, what it shares divided."""
    port = _free_port()
    process = subprocess.Popen(_one_worker(port), cwd=root, env=_environ(url))
    try:
        _wait(port)
        for path in ["/", "/notes", "/static/style.css"] * 50:
            _get(port, path)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        rollup = Path(f"/proc/{children.split()[0]}/smaps_rollup").read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    held = re.search(r"^Pss: +(\d+) kB", rollup, re.M)
    assert held, rollup
    return int(held[1]) / 1024


def _worker_table(started: Mapping[str, list[float]], memory: Mapping[str, float]) -> str:
    return table(
        ["a worker of gunicorn", "first page, ms", "memory, MB"],
        [[name, f"{median(started[name]):.0f}", f"{memory[name]:.1f}"] for name in started],
    )


if __name__ == "__main__":
    sys.exit(main())
