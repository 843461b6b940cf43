"""What a match costs, and how long the table takes to build, among 10 to 10,000 routes.

    python tests/benchmarks/routing.py                  about two minutes
    python tests/benchmarks/routing.py --rounds 3       rougher
    python tests/benchmarks/routing.py --sizes 10,1000  quicker
    python tests/benchmarks/routing.py --json out.json  keep every round

Three shapes of a site are measured: a first segment for each route, one prefix for all, and a
parameter in front. A hit asks for ten routes spread over the table, a miss for a path with as
many segments that no route has. Every path is a new text, as in a request.

Building is path() for each route and Router(); beside it Flask registers as many rules and
matches once, because it sorts its rules at the first match. Flask comes from the `bench` extra:
pip install -e ".[bench]". Build times are this process's own, without the turns of others.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import path
from tests.benchmarks.timing import interleaved, machine, spread, table

# What a shape is called, its n-th pattern, and the n-th path that it takes.
SHAPES = {
    "/section<n>/<int:id>": "/section{}/7",
    "/api/v1/section<n>/<int:id>": "/api/v1/section{}/7",
    "/<slug:lang>/section<n>/<int:id>": "/en/section{}/7",
}
# A turn is so many batches of so many matches, and its figure is that of the quickest: whatever
# else the machine does makes some batches slower, and none quicker.
BATCHES, BATCH = 5, 1_000

MATCH_PROMISE = 1.2  # x what a match costs in the smallest table
BUILD_PROMISE = 0.1  # x what Flask needs for the largest

Rounds = dict[str, list[float]]


def main() -> int:
    options = _options()
    if flask_site is None:
        print('Flask is not installed, so nothing is beside it: pip install -e ".[bench]"\n')
    kept: dict[str, object] = {"machine": machine(["mtvgen", "flask"])}
    verdicts: list[tuple[bool, str]] = []
    for shape in SHAPES:
        matches = _matches(shape, options.sizes, options.rounds)
        builds = _builds(shape, options.sizes, max(1, options.rounds // 5))
        print(f"{shape}\n{_report(matches, builds)}\n", flush=True)
        verdicts += _verdicts(shape, matches, builds)
        kept[shape] = {"match": matches, "build": builds}
    print("\n".join(sentence for _, sentence in verdicts))
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return 0 if all(holds for holds, _ in verdicts) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sizes", type=_sizes, default="10,1000,10000")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return sorted(int(size) for size in text.split(","))


def view(request: object, **parameters: object) -> str:
    return "x"


def site(shape: str, size: int) -> Router:
    return Router([path(shape.replace("<n>", str(n)), view, name=str(n)) for n in range(size)])


def _matches(shape: str, sizes: list[int], rounds: int) -> dict[str, Rounds]:
    """Microseconds a match: `hit` and `miss`, size by size, round by round."""
    routers = {size: site(shape, size) for size in sizes}
    hits, misses = {}, {}
    for size, router in routers.items():
        found = [SHAPES[shape].format(n) for n in range(0, size, size // 10)]
        missed = [address.replace("section", "nothing") for address in found]
        assert all(router.match("GET", address) for address in found)
        assert not any(router.match("GET", address) for address in missed)
        hits[str(size)] = _each(router.match, found)
        misses[str(size)] = _each(router.match, missed)
    return {"hit": interleaved(hits, rounds), "miss": interleaved(misses, rounds)}


def _each(match: Callable[[str, str], object], addresses: list[str]) -> Callable[[], float]:
    def batch() -> int:
        # A text that was hashed before is found faster than the new one of a request.
        fresh = ["".join(list(address)) for address in addresses * (BATCH // len(addresses))]
        start = time.perf_counter_ns()
        for address in fresh:
            match("GET", address)
        return time.perf_counter_ns() - start

    return lambda: min(batch() for _ in range(BATCHES)) / BATCH / 1_000


def _builds(shape: str, sizes: list[int], rounds: int) -> dict[str, Rounds]:
    """Milliseconds to build, size by size; for the largest beside Flask."""
    *smaller, largest = sizes
    builds = {
        str(size): interleaved({"mtvgen": _once(site, shape, size)}, rounds) for size in smaller
    }
    builders = {"mtvgen": _once(site, shape, largest)}
    if flask_site is not None:
        builders["flask"] = _once(flask_site, shape, largest)
    return {**builds, str(largest): interleaved(builders, rounds)}


def _once(build: Callable[[str, int], object], shape: str, size: int) -> Callable[[], float]:
    def measure() -> float:
        start = time.process_time_ns()
        build(shape, size)
        return (time.process_time_ns() - start) / 1_000_000

    return measure


def _make_flask_site() -> Callable[[str, int], object] | None:
    try:
        from flask import Flask
    except ImportError:
        return None

    def build(shape: str, size: int) -> object:
        # Flask's own words for the same patterns: its default converter takes what slug does.
        rule = shape.replace("<slug:lang>", "<lang>")
        application = Flask("site")
        for n in range(size):
            application.add_url_rule(rule.replace("<n>", str(n)), str(n), view)
        return application.url_map.bind("").match(SHAPES[shape].format(size - 1))

    return build


flask_site = _make_flask_site()


def _report(matches: dict[str, Rounds], builds: dict[str, Rounds]) -> str:
    rows = []
    for size, hit in matches["hit"].items():
        miss = matches["miss"][size]
        rows.append(
            [
                f"{int(size):,} routes",
                f"{median(hit):.3f}",
                f"{median(miss):.3f}",
                f"{max(spread(hit), spread(miss)):.0%}",
                f"{median(builds[size]['mtvgen']):,.1f}",
                f"{median(builds[size]['flask']):,.1f}" if "flask" in builds[size] else "",
            ]
        )
    return table(["", "hit us", "miss us", "spread", "build ms", "Flask ms"], rows)


def _verdicts(
    shape: str, matches: dict[str, Rounds], builds: dict[str, Rounds]
) -> list[tuple[bool, str]]:
    """Whether each promise holds, and the sentence that says so."""
    smallest, *_, largest = builds
    verdicts = []
    for kind, rounds in matches.items():
        ratio = median(rounds[largest]) / median(rounds[smallest])
        what = f"a {kind} among {int(largest):,} is {ratio:.2f} of one among {smallest}"
        verdicts.append(_verdict(ratio, MATCH_PROMISE, f"{what}: {shape}"))
    if "flask" in builds[largest]:
        ratio = median(builds[largest]["mtvgen"]) / median(builds[largest]["flask"])
        what = f"building {int(largest):,} is {ratio:.3f} of Flask's"
        verdicts.append(_verdict(ratio, BUILD_PROMISE, f"{what}: {shape}"))
    return verdicts


def _verdict(ratio: float, limit: float, what: str) -> tuple[bool, str]:
    holds = ratio <= limit
    return holds, f"{'holds' if holds else 'FAILS'} (at most {limit}): {what}"


if __name__ == "__main__":
    sys.exit(main())
