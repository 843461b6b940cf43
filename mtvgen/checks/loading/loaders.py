"""Sources of a project's templates: its directories, and whatever else a loader has."""

from __future__ import annotations

from collections.abc import Iterator

import jinja2


def template_directories(loader: jinja2.BaseLoader | None) -> Iterator[str]:
    """Yield the directories in which a loader looks for templates, in their order."""
    for part in _parts(loader):
        if isinstance(part, jinja2.FileSystemLoader):
            yield from part.searchpath


def templates_elsewhere(loader: jinja2.BaseLoader | None) -> frozenset[str] | None:
    """Return the names of the templates that are in no such directory.

    None if they can't be listed.
    """
    names: set[str] = set()
    for part in _parts(loader):
        if not isinstance(part, jinja2.FileSystemLoader):
            try:
                names.update(part.list_templates())
            except Exception:  # TypeError by Jinja2's own; the project's may raise anything
                return None
    return frozenset(names)


def _parts(loader: jinja2.BaseLoader | None) -> Iterator[jinja2.BaseLoader]:
    if isinstance(loader, jinja2.ChoiceLoader):
        for part in loader.loaders:
            yield from _parts(part)
    elif loader is not None:
        yield loader
