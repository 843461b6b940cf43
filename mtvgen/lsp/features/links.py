"""Document links: the templates and the static files that a template names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mtvgen.checks.places import Place
from mtvgen.checks.templates.occurrences import occurrences
from mtvgen.lsp.workspace.here import Here


class Link(NamedTuple):
    """A text in quotes, and the file that it names."""

    place: Place
    target: Path


def links(here: Here) -> Iterator[Link]:
    """Yield the links of a document."""
    if here.template is not None:
        for occurrence in occurrences(here.template):
            target = _target(here, occurrence.sort, occurrence.name)
            place = here.in_document(occurrence.place)
            if target is not None and place is not None:
                yield Link(place, target)
    elif here.module is not None:
        for call in here.engine.cache.renders:
            is_here = call.written is not None and call.written.file == here.file
            target = _target(here, "template", call.template or "")
            if is_here and call.is_literal and call.written is not None and target is not None:
                yield Link(call.written, target)


def _target(here: Here, sort: str, name: str) -> Path | None:
    if sort == "template":
        template = here.store.get(name) if here.store is not None else None
        is_there = template is not None and template.stamp is not None
        return here.engine.root / template.file if is_there and template is not None else None
    if sort == "static":
        directory = Path(here.engine.facts.static or here.engine.root / "static")
        path = directory / name
        return path if path.is_relative_to(directory) and path.is_file() else None
    return None
