"""A place where an attribute is named, and of which class it is."""

from __future__ import annotations

import ast

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.records import record


@record(frozen=True)
class Found:
    """A place where an attribute is named.

    Attributes:
        name: The attribute.
        place: The place.
        owner: The dotted name of the class; empty where it may be any.
        is_definition: Whether the class defines it here.
        is_called: Whether it is called, as no column is.
        is_of_field: Whether it is in quotes for a form's field, of which it is not the name.
    """

    name: str
    place: Place
    owner: str
    is_definition: bool = False
    is_called: bool = False
    is_of_field: bool = False


def place_of_text(module: Module, text: ast.Constant) -> Place | None:
    """Return the place of what is between quotes; None where it is not written as it is."""
    place = module.place(text)
    return place if module.text.at(place) == text.value else None


def span_of(node: ast.expr) -> tuple[int | None, ...]:
    """Return what tells an expression apart from all others of its file."""
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
