"""Fair rounds and readable tables, for every script in this directory.

A contestant is a callable that measures itself once and returns a number. `interleaved()` gives
each its turn in every round, so that whatever else the machine does falls on all of them alike;
`table()` lines the result up. Nothing here knows what is measured.

    taken = interleaved({"ours": once(ours), "theirs": once(theirs)}, rounds=9)
    print(table(["", "ms"], [[name, f"{median(values):.1f}"] for name, values in taken.items()]))
"""

from __future__ import annotations

import gc
import importlib.metadata
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median, quantiles


def interleaved(
    contestants: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, list[float]]:
    """What each contestant measured, round by round.

    The order turns by one place a round: nobody always runs behind the same neighbour.
    Garbage is collected before each turn, and the collector stays on, as in production.
    """
    names = list(contestants)
    measured: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            measured[name].append(contestants[name]())
    return measured


def once(function: Callable[[], object]) -> Callable[[], float]:
    """A contestant: the milliseconds that one call of `function` takes."""

    def measure() -> float:
        start = time.perf_counter_ns()
        function()
        return (time.perf_counter_ns() - start) / 1_000_000

    return measure


def spread(values: Sequence[float]) -> float:
    """How far apart the middle half of the rounds lies, as a share of their median.

    Above about 0.15 the machine was busy with something else: measure again.
    """
    if len(values) < 2:
        return 0.0
    low, _, high = quantiles(values, n=4, method="inclusive")
    return (high - low) / median(values)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell: the first to the left, the others to the right."""
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def machine(packages: Iterable[str] = ()) -> dict[str, object]:
    """What a reader of the figures needs to know: when, where, which versions."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "versions": {package: _version(package) for package in packages},
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
