"""Definitions, references and symbols: what an editor asks about a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mtvgen.checks.places import Place
from mtvgen.checks.uses.index import Index, Occurrence
from mtvgen.checks.uses.template_names import Bound, Named


def definitions(index: Index, file: str, line: int, column: int) -> list[Place]:
    """Return where the name at a place gets its value or its contents.

    Args:
        index: The names of the project.
        file: A path below the project, with `/`.
        line: The line, from 1.
        column: The number of a character in it, from 1.

    Returns:
        Places, sorted; that of a template or a static file is its beginning. Several where several
        views pass a name, or an `if` decides; none where nothing is known.
    """
    found = [
        place for occurrence in index.at(file, line, column) for place in _of(index, occurrence)
    ]
    return sorted(set(found))


def _of(index: Index, occurrence: Occurrence) -> list[Place]:
    if occurrence.sort == "template":
        store = index.cache.store
        template = store.get(occurrence.name) if store is not None else None
        return [Place.at(template.file)] if template is not None and template.stamp else []
    if occurrence.sort == "static":
        return _static_file(index, occurrence.name)
    made = [other for other in index.same_as(occurrence) if other.is_definition]
    if occurrence.sort == "block":
        made = _above(index, occurrence, made) or made
    return [other.place for other in made]


def _static_file(index: Index, name: str) -> list[Place]:
    static, sources = index.cache.loaded.usable.static, index.cache.sources
    if not static or sources is None:
        return []
    path = Path(static, name)
    is_there = index.cache.files.stamp(path) is not None and path.is_relative_to(sources.root)
    return [Place.at(path.relative_to(sources.root).as_posix())] if is_there else []


def _above(index: Index, block: Occurrence, made: Sequence[Occurrence]) -> list[Occurrence]:
    """Return the blocks that one takes the place of: those of its parents."""
    files = {template.file: template.name for template in index.templates()}
    ancestors = index.linking.ancestors.get(files.get(block.place.file, ""), ())
    return [other for other in made if files.get(other.place.file) in ancestors]


def references(index: Index, file: str, line: int, column: int) -> list[Occurrence]:
    """Return every place where what is named at a place is named, sorted, that one included.

    Args:
        index: The names of the project.
        file: A path below the project, with `/`.
        line: The line, from 1.
        column: The number of a character in it, from 1.
    """
    found = {
        other: None
        for occurrence in index.at(file, line, column)
        for other in index.same_as(occurrence)
    }
    return sorted(found, key=lambda other: other.place)


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something that a file defines.

    Attributes:
        kind: What it is.
        name: Its name.
        place: The place of that.
    """

    kind: Literal["block", "macro", "variable", "route"]
    name: str
    place: Place


def symbols(index: Index, file: str) -> list[Symbol]:
    """Return what a file defines: blocks, macros and names at the top of a template, routes.

    Args:
        index: The names of the project.
        file: A path below the project, with `/`.
    """
    template = next((one for one in index.templates() if one.file == file), None)
    if template is None:
        return [
            Symbol("route", one.name, one.place)
            for one in index.in_file(file)
            if one.sort == "route" and one.is_definition
        ]
    names = index.names[template.name]
    macros = {(macro.name.name, macro.name.scope) for macro in names.macros}
    found: list[Symbol] = []
    for mention in names.mentions:
        means = mention.means
        if not mention.is_definition:
            continue
        if isinstance(means, Named) and means.sort == "block":
            found.append(Symbol("block", means.name, mention.place))
        elif isinstance(means, Bound) and (means.name, means.scope) in macros:
            found.append(Symbol("macro", means.name, mention.place))
        elif isinstance(means, Bound) and means.scope is names.top:
            found.append(Symbol("variable", means.name, mention.place))
    return found
