"""Do models, templates, views and URLs fit together? `mtvgen check`, and one line for your tests.

from mtvgen.checks import assert_no_problems

def test_the_parts_of_the_site_fit_together():
    assert_no_problems()
"""

from __future__ import annotations

from pathlib import Path


def problems(start: Path | str = ".") -> list[str]:
    """What `mtvgen check` reports of the project around a directory, a line each; no notes.

    Args:
        start: A directory of the project; tests run in its root.

    Raises:
        NoProjectError: There is no project there.
    """
    # Imported on use: the tests of a site need not pay for it when they ask for something else.
    from mtvgen.checks.site import check_project
    from mtvgen.project import find_project

    report = check_project(find_project(Path(start)).root)
    return [str(problem) for problem in report.errors]


def assert_no_problems(start: Path | str = ".") -> None:
    """For the tests of a project: its parts fit together.

    Args:
        start: A directory of the project; tests run in its root.

    Raises:
        AssertionError: They do not; the message is what `mtvgen check` prints.
        NoProjectError: There is no project there.
    """
    __tracebackhide__ = True  # pytest shows the test, and not this function
    found = problems(start)
    if found:
        raise AssertionError("\n".join(["mtvgen check:", *found]))
