"""The problems of Python files by themselves: names, answers, what other frameworks have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mtvgen.checks.facts import Facts, RouteFact
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem
from mtvgen.checks.views.dropped_answers import dropped_answers
from mtvgen.checks.views.functions import Views
from mtvgen.checks.views.missing_answers import missing_answers
from mtvgen.checks.views.old_names import old_names, set_on_requests
from mtvgen.checks.views.undefined_names import undefined_names
from mtvgen.checks.views.wrong_answers import wrong_answers


def python_problems(sources: Sources, facts: Facts) -> Iterator[Problem]:
    """Yield what is wrong in the project's Python files, whatever its templates say.

    Args:
        sources: The files.
        facts: The project as it runs: which functions are views, and which classes models.
    """
    views = _views(sources, facts.routes or ())
    modules = sources.modules.values()
    on_requests = set_on_requests(modules)
    for module in modules:
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
