"""Inlay hints: the types of the names that a template gives a value: `for note: Note in notes`.

A literal says what it is, and so does nothing of which the type is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mtvgen.checks.places import Place
from mtvgen.checks.templates.scopes import given_names
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.type_words import words_of


class Hint(NamedTuple):
    """A type, and the name that it is shown behind."""

    place: Place
    kind: str


def inlay_hints(here: Here, first: int, last: int) -> Iterator[Hint]:
    """Yield the hints of a template's lines, which count from 1."""
    template = here.template
    if template is None or template.tree is None:
        return
    for target in given_names(template.tree):
        place = template.place(target)
        shown = here.in_document(place)
        if shown is None or not first <= shown.line <= last:
            continue
        names = here.names_at(place)
        if names is not None and (kind := words_of(names.types_given(target))):
            yield Hint(shown, kind)
