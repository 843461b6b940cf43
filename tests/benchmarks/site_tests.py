"""How long the tests of a site take: 40 tests with a database each, here and in two peers.

    python tests/benchmarks/site_tests.py               about a minute
    python tests/benchmarks/site_tests.py --rounds 15   a busy machine

The tests of a new project that ask for a page, four times over; the same in Django with
pytest-django (one database, rolled back) and in Flask (a file and create_all() for each test).
"First" is the first test, in which the migrations run, and in mtvgen and Flask the site is
imported; "a test" is the mean of all others, fixtures included: each needs a database, and the
promise is about them. "Project" are the two tests of a new project that ask for no page; "the rest"
is pytest's own start and, in Django, the imports. Times are those of a processor, which hardly
depend on what else runs, and the minimum of the rounds, which interleave. The peers come from the
`bench` extra.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

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
        test: One of the others that ask for a page, in the mean.
        project: Those of the project itself.
        rest: What is no test.
        whole: The process, from its start to its end.
    """

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
        # By itself, so that no module of this directory is on the path of a site.
        plugin = Path(scratch, "plugin")
        plugin.mkdir()
        shutil.copy(Path(__file__).with_name("measured_tests.py"), plugin)
        runs: dict[str, list[Run]] = {name: [] for name in sites}
        for _ in range(options.rounds):
            for name, root in sites.items():
                runs[name].append(run(root, plugin, PLUGINS.get(name, [])))
    best = {name: Run(*map(min, zip(*taken, strict=True))) for name, taken in runs.items()}
    rows = [
        [name, *(f"{part:.1f}" if part < 10 else f"{part:.0f}" for part in one)]
        for name, one in best.items()
    ]
    print(table(["", "first, ms", "a test", "project", "the rest", "whole"], rows))
    kept = [_promise(best, name) for name in best if name != OURS]
    return 0 if all(kept) else 1


def run(root: Path, plugin: Path, plugins: list[str]) -> Run:
    """Run a site's suite once."""
    report = root / "report.json"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environ = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(plugin),
        "MEASURED_TESTS": str(report),
    }
    # A checkout is compiled once, as pip has compiled the peers.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    before = _processor_time()
    done = subprocess.run(
        [*command, "-p", "measured_tests", *plugins],
        cwd=root, env=environ, capture_output=True, text=True,
    )  # fmt: skip
    whole = _processor_time() - before
    if done.returncode:
        raise SystemExit(f"{root}: {done.stdout}{done.stderr}")
    measured: dict[str, float] = json.loads(report.read_text(encoding="utf-8"))
    (_, first), *others = measured.items()
    is_of_project = re.compile("|".join(OF_THE_PROJECT)).search
    tests = [taken for name, taken in others if not is_of_project(name)]
    project = sum(taken for name, taken in others if is_of_project(name))
    rest = whole - first - sum(tests) - project
    return Run(first, sum(tests) / len(tests), project, rest, whole)


def _processor_time() -> float:
    """The milliseconds that processes which have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def _promise(best: dict[str, Run], peer: str) -> bool:
    ratio = best[OURS].test / best[peer].test
    kept = ratio <= PROMISE
    print(
        f"a test: {ratio:.2f} x {peer}, promised at most {PROMISE}: {'kept' if kept else 'MISSED'}"
    )
    return kept


if __name__ == "__main__":
    sys.exit(main())
