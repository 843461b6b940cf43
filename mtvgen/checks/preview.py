"""A run that answers first for the files that somebody has open.

An edit of a layout or of shared macros changes what is known of each page that uses it. What no
open file depends on is left as the last run has found it, and a whole run follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem

# What tells a problem from others: its id and its place.
Key: TypeAlias = tuple[str, Place]


class Preview:
    """What such a run looks at.

    Args:
        files: The files that are open.

    Attributes:
        files: The same, and those that have changed since a page was looked at.
        left: The pages that are left as they were; if there are any, a whole run is to follow.
    """

    def __init__(self, files: Iterable[str]) -> None:
        self.files = frozenset(files)
        self.left: frozenset[str] = frozenset()
        self._known: dict[str, set[Key]] = {}

    def note(self, page: str, keys: Iterable[Key]) -> None:
        """Note what was wrong with a page the last time."""
        self._known.setdefault(page, set()).update(keys)

    def leave(
        self, outdated: Mapping[str, Collection[str]], changed: Iterable[str], wanted: Iterable[str]
    ) -> None:
        """Choose the pages that are left as they were.

        For each open or changed file one page is looked at that it is a part of; and for each
        problem in such a file, one that had it, so that it goes when it was fixed, and not before.

        Args:
            outdated: The pages of which something has changed, with the files of each.
            changed: The files that have.
            wanted: Pages that are looked at in any case.
        """
        self.files = self.files.union(changed)
        looked_at = set(wanted).intersection(outdated)
        seen = {file for page in looked_at for file in outdated[page]}
        covered = {key for page in looked_at for key in self._known.get(page, ())}
        for page, files in outdated.items():
            keys = self._known.get(page, set())
            shown = {key for key in keys - covered if key[1].file in self.files}
            if shown or not (self.files.intersection(files) <= seen):
                looked_at.add(page)
                seen.update(files)
                covered |= keys
        self.left = frozenset(outdated.keys() - looked_at)

    def still_holds(self, problem: Problem) -> bool:
        """Return whether a problem of a page that is left is not looked at with another one."""
        return problem.file not in self.files
