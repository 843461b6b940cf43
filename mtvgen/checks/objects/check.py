"""All that is wrong with objects in Python files; those that have changed are looked at again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from mtvgen.checks.facts import Facts
from mtvgen.checks.objects.answers import wrong_answers
from mtvgen.checks.objects.arguments import unknown_keywords, wrong_lookups
from mtvgen.checks.objects.attributes import unknown_attributes
from mtvgen.checks.objects.conditions import python_conditions
from mtvgen.checks.objects.defaults import defaults_called_once
from mtvgen.checks.objects.form_calls import form_calls
from mtvgen.checks.objects.owners import Owners
from mtvgen.checks.objects.refused_calls import refused_calls
from mtvgen.checks.objects.stores import unsaved_attributes
from mtvgen.checks.objects.uses import Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.checks.report import Problem


@dataclass
class ObjectCache:
    """What a run keeps for the next one: the problems of each file, while its key is the same."""

    by_file: dict[str, tuple[tuple[object, ...], list[Problem]]] = field(default_factory=dict)
    stored: object = None


class ObjectChecks:
    """Finds what is wrong with models, requests and settings in Python files.

    Args:
        sources: The project's files.
        facts: What the running project knows.
        types: The types of the project.
        uses: What each file asks of objects, by its path.
        texts: Returns the templates, which read what Python files store.
    """

    def __init__(
        self,
        sources: Sources,
        facts: Facts,
        types: Types,
        uses: Mapping[str, Uses],
        texts: Callable[[], list[str]],
    ) -> None:
        self._sources = sources
        self._is_whole = facts.loaded
        self._uses = uses
        self._owners = Owners(sources, facts.classes, facts.objects, types, uses.values())
        self._texts = texts
        self._views = {route.function[:2] for route in facts.routes or () if route.function}

    def problems(self, cache: ObjectCache, depends_on: tuple[object, ...]) -> Iterator[Problem]:
        """Yield the problems, those of most files as the last run found them.

        Args:
            cache: What the last run kept.
            depends_on: What the types depend on; the same objects while that is the same.
        """
        if not self._is_whole:
            return
        if self._owners.stored != cache.stored:
            cache.stored = self._owners.stored
        for module in self._sources.modules.values():
            uses = self._uses.get(module.file, Uses())
            key = (uses, cache.stored, *depends_on)
            old_key, problems = cache.by_file.get(module.file, ((), []))
            if not _are_the_same(old_key, key):
                problems = list(self._problems_of(module, uses))
                cache.by_file[module.file] = (key, problems)
            yield from problems
            yield from wrong_answers(module, uses, self._owners, self._views)
            if uses.stores:
                everything = self._uses.values()
                yield from unsaved_attributes(module, uses, self._owners, everything, self._texts)

    def _problems_of(self, module: Module, uses: Uses) -> Iterator[Problem]:
        yield from unknown_attributes(module, uses, self._owners)
        yield from unknown_keywords(module, uses, self._owners)
        yield from wrong_lookups(module, uses, self._owners, self._sources)
        yield from refused_calls(module, uses, self._owners)
        yield from form_calls(module, uses, self._owners, self._sources)
        yield from defaults_called_once(module, uses)
        yield from python_conditions(module, uses, self._owners)


def _are_the_same(old: tuple[object, ...], new: tuple[object, ...]) -> bool:
    same_length = len(old) == len(new)
    return same_length and all(one is other for one, other in zip(old, new, strict=True))
