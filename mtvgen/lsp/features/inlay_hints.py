"""Inlay hints: the types of the names that a template gives a value: `for note: Note in notes`.

A literal says what it is, and so does nothing of which the type is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mtvgen.checks.places import Place
from mtvgen.checks.rendering.names_at import NamesAt
from mtvgen.checks.templates.scopes import given_names
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.type_words import words_of


class Hint(NamedTuple):
    """A type, and the name that it is shown behind."""

    place: Place
    kind: str


def inlay_hints(here: Here, first: int, last: int) -> Iterator[Hint]:
    """Yield the hints of a template's lines, which count from 1."""
    template, interpreter = here.template, here.engine.cache.interpreter
    if template is None or template.tree is None or interpreter is None:
        return
    calls = here.calls_that_reach(template.name)
    for target in given_names(template.tree):
        place = template.place(target)
        if first <= place.line <= last:
            names = NamesAt(template, place.line, place.column, calls, interpreter, here.types)
            if kind := words_of(names.types_given(target)):
                yield Hint(place, kind)
