"""Definitions, references and symbols: what an editor asks about a place."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mtvgen.checks.places import Place
from mtvgen.checks.templates.template import Template
from mtvgen.checks.uses.groups import Kind, Node
from mtvgen.checks.uses.index import Index, Occurrence
from mtvgen.checks.uses.names.on_demand import mentions_at
from mtvgen.checks.uses.names.reading import names_of
from mtvgen.checks.uses.names.template_names import Bound, Member, Mention, Named, Read
from mtvgen.records import record


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
    template = index.template_at(file)
    if template is None:
        found = [
            place
            for one in index.python_at(file, line, column)
            for place in _of_python(index, one.sort, one.name, one.node)
        ]
        found += index.attributes.definitions_at(file, line, column) if index.attributes else []
    else:
        found = [
            place
            for mention in mentions_at(template, line, column)
            for place in _of_mention(index, template, mention)
        ]
    return sorted(set(found))


def _of_python(index: Index, sort: str, name: str, node: Node) -> list[Place]:
    """Return where what a Python file names is made."""
    if sort == "template":
        return _template_file(index, name)
    named = index.python.routes_named if sort == "route" else index.python.named
    same = (one for one in named(name) if one.node == node)
    return [one.place for one in same if one.is_definition]


def _of_mention(index: Index, template: Template, mention: Mention) -> list[Place]:
    """Return where what a template names is made."""
    means, name = mention.means, mention.means.name
    match means:
        case Named("template"):
            return _template_file(index, name)
        case Named("static"):
            return _static_file(index, name)
        case Named("block"):
            return _blocks_above(index, template, name)
        case Named(sort):
            return _of_python(index, sort, name, Node(Kind[sort.upper()], (name,)))
        case Member():
            attributes = (
                index.attributes.definitions(template.name, means) if index.attributes else []
            )
            if attributes:
                return attributes
    found = index.origins.of(template.name, mention) if index.origins is not None else []
    if found or not isinstance(means, Read):
        return found
    return _of_python(index, "global", name, Node(Kind.GLOBAL, (name,)))


def _template_file(index: Index, name: str) -> list[Place]:
    store = index.cache.store
    template = store.get(name) if store is not None else None
    return [Place.at(template.file)] if template is not None and template.stamp else []


def _static_file(index: Index, name: str) -> list[Place]:
    static, sources = index.cache.loaded.usable.static, index.cache.sources
    if not static or sources is None:
        return []
    path = Path(static, name)
    is_there = index.cache.files.stamp(path) is not None and path.is_relative_to(sources.root)
    return [Place.at(path.relative_to(sources.root).as_posix())] if is_there else []


def _blocks_above(index: Index, template: Template, name: str) -> list[Place]:
    """Return the blocks that one takes the place of, which are its parents'; else itself."""
    store, origins = index.cache.store, index.origins
    if store is None or origins is None:
        return []
    parents = map(store.get, origins.ways.ancestors(template.name))
    for templates in ([parent for parent in parents if parent is not None], [template]):
        found = [
            one.place(one.tree.blocks[name])
            for one in templates
            if one.tree is not None and name in one.tree.blocks
        ]
        if found:
            return found
    return []


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


@record(frozen=True, slots=True)
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
    template = index.template_at(file)
    if template is None:
        return [
            Symbol("route", one.name, one.place)
            for one in index.python.in_file(file)
            if one.sort == "route" and one.is_definition
        ]
    names = template.once(names_of)
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
