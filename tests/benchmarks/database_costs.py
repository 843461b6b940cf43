"""Where the time of a request with a database goes, step by step, and how often it waits.

    python tests/benchmarks/database_costs.py
    python tests/benchmarks/database_costs.py --rounds 41

Each row is a request that does a little more than the one above it; the last of them is models.py's
page. Below is the same work without mtvgen: with SQLAlchemy's Session and objects, with its Core,
which has no identity map and no flush, and with the driver alone. A second table says from these
whose part of the page's time it is; mtvgen's is less than nothing where it keeps a connection that
SQLAlchemy takes from its pool, or spares round trips.
Figures are microseconds, the quickest batch of all rounds, which interleave. On PostgreSQL the
round trips of each row are counted by a relay in front of the server.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from sqlalchemy.orm import Session

from mtvgen.runtime import Application, Request, Response, path
from mtvgen.runtime.models import Database, database_session
from tests.benchmarks.adapters.models_mtvgen import Note, create, newest
from tests.benchmarks.adapters.models_plain import turn as sqlalchemy_alone
from tests.benchmarks.contestant import serve
from tests.benchmarks.models import WORKLOADS, fill
from tests.benchmarks.timing import interleaved, table

BATCH = 40  # requests
PREPARED_AFTER = 7  # requests; psycopg prepares a statement that it has sent five times


def no_database(request: Request) -> Response:
    return _after_form(request)


def session_opened(request: Request) -> Response:
    _ = request.db
    return _after_form(request)


def transaction(request: Request) -> Response:
    # A connection that a view has had in its hands would not be kept for the next request.
    Session.connection(request.db)
    return _after_form(request)


def rows_without_objects(request: Request) -> Response:
    columns = Note.__table__.select().order_by(Note.id.desc()).limit(20)
    return Response("".join(f"<li>{row.id} {row.text}" for row in request.db.execute(columns)))


def row_without_objects(request: Request) -> Response:
    request.db.execute(Note.__table__.insert(), {"text": request.form["text"]})
    return Response("saved")


def _after_form(request: Request) -> Response:
    if request.method == "POST":
        _ = request.form["text"]
    return Response("saved")


# Whose part of a page's time it is: the difference of two rows, or the last row.
ALONE, CORE, DRIVER = "SQLAlchemy alone", "SQLAlchemy's Core alone", "the driver alone"
PARTS = {
    "mtvgen: request, transaction, checks": ALONE,
    "SQLAlchemy: Session, objects, flush": CORE,
    "SQLAlchemy: pool, statement, result": DRIVER,
    "driver and database": "",
}
# Workload -> title -> view: each does a little more than the one before.
STEPS: dict[str, dict[str, Callable[[Request], Response]]] = {
    "read 20 rows": {
        "no database": no_database,
        "+ a session, opened and closed": session_opened,
        "+ the connection of the request before": transaction,
        "+ query, rows": rows_without_objects,
        "+ objects in the identity map": newest,
    },
    "write one row": {
        "no database": no_database,
        "+ a session, opened and closed": session_opened,
        "+ connection, BEGIN, COMMIT": transaction,
        "+ INSERT": row_without_objects,
        "+ object and flush": create,
    },
}


def main() -> None:
    """Print a table for each workload of each database."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        report("SQLite", f"sqlite:///{directory}/costs.sqlite3", rounds)
        from tests.support.postgresql import running_server

        try:
            server = stack.enter_context(running_server())
        except FileNotFoundError:
            print("PostgreSQL is not installed", file=sys.stderr)
        else:
            report("PostgreSQL", server.url, rounds)


def report(name: str, url: str, rounds: int) -> None:
    """Measure one database and print its tables."""
    for workload, steps in STEPS.items():
        fill(url)
        counted = round_trips(url, workload) if name == "PostgreSQL" else {}
        turns: dict[str, Callable[[int], int]] = {
            title: _requests(_site(view, Database(url)), workload) for title, view in steps.items()
        }
        turns[ALONE] = sqlalchemy_alone(workload, url)
        turns[CORE] = sqlalchemy_alone(workload, url, with_objects=False)
        turns[DRIVER] = driver_alone(workload, url)
        for turn in turns.values():
            turn(BATCH)
        taken = interleaved({title: _quickest(turn) for title, turn in turns.items()}, rounds)
        rows, before = [], 0.0
        for title, values in taken.items():
            added = f"{min(values) - before:+.0f}" if title.startswith("+") else ""
            rows.append([title, f"{min(values):.0f}", added, str(counted.get(title, ""))])
            before = min(values)
        print(table([f"{name}: {workload}", "us", "adds", "round trips"], rows), end="\n\n")
        print(parts(taken, list(steps)[-1]), end="\n\n")


def parts(taken: dict[str, list[float]], page: str) -> str:
    """Whose part of the time of a page it is, as a table."""
    whole = above = min(taken[page])
    rows = []
    for title, below in PARTS.items():
        rest = min(taken[below]) if below else 0.0
        rows.append([title, f"{above - rest:.0f}", f"{(above - rest) / whole:.0%}"])
        above = rest
    return table(["of which", "us", "share"], rows)


def _site(view: Callable[[Request], Response], database: Database) -> Application:
    routes = [path("/notes", view, methods=["GET", "POST"])]
    return Application(routes, middleware=[database_session(database)])


def _requests(site: Application, workload: str) -> Callable[[int], int]:
    return lambda count: serve(site, WORKLOADS[workload], count)


def _quickest(turn: Callable[[int], int]) -> Callable[[], float]:
    return lambda: min(turn(BATCH) for _ in range(5)) / BATCH / 1000


def driver_alone(workload: str, url: str) -> Callable[[int], int]:
    """Does the same on a connection of the driver, in the same transaction."""
    import time

    engine = Database(url).engine
    connection: Any = engine.raw_connection()
    driver = connection.driver_connection
    mark = "?" if url.startswith("sqlite") else "%s"
    read = "SELECT id, text FROM note ORDER BY id DESC LIMIT 20"
    write = f"INSERT INTO note (text) VALUES ({mark}) RETURNING id"
    begin = "BEGIN IMMEDIATE" if url.startswith("sqlite") else "BEGIN READ WRITE"

    def work() -> None:
        if workload.startswith("read"):
            "".join(f"<li>{id} {text}" for id, text in driver.execute(read))
        else:
            driver.execute(begin)
            driver.execute(write, ("Buy milk",)).fetchall()
            driver.commit()

    def measure(count: int, _kept: Any = connection) -> int:
        start = time.perf_counter_ns()
        for _ in range(count):
            work()
        return time.perf_counter_ns() - start

    return measure


def round_trips(url: str, workload: str) -> dict[str, int]:
    """Title -> how often one request waits for the server."""
    from tests.support.round_trips import relay_to

    counted = {}
    with relay_to(url) as relay:
        for title, view in STEPS[workload].items():
            database = Database(relay.url)
            serve_one = _requests(_site(view, database), workload)
            serve_one(PREPARED_AFTER)
            before = relay.count
            serve_one(1)
            counted[title] = relay.count - before
            database.close()
    return counted


if __name__ == "__main__":
    main()
