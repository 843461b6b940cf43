"""A form of five fields, from the texts of a request to values or mistakes: four libraries.

    python tests/benchmarks/forms.py
    python tests/benchmarks/forms.py --rounds 41

A text, an optional one, a whole number, a decimal and a box, each with the limit that its column
would have. Every library gets what its own request hands over, parsed already, and no database.
"Import" is what the library takes in a fresh process, less that of Python's own start. The peers
come from the `bench` extra.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.timing import interleaved, machine, spread, table

PROMISE = 0.2  # x WTForms
# A round's figure is that of its quickest batch, short enough to fit between interruptions, and as
# long for each library: otherwise a busy machine would cost the slower ones more.
BATCHES = 20
BATCH = 2_000_000  # nanoseconds
GOOD = {"name": "Tea", "text": "", "stock": "12", "price": "12.50", "listed": "on"}
WRONG = {"name": "", "text": "x" * 501, "stock": "many", "price": "1.239", "listed": ""}
VALUES = ("Tea", 12, Decimal("12.50"), True)
IMPORTS = {
    "mtvgen": "import mtvgen.runtime.forms",
    "Django": "import django.forms",
    "WTForms": "import wtforms",
    "Pydantic": "import pydantic; pydantic.BaseModel",
}
BASE = {"mtvgen": "import mtvgen.runtime"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    adapters = {
        name: import_module(f"tests.benchmarks.adapters.forms_{name.lower()}") for name in IMPORTS
    }
    taken: dict[str, dict[str, list[float]]] = {}
    for column, typed in {"right": GOOD, "wrong": WRONG}.items():
        calls = {name: adapter.reader(typed) for name, adapter in adapters.items()}
        for name, call in calls.items():
            agree(name, column, call())
        timed = {name: batch(call) for name, call in calls.items()}
        taken[column] = interleaved(timed, rounds)
    print(f"{machine()}\n")
    print(table(["five fields, microseconds", "right", "wrong", "import, ms"], rows(taken)))
    ratio = median(taken["right"]["mtvgen"]) / median(taken["right"]["WTForms"])
    noise = max(spread(values) for values in taken["right"].values())
    print(f"\nmtvgen takes {ratio:.2f} of WTForms' time (promised: {PROMISE}); noise {noise:.2f}")
    return 0 if ratio <= PROMISE else 1


def rows(taken: dict[str, dict[str, list[float]]]) -> list[list[str]]:
    return [
        [
            name,
            f"{median(taken['right'][name]):.1f}",
            f"{median(taken['wrong'][name]):.1f}",
            f"{import_time(name):.0f}",
        ]
        for name in taken["right"]
    ]


def agree(name: str, column: str, result: Any) -> None:
    """Nobody is quick by doing less."""
    wanted: Any = VALUES if column == "right" else 4
    if result != wanted:
        raise SystemExit(f"{name}: {column} is {result}, and should be {wanted}.")


def batch(call: Callable[[], Any]) -> Callable[[], float]:
    """A contestant: the microseconds of one call."""
    quickest = min(_one_batch(call, 1) for _ in range(50))
    times = max(1, int(BATCH / 1_000 / quickest))
    return lambda: min(_one_batch(call, times) for _ in range(BATCHES))


def _one_batch(call: Callable[[], Any], times: int) -> float:
    start = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - start) / times / 1_000


def import_time(name: str) -> float:
    """Milliseconds of a library's import, in the best of three fresh processes."""
    return _best_of_three(IMPORTS[name]) - _best_of_three(BASE.get(name, "pass"))


def _best_of_three(statement: str) -> float:
    def once() -> float:
        start = time.perf_counter_ns()
        subprocess.run([sys.executable, "-c", statement], check=True)
        return (time.perf_counter_ns() - start) / 1_000_000

    return min(once() for _ in range(3))


if __name__ == "__main__":
    sys.exit(main())
