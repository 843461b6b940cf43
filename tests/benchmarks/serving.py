"""Sites under the servers of production: their databases, their processes, and wrk.

The peers come from the `bench` extra, wrk and PostgreSQL from Debian's packages.
"""

from __future__ import annotations

import http.client
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.benchmarks.production_sites import NOTES
from tests.benchmarks.server_figures import Turn

CONNECTIONS = 16
TICK = 1_000_000 / os.sysconf("SC_CLK_TCK")  # microseconds


def databases(scratch: Path, ours: Path, stack: ExitStack, wanted: Sequence[str]) -> dict[str, str]:
    """Each database's URL, migrated and filled; PostgreSQL where it is installed."""
    found = {}
    if "SQLite" in wanted:
        found["SQLite"] = f"sqlite:///{scratch}/notes.sqlite3"
    if "PostgreSQL" in wanted:
        from tests.support.postgresql import running_server

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
            subprocess.run(command, cwd=ours, env=environ(url), check=True, capture_output=True)
    return found


def environ(url: str) -> dict[str, str]:
    """What each site is started with."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "a key for a benchmark, which keeps no secrets",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
    }
    # A checkout is compiled once, as the installed peers are; not in each of its starts.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


@contextmanager
def serving(command: Callable[[int], list[str]], root: Path, url: str) -> Iterator[tuple[int, int]]:
    """Run a server; gives its port and its process, which leads a session."""
    port = _free_port()
    process = subprocess.Popen(
        command(port),
        cwd=root,
        env=environ(url),
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
            if get(port, "/")[0] == 200:
                return
        time.sleep(0.005)
    raise RuntimeError("the server does not answer")


def get(port: int, path: str) -> tuple[int, str]:
    """The status and the text of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def check(name: str, port: int) -> None:
    """Each site gives the pages that are timed."""
    assert f"holds {NOTES} notes" in re.sub(r"\s+", " ", get(port, "/")[1]), name
    assert get(port, "/notes")[1].count("<li>") == NOTES, name
    assert get(port, "/static/style.css")[0] == 200, name


def wrk(
    port: int,
    leader: int,
    path: str,
    seconds: int,
    connections: int = CONNECTIONS,
    database: int | None = None,
) -> Turn:
    """Ask a server for some seconds.

    Args:
        leader: The server's process, which leads a session.
        database: The process of PostgreSQL, from `database_process()`.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    before, others_before = _processor_times(leader), _others(database)
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    after = _processor_times(leader)
    each = sorted((time - before.get(process, 0) for process, time in after.items()), reverse=True)
    spent = sum(each)
    others = _others(database) - others_before
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec: +([\d.]+)", said)
    slow = re.search(r"99% +([\d.]+)(us|ms|s)", said)
    total = re.search(r"(\d+) requests in", said)
    assert rate, said
    assert slow, said
    assert total, said
    milliseconds = float(slow[1]) * {"us": 0.001, "ms": 1, "s": 1000}[slow[2]]
    requests = int(total[1])
    return Turn(
        rate=float(rate[1]),
        slow=milliseconds,
        cost=spent / requests,
        whole=(spent + others) / requests,
        shared=each[1] / each[0] if len(each) > 1 else 1,
    )


def database_process(url: str) -> int:
    """The process of a PostgreSQL server on this machine; its children serve the connections."""
    import psycopg

    with psycopg.connect(url) as connection:
        fields = Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rpartition(")")[2]
    return int(fields.split()[1])


def _others(database: int | None) -> float:
    """Microseconds of a processor that PostgreSQL and all the wrks so far have had."""
    asked = resource.getrusage(resource.RUSAGE_CHILDREN)
    microseconds = (asked.ru_utime + asked.ru_stime) * 1_000_000
    return microseconds + (sum(_processor_times(database).values()) if database else 0)


def _processor_times(leader: int) -> dict[int, float]:
    """Microseconds of a processor that the processes of a session have had (proc(5))."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if leader in (int(fields[1]), int(fields[3])):  # its parent, and its session
                found[int(entry.name)] = (int(fields[11]) + int(fields[12])) * TICK
    return found
