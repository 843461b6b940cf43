"""Which of two names is the misspelt one: a form's, or the view's."""

from __future__ import annotations

import re
from typing import NamedTuple

from mtvgen.checks.reading.reads import Read


class Sides(NamedTuple):
    """Where a mistake may be; both, if nothing tells."""

    in_form: bool
    in_view: bool


def misspelt_sides(read: Read, name: str, template: str, attributes: frozenset[str]) -> Sides:
    """Return whether the form or the view has a name wrong.

    A name that is right is used elsewhere, too: as a column, an id, an argument; a slip is made
    once.

    Args:
        read: The key in the view.
        name: The name in the form.
        template: The text of the template.
        attributes: The names of all attributes of models.
    """
    texts = (template, read.spot.module.text.text)
    of_key = _count(read.key, texts) + (read.key in attributes) - 1
    of_name = _count(name, texts) + (name in attributes) - 1
    if of_key and of_name:
        return Sides(in_form=True, in_view=True)
    return Sides(in_form=not of_name, in_view=not of_key and of_name > 0)


def _count(word: str, texts: tuple[str, ...]) -> int:
    pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    return sum(len(pattern.findall(text)) for text in texts)
