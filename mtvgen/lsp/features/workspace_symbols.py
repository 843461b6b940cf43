"""Symbols of the workspace: routes, templates and models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mtvgen.checks.places import Place
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.written_routes import written_routes

# SymbolKind of the protocol.
_FILE, _CLASS, _EVENT = 1, 5, 24


class Found(NamedTuple):
    """A symbol, its SymbolKind, and where it is."""

    name: str
    kind: int
    place: Place


def workspace_symbols(engine: Engine, query: str) -> Iterator[Found]:
    """Yield the symbols of a project whose names have a text in them."""
    wanted = query.casefold()
    return (found for found in _all(engine) if wanted in found.name.casefold())


def _all(engine: Engine) -> Iterator[Found]:
    sources, store = engine.cache.sources, engine.cache.store
    for route in written_routes(sources) if sources is not None else ():
        if route.name:
            yield Found(route.name, _EVENT, route.place)
    for name in store.names() if store is not None else ():
        yield Found(name, _FILE, Place.at(store.file_of(name) if store is not None else name))
    for dotted in engine.facts.classes:
        definition = sources.find_class(dotted) if sources is not None else None
        if definition is not None:
            module, node = definition
            yield Found(node.name, _CLASS, module.place(node))
