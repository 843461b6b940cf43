"""The facts that one run of the checks goes by: the same objects as the last one's while equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from mtvgen.checks.browser.checks import Browser
from mtvgen.checks.browser.policy import ContentPolicy
from mtvgen.checks.browser.visitors import browser_of, policy_for_visitors
from mtvgen.checks.cache import Cache
from mtvgen.checks.facts import RouteFact
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.checks.python_types import Type
from mtvgen.checks.rendering.visitors import VisitorPages, visitor_pages
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.routes.written import conditional_names
from mtvgen.checks.views.calls import Calls


class Known:
    """The facts of a project that is loaded, and whose Python files are read.

    Each part is made when it is asked for.

    Args:
        sources: The Python files, read.
        cache: What the last run kept.
        calls: The calls of each Python file; complete before the first part is asked for.
    """

    def __init__(self, sources: Sources, cache: Cache, calls: Sequence[Calls]) -> None:
        self._sources = sources
        self._cache = cache
        self._calls = calls

    @cached_property
    def types(self) -> Types:
        """The types of the project."""
        facts = self._cache.loaded.usable
        return Types(self._sources, facts.classes, self.returned, facts.objects)

    @cached_property
    def visitor_pages(self) -> VisitorPages:
        """What renders pages for visitors."""
        cache = self._cache
        pages = visitor_pages(cache.loaded.facts.routes or (), self._sources)
        if pages != cache.visitor_pages:
            cache.visitor_pages = pages
        return cache.visitor_pages

    @cached_property
    def returned(self) -> Mapping[str, Type]:
        """What functions without an annotation return."""
        returned = {name: kind for calls in self._calls for name, kind in calls.returned.items()}
        if returned != self._cache.returned:
            self._cache.returned = returned
        return self._cache.returned

    @cached_property
    def browser(self) -> Browser:
        """What the browsers of the site's visitors go by."""
        cache = self._cache
        browser = browser_of(self._sources, cache.loaded.usable, self.policy, self.addresses)
        if browser != cache.browser:
            cache.browser = browser
        return cache.browser

    @cached_property
    def policy(self) -> ContentPolicy | None:
        """The Content-Security-Policy of its pages; None where that is not known."""
        return policy_for_visitors(self._sources)

    @cached_property
    def addresses(self) -> Addresses | None:
        """The names of the loaded routes; None where these are not known."""
        cache, facts = self._cache, self._cache.loaded.facts
        if facts.routes is None:
            return None
        names = conditional_names(self._sources.modules.values())
        kept = cache.addresses
        rest = (facts.all_routes, names)
        if kept is None or kept[1] != rest or not _are_alike(kept[0], facts.routes):
            addresses = Addresses(facts.routes, whole=facts.all_routes, conditional=names)
            cache.addresses = kept = (facts.routes, rest, addresses)
        return kept[2]

    @cached_property
    def declarations(self) -> tuple[Any, ...]:
        """All that the Python files say about types."""
        declarations = self._sources.declarations()
        if declarations != self._cache.declarations:
            self._cache.declarations = declarations
        return self._cache.declarations


def _are_alike(old: Sequence[RouteFact], new: Sequence[RouteFact]) -> bool:
    """Return whether routes are the same but for their lines, which each line above them moves."""
    return old is new or (
        len(old) == len(new)
        and all(a == b or replace(a, line=b.line) == b for a, b in zip(old, new, strict=True))
    )
