"""Requests a second of the generated project in production, beside the same site elsewhere.

    python tests/benchmarks/servers.py                      about twelve minutes
    python tests/benchmarks/servers.py --only gunicorn --on SQLite --json out.json
    python tests/benchmarks/servers.py --only worker --json out.json
    python tests/benchmarks/servers.py --report out.json    what all parts have found together

The home page (one count), the notes page (20 rows) and the style sheet, under gunicorn, waitress
and granian with the same settings, on SQLite and on PostgreSQL, asked by wrk with 16 connections.
The three sites run side by side and are asked in turn, so that whatever else the machine does
falls on all of them alike. "us" is the time of a processor that a request costs the server's
processes, which hardly depends on what else runs. A ratio above 1 means that mtvgen answers more,
sooner, or for less; promised are the first two in every row.

Then a worker by itself: milliseconds from its start to its first page, and the memory that it
holds after some hundred (proportional set size); promised is at most what Flask and SQLAlchemy
take. The peers come from the `bench` extra, wrk and PostgreSQL from Debian's packages.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.production_sites import make_sites
from tests.benchmarks.server_figures import OURS, Document, Row, promises, report
from tests.benchmarks.serving import check, databases, get, serving, wrk
from tests.benchmarks.timing import interleaved, machine

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
PAGES = {"home": "/", "notes": "/notes", "static": "/static/style.css"}
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


PARTS = [*SERVERS, "worker"]
DATABASES = ["SQLite", "PostgreSQL"]


def main() -> int:
    """Measure and print; 1 where a promise does not hold."""
    options = _options()
    document = Document.read(options.json or options.report or Path(os.devnull, "none"))
    if options.report is None:
        with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
            _measure(document, Path(scratch), stack, options)
        if options.json:
            document.write(options.json)
    print(report(document))
    return 0 if all(promise.holds for promise in promises(document)) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=2, help="of each turn")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; may be repeated")
    parser.add_argument("--on", choices=DATABASES, help="one database")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every round, beside others")
    parser.add_argument("--report", type=Path, metavar="FILE", help="measure nothing: show it")
    return parser.parse_args()


def _measure(
    document: Document, scratch: Path, stack: ExitStack, options: argparse.Namespace
) -> None:
    """Add what the chosen parts find to the document."""
    document.machine = machine(["mtvgen", "flask", "django"])
    sites = make_sites(scratch)
    urls = databases(scratch, sites[OURS], stack, [options.on] if options.on else DATABASES)
    parts = options.only or PARTS
    for database, url in urls.items():
        for server in (part for part in parts if part != "worker"):
            for page, row in _measure_server(server, sites, url, options).items():
                document.rows[f"{server}, {database}, {page}"] = row
    if "worker" in parts:
        url = next(iter(urls.values()))
        document.started = interleaved({name: _start(sites[name], url) for name in sites}, 9)
        document.memory = interleaved({name: _memory(sites[name], url) for name in sites}, 3)


def _measure_server(
    server: str, sites: Mapping[str, Path], url: str, options: argparse.Namespace
) -> dict[str, Row]:
    """Page -> what each site did, round by round."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(serving(SERVERS[server], root, url))
            for name, root in sites.items()
        }
        for name, (port, _) in running.items():
            check(name, port)
        rows: dict[str, Row] = {page: {name: [] for name in sites} for page in PAGES}
        for turn in range(options.rounds):
            for page, path in PAGES.items():
                names = list(sites)
                for name in names[turn % 3 :] + names[: turn % 3]:
                    rows[page][name].append(wrk(*running[name], path, options.seconds))
        return rows


def _one_worker(port: int) -> list[str]:
    command = [f"{BIN}/gunicorn", "wsgi:application", "--bind", f"127.0.0.1:{port}"]
    return [*command, "--log-level", "error"]


def _start(root: Path, url: str) -> Callable[[], float]:
    """A contestant: the milliseconds from the start of gunicorn to the first page."""

    def measure() -> float:
        started = time.perf_counter()
        with serving(_one_worker, root, url):
            return (time.perf_counter() - started) * 1000

    return measure


def _memory(root: Path, url: str) -> Callable[[], float]:
    """A contestant: the megabytes that the worker holds, what it shares divided."""

    def measure() -> float:
        with serving(_one_worker, root, url) as (port, master):
            for path in [*PAGES.values()] * 50:
                get(port, path)
            children = Path(f"/proc/{master}/task/{master}/children").read_text()
            rollup = Path(f"/proc/{children.split()[0]}/smaps_rollup").read_text()
        held = re.search(r"^Pss: +(\d+) kB", rollup, re.M)
        assert held, rollup
        return int(held[1]) / 1024

    return measure


if __name__ == "__main__":
    sys.exit(main())
