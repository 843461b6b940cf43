"""A page from the database and a form into it: mtvgen, Flask-SQLAlchemy and Django's ORM.

    python tests/benchmarks/models.py
    python tests/benchmarks/models.py --rounds 21 --only sqlite
    python tests/benchmarks/models.py --json out.json

One page reads the 20 newest of 1,000 rows, the other writes one. Each framework runs in a process
of its own, on the same SQLite file settings (WAL, synchronous NORMAL, foreign keys) and on one
PostgreSQL server, with rounds that interleave; templates play no part. Django connects for each
request unless CONN_MAX_AGE is set, and commits each statement by itself unless ATOMIC_REQUESTS is,
so it is there three times; the others keep their connections, and a request is one transaction.

"Outside" is what a request takes beyond the same work done with SQLAlchemy alone: a plain Session
on a plain engine, in the same process and the same rounds. It is less than nothing where a request
keeps the connection of the one before, with all that SQLAlchemy would make around it. Django has no
such part. Behind each comparison with Django is what SQLAlchemy alone would have there.
The peers come from the `bench` extra, the server from Debian's package postgresql.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.contestant import serve
from tests.benchmarks.same_database import EngineSettings
from tests.benchmarks.timing import interleaved, machine, spread, table
from tests.benchmarks.workloads import Answer, Workload, ask

ROWS = 1_000
# A round's figure is that of its quickest batch, short enough to fit between interruptions.
BATCHES = 20
BATCH = 4_000_000  # nanoseconds
# Where a process has its objects in memory makes three per cent, for as long as it runs, so the
# rounds are shared among processes whose hashes differ.
PROCESSES = 3
OUTSIDE_PROMISE = 0.3  # x what Flask adds to SQLAlchemy
FRAMEWORKS = {
    "models_mtvgen": "mtvgen",
    "models_flask": "Flask-SQLAlchemy",
    "models_django": "Django",
    "models_django_kept": "Django, CONN_MAX_AGE",
    "models_django_atomic": "Django, CONN_MAX_AGE and ATOMIC_REQUESTS",
}
# What a request may take, x theirs. One transaction for each request is also our promise; without
# it Django sends a write in one round trip of three.
LIMITS = {
    "models_flask": 1.0,
    "models_django": 1.0,
    "models_django_kept": 1.15,
    "models_django_atomic": 1.0,
}
OURS, FLASK = "models_mtvgen", "models_flask"


def _lists_twenty(answer: Answer) -> bool:
    return answer.body.count(b"<li>") == 20


WORKLOADS = {
    "read 20 rows": Workload("read 20 rows", "make", "/notes", _lists_twenty),
    "write one row": Workload(
        "write one row",
        "make",
        "/notes",
        lambda answer: answer.body == b"saved",
        environ={
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": "13",
        },
        body=b"text=Buy+milk",
    ),
}


def main() -> int:
    options = _options()
    measured = {}
    for name, database in {"SQLite": _sqlite, "PostgreSQL": _postgresql}.items():
        if options.only in (None, name.lower()):
            with database() as url:
                measured[name] = measure(url, options.rounds)
    print(report(measured))
    if options.json:
        packages = ["mtvgen", "flask", "flask-sqlalchemy", "django", "sqlalchemy", "psycopg"]
        kept = {"machine": machine(packages), "microseconds": measured}
        options.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0 if all(holds for holds, _ in verdicts(measured)) else 1


def measure(url: str, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Workload -> contestant -> microseconds a request, round by round."""
    found: dict[str, dict[str, list[float]]] = {}
    for workload in WORKLOADS:
        found[workload] = {}
        for seed in range(min(PROCESSES, rounds)):
            fill(url)
            share = len(range(seed, rounds, PROCESSES))
            for name, values in _measure_once(url, workload, seed, share).items():
                found[workload].setdefault(name, []).extend(values)
    return found


def _measure_once(url: str, workload: str, seed: int, rounds: int) -> dict[str, list[float]]:
    """What each contestant takes, in one process for each."""
    with ExitStack() as stack:
        turns: dict[str, Callable[[], float]] = {}
        for adapter in FRAMEWORKS:
            process = stack.enter_context(Contestant(adapter, workload, url, seed))
            turns[adapter] = process.whole
            if adapter in (OURS, FLASK):
                turns[f"{adapter} alone"] = process.alone
        return interleaved(turns, rounds)


def report(measured: dict[str, dict[str, dict[str, list[float]]]]) -> str:
    """A table for each database, and whether each promise holds."""
    lines = []
    for name, workloads in measured.items():
        rows = []
        for workload, taken in workloads.items():
            for adapter, title in FRAMEWORKS.items():
                values = taken[adapter]
                outside = f"{_outside(taken, adapter):.0f}" if f"{adapter} alone" in taken else ""
                cells = [f"{median(values):.0f}", outside, f"{spread(values):.0%}"]
                rows.append([f"{workload}: {title}", *cells])
        lines += [table([name, "us", "outside", "spread"], rows), ""]
    return "\n".join([*lines, *(text for _, text in verdicts(measured))])


def verdicts(measured: dict[str, dict[str, dict[str, list[float]]]]) -> Iterator[tuple[bool, str]]:
    """Each promise, and whether it holds."""
    for name, workloads in measured.items():
        for workload, taken in workloads.items():
            for adapter, title in list(FRAMEWORKS.items())[1:]:
                ratio = _ratio(taken[OURS], taken[adapter])
                holds = ratio <= LIMITS[adapter]
                text = f"{name}, {workload}: mtvgen / {title}: {ratio:.2f}, at most "
                text += f"{LIMITS[adapter]}: {'holds' if holds else 'BROKEN'}"
                if adapter != FLASK:
                    floor = _ratio(taken[f"{OURS} alone"], taken[adapter])
                    text += f" (SQLAlchemy alone: {floor:.2f})"
                yield holds, text
            ratio = _outside(taken, OURS) / _outside(taken, FLASK)
            holds = ratio <= OUTSIDE_PROMISE
            text = f"{name}, {workload}: outside SQLAlchemy, mtvgen / Flask: {ratio:.2f}, at most "
            yield holds, f"{text}{OUTSIDE_PROMISE}: {'holds' if holds else 'BROKEN'}"


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' own ratios."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def _outside(taken: dict[str, list[float]], adapter: str) -> float:
    """The median, over the rounds, of what a request takes beyond SQLAlchemy alone."""
    pairs = zip(taken[adapter], taken[f"{adapter} alone"], strict=True)
    return median(whole - alone for whole, alone in pairs)


# --- The databases


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        yield f"sqlite:///{directory}/benchmark.sqlite3"


@contextmanager
def _postgresql() -> Iterator[str]:
    from tests.support.postgresql import running_server

    with running_server() as server:
        yield server.url


def fill(url: str) -> None:
    """The table with its rows, made anew for each workload."""
    from sqlalchemy import create_engine, insert

    note = _table()
    engine = create_engine(EngineSettings(url).sqlalchemy_url)
    EngineSettings(url).prepare(engine)
    note.metadata.drop_all(engine)
    note.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(note), [{"text": f"Note {n}"} for n in range(ROWS)])
    engine.dispose()


def _table() -> Any:
    from sqlalchemy import Column, Integer, MetaData, Table, Text

    columns = (Column("id", Integer, primary_key=True), Column("text", Text, nullable=False))
    return Table("note", MetaData(), *columns)


# --- One contestant, in a process of its own


class Contestant:
    """The parent's handle on a framework that answers one workload."""

    def __init__(self, adapter: str, workload: str, url: str, seed: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve", adapter, workload, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
        )
        self._line()

    def whole(self) -> float:
        """Microseconds a request."""
        return self._ask("whole")

    def alone(self) -> float:
        """Microseconds for the same work done with SQLAlchemy alone."""
        return self._ask("alone")

    def _ask(self, what: str) -> float:
        print(what, file=self._process.stdin, flush=True)
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"a contestant ended with status {self._process.wait()}")
        return line

    def __enter__(self) -> Contestant:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def contest(adapter: str, key: str, url: str) -> None:
    """Be a contestant: a figure for each line on stdin."""
    from tests.benchmarks.adapters.models_plain import turn as plain_turn

    workload = WORKLOADS[key]
    application = importlib.import_module(f"tests.benchmarks.adapters.{adapter}").make(url)
    answer = ask(application, workload)
    if answer.status != 200 or not workload.is_right(answer):
        raise SystemExit(f"{adapter} answers {answer}")
    turns: dict[str, Callable[[int], int]] = {
        "whole": lambda count: serve(application, workload, count),
        "alone": plain_turn(key, url),
    }
    counts = {name: _count(turn) for name, turn in turns.items()}
    print("ready", flush=True)
    for line in sys.stdin:
        turn, count = turns[line.strip()], counts[line.strip()]
        print(min(turn(count) for _ in range(BATCHES)) / count / 1000, flush=True)


def _count(turn: Callable[[int], int]) -> int:
    """How many fill a batch; finding out is the warm-up."""
    turn(20)
    return max(1, round(50 * BATCH / turn(50)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=11, help="at least 9 for a verdict (11)")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        contest(*sys.argv[2:])
    else:
        sys.exit(main())
