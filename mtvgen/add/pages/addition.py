"""Pages for a model as an addition to a project: its new files, and its line in `urls.py`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mtvgen.add.addition import Addition, Edit
from mtvgen.add.pages.generate import SHARED
from mtvgen.add.pages.generated import GeneratedPages
from mtvgen.add.project_edits import with_pages


def pages_addition(root: Path, pages: GeneratedPages) -> Addition:
    """Return the addition of pages to a project.

    Args:
        root: The project's directory. Files that the pages of all models share stay as they are.
        pages: The pages.
    """
    files = {
        name: text.encode()
        for name, text in pages.files.items()
        if name not in SHARED or not os.path.lexists(root / name)
    }
    edits = [_routes(pages), *(_link(pages, *link) for link in pages.links)]
    tests = (f"tests/test_{pages.module}.py",)
    return Addition(f"pages for {pages.model}", files, tuple(edits), tests)


def _routes(pages: GeneratedPages) -> Edit:
    access = (pages.rule[0], pages.rule[1]) if pages.rule else None
    written = f", access={pages.rule[1]}" if pages.rule else ""
    return Edit(
        "urls.py",
        f'include("{pages.at}", {pages.module}.urlpatterns{written})',
        "at the end of urlpatterns",
        lambda urls: with_pages(urls, pages.module, pages.at, access),
    )


def _link(pages: GeneratedPages, file: str, old: str, new: str) -> Edit:
    """Return the edit of a template that is as it was generated."""
    return Edit(
        file,
        f"links to the pages for {pages.model}",
        "where its rows are shown",
        _replacing(old.encode(), new.encode()),
    )


def _replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: new if data == old else data
