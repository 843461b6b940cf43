"""The names in Python files that templates share, found by name and by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import is_
from typing import Any

from mtvgen.checks.cache import Cache
from mtvgen.checks.uses.python_names import (
    PythonName,
    names_of_addresses,
    names_of_renders,
    names_of_routes,
    names_of_views,
)
from mtvgen.checks.uses.registered import names_of_registered
from mtvgen.checks.views.calls import RenderCall


class PythonNames:
    """Names in Python files, but for attributes; good while nothing that they are read off changes.

    Args:
        cache: What the last run has kept.
        renders: The render calls.
    """

    def __init__(self, cache: Cache, renders: Sequence[RenderCall]) -> None:
        self._sources = cache.sources
        self._urls = cache.urls
        self._renders = renders
        self._routes = cache.loaded.usable.routes or ()
        self._made_from = _made_from(cache, renders)

    def is_current(self, cache: Cache, renders: Sequence[RenderCall]) -> bool:
        """Return whether these are the names of another run, too."""
        made_from = _made_from(cache, renders)
        is_as_long = len(made_from) == len(self._made_from)
        return is_as_long and all(map(is_, made_from, self._made_from))

    def routes_named(self, name: str) -> Sequence[PythonName]:
        """Return where a `path()` gives a route its name; this takes less than all names."""
        return self._routes_by_name.get(name, ())

    def named(self, name: str) -> Sequence[PythonName]:
        """Return all places of a name."""
        return self._by_name.get(name, ())

    def in_file(self, file: str) -> Sequence[PythonName]:
        """Return the names in a file, by place."""
        return self._by_file.get(file, ())

    @cached_property
    def all(self) -> list[PythonName]:
        """All of them."""
        found = [*names_of_renders(self._renders), *names_of_addresses(self._urls)]
        found += [one for names in self._routes_by_name.values() for one in names]
        if self._sources is not None:
            found += [*names_of_views(self._sources), *names_of_registered(self._sources)]
        return found

    @cached_property
    def _routes_by_name(self) -> Mapping[str, list[PythonName]]:
        if self._sources is None:
            return {}
        return _grouped((one.name, one) for one in names_of_routes(self._sources, self._routes))

    @cached_property
    def _by_name(self) -> Mapping[str, list[PythonName]]:
        return _grouped((one.name, one) for one in self.all)

    @cached_property
    def _by_file(self) -> Mapping[str, list[PythonName]]:
        found = _grouped((one.place.file, one) for one in self.all)
        for names in found.values():
            names.sort(key=lambda one: one.place)
        return found


def _made_from(cache: Cache, renders: Sequence[RenderCall]) -> tuple[Any, ...]:
    modules = cache.sources.modules.values() if cache.sources is not None else ()
    return (cache.loaded.usable.routes, *renders, *cache.urls, *modules)


def _grouped(named: Iterable[tuple[str, PythonName]]) -> dict[str, list[PythonName]]:
    found: dict[str, list[PythonName]] = {}
    for name, one in named:
        found.setdefault(name, []).append(one)
    return found
