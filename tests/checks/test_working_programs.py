"""What works gets no report: two hundred small projects, each asked first and then checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.checker import Checker
from tests.checks.programs import read_programs
from tests.checks.site_runner import SiteRunner

# These projects make their tables as they start, and have no migrations.
NOT_ASKED = {"models.no-migration"}


@pytest.fixture(scope="module")
def sites() -> Iterator[SiteRunner]:
    """A process that runs projects."""
    sites = SiteRunner()
    yield sites
    sites.close()


PROGRAMS = read_programs("working_programs")


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_works(name: str, tmp_path: Path, sites: SiteRunner) -> None:
    root = tmp_path.resolve() / "site"
    PROGRAMS[name].write(root)
    requests, pages = zip(*PROGRAMS[name].requests, strict=True)

    answers = sites.ask(root, requests)

    for request, page, (status, text) in zip(requests, pages, answers, strict=True):
        assert status == 200, f"{request}: {status} {text}"
        assert page in text, f"{request}: {text}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_works_gets_no_report(name: str, tmp_path: Path, checker: Checker) -> None:
    root = tmp_path.resolve() / "site"
    PROGRAMS[name].write(root)

    report = checker.check(root)

    assert [str(line) for line in report.problems if line.id not in NOT_ASKED] == []
