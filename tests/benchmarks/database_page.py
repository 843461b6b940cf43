"""A page from the database, whole: 20 rows, a layout and the session, under production servers.

    python tests/benchmarks/database_page.py                 about three minutes
    python tests/benchmarks/database_page.py --rounds 9 --json out.json

The notes page of the generated project on PostgreSQL: two workers with eight threads each of
gunicorn serve mtvgen, Flask and Django; FastAPI has two workers of uvicorn with its [standard]
parts. Django 6 needs Python 3.12: an older Python's run makes an environment for it, or says why it
is left out. wrk asks with 16 and with 64 connections, and the sites take turns. A turn in which one
worker had hardly a connection is asked once more.

"us" is the time of a processor that a request costs the server's processes, "all" that of
PostgreSQL and wrk included, which share the machine with them: both hardly depend on what else
runs. The requests a second do; with nothing else to do, two processors have time for 2,000,000
divided by "all". Ahead is a ratio above 1.

wrk and PostgreSQL come from Debian's packages, the peers from the `bench` extra; one that is not
installed is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks import newest_django
from tests.benchmarks.fastapi_site import make_fastapi_site
from tests.benchmarks.production_sites import make_sites
from tests.benchmarks.server_figures import OURS, Row, Turn, calmer, cheaper, faster, leaner
from tests.benchmarks.serving import check, database_process, databases, serving, wrk
from tests.benchmarks.timing import machine, table

BIN = Path(sys.executable).parent
CONNECTIONS = (16, 64)
FASTAPI = "FastAPI"
TRIES = 5
EVEN = 0.5  # of the busier worker's time, what the other one has at least


def main() -> int:
    """Measure and print; 1 where a peer is ahead."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=3, help="of each turn")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every round")
    options = parser.parse_args()
    facts = machine(["mtvgen", "flask", "django", "fastapi", "gunicorn", "uvicorn", "sqlalchemy"])
    rows = measure(options.seconds, options.rounds)
    print(facts)
    for connections, row in rows.items():
        print(f"\n{connections} connections\n{_table(row)}")
    if options.json:
        document = {"machine": facts, "rows": rows}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    peers = [(row, peer) for row in rows.values() for peer in row if peer != OURS]
    return 0 if all(faster(*each) >= 1 and calmer(*each) >= 1 for each in peers) else 1


def measure(seconds: int, rounds: int) -> dict[int, Row]:
    """Connections -> what each site did, round by round."""
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        sites = make_sites(Path(scratch))
        urls = databases(Path(scratch), sites[OURS], stack, ["PostgreSQL"])
        if importlib.util.find_spec("fastapi") and importlib.util.find_spec("uvicorn"):
            root = Path(scratch, "fastapi", sites[OURS].name)
            sites[FASTAPI] = make_fastapi_site(sites[OURS], root)
        programs = dict.fromkeys(sites, BIN)
        try:
            programs[newest_django.NAME] = newest_django.environment(Path(scratch, "environment"))
            sites[newest_django.NAME] = sites["Django"]
        except newest_django.NotAvailable as reason:
            print(f"{newest_django.NAME} is left out: {reason}", file=sys.stderr)
        running = {
            name: stack.enter_context(
                serving(_command(name, programs[name]), root, urls["PostgreSQL"])
            )
            for name, root in sites.items()
        }
        for name, (port, _) in running.items():
            check(name, port)
        server = database_process(urls["PostgreSQL"])
        rows: dict[int, Row] = {count: {name: [] for name in sites} for count in CONNECTIONS}
        names = list(sites)
        for turn in range(rounds):
            first = turn % len(names)
            for count, row in rows.items():
                for name in names[first:] + names[:first]:
                    row[name].append(_turn(*running[name], seconds, count, server))
        return rows


def _turn(port: int, leader: int, seconds: int, connections: int, database: int) -> Turn:
    """Ask a site, once more where nearly all connections went to one of its two workers.

    A worker takes as many as it can when it wakes up, so that is chance, and halves what is
    answered, whichever framework it is.
    """
    for _ in range(TRIES):
        turn = wrk(port, leader, "/notes", seconds, connections, database)
        if turn.shared >= EVEN:
            break
    return turn


def _command(name: str, programs: Path) -> Callable[[int], list[str]]:
    if name == FASTAPI:
        return lambda port: [
            f"{programs}/uvicorn", "wsgi:application", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "2", "--log-level", "error",
        ]  # fmt: skip
    return lambda port: [
        f"{programs}/gunicorn", "wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--threads", "8", "--log-level", "error",
    ]  # fmt: skip


def _table(row: Row) -> str:
    """Each site, and how far mtvgen is ahead of it."""
    cells = []
    for name, turns in row.items():
        figures = [
            f"{median(turn.rate for turn in turns):.0f}",
            f"{median(turn.slow for turn in turns):.0f}",
            f"{median(turn.cost for turn in turns):.0f}",
            f"{median(turn.whole for turn in turns):.0f}",
        ]
        ahead = [""] * 4
        if name != OURS:
            ahead = [f"{compare(row, name):.2f}" for compare in (faster, calmer, cheaper, leaner)]
        cells.append([name, *figures, *ahead])
    headings = ["", "requests/s", "p99 ms", "us", "all", "ahead by", "p99", "us", "all"]
    return table(headings, cells)


if __name__ == "__main__":
    sys.exit(main())
