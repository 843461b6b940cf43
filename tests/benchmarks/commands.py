"""What the commands cost as whole processes, beside their peers, and whether each promise holds.

    python tests/benchmarks/commands.py                 about half a minute
    python tests/benchmarks/commands.py --rounds 21     a busy machine
    python tests/benchmarks/commands.py --json out.json keep every round

The peers come from the `bench` extra: pip install -e ".[bench]". One that is not installed is
left out. Each project goes into a directory of its own, on the same disk; removing it is not timed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.timing import interleaved, machine, spread, table

BARE_CLICK = """
import click

@click.group()
@click.version_option("1.0")
def cli():
    \"\"\"A program that does nothing.\"\"\"

@cli.command()
def command():
    \"\"\"Do nothing.\"\"\"

cli()
"""

# What is measured -> (the arguments, by contestant); ours is the last, the reference the first.
HELP = "--help"
STARTPROJECT = "startproject"
PROMISES = {
    (HELP, "bare Click"): 1.25,
    (STARTPROJECT, "django-admin"): 0.8,
}
PACKAGES = ["mtvgen", "click", "django", "cookiecutter", "flask"]


def main() -> int:
    """Measure, print, and say by the exit code whether every promise holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="at least 9")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        Path("bare.py").write_text(BARE_CLICK, encoding="utf-8")
        measured = {
            HELP: interleaved(_help(), max(9, options.rounds)),
            STARTPROJECT: interleaved(_startproject(), max(9, options.rounds)),
        }
    for what, taken in measured.items():
        print(f"{what}, whole process\n{_rows(taken)}\n")
    if options.json:
        document = {"machine": machine(PACKAGES), "milliseconds": measured}
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    kept = [_promise(what, peer, limit, measured) for (what, peer), limit in PROMISES.items()]
    return 0 if all(kept) else 1


def _help() -> dict[str, Callable[[], float]]:
    return {
        "bare Click": _process([sys.executable, "bare.py", "--help"]),
        **_installed("Flask", ["flask", "--help"]),
        **_installed("Django", ["django-admin", "--help"]),
        "mtvgen": _process([_script("mtvgen"), "--help"]),
    }


def _startproject() -> dict[str, Callable[[], float]]:
    from mtvgen.bundled import bundled

    template = str(bundled("project_template"))
    return {
        **_installed("django-admin", ["django-admin", "startproject", "mysite"]),
        **_installed("cookiecutter", ["cookiecutter", "--no-input", template]),
        "mtvgen": _process([_script("mtvgen"), "startproject", "mysite"]),
    }


def _installed(name: str, command: Sequence[str]) -> dict[str, Callable[[], float]]:
    program, *arguments = command
    if not Path(_script(program)).exists():
        return {}
    return {name: _process([_script(program), *arguments])}


def _script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _process(command: Sequence[str]) -> Callable[[], float]:
    """A contestant: the milliseconds from the start of a process to its end."""
    # cookiecutter keeps a replay file in HOME; nobody's real one is touched.
    environ = {**os.environ, "HOME": str(Path.cwd() / "home")}
    # A checkout is compiled once, as pip has compiled the peers.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)

    def measure() -> float:
        start = time.perf_counter_ns()
        subprocess.run(
            command, check=True, stdin=subprocess.DEVNULL, capture_output=True, env=environ
        )
        taken = (time.perf_counter_ns() - start) / 1_000_000
        shutil.rmtree("mysite", ignore_errors=True)
        return taken

    return measure


def _rows(taken: Mapping[str, Sequence[float]]) -> str:
    reference = median(next(iter(taken.values())))
    return table(
        ["", "ms", "ratio", "spread"],
        [
            [name, f"{median(each):.0f}", f"{median(each) / reference:.2f}", f"{spread(each):.2f}"]
            for name, each in taken.items()
        ],
    )


def _promise(
    what: str, peer: str, limit: float, measured: Mapping[str, Mapping[str, Sequence[float]]]
) -> bool:
    taken = measured[what]
    if peer not in taken:
        print(f"{what}: {peer} is not installed, so nothing is known")
        return True
    # Round by round: what slowed a round down slowed both.
    ratio = median(ours / theirs for ours, theirs in zip(taken["mtvgen"], taken[peer], strict=True))
    kept = ratio <= limit
    print(f"{what}: {ratio:.2f} x {peer}, promised at most {limit}: {'kept' if kept else 'MISSED'}")
    return kept


if __name__ == "__main__":
    sys.exit(main())
