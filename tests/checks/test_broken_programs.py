"""Small projects with mistakes: each is reported at its line, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.checker import Checker
from tests.checks.programs import read_programs

# These projects make their tables as they start, and have no migrations.
NOT_ASKED = "has changes that no migration holds."
PROGRAMS = read_programs("broken_programs")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_mistake_is_reported_where_it_is(name: str, tmp_path: Path, checker: Checker) -> None:
    program, root = PROGRAMS[name], tmp_path.resolve() / "site"
    program.write(root)

    report = checker.check(root)

    problems = [line for line in report.problems if line.message != NOT_ASKED]
    assert [(f"{line.place.file}:{line.place.line}", line.id) for line in problems] == [
        (place, kind) for place, kind, _ in program.problems
    ], "\n".join(map(str, problems))
    for line, (_, _, words) in zip(problems, program.problems, strict=True):
        assert words in str(line)
    for place, words in program.unchecked:
        assert any(str(line).startswith(place) and words in str(line) for line in report.unchecked)
