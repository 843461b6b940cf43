"""Do models, templates, views and URLs fit together? `mtvgen check`, and one line for your tests.

from mtvgen.checks import problems

def test_the_parts_of_the_site_fit_together():
    assert not problems()
"""

from __future__ import annotations

from pathlib import Path


class Problems(list[str]):
    """The problems, a line each; printed as `mtvgen check` prints them when a test fails."""

    def __repr__(self) -> str:
        return "".join(f"\n  {line}" for line in self)


def problems(start: Path | str = ".") -> Problems:
    """What `mtvgen check` reports of the project around a directory; notes are left out.

    Args:
        start: A directory of the project; tests run in its root.

    Raises:
        NoProjectError: There is no project there.
    """
    # Imported on use: the tests of a site need not pay for it when they ask for something else.
    from mtvgen.checks.site import check_project
    from mtvgen.project import find_project

    report = check_project(find_project(Path(start)).root)
    return Problems(str(problem) for problem in report.errors)
