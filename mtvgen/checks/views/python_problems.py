"""The problems of Python files by themselves: names, answers, what other frameworks have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mtvgen.checks.facts import Facts
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import LookedInto, Sources
from mtvgen.checks.report import Problem
from mtvgen.checks.views.dropped_answers import dropped_answers
from mtvgen.checks.views.functions import Views
from mtvgen.checks.views.missing_answers import missing_answers
from mtvgen.checks.views.old_names import old_names, set_on_requests
from mtvgen.checks.views.undefined_names import undefined_names
from mtvgen.checks.views.wrong_answers import wrong_answers


@dataclass
class KeptProblems:
    """What a run keeps of Python files for the next one.

    Attributes:
        by_file: For each file what its problems were made from, and these.
        modules: The names of all files: with one more a name may mean something else.
    """

    by_file: dict[str, tuple[tuple[Any, ...], LookedInto, tuple[Problem, ...]]] = field(
        default_factory=dict
    )
    modules: frozenset[str] = frozenset()


def python_problems(
    sources: Sources, facts: Facts, kept: KeptProblems, pause: Callable[[], None] | None = None
) -> Iterator[Problem]:
    """Yield what is wrong in the project's Python files, whatever its templates say.

    Args:
        sources: The files.
        facts: The project as it runs: which functions are views, and which classes models.
        kept: What the last run has found, to be taken where a file is the same, and those that it
            was found out from: of most of these the names at the top, and not what is done there.
        pause: Called before each file.
    """
    modules = sources.modules.values()
    on_requests = set_on_requests(modules)
    routes: dict[str, list[tuple[str, int, tuple[str, ...]]]] = {}
    for route in facts.routes or ():
        if route.function is not None:
            file, name, line = route.function
            routes.setdefault(file, []).append((name, line, tuple(route.methods)))
    if kept.modules != sources.modules.keys():
        kept.modules = frozenset(sources.modules)
        kept.by_file.clear()
    for module in modules:
        if pause is not None:
            pause()
        own_routes = routes.get(module.file, [])
        key = (module, own_routes, facts.classes, on_requests)
        old_key, looked_into, problems = kept.by_file.get(module.file, ((), LookedInto(), ()))
        if old_key != key or not looked_into.say_the_same(sources.modules):
            with sources.noting() as looked_into:
                views = _views(module, own_routes)
                problems = tuple(_problems(module, sources, facts, views, on_requests))
            kept.by_file[module.file] = (key, looked_into, problems)
        yield from problems
        yield from undefined_names(module, sources, facts.problems)


def _problems(
    module: Module, sources: Sources, facts: Facts, views: Views, on_requests: frozenset[str]
) -> Iterator[Problem]:
    dropped = list(dropped_answers(module, sources, views))
    yield from dropped
    yield from missing_answers(module, sources, views, dropped)
    yield from wrong_answers(module, sources, views)
    yield from old_names(module, sources, facts.classes, on_requests)


def _views(module: Module, routes: Iterable[tuple[str, int, tuple[str, ...]]]) -> Views:
    """Return where the functions of a file are now whose answer is a route's."""
    views: Views = {}
    for name, line, methods in routes:
        for first_line in module.lines_of([(name, line)]):
            known = views.get((module.file, first_line), frozenset())
            views[module.file, first_line] = known | frozenset(methods)
    return views
