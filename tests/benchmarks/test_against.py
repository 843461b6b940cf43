"""`peers.py --against REVISION` says which of two versions of mtvgen is slower, and by how much."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.peers import OURS, Measured
from tests.benchmarks.revisions import compare

ROOT = Path(__file__).parents[2]
# Beside a request of this much work nobody has to look twice at the ratio.
DAWDLING = """

def _dawdling(self, environ, start_response, _answer=Application.__call__):
    sum(range(2_000))
    return _answer(self, environ, start_response)


Application.__call__ = _dawdling
"""


def measured(**ratios: float) -> Measured:
    """Three rounds a workload, in which the other version takes 1, 2 and 3 microseconds."""
    return {
        key: {OURS: [ratio, 2 * ratio, 3 * ratio], "mtvgen old": [1.0, 2.0, 3.0]}
        for key, ratio in ratios.items()
    }


def test_a_row_more_than_a_twentieth_slower_is_named():
    table, slower = compare(measured(a=1.04, b=0.5, c=1.06), OURS, "mtvgen old")

    assert slower == ["c"]
    assert re.search(r"^a +2\.08 +2\.00 +1\.040$", table, re.M), table
    assert re.search(r"^c +2\.12 +2\.00 +1\.060 +SLOWER$", table, re.M), table


def test_one_bad_round_decides_nothing():
    rounds = {"a": {OURS: [1.0, 90.0, 1.0], "mtvgen old": [1.0, 1.0, 1.0]}}

    assert compare(rounds, OURS, "mtvgen old")[1] == []


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A repository of its own: in its first commit mtvgen dawdles, in its second it does not."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("mtvgen", "tests/benchmarks"):
        ignored = shutil.ignore_patterns("__pycache__", "test_*")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    git(root, "init", "--quiet")
    file = root / "mtvgen" / "runtime" / "application" / "application.py"
    swift = file.read_text(encoding="utf-8")
    file.write_text(swift + DAWDLING, encoding="utf-8")
    commit(root, "slow")
    file.write_text(swift, encoding="utf-8")
    commit(root, "swift")
    return root


def commit(root: Path, tag: str) -> None:
    git(root, "add", "--all", "--force")
    git(root, "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", tag)
    git(root, "tag", tag)


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


def peers(root: Path, *arguments: str, scratch: Path) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(root / "tests" / "benchmarks" / "peers.py"), *arguments]
    environ = {**os.environ, "TMPDIR": str(scratch)}
    return subprocess.run(script, capture_output=True, text=True, timeout=120, env=environ)


def test_what_has_become_quicker_passes(checkout, tmp_path):
    done = peers(
        checkout, "--only", "a,mtvgen", "--rounds", "3", "--against", "slow", scratch=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "now / slow" in done.stdout
    assert "SLOWER" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_has_become_slower_fails(checkout, tmp_path):
    git(checkout, "checkout", "--quiet", "slow")
    try:
        done = peers(
            checkout, "--only", "a,mtvgen", "--rounds", "3", "--against", "swift", scratch=tmp_path
        )
    finally:
        git(checkout, "checkout", "--quiet", "swift")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^a .*SLOWER$", done.stdout, re.M)
    assert list(tmp_path.iterdir()) == []


def test_a_revision_that_git_does_not_know_is_refused(checkout, tmp_path):
    done = peers(checkout, "--only", "a", "--against", "no-such-revision", scratch=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "--against no-such-revision: fatal: not a valid object name" in done.stderr


def test_a_comparison_needs_mtvgen_among_the_contestants(checkout, tmp_path):
    done = peers(checkout, "--only", "a,bare", "--against", "slow", scratch=tmp_path)
    assert done.returncode == 1
    assert "--against compares mtvgen with itself: add mtvgen to --only" in done.stderr
