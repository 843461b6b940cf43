"""Whole files are typed character by character, and deleted again: nothing fails on the way.

    MTVGEN_FULL=1 pytest tests/lsp/test_typing.py -s

types all templates and views, and checks at each character; without it, two, and each fortieth.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.checker import Checker
from tests.checks.seed_project import FILES, write_project

FULL = bool(os.environ.get("MTVGEN_FULL"))
SAMPLE = ["templates/notes/detail.html", "views/home.py"]
TYPED = [file for file in FILES if file.startswith(("templates/", "views/")) and FILES[file]]
pytestmark = pytest.mark.timeout(3600 if FULL else 300)
SESSION = Path(__file__).parents[1] / "support" / "typing_session.py"


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    root = tmp_path_factory.mktemp("typing").resolve()
    write_project(root)
    command = [sys.executable, "-P", SESSION, root, "1" if FULL else "40"]
    done = subprocess.run(
        [*command, *(TYPED if FULL else SAMPLE)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_was_typed_is_what_is_checked(sessions):
    for session in sessions:
        print(session["file"], session["completion"], session["check"])
        assert session["whole"] == session["closed"] == []


def test_what_was_deleted_is_an_empty_file(sessions, tmp_path, checker: Checker):
    write_project(tmp_path)
    for file, session in zip(TYPED if FULL else SAMPLE, sessions, strict=True):
        (tmp_path / file).write_text("")
        problems = checker.check(tmp_path.resolve()).problems
        (tmp_path / file).write_text(FILES[file])
        if not file.endswith(".py"):  # the import of a view tells more, when it is saved
            fresh = sorted(f"{problem.place} {problem.id}" for problem in problems)
            assert session["gone"] == fresh, file
