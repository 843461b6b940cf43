"""Do models, templates, views and URLs fit together? `mtvgen check`, and one line for your tests.

from mtvgen.checks import assert_no_problems

def test_the_parts_of_the_site_fit_together():
    assert_no_problems()
"""

from __future__ import annotations

import sys
from pathlib import Path


# Not `problems`: the module of that name takes its place here as soon as it is imported.
def find_problems(start: Path | str | None = None) -> list[str]:
    """Return what `mtvgen check` reports of a project, a line each; notes are left out.

    Args:
        start: A directory of the project; None is that of the file that calls.

    Raises:
        NoProjectError: There is no project there.
    """
    return _lines(start or _directory_of_caller())


def assert_no_problems(start: Path | str | None = None) -> None:
    """For the tests of a project: its parts fit together.

    Args:
        start: A directory of the project; None is that of the file that calls.

    Raises:
        AssertionError: They do not; the message is what `mtvgen check` prints.
        NoProjectError: There is no project there.
    """
    __tracebackhide__ = True  # pytest shows the test, and not this function
    problems = _lines(start or _directory_of_caller())
    if problems:
        raise AssertionError("\n".join(["mtvgen check:", *problems]))


def _lines(start: Path | str) -> list[str]:
    # Imported on use: the tests of a site need not pay for it when they ask for something else.
    from mtvgen.checks.run import check_project
    from mtvgen.project.loading import find_project

    report = check_project(find_project(Path(start)).root)
    return [str(problem) for problem in report.errors]


def _directory_of_caller() -> Path:
    return Path(sys._getframe(2).f_code.co_filename).parent
