"""Files of templates that the editor moves, or a directory of them: what names them is edited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mtvgen.checks.report import Edit
from mtvgen.checks.uses.edits import Renaming
from mtvgen.checks.uses.rename import rename
from mtvgen.lsp.workspace.engine import Engine


def moved_templates(engine: Engine, old: Path, new: Path) -> Renaming:
    """Return the edits of what names a template, or the templates of a directory.

    Args:
        engine: What is known of the project.
        old: The file or the directory, as it is called now.
        new: What it will be called.
    """
    edits: dict[Edit, None] = {}
    unsure: dict[str, None] = {}
    for name, new_name in _names(engine, old, new):
        place = next(
            (
                one.place
                for one in engine.index.occurrences
                if one.sort == "template" and one.name == name
            ),
            None,
        )
        if place is None:
            continue
        found = rename(engine.index, place.file, place.line, place.column, new_name)
        if isinstance(found, Renaming):
            edits.update(dict.fromkeys(found.edits))
            unsure.update(dict.fromkeys(found.unsure))
    return Renaming(tuple(edits), (), tuple(unsure))


def _names(engine: Engine, old: Path, new: Path) -> Iterator[tuple[str, str]]:
    """Yield the old and the new name of each template that is moved."""
    name, new_name = engine.template_name(old), engine.template_name(new)
    store = engine.cache.store
    if name is None or new_name is None or store is None:
        return
    for other in store.names():
        if other == name:
            yield name, new_name
        elif other.startswith(f"{name}/"):
            yield other, f"{new_name}{other.removeprefix(name)}"
