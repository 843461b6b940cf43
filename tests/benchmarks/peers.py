"""mtvgen beside its peers: what one request costs in process, and whether each promise holds.

    python tests/benchmarks/peers.py                        everything, about five minutes
    python tests/benchmarks/peers.py --only a,c,k           some workloads
    python tests/benchmarks/peers.py --only a,falcon,mtvgen some workloads, some frameworks
    python tests/benchmarks/peers.py --json out.json        keep every round
    python tests/benchmarks/peers.py --against main         beside another version of mtvgen
    python tests/benchmarks/peers.py --chart out.json docs/performance.svg
    python tests/benchmarks/peers.py --check                only verify that each one answers right

The peers come from the `bench` extra: pip install -e ".[bench]". Nothing is subtracted: a figure
holds the new environ and input of its request, the call, the consumed body and its close().

With --against, another version of mtvgen takes part in the same rounds, from an archive of that
revision of git and with that revision's adapter; exit code 1 if a workload takes more than a
twentieth longer than it took there. `--only mtvgen` leaves the peers out, for about two minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.chart import draw
from tests.benchmarks.contestant import CHECKOUT, Contestant, NotInstalled
from tests.benchmarks.revisions import compare, this_and_that
from tests.benchmarks.timing import interleaved, machine, spread, table
from tests.benchmarks.workloads import WORKLOADS

# What the table calls it -> its adapter. One is the floor, one is ours; the others are the peers.
BARE, OURS = "bare", "mtvgen"
FRAMEWORKS = {
    BARE: "bare_wsgi",
    "wheezy.web": "wheezy_web",
    "Falcon": "falcon_",
    "Bottle": "bottle_",
    "Flask": "flask_",
    "Pyramid": "pyramid_",
    "Django": "django_",
    "startproject": "django_startproject",
    OURS: "mtvgen_",
}
PEERS = [name for name in FRAMEWORKS if name not in (BARE, OURS)]
PACKAGES = ["mtvgen", "jinja2", "wheezy.web", "falcon", "bottle", "flask", "pyramid", "django"]

FASTEST = "the fastest peer"
# Processes that share the rounds of a workload. No process is typical: its memory lies as it
# happens to lie. That makes 5 % between two of one version, and 2 % between nine and nine.
PROCESSES = 3
PROCESSES_OF_VERSIONS = 9


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
    Promise("k", 0.015, "startproject"),
    Promise("k", 0.8, "Falcon"),
]


@dataclass(frozen=True)
class Entrant:
    """Who takes part: an adapter, and the checkout that it belongs to."""

    adapter: str
    checkout: Path = CHECKOUT


# Workload -> name -> microseconds a request, round by round.
Measured = dict[str, dict[str, list[float]]]


def main() -> int:
    options = _options()
    if options.chart:
        source, target = options.chart
        document = json.loads(Path(source).read_text(encoding="utf-8"))
        Path(target).write_text(draw(document), encoding="utf-8")
        return 0
    workloads, names = _selected(options.only)
    entrants = {name: Entrant(FRAMEWORKS[name]) for name in names}
    if options.check:
        print(check(workloads, entrants))
        return 0
    if options.against is None:
        _measure_all(workloads, entrants, options)
        return 0
    if OURS not in entrants:
        raise SystemExit("--against compares mtvgen with itself: add mtvgen to --only")
    then = f"{OURS} {options.against}"
    with this_and_that(options.against) as (this, that):
        entrants[OURS] = Entrant(FRAMEWORKS[OURS], this)
        entrants[then] = Entrant(FRAMEWORKS[OURS], that)
        measured = _measure_all(workloads, entrants, options)
    comparison, slower = compare(measured, OURS, then)
    print("\n" + comparison)
    return 1 if slower else 0


def _measure_all(
    workloads: list[str], entrants: Mapping[str, Entrant], options: argparse.Namespace
) -> Measured:
    """Measure, print each row when it is there and the promises at the end, keep what is asked."""
    measured: Measured = {}
    for key in workloads:
        measured[key] = measure([key], entrants, options.rounds)
        print(report(key, measured[key]), flush=True)
    if promises := summary(measured):
        print("\n" + promises)
    if options.json:
        options.json.write_text(_document(measured), encoding="utf-8")
    return measured


def check(workloads: list[str], entrants: Mapping[str, Entrant]) -> str:
    """How many frameworks gave the right answer everywhere; a wrong one ends the program."""
    applications: dict[tuple[str, int | None], list[str]] = {}
    for key in workloads:
        workload = WORKLOADS[key]
        applications.setdefault((workload.application, workload.size), []).append(key)
    answered = set(entrants)
    for keys in applications.values():
        answered &= measure(keys, entrants, rounds=0).keys()
    noun = "framework" if len(answered) == 1 else "frameworks"
    return f"{len(answered)} {noun} answered {len(workloads)} workloads."


def measure(
    keys: list[str], entrants: Mapping[str, Entrant], rounds: int
) -> dict[str, list[float]]:
    """The first workload's rounds, once the answers to all of these, of one application, are right.

    A framework that is not installed is left out, and named on stderr.
    """
    launches = _launches(keys[0], entrants, rounds)
    measured: dict[str, list[float]] = {}
    for seed in range(launches):
        share = rounds // launches + (seed < rounds % launches)
        for name, values in _measure_once(keys, entrants, share, seed).items():
            measured.setdefault(name, []).extend(values)
    return measured


def _launches(key: str, entrants: Mapping[str, Entrant], rounds: int) -> int:
    """How often the processes of a workload are started."""
    checkouts = {entrant.checkout for entrant in entrants.values()}
    adapters = {entrant.adapter for entrant in entrants.values()}
    is_huge = (WORKLOADS[key].size or 0) > 1000
    if rounds == 0 or (is_huge and len(adapters) > 1):
        return 1  # some peers need a minute to build their huge tables
    return min(rounds, PROCESSES_OF_VERSIONS if len(checkouts) > 1 else PROCESSES)


def _measure_once(
    keys: list[str], entrants: Mapping[str, Entrant], rounds: int, seed: int
) -> dict[str, list[float]]:
    with ExitStack() as stack:
        # Started together, so that they build their routes at the same time.
        started = {
            name: Contestant(entrant.adapter, *keys, seed=seed, checkout=entrant.checkout)
            for name, entrant in entrants.items()
        }
        for contestant in started.values():
            stack.callback(contestant.close)
        ready = {}
        for name, contestant in started.items():
            try:
                contestant.wait()
            except NotInstalled as missing:
                print(f"{name} left out: {missing}", file=sys.stderr)
            else:
                ready[name] = contestant.measure
        return interleaved(ready, rounds)


def report(key: str, rounds: dict[str, list[float]]) -> str:
    """One workload: each framework's median, beside the floor and beside the fastest peer."""
    medians = {name: median(values) for name, values in rounds.items()}
    fastest = _fastest_peer(medians)
    lines = [
        [
            f"  {name}",
            f"{taken:.2f}",
            _ratio(taken, medians.get(BARE)),
            _ratio(taken, medians.get(fastest)),
            f"{spread(rounds[name]):.0%}",
        ]
        for name, taken in medians.items()
    ]
    title = f"\n{key}. {WORKLOADS[key].title}"
    return f"{title}\n" + table(["", "us", "x bare", "x fastest", "spread"], lines)


def summary(measured: Measured) -> str:
    """Every promise whose workload and peer were measured, and whether it holds; "" if none was."""
    lines = []
    for promise in PROMISES:
        kept = kept_ratio(promise, measured)
        if kept is not None:
            verdict = "holds" if kept <= promise.limit else "BROKEN"
            cells = [f"{kept:.3f}", f"{promise.limit:g}", promise.of, verdict]
            lines.append([promise.workload, *cells])
    return table(["promise", "measured", "at most", "times", ""], lines) if lines else ""


def kept_ratio(promise: Promise, measured: Measured) -> float | None:
    """mtvgen over whom the promise names; None where either was not measured.

    The median of the rounds' own ratios: when the machine slows down, it slows both of a round.
    """
    rounds = measured.get(promise.workload, {})
    medians = {name: median(values) for name, values in rounds.items()}
    of = _fastest_peer(medians) if promise.of == FASTEST else promise.of
    if OURS not in rounds or of not in rounds:
        return None
    return median(ours / theirs for ours, theirs in zip(rounds[OURS], rounds[of], strict=True))


def _fastest_peer(medians: dict[str, float]) -> str:
    peers = [name for name in PEERS if name in medians]
    return min(peers, key=medians.__getitem__, default="")


def _ratio(taken: float, of: float | None) -> str:
    return f"{taken / of:.2f}" if of else ""


def _document(measured: Measured) -> str:
    """What `--json` keeps: the machine, and every round in microseconds."""
    rows = {
        key: {"title": WORKLOADS[key].title, "microseconds": rounds}
        for key, rounds in measured.items()
    }
    return json.dumps({"machine": machine(PACKAGES), "workloads": rows}, indent=1) + "\n"


def _selected(only: str | None) -> tuple[list[str], list[str]]:
    """The workloads and the frameworks that `--only` names; all of a kind where it names none."""
    names = [name.strip().lower() for name in (only or "").split(",") if name.strip()]
    frameworks = {shown.lower(): shown for shown in FRAMEWORKS}
    unknown = [name for name in names if name not in frameworks and not _workloads(name)]
    if unknown:
        raise SystemExit(
            f"--only: no {', '.join(unknown)}. "
            f"Workloads: {', '.join(WORKLOADS)}. Frameworks: {', '.join(frameworks)}."
        )
    workloads = [key for key in WORKLOADS if any(key in _workloads(name) for name in names)]
    chosen = [frameworks[name] for name in frameworks if name in names]
    return workloads or list(WORKLOADS), chosen or list(FRAMEWORKS)


def _workloads(name: str) -> list[str]:
    """`d` stands for d10, d1000 and d10000."""
    return [key for key in WORKLOADS if key == name or (name == "d" and key.startswith("d"))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="NAMES", help="workloads and frameworks, by comma")
    parser.add_argument("--against", metavar="REVISION", help="compare with that version of mtvgen")
    parser.add_argument("--rounds", type=int, default=21, help="at least 9 for a verdict (21)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    parser.add_argument("--chart", nargs=2, metavar=("JSON", "SVG"), help="draw, do not measure")
    parser.add_argument("--check", action="store_true", help="verify the answers, do not measure")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
