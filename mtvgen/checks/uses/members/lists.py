"""Attributes in lists (mtvgen.runtime.lists), whose addresses and pages go by their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen import runtime
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.uses.members.families import Family
from mtvgen.checks.uses.members.found import Found, place_of_text

# Named, and not imported: most sites have no list, and it would be loaded for all.
_LISTING = frozenset(
    {f"{runtime.__name__}.lists.Listing", f"{runtime.__name__}.lists.listing.Listing"}
)
_IN_ADDRESSES = frozenset({"sort", "filters"})


def firsts_of_lists(module: Module, sources: Sources, name: str) -> Iterator[Found]:
    """Yield where a list of a file is sorted by an attribute at first: `first="-price"`."""
    for call in _lists(module):
        model = sources.resolve(module.dotted_name(call.args[0]))
        for keyword in call.keywords:
            text = keyword.value
            if keyword.arg != "first" or not isinstance(text, ast.Constant):
                continue
            place = place_of_text(module, text)
            sign = str(text.value).startswith("-")
            if place is not None and str(text.value)[sign:] == name:
                yield Found(name, place._replace(column=place.column + sign), model)


def in_addresses(module: Module, sources: Sources, family: Family) -> Iterator[str]:
    """Yield the places of a file where a list takes the name of an attribute for its addresses."""
    for call in _lists(module):
        for keyword in call.keywords:
            parts = ast.walk(keyword.value) if keyword.arg in _IN_ADDRESSES else ()
            named = (one for one in parts if isinstance(one, ast.Attribute))
            for node in (one for one in named if one.attr == family.name):
                if sources.resolve(module.dotted_name(node.value)) in family.classes:
                    yield str(module.place(node))


def _lists(module: Module) -> list[ast.Call]:
    return module.once(_read_lists)


def _read_lists(module: Module) -> list[ast.Call]:
    if module.tree is None or b"Listing" not in module.source:
        return []
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and node.args)
    return [call for call in calls if module.dotted_name(call.func) in _LISTING]
