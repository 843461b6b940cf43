"""The views that answer at an address, what each reads, and at which addresses a page is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.reading.reader import reads_of
from mtvgen.checks.reading.reads import Reads
from mtvgen.checks.views.callees import Followed, ProjectFunction, ProjectMethod
from mtvgen.checks.views.calls import Calls, RenderCall


@dataclass
class ReadsCache:
    """What views read, kept while no file is added and none that it was read from has changed."""

    names: tuple[str, ...] = ()
    by_view: dict[tuple[str, str, int, str], Reads] = field(default_factory=dict)


class Views:
    """The functions behind routes.

    Args:
        sources: The project's files.
        models: The dotted names of its models.
        cache: What the last run kept.
    """

    def __init__(self, sources: Sources, models: Iterable[str], cache: ReadsCache) -> None:
        self._sources = sources
        self._models = frozenset(models)
        self._kept = cache.by_view
        self._by_file = {module.file: module for module in sources.modules.values()}
        self._functions: dict[str, dict[int, Function]] = {}
        names = (*sources.modules, *models)
        if cache.names != names:
            cache.names = names
            cache.by_view.clear()

    def reads(self, route: RouteFact, method: str) -> Reads | None:
        """Return what the view of a route reads; None where that is not known."""
        if route.function is None:
            return None
        key = (*route.function, method)
        reads = self._kept.get(key)
        if reads is None or not self._is_current(reads):
            found = self.function_of(route)
            if found is None:
                return None
            reads = reads_of(*found, method, self._sources, self._models)
            self._kept[key] = reads
        return reads

    def _is_current(self, reads: Reads) -> bool:
        # Modules are equal where they are the same: each form is asked about at each edit.
        return reads.modules.items() <= self._sources.modules.items()

    def function_of(self, route: RouteFact) -> tuple[Module, Function] | None:
        """Return the function behind a route, and its file."""
        if route.function is None:
            return None
        file, name, line = route.function
        module = self._by_file.get(file)
        lines = module.lines_of([(name, line)]) if module is not None else ()
        function = self._by_line(module).get(*lines) if module is not None and lines else None
        return (module, function) if module is not None and function is not None else None

    def _by_line(self, module: Module) -> Mapping[int, Function]:
        """Return the functions of a file by their first lines, those of decorators included."""
        if module.file not in self._functions:
            self._functions[module.file] = {
                min([node.lineno, *(one.lineno for one in node.decorator_list)]): node
                for node in module.every_function
            }
        return self._functions[module.file]

    def around(self, place: Place) -> tuple[Module, Function] | None:
        """Return the function at the top of a file that a place is in."""
        module = self._by_file.get(place.file)
        for node in module.functions.values() if module is not None else ():
            if module is not None and node.lineno <= place.line <= (node.end_lineno or 0):
                return module, node
        return None


class CallsOfAll(NamedTuple):
    """The calls of all files.

    Attributes:
        renders: The calls of render().
        files: What each file calls.
        resolve: Returns the dotted name of a function that is called.
    """

    renders: Sequence[RenderCall]
    files: Sequence[Calls]
    resolve: Callable[[Followed], str]


class Shown:
    """At which routes a template is shown.

    Args:
        views: The functions behind routes.
        routes: All routes.
        calls: The calls of all files.
    """

    def __init__(self, views: Views, routes: Iterable[RouteFact], calls: CallsOfAll) -> None:
        self._views = views
        self._routes: dict[Function, list[RouteFact]] = {}
        for route in routes:
            found = views.function_of(route)
            if found is not None:
                self._routes.setdefault(found[1], []).append(route)
        self._renders: dict[str | None, list[RenderCall]] = {}
        for call in calls.renders:
            self._renders.setdefault(call.template, []).append(call)
        self._calls = calls
        self._callers: dict[str, list[Place]] | None = None

    def routes_of(self, template: str) -> list[RouteFact] | None:
        """Return the routes whose views render a template; None where they can't be known."""
        found: list[RouteFact] = []
        for call in self._renders.get(template, ()):
            routes = self._routes_around(call.place)
            if routes is None:
                return None
            found += routes
        return found or None

    def _routes_around(self, place: Place | None) -> list[RouteFact] | None:
        """Return the routes that lead to a place in a function."""
        waiting, seen, found = [place], set(), []
        while waiting:
            here = waiting.pop()
            around = self._views.around(here) if here is not None else None
            if around is None:
                return None
            module, function = around
            if function in seen:
                continue
            seen.add(function)
            routes = self._routes.get(function, [])
            callers = self._callers_of(f"{module.name}.{function.name}")
            if not routes and not callers:
                return None
            found += routes
            waiting += callers
        return found

    def _callers_of(self, name: str) -> list[Place]:
        if self._callers is None:
            self._callers = {}
            for site in (site for calls in self._calls.files for site in calls.sites):
                if isinstance(site.callee, ProjectFunction | ProjectMethod):
                    name_of_callee = self._calls.resolve(site.callee)
                    self._callers.setdefault(name_of_callee, []).append(site.place)
        return self._callers.get(name, [])
