"""The names of templates, read when somebody asks for them, and those at one place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping

from mtvgen.checks.places import Place
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.checks.uses.names.reading import names_of
from mtvgen.checks.uses.names.template_names import Mention, TemplateNames


class NamesOnDemand(Mapping[str, TemplateNames]):
    """The names of each template, read when somebody asks for them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, name: str) -> TemplateNames:
        template = self._store.get(name)
        if template is None:
            raise KeyError(name)
        return template.once(names_of)

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.names())

    def __len__(self) -> int:
        return len(self._store.names())


def mentions_at(template: Template, line: int, column: int) -> list[Mention]:
    """Return the names at a place of a template."""
    mentions = template.once(names_of).mentions
    start = bisect_left(mentions, line, key=lambda mention: mention.place.line)
    end = bisect_right(mentions, line, key=lambda mention: mention.place.line)
    return [mention for mention in mentions[start:end] if is_at(mention.place, line, column)]


def is_at(place: Place, line: int, column: int) -> bool:
    """Return whether a name is at a place."""
    # No name goes over the end of a line.
    return place.line == line and place.column <= column <= place.end_column
