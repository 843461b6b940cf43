"""Problems that a project has silenced, and comments that silence nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mtvgen.checks.ids import IDS, NEVER_SILENT, NOT_EVERYWHERE
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, meant_by
from mtvgen.checks.silence.comments import Ignore
from mtvgen.checks.silence.configuration import Configuration


class Silence:
    """Takes out of what was found what is not to be said.

    Args:
        ignores: The comments of all files.
        configuration: The patterns.
        all_checked: Whether every check could be made, so that a comment that silences nothing
            is there for nothing.
    """

    def __init__(
        self, ignores: Iterable[Ignore], configuration: Configuration, *, all_checked: bool
    ) -> None:
        self._ignores: dict[str, list[Ignore]] = {}
        for ignore in ignores:
            self._ignores.setdefault(ignore.place.file, []).append(ignore)
        self._configuration = configuration
        self._all_checked = all_checked

    def filtered(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Yield the problems that are left, and the notes on the comments."""
        used: set[Place] = set()
        for problem in problems:
            silencing = list(self._silencing(problem))
            used.update(silencing)
            if not silencing and not self._configuration.ignores(problem):
                yield problem
        yield from self._configuration.problems
        for ignores in self._ignores.values():
            for ignore in ignores:
                yield from self._notes(ignore, used)

    def _silencing(self, problem: Problem) -> Iterator[Place]:
        """Yield the places of the ids that silence a problem."""
        if problem.id in NEVER_SILENT:
            return
        for ignore in self._ignores.get(problem.file, ()):
            if ignore.covers(problem.place):
                yield from (place for name, place in ignore.ids if name == problem.id)

    def _notes(self, ignore: Ignore, used: set[Place]) -> Iterator[Problem]:
        if not ignore.ids:
            message = "this names no id, so it silences nothing."
            advice = "-> mtvgen: ignore[...], with the id from the end of the problem's line"
            yield _note("check.ignore", ignore.place, message, advice)
        for name, place in ignore.ids:
            if name not in IDS:
                message = f"no problem has the id {name!r}, so this silences nothing."
                advice = "-> the id from the end of the problem's line"
                meant = meant_by(name, IDS)
                yield _note("check.ignore", place, message, "" if meant else advice, meant)
            elif name in NEVER_SILENT:
                message = f"{name} can't be silenced."
                yield _note("check.ignore", place, message, "-> fix it")
            elif place not in used and self._all_checked and name not in NOT_EVERYWHERE:
                message = f"no {name} is found here, so this silences nothing."
                yield _note("check.unused-ignore", place, message, "-> remove it")


def _note(kind: str, place: Place, message: str, advice: str, meant: str = "") -> Problem:
    return Problem(kind, place, message, advice, "note", meant)
