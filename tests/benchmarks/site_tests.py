"""How long the tests of a site take: 40 tests with a database each, here and in two peers.

    python tests/benchmarks/site_tests.py               about a minute
    python tests/benchmarks/site_tests.py --rounds 15   a busy machine

The tests of a new project that ask for a page, four times over; the same in Django with
pytest-django (one database, rolled back) and in Flask (a file and create_all() for each test).
"First" is the first test, in which the migrations run, and in mtvgen and Flask the site is
imported; "a test" is the mean of all others, fixtures included: each needs a database, and the
promise is about them. "Project" are the two tests of a new project that ask for no page; "the rest"
is pytest's own start and, in Django, the imports. Times are the minimum of the rounds, which
interleave; of the others it is that of each test, so that a moment in which the machine did
something else does not count. The peers come from the `bench` extra.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.tested_sites import OF_THE_PROJECT, make_tested_sites
from tests.benchmarks.timing import table

PROMISE = 0.5  # x each peer's
OURS = "mtvgen"
PLUGINS = {"Django": ["-p", "pytest_django.plugin"]}


class Run(NamedTuple):
    """One run of a suite, in milliseconds.

    Attributes:
        first: The first test.
        tests: Each of the others that ask for a page.
        project: Those of the project itself.
        rest: What is no test.
        whole: The process, from its start to its end.
    """

    first: float
    tests: list[float]
    project: float
    rest: float
    whole: float


class Best(NamedTuple):
    """The fastest of several runs, part by part, in milliseconds; `test` is the mean of a test."""

    first: float
    test: float
    project: float
    rest: float
    whole: float


def main() -> int:
    """Measure and print; 1 where a promise does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sites = make_tested_sites(Path(scratch))
        runs: dict[str, list[Run]] = {name: [] for name in sites}
        for _ in range(options.rounds):
            for name, root in sites.items():
                runs[name].append(run(root, PLUGINS.get(name, [])))
    best = {name: _best(taken) for name, taken in runs.items()}
    rows = [
        [name, *(f"{part:.1f}" if part < 10 else f"{part:.0f}" for part in one)]
        for name, one in best.items()
    ]
    print(table(["", "first, ms", "a test", "project", "the rest", "whole"], rows))
    kept = [_promise(best, name) for name in best if name != OURS]
    return 0 if all(kept) else 1


def run(root: Path, plugins: list[str]) -> Run:
    """Run a site's suite once."""
    report = root / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugins]
    environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    # A checkout is compiled once, as pip has compiled the peers.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter_ns()
    done = subprocess.run(
        [*command, f"--junitxml={report}"], cwd=root, env=environ, capture_output=True, text=True
    )
    whole = (time.perf_counter_ns() - start) / 1_000_000
    if done.returncode:
        raise SystemExit(f"{root}: {done.stdout}{done.stderr}")
    first, *others = [
        (case.attrib["name"].startswith(OF_THE_PROJECT), float(case.attrib["time"]) * 1000)
        for case in ElementTree.parse(report).iter("testcase")
    ]
    tests = [taken for is_of_project, taken in others if not is_of_project]
    project = sum(taken for is_of_project, taken in others if is_of_project)
    rest = whole - first[1] - sum(tests) - project
    return Run(first[1], tests, project, rest, whole)


def _best(runs: list[Run]) -> Best:
    first, each, project, rest, whole = zip(*runs, strict=True)
    tests = list(map(min, zip(*each, strict=True)))
    return Best(min(first), sum(tests) / len(tests), min(project), min(rest), min(whole))


def _promise(best: dict[str, Best], peer: str) -> bool:
    ratio = best[OURS].test / best[peer].test
    kept = ratio <= PROMISE
    print(
        f"a test: {ratio:.2f} x {peer}, promised at most {PROMISE}: {'kept' if kept else 'MISSED'}"
    )
    return kept


if __name__ == "__main__":
    sys.exit(main())
