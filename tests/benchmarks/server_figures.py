"""What servers.py has measured, as a table, and whether the promises about it hold.

Nothing here measures. A document is what `servers.py --json FILE` keeps: every round of every row,
from one run or from several that each measured a part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tests.benchmarks.timing import table

OURS, PEERS = "mtvgen", ("Flask", "Django")


class Turn(NamedTuple):
    """One site, asked for some seconds.

    Attributes:
        rate: Requests a second.
        slow: Milliseconds that 99 of 100 answers stay below.
        cost: Microseconds of a processor that a request takes.
        whole: The same with what the database and the program that asks take; 0: not measured.
        shared: The second of two workers' processor time, of the first's; 1 where it is alone.
    """

    rate: float
    slow: float
    cost: float
    whole: float = 0
    shared: float = 1


# Site -> its turns, round by round.
Row = dict[str, list[Turn]]


@dataclass
class Document:
    """All that was measured.

    Attributes:
        machine: Where and with what.
        rows: `gunicorn, SQLite, home` -> row.
        started: Site -> milliseconds to the first page of a worker, round by round.
        memory: Site -> megabytes that a worker holds, round by round.
    """

    machine: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    started: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Document:
        """What earlier runs have kept in a file; nothing where there is none."""
        if not file.exists():
            return cls()
        kept = cls(**json.loads(file.read_text(encoding="utf-8")))
        for row in kept.rows.values():
            for name, turns in row.items():
                row[name] = [Turn(*turn) for turn in turns]
        return kept

    def write(self, file: Path) -> None:
        """Keep it."""
        file.write_text(json.dumps(vars(self), indent=1), encoding="utf-8")


class Promise(NamedTuple):
    """One promise and what was found.

    Attributes:
        words: What is promised.
        found: The ratio by which it holds, above 1, or fails.
    """

    words: str
    found: float

    @property
    def holds(self) -> bool:
        return self.found >= 1

    def __str__(self) -> str:
        return f"{'holds' if self.holds else 'FAILS'}  {self.found:5.2f}  {self.words}"


def faster(row: Row, peer: str) -> float:
    """How many requests a second are answered for each that the peer answers."""
    return _ratio(row, peer, lambda ours, theirs: ours.rate / theirs.rate)


def calmer(row: Row, peer: str) -> float:
    """How often our slowest answer in a hundred fits into the peer's."""
    return _ratio(row, peer, lambda ours, theirs: theirs.slow / ours.slow)


def cheaper(row: Row, peer: str) -> float:
    """How many of our requests cost as much of a processor as one of the peer's."""
    return _ratio(row, peer, lambda ours, theirs: theirs.cost / ours.cost)


def leaner(row: Row, peer: str) -> float:
    """How many of our requests cost as much as one of the peer's, database and wrk included."""
    return _ratio(row, peer, lambda ours, theirs: theirs.whole / ours.whole)


def _ratio(row: Row, peer: str, compare: Any) -> float:
    # Round by round, so that whatever else the machine did meanwhile falls on both sides; the
    # median over the rounds, so that one bad turn decides nothing.
    return median(compare(*pair) for pair in zip(row[OURS], row[peer], strict=True))


def promises(document: Document) -> Iterator[Promise]:
    """Every promise that something was measured for."""
    for peer in PEERS:
        for where, row in document.rows.items():
            yield Promise(f"{where}: requests a second, over {peer}'s", faster(row, peer))
            yield Promise(f"{where}: {peer}'s p99, over ours", calmer(row, peer))
    for what, figures in [("start-up", document.started), ("memory", document.memory)]:
        if figures:
            found = median(figures["Flask"]) / median(figures[OURS])
            yield Promise(f"a worker's {what}: that of Flask and SQLAlchemy, over ours", found)


def report(document: Document) -> str:
    """Tables, then a line for each promise that fails, and how many hold."""
    parts = []
    if document.rows:
        parts.append(_row_table(document.rows))
    if document.started:
        parts.append(_worker_table(document.started, document.memory))
    found = list(promises(document))
    failing = [str(promise) for promise in found if not promise.holds]
    closest = min(found, key=lambda promise: promise.found)
    parts.append(
        "\n".join([*failing, f"{len(found) - len(failing)} of {len(found)} promises hold"])
    )
    parts[-1] += f"; the closest: {closest.found:.2f}, {closest.words}"
    return "\n\n".join(parts)


def _row_table(rows: Mapping[str, Row]) -> str:
    names = [OURS, *PEERS]
    headings = [heading for name in names for heading in (name, "p99 ms", "us")]
    headings += [f"{what} x {peer}" for peer in PEERS for what in ("rate", "p99", "us")]
    cells = []
    for where, row in rows.items():
        line = [where]
        for name in names:
            line.append(f"{median(turn.rate for turn in row[name]):.0f}")
            line.append(f"{median(turn.slow for turn in row[name]):.1f}")
            line.append(f"{median(turn.cost for turn in row[name]):.0f}")
        for peer in PEERS:
            line += [f"{compare(row, peer):.2f}" for compare in (faster, calmer, cheaper)]
        cells.append(line)
    return table(["requests a second", *headings], cells)


def _worker_table(started: Mapping[str, list[float]], memory: Mapping[str, list[float]]) -> str:
    return table(
        ["a worker of gunicorn", "first page, ms", "memory, MB"],
        [[name, f"{median(started[name]):.0f}", f"{median(memory[name]):.1f}"] for name in started],
    )
