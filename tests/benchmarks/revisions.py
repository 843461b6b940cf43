"""Two versions of mtvgen: their files, for as long as they are measured, and how they compare."""

from __future__ import annotations

import compileall
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.benchmarks.timing import table

ROOT = Path(__file__).parents[2]
# What a contestant imports: the package, and the adapter and the loop that belong to it.
MEASURED = ("mtvgen", "tests/benchmarks")
SLOWER = 1.05  # x what it took before; below that nobody can tell it from the noise


@contextmanager
def this_and_that(revision: str) -> Iterator[tuple[Path, Path]]:
    """A copy of this checkout, as it is, and one of a revision; at the end both are removed.

    Code that is compiled in the process lies elsewhere in memory than code that comes from a .pyc
    file, and so does code with a longer path: identical versions were 5 % apart. So both are
    copies, compiled, at paths of one length.
    It is an archive rather than a worktree of git: nothing is left in the repository, whatever
    ends the program.

    Raises:
        SystemExit: Git does not know the revision, or it has no benchmarks.
    """
    command = ["git", "archive", "--format=tar", revision, *MEASURED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True)
    if done.returncode:
        raise SystemExit(f"--against {revision}: {done.stderr.decode().strip()}")
    with tempfile.TemporaryDirectory(prefix="mtvgen-against-") as directory:
        this, that = Path(directory, "this"), Path(directory, "that")
        for folder in MEASURED:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / folder, this / folder, ignore=ignored)
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(that, filter="data")
        for checkout in (this, that):
            compileall.compile_dir(checkout, quiet=1)
        yield this, that


def compare(
    measured: Mapping[str, Mapping[str, list[float]]], now: str, then: str
) -> tuple[str, list[str]]:
    """The ratio of each workload as a table, and the workloads that have become slower.

    A ratio is the median of the rounds' own ratios: when the machine slows down, it slows both
    of a round.
    """
    rows, slower = [], []
    for key, rounds in measured.items():
        pairs = zip(rounds[now], rounds[then], strict=True)
        ratio = median(ours / theirs for ours, theirs in pairs)
        if ratio > SLOWER:
            slower.append(key)
        figures = (median(rounds[now]), median(rounds[then]))
        cells = [f"{figures[0]:.2f}", f"{figures[1]:.2f}", f"{ratio:.3f}"]
        rows.append([key, *cells, "SLOWER" if ratio > SLOWER else ""])
    then = then.removeprefix(f"{now} ")
    return table(["against", "now, us", f"{then}, us", f"now / {then}", ""], rows), slower
