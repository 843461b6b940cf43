"""The problems of Python files by themselves: names, answers, what other frameworks have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from mtvgen.checks.facts import Facts, RouteFact
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem
from mtvgen.checks.views.dropped_answers import dropped_answers
from mtvgen.checks.views.functions import Views
from mtvgen.checks.views.missing_answers import missing_answers
from mtvgen.checks.views.old_names import old_names, set_on_requests
from mtvgen.checks.views.undefined_names import undefined_names
from mtvgen.checks.views.wrong_answers import wrong_answers

# For each file what its problems were made from, and these.
KeptProblems: TypeAlias = dict[str, tuple[tuple[Any, ...], tuple[Problem, ...]]]


def python_problems(
    sources: Sources, facts: Facts, kept: KeptProblems, pause: Callable[[], None] | None = None
) -> Iterator[Problem]:
    """Yield what is wrong in the project's Python files, whatever its templates say.

    Args:
        sources: The files.
        facts: The project as it runs: which functions are views, and which classes models.
        kept: What the last run has found, to be taken where a file and its imports are the same.
        pause: Called before each file.
    """
    views = _views(sources, facts.routes or ())
    modules = sources.modules.values()
    on_requests = set_on_requests(modules)
    own_views: dict[str, dict[int, frozenset[str]]] = {}
    for (file, line), methods in views.items():
        own_views.setdefault(file, {})[line] = methods
    for module in modules:
        if pause is not None:
            pause()
        # A Module is one version of a file.
        imported = {sources.modules[name] for name in sources.imported_by(module.name)}
        of_views = own_views.get(module.file, {})
        key = (module, imported, of_views, facts.classes, facts.problems, on_requests)
        if module.file not in kept or kept[module.file][0] != key:
            kept[module.file] = (key, tuple(_problems(module, sources, facts, views, on_requests)))
        yield from kept[module.file][1]


def _problems(
    module: Module, sources: Sources, facts: Facts, views: Views, on_requests: frozenset[str]
) -> Iterator[Problem]:
    dropped = list(dropped_answers(module, sources, views))
    yield from dropped
    yield from missing_answers(module, sources, views, dropped)
    yield from wrong_answers(module, sources, views)
    yield from old_names(module, sources, facts.classes, on_requests)
    yield from undefined_names(module, sources, facts.problems)


def _views(sources: Sources, routes: Iterable[RouteFact]) -> Views:
    """Return where the functions are now whose answer is a route's."""
    by_file = {module.file: module for module in sources.modules.values()}
    views: Views = {}
    for route in routes:
        if route.function is not None and route.function[0] in by_file:
            file, name, line = route.function
            for first_line in by_file[file].lines_of([(name, line)]):
                methods = views.get((file, first_line), frozenset())
                views[file, first_line] = methods | frozenset(route.methods)
    return views
