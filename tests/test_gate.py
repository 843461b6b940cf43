"""`.ci/run` runs what fails once more, counts it, and is not content with much of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GATE = Path(__file__).parents[1] / ".ci" / "run"
# Fails in the first run and passes in the next, as a test does that was late.
LATE = """
def test_late_{number}(request):
    seen = request.path.with_name("seen-{number}")
    was_there = seen.exists()
    seen.touch()
    assert was_there
"""
WRONG = "\ndef test_wrong():\n    assert False\n"

pytestmark = [
    pytest.mark.skipif(not GATE.exists(), reason="the distributions have no .ci/"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash"),
]


@pytest.fixture
def gate(tmp_path):
    """Runs the gate in a checkout whose tests are these; gives its exit code and its words."""
    checkout = tmp_path / "checkout"
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    script = f'#!/bin/sh\nexec "{sys.executable}" -m pytest "$@"\n'
    (programs / "pytest").write_text(script)
    (programs / "pytest").chmod(0o755)
    for tool in ("ruff", "mypy"):
        (programs / tool).symlink_to(found("true"))
    # Nothing more is on the path, so that no other Python is there, nor apt-get.
    path = tmp_path / "bin"
    path.mkdir()
    for tool in ("awk", "bash", "dirname", "id", "ls", "nproc", "rm"):
        (path / tool).symlink_to(found(tool))
    (checkout / ".ci").mkdir()
    shutil.copy(GATE, checkout / ".ci")
    (checkout / "README.md").write_text("```sh\ntrue\n```\n```sh\n.venv/bin/pytest -q\n```\n")

    def run(tests: str) -> tuple[int, str]:
        (checkout / "test_these.py").write_text(tests)
        done = subprocess.run(
            [found("bash"), ".ci/run"],
            cwd=checkout,
            env={"PATH": str(path), "HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    return run


def found(program: str) -> str:
    """Where a program of the system is."""
    place = shutil.which(program, path=os.defpath)
    return place or pytest.skip(f"there is no {program}")


def late(count: int) -> str:
    return "".join(LATE.format(number=number) for number in range(count))


def test_what_passes_at_once_is_all_well(gate):
    code, said = gate("def test_right(): pass\n")

    assert code == 0, said
    assert said.endswith("\n== All is well\n")
    assert "once more" not in said.lower()


def test_three_tests_may_be_late_and_are_named(gate):
    code, said = gate(late(3))

    assert code == 0, said
    names = "".join(f"test_these.py::test_late_{number}\n" for number in range(3))
    assert f"== 3 of at most 3 passed only when run once more\n{names}" in said


def test_four_are_too_many(gate):
    code, said = gate(late(4))

    assert code == 1
    assert "== 4 tests failed; up to 3 are run once more\ntest_these.py::test_late_0\n" in said
    assert "All is well" not in said


def test_what_fails_again_fails_the_gate(gate):
    code, said = gate(late(1) + WRONG)

    assert code == 1
    assert "FAILED test_these.py::test_wrong" in said.partition("Once more")[2]
    assert "All is well" not in said


def test_a_run_that_ends_before_its_tests_is_not_saved_by_another(gate):
    code, said = gate("import os; os._exit(7)\n")

    assert code != 0
    assert "All is well" not in said
