"""Code actions: cures as edits, and the next piece of a page that is being made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mtvgen.checks.report import Problem
from mtvgen.lsp.actions.edits import Changes, Step
from mtvgen.lsp.actions.imports import missing_imports
from mtvgen.lsp.actions.new_pages import create_template, next_step
from mtvgen.lsp.actions.passed_names import steps_to_pass
from mtvgen.lsp.workspace.here import Here

_URL_FOR = re.compile(r"\burl_for\(\s*(?:\"([^\"\n]*)\"|'([^'\n]*)')([^()]*)")
_POST = re.compile(r"<form\b[^<]*\bmethod\s*=\s*[\"']?post\b", re.IGNORECASE)
_NOT_FOUND = frozenset({"views.template-not-found", "templates.not-found"})


class Action(NamedTuple):
    """One entry of the list.

    Attributes:
        title: What it does.
        changes: The changes.
        problem: The problem that it is a cure of, if it is.
        is_preferred: Whether it is what was most likely meant.
    """

    title: str
    changes: Changes
    problem: Problem | None = None
    is_preferred: bool = False


def actions(here: Here, end: int) -> list[Action]:
    """Return the code actions from one place to another, the likeliest first.

    Args:
        here: Where it begins.
        end: The offset at which it ends.
    """
    found: list[Action] = []
    for problem in _problems(here, end):
        if problem.fix:
            title = f"Replace with {problem.meant!r}"
            found.append(Action(title, Changes(problem.fix), problem, is_preferred=True))
        found += (Action(*step, problem) for step in _steps(here, problem))
    found += (Action(*step) for step in _next_steps(here, end))
    if here.module is not None:
        found += (Action(*step) for step in missing_imports(here))
    unique: dict[str, Action] = {}
    for action in found:
        unique.setdefault(action.title, action)
    return list(unique.values())


def _problems(here: Here, end: int) -> Iterator[Problem]:
    """Yield the problems that a selection touches."""
    first, last = here.lines.place(here.offset, end)[1:3], here.lines.place(here.offset, end)[3:5]
    for problem in here.engine.problems:
        if problem.file != here.file:
            continue
        place = problem.place
        if place[1:3] == place[3:]:  # what is said of a whole line
            is_touched = first[0] <= place.line <= last[0]
        else:
            is_touched = place[1:3] <= last and first <= place[3:]
        if is_touched:
            yield problem


def _steps(here: Here, problem: Problem) -> Iterator[Step]:
    """Yield what else may cure a problem."""
    written = here.lines.at(problem.place)
    if problem.id in _NOT_FOUND and (step := create_template(here, written)):
        yield step
    if problem.id == "views.missing-name" and here.template_name is not None:
        yield from steps_to_pass(here, here.template_name, written)


def _next_steps(here: Here, end: int) -> Iterator[Step]:
    """Yield what the routes lack that are named from one place to another."""
    for match in _URL_FOR.finditer(here.text):
        if match.start() <= end and here.offset <= match.end():
            is_of_form = _is_of_form(here.text, match.start())
            step = next_step(here, match[1] or match[2] or "", match[3], is_of_form=is_of_form)
            if step is not None:
                yield step
    last = here.lines.line_at(end)
    for route in here.routes:
        is_here = route.call.lineno <= last and here.line <= (route.call.end_lineno or 0)
        if route.module.file == here.file and is_here:
            step = next_step(here, route.name)
            if step is not None:
                yield step


def _is_of_form(text: str, offset: int) -> bool:
    """Return whether a place is in the tag of a form that sends POST."""
    return _POST.match(text, max(0, text.rfind("<", 0, offset))) is not None
