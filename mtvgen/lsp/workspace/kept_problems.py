"""Problems inside a block whose opener is half-typed: they stay while it is being typed.

`{% for note in no` says nothing about `note` any more, so that what was wrong with it below would
vanish and come back with each key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mtvgen.checks.report import Problem
from mtvgen.checks.templates.template import Template
from mtvgen.lsp.workspace.moved_lines import MovedLines
from mtvgen.lsp.workspace.open_texts import moved_related


class KeptProblems:
    """The problems of templates at the time when these could last be parsed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, tuple[Problem, ...]]] = {}

    def added_to(
        self, problems: Sequence[Problem], templates: Iterable[Template]
    ) -> Iterator[Problem]:
        """Yield problems, and those that a half-typed opener hides.

        Args:
            problems: What is known of the templates as they are.
            templates: Those that are open.
        """
        yield from problems
        for template in templates:
            here = tuple(problem for problem in problems if problem.file == template.file)
            if template.repaired is None:
                self._known[template.file] = (template.source, here)
            else:
                yield from self._hidden(template, here)

    def _hidden(self, template: Template, here: Iterable[Problem]) -> Iterator[Problem]:
        text, known = self._known.get(template.file, ("", ()))
        bodies = (
            [tag.body for tag in template.repaired.tags if tag.body] if template.repaired else []
        )
        if not bodies or not known:
            return
        lines = MovedLines(text, template.source)
        shown = {(problem.id, problem.place) for problem in here}
        for problem in known:
            place = lines.place(problem.place)
            if place is None or (problem.id, place) in shown:
                continue
            if any(body[1:3] <= place[1:3] < body[3:5] for body in bodies):
                moved = moved_related(problem.related, {template.file: lines})
                yield replace(problem, place=place, related=moved)
