"""Feed each parser, the router, sessions and the development server's heads what nobody expects.

    python tests/fuzz/run.py                    a minute for each target
    python tests/fuzz/run.py --seconds 600 json heads

A target is a statement about every input, in the files beside this one. With atheris installed
(the extra `fuzz`) the input is changed so that it reaches ever more of the code; without it,
hypothesis makes new input at random. What breaks a statement is printed, and kept in build/fuzz/
for the next run to begin with; the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # the checkout, when this is the script

FOUND = ROOT / "build" / "fuzz"
HAS_ATHERIS = find_spec("atheris") is not None
IS_CHILD = "MTVGEN_FUZZ_TARGET" in os.environ

if IS_CHILD:
    settings.register_profile(
        "fuzz",
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=DirectoryBasedExampleDatabase(FOUND / "examples"),
    )
    settings.load_profile("fuzz")


def _instrumented() -> Any:
    """Where what is imported tells atheris which of its lines have run."""
    if not (IS_CHILD and HAS_ATHERIS):
        return nullcontext()
    import atheris

    return atheris.instrument_imports(include=["mtvgen"])


with _instrumented():
    from tests.fuzz import heads, parsers, routing, sessions

TARGETS: dict[str, Callable[[], None]] = {
    name.removeprefix("fuzz_"): function
    for module in (parsers, routing, sessions, heads)
    for name, function in vars(module).items()
    if name.startswith("fuzz_")
}


def main() -> int:
    """Each target in a process of its own, two at a time; 1 where one is broken."""
    options = _options()
    words = options.words
    names = [name for name in TARGETS if not words or any(word in name for word in words)]
    kind = "atheris" if HAS_ATHERIS else "hypothesis alone: pip install atheris for more"
    print(f"{len(names)} targets, {options.seconds} seconds each, with {kind}", flush=True)
    broken = []
    for first in range(0, len(names), 2):
        pair = {name: _start(name, options.seconds) for name in names[first : first + 2]}
        for name, process in pair.items():
            said, _ = process.communicate()
            print(f"{'ok    ' if process.returncode == 0 else 'BROKEN'} {name}", flush=True)
            if process.returncode:
                broken.append(name)
                # The smallest input that breaks it; else what the fuzzer has said.
                smallest, _ = _start(name, 0).communicate()
                print(smallest if "Failing test case" in smallest else said[-6_000:], flush=True)
    return 1 if broken else 0


def _start(name: str, seconds: int) -> subprocess.Popen[str]:
    environ = {**os.environ, "MTVGEN_FUZZ_TARGET": name, "MTVGEN_FUZZ_SECONDS": str(seconds)}
    return subprocess.Popen(
        [sys.executable, __file__],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def fuzz(name: str, seconds: int) -> None:
    """Run one target until its time is over; raises what breaks it."""
    place = FOUND / name
    place.mkdir(parents=True, exist_ok=True)
    one_input = TARGETS[name].hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    for kept in sorted(place.glob("crash-*")):
        one_input(kept.read_bytes())
    if HAS_ATHERIS:
        _with_coverage(one_input, place, seconds)
    else:
        _at_random(one_input, place, seconds)


def _with_coverage(one_input: Callable[[bytes], object], place: Path, seconds: int) -> None:
    import atheris

    corpus = place / "corpus"
    corpus.mkdir(exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={place}/", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, "-timeout=20", str(corpus)], one_input)
    atheris.Fuzz()  # ends the process


def _at_random(one_input: Callable[[bytes], object], place: Path, seconds: int) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = os.urandom(1024)
        try:
            one_input(data)
        except BaseException:
            (place / f"crash-{data[:8].hex()}").write_bytes(data)
            raise


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("words", nargs="*", help="only the targets with one of these in their name")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    if not IS_CHILD:
        sys.exit(main())
    target, seconds = os.environ["MTVGEN_FUZZ_TARGET"], int(os.environ["MTVGEN_FUZZ_SECONDS"])
    if seconds:
        fuzz(target, seconds)
    else:
        TARGETS[target]()  # begins with what is kept, and makes it smaller
