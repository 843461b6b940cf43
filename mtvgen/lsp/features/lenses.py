"""Code lenses: above a template who renders it, above a view its routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mtvgen.checks.places import Place
from mtvgen.lsp.features.pages import address, routes_of, views_of
from mtvgen.lsp.workspace.here import Here


class Lens(NamedTuple):
    """A line above a piece of a file."""

    place: Place
    title: str


def lenses(here: Here) -> Iterator[Lens]:
    """Yield the lenses of a document."""
    if here.template_name is not None:
        for call, addresses in views_of(here, here.template_name):
            yield Lens(Place.at(here.file), ", ".join([call.shown, *addresses]))
    elif here.module is not None:
        for name, node in here.module.functions.items():
            routes = routes_of(here, f"{here.module.name}.{name}")
            if routes:
                place = here.module.place(node)
                yield Lens(place, ", ".join(address(route) for route in routes))
