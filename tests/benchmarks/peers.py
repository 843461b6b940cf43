"""mtvgen beside its peers: what one request costs in process, and whether each promise holds.

    python tests/benchmarks/peers.py                        everything, about five minutes
    python tests/benchmarks/peers.py --only a,c,k           some workloads
    python tests/benchmarks/peers.py --only a,falcon,mtvgen some workloads, some frameworks
    python tests/benchmarks/peers.py --json out.json        keep every round
    python tests/benchmarks/peers.py --chart out.json docs/performance.svg
    python tests/benchmarks/peers.py --check                only verify that each one answers right

The peers come from the `bench` extra: pip install -e ".[bench]". Nothing is subtracted: a figure
holds the new environ and input of its request, the call, the consumed body and its close().
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.chart import draw
from tests.benchmarks.contestant import Contestant, NotInstalled
from tests.benchmarks.timing import interleaved, machine, spread, table
from tests.benchmarks.workloads import WORKLOADS

# Adapter -> what the table calls it. One is the floor and one is ours; the others are the peers.
BARE, OURS = "bare_wsgi", "mtvgen_"
FRAMEWORKS = {
    BARE: "bare",
    "wheezy_web": "wheezy.web",
    "falcon_": "Falcon",
    "bottle_": "Bottle",
    "flask_": "Flask",
    "pyramid_": "Pyramid",
    "django_": "Django",
    "django_startproject": "startproject",
    OURS: "mtvgen",
}
PEERS = [adapter for adapter in FRAMEWORKS if adapter not in (BARE, OURS)]
PACKAGES = ["mtvgen", "jinja2", "wheezy.web", "falcon", "bottle", "flask", "pyramid", "django"]

FASTEST = "the fastest peer"
PROCESSES = 3  # that share the rounds of a workload


@dataclass(frozen=True)
class Promise:
    """mtvgen takes at most `limit` times what `of` takes in the same rounds."""

    workload: str
    limit: float
    of: str = FASTEST


PROMISES = [
    Promise("a", 0.70),
    Promise("b", 0.80),
    Promise("c", 0.80),
    Promise("d10", 0.72),
    Promise("d1000", 0.15),
    Promise("d10000", 0.05),
    Promise("e", 0.61),
    Promise("f", 0.92),
    Promise("g", 0.90),
    Promise("h", 0.88),
    Promise("i", 1.05),
    # For k every peer but `startproject` answers its plain text of row a, with nothing switched on.
    Promise("k", 0.015, "django_startproject"),
    Promise("k", 0.8, "falcon_"),
]

# Workload -> adapter -> microseconds a request, round by round.
Measured = dict[str, dict[str, list[float]]]


def main() -> int:
    options = _options()
    if options.chart:
        source, target = options.chart
        document = json.loads(Path(source).read_text(encoding="utf-8"))
        Path(target).write_text(draw(document), encoding="utf-8")
        return 0
    workloads, adapters = _selected(options.only)
    if options.check:
        print(check(workloads, adapters))
        return 0
    measured: Measured = {}
    for key in workloads:
        measured[key] = measure([key], adapters, options.rounds)
        print(report(key, measured[key]), flush=True)
    print("\n" + summary(measured))
    if options.json:
        options.json.write_text(_document(measured), encoding="utf-8")
    return 0


def check(workloads: list[str], adapters: list[str]) -> str:
    """How many frameworks gave the right answer everywhere; a wrong one ends the program."""
    applications: dict[tuple[str, int | None], list[str]] = {}
    for key in workloads:
        workload = WORKLOADS[key]
        applications.setdefault((workload.application, workload.size), []).append(key)
    answered = set(adapters)
    for keys in applications.values():
        answered &= measure(keys, adapters, rounds=0).keys()
    noun = "framework" if len(answered) == 1 else "frameworks"
    return f"{len(answered)} {noun} answered {len(workloads)} workloads."


def measure(keys: list[str], adapters: list[str], rounds: int) -> dict[str, list[float]]:
    """The first workload's rounds, once the answers to all of these, of one application, are right.

    A framework that is not installed is left out, and named on stderr.
    """
    # No process is typical: its memory lies as it happens to lie. Huge tables take too long to
    # build more than once.
    is_huge = (WORKLOADS[keys[0]].size or 0) > 1000
    launches = 1 if is_huge or rounds < PROCESSES else PROCESSES
    measured: dict[str, list[float]] = {}
    for seed in range(launches):
        share = rounds // launches + (seed < rounds % launches)
        for adapter, values in _measure_once(keys, adapters, share, seed).items():
            measured.setdefault(adapter, []).extend(values)
    return measured


def _measure_once(
    keys: list[str], adapters: list[str], rounds: int, seed: int
) -> dict[str, list[float]]:
    with ExitStack() as stack:
        # Started together, so that they build their routes at the same time.
        started = {adapter: Contestant(adapter, *keys, seed=seed) for adapter in adapters}
        for contestant in started.values():
            stack.callback(contestant.close)
        ready = {}
        for adapter, contestant in started.items():
            try:
                contestant.wait()
            except NotInstalled as missing:
                print(f"{FRAMEWORKS[adapter]} left out: {missing}", file=sys.stderr)
            else:
                ready[adapter] = contestant.measure
        return interleaved(ready, rounds)


def report(key: str, rounds: dict[str, list[float]]) -> str:
    """One workload: each framework's median, beside the floor and beside the fastest peer."""
    medians = {adapter: median(values) for adapter, values in rounds.items()}
    fastest = _fastest_peer(medians)
    lines = [
        [
            f"  {FRAMEWORKS[adapter]}",
            f"{taken:.2f}",
            _ratio(taken, medians.get(BARE)),
            _ratio(taken, medians.get(fastest)),
            f"{spread(rounds[adapter]):.0%}",
        ]
        for adapter, taken in medians.items()
    ]
    title = f"\n{key}. {WORKLOADS[key].title}"
    return f"{title}\n" + table(["", "us", "x bare", "x fastest", "spread"], lines)


def summary(measured: Measured) -> str:
    """Every promise whose workload was measured, and whether it holds."""
    lines = []
    for promise in PROMISES:
        kept = kept_ratio(promise, measured)
        if kept is not None:
            of = promise.of if promise.of == FASTEST else FRAMEWORKS[promise.of]
            verdict = "holds" if kept <= promise.limit else "BROKEN"
            lines.append([promise.workload, f"{kept:.3f}", f"{promise.limit:g}", of, verdict])
    return table(["promise", "measured", "at most", "times", ""], lines)


def kept_ratio(promise: Promise, measured: Measured) -> float | None:
    """mtvgen over whom the promise names; None where either was not measured.

    The median of the rounds' own ratios: when the machine slows down, it slows both of a round.
    """
    rounds = measured.get(promise.workload, {})
    medians = {adapter: median(values) for adapter, values in rounds.items()}
    of = _fastest_peer(medians) if promise.of == FASTEST else promise.of
    if OURS not in rounds or of not in rounds:
        return None
    return median(ours / theirs for ours, theirs in zip(rounds[OURS], rounds[of], strict=True))


def _fastest_peer(medians: dict[str, float]) -> str:
    peers = [adapter for adapter in PEERS if adapter in medians]
    return min(peers, key=medians.__getitem__, default="")


def _ratio(taken: float, of: float | None) -> str:
    return f"{taken / of:.2f}" if of else ""


def _document(measured: Measured) -> str:
    """What `--json` keeps: the machine, and every round in microseconds."""
    rows = {
        key: {
            "title": WORKLOADS[key].title,
            "microseconds": {FRAMEWORKS[adapter]: values for adapter, values in rounds.items()},
        }
        for key, rounds in measured.items()
    }
    return json.dumps({"machine": machine(PACKAGES), "workloads": rows}, indent=1) + "\n"


def _selected(only: str | None) -> tuple[list[str], list[str]]:
    """The workloads and the adapters that `--only` names; all of a kind where it names none."""
    names = [name.strip().lower() for name in (only or "").split(",") if name.strip()]
    adapters = {shown.lower(): adapter for adapter, shown in FRAMEWORKS.items()}
    unknown = [name for name in names if name not in adapters and not _workloads(name)]
    if unknown:
        raise SystemExit(
            f"--only: no {', '.join(unknown)}. "
            f"Workloads: {', '.join(WORKLOADS)}. Frameworks: {', '.join(adapters)}."
        )
    workloads = [key for key in WORKLOADS if any(key in _workloads(name) for name in names)]
    chosen = [adapters[name] for name in adapters if name in names]
    return workloads or list(WORKLOADS), chosen or list(FRAMEWORKS)


def _workloads(name: str) -> list[str]:
    """`d` stands for d10, d1000 and d10000."""
    return [key for key in WORKLOADS if key == name or (name == "d" and key.startswith("d"))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="NAMES", help="workloads and frameworks, by comma")
    parser.add_argument("--rounds", type=int, default=21, help="at least 9 for a verdict (21)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    parser.add_argument("--chart", nargs=2, metavar=("JSON", "SVG"), help="draw, do not measure")
    parser.add_argument("--check", action="store_true", help="verify the answers, do not measure")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
