"""What each layer of a generated project's middleware list costs, and what they cost together.

    python tests/benchmarks/pipeline.py
    python tests/benchmarks/pipeline.py --rounds 41 --json out.json

The page is the plain text of row k of peers.py: every layer only looks, and the database and the
session stay untouched. Beside it: Django's default middleware, and Falcon with nothing on.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.contestant import Contestant, NotInstalled
from tests.benchmarks.timing import interleaved, machine, spread, table
from tests.benchmarks.workloads import LAYERS, PIPELINE

WHOLE = f"layers{len(LAYERS)}"
# Title -> adapter and workload; the figure that mtvgen's whole list is set beside.
PEERS = {
    "Falcon, nothing on": ("falcon_", "a"),
    "Django, default middleware": ("django_startproject", "a"),
}
LIMITS = {"Falcon, nothing on": 0.8, "Django, default middleware": 0.015}


def main() -> int:
    options = _options()
    measured = measure(options.rounds)
    print(report(measured))
    if options.json:
        document = {"machine": machine(["mtvgen", "falcon", "django"]), "microseconds": measured}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(rounds: int) -> dict[str, list[float]]:
    """Title -> microseconds a request, round by round; what is not installed is left out."""
    rows = {workload.title: ("mtvgen_", key) for key, workload in PIPELINE.items()} | PEERS
    with ExitStack() as stack:
        ready = {}
        for title, (adapter, key) in rows.items():
            contestant = Contestant(adapter, key)
            stack.callback(contestant.close)
            try:
                contestant.wait()
            except NotInstalled as missing:
                print(f"{title} left out: {missing}", file=sys.stderr)
            else:
                ready[title] = contestant.measure
        return interleaved(ready, rounds)


def report(measured: dict[str, list[float]]) -> str:
    """Each layer with what it adds to those above; then the promises of the whole list."""
    rows, before = [], None
    for title, values in measured.items():
        taken = median(values)
        added = "" if before is None or title in PEERS else f"{taken - before:+.2f}"
        rows.append([title, f"{taken:.2f}", added, f"{spread(values):.0%}"])
        before = taken
    lines = [table(["", "us", "adds", "spread"], rows)]
    whole = measured.get(PIPELINE[WHOLE].title)
    for title, limit in LIMITS.items():
        if whole and title in measured:
            pairs = zip(whole, measured[title], strict=True)
            ratio = median(ours / theirs for ours, theirs in pairs)
            verdict = "holds" if ratio <= limit else "BROKEN"
            lines.append(f"the whole list / {title}: {ratio:.4f}, at most {limit}: {verdict}")
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=21, help="at least 9 for a verdict (21)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
