"""A project is checked as it will be after some edits, for a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mtvgen.checks.cache import Cache
from mtvgen.checks.facts import Facts
from mtvgen.checks.report import Edit
from mtvgen.checks.run import check_project
from mtvgen.checks.uses.edits import project_with

MOST_TRIED_FILES = 20  # with more of them edited, the checks would begin from the start


@contextmanager
def tried(
    root: Path, cache: Cache, by_file: Mapping[str, Sequence[Edit]], facts: Facts | None = None
) -> Iterator[str]:
    """Check a project with some edits, and once more without them.

    Args:
        root: The project's directory.
        cache: What the last run has kept; inside, what one with the edits has found.
        by_file: The edits.
        facts: What an import will show then; without it, what the last one has shown.

    Yields:
        A problem that is not there without the edits; empty if there is none.
    """
    known = Counter(problem.id for problem in cache.report.errors)
    try:
        with project_with(root, cache, by_file), cache.loaded.holding(facts):
            after = check_project(root, cache).errors
            more = Counter(problem.id for problem in after) - known
            yield str(next(one for one in after if one.id in more)) if more else ""
    finally:
        # Whoever ends the one run needs what this one keeps.
        cache.pause = None
        check_project(root, cache)


def by_file(edits: Sequence[Edit]) -> dict[str, list[Edit]]:
    """Return edits by the files that they are in."""
    files: dict[str, list[Edit]] = {}
    for edit in edits:
        files.setdefault(edit.place.file, []).append(edit)
    return files
