"""What keeps a name from being renamed, and what makes it uncertain that all places are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mtvgen.checks.uses.groups import Kind
from mtvgen.checks.uses.index import Index, Occurrence
from mtvgen.checks.uses.names.template_names import Argument, CallOf, Read

_FIXED_SORTS = {
    "filter": "A filter is renamed where it is registered.",
    "test": "A test is renamed where it is registered.",
    "static": "Rename the file in static/, and what names it.",
}


def why_fixed(index: Index, occurrence: Occurrence) -> str:
    """Return why what is named in a place can't be renamed; empty where it can.

    Args:
        index: The names of the project.
        occurrence: One of them.
    """
    name = occurrence.name
    if occurrence.sort in _FIXED_SORTS:
        return _FIXED_SORTS[occurrence.sort]
    same = index.same_as(occurrence)
    for other in same:
        if other.is_fixed:
            return f"{name!r} can't be renamed here: {other.is_fixed} ({other.place})."
    doubts, groups = index.linking.doubts, index.linking.groups
    if any(groups.find(node) == occurrence.node for node, _ in doubts.given):
        return f"{name!r} is what every template has by that name."
    for node, call in doubts.unwritten:
        if groups.find(node) == occurrence.node:
            return f"{call.shown} passes {name!r} in a dict, or by way of another function."
    is_made = any(other.is_definition for other in same)
    if not is_made and occurrence.sort in ("attribute", "name"):
        return f"It is not known where {name!r} comes from."
    return _elsewhere(index, same)


def _elsewhere(index: Index, occurrences: Iterable[Occurrence]) -> str:
    """Return which place is not in a file of the project's own."""
    sources = index.cache.sources
    for occurrence in occurrences:
        path = occurrence.place.file
        if sources is None or path.startswith("/"):
            return f"{occurrence.place} is not a file of the project."
    return ""


def why_unsure(index: Index, changed: Iterable[Occurrence]) -> Iterator[str]:
    """Yield why more may have to change than is known, a sentence each.

    Args:
        index: The names of the project.
        changed: What is renamed.
    """
    changed = list(changed)
    nodes, names = {one.node for one in changed}, {one.name for one in changed}
    groups = index.linking.groups
    shown = {call.shown for node, call in index.linking.doubts.open if groups.find(node) in nodes}
    for call in sorted(shown):
        yield f"{call} passes **names, which may hold it."
    for one in changed:
        if one.is_translated:
            yield f"{one.place}: a text to translate changes, too."
    if changed[0].sort in ("template", "route", "block"):
        yield from _in_other_texts(index, changed)
    else:
        yield from _unread(index, names)
        yield from _computed(index, changed, names)
        yield from _calls(index, changed, names)


def _unread(index: Index, names: set[str]) -> Iterator[str]:
    """Yield the templates that can't be parsed, and may use a name."""
    for template in index.templates():
        is_unread = template.tree is None or template.repaired is not None
        if is_unread and any(has_word(template.source, name) for name in names):
            yield f"{template.file} can't be parsed, and has the same word in it."


def _computed(index: Index, changed: list[Occurrence], names: set[str]) -> Iterator[str]:
    """Yield the templates that use computed ones, which may have the name from there."""
    files = {one.place.file for one in changed}
    computing = [
        template
        for template in index.templates()
        if template.file in files and index.names[template.name].is_computed
    ]
    if not computing:
        return
    nodes = {one.node for one in changed}
    others = {
        one.name
        for one in index.occurrences
        if one.name in names and one.sort == "name" and one.node not in nodes
    }
    for template in computing:
        if others:
            yield f"{template.file} uses a computed template, which may need the name."


def _calls(index: Index, changed: list[Occurrence], names: set[str]) -> Iterator[str]:
    """Yield the calls that may give an argument to a macro, and are not known to."""
    if not any(one.node.kind is Kind.LOCAL and one.is_definition for one in changed):
        return
    parameters = {
        (template, scope.number, name)
        for template, known in index.names.items()
        for scope in known.scopes
        for name, binding in scope.bound.items()
        if binding.is_parameter and name in names
    }
    if not any(one.node.key in parameters for one in changed):
        return
    for template, known in index.names.items():
        for mention in known.mentions:
            means = mention.means
            is_such = isinstance(means, Argument) and means.name in names
            if is_such and _may_be_macro(index, template, means.call):  # type: ignore[union-attr]  # an Argument
                yield f"{mention.place}: what is called here is not known."
        for call in known.calls:
            if call.is_open and index.linking.macros_of(template, call):
                yield f"{template} calls a macro with **names, which may hold it."


def _may_be_macro(index: Index, template: str, call: CallOf) -> bool:
    """Return whether a call may be one of a macro that is not known."""
    if not isinstance(call.callee, Read) or index.linking.macros_of(template, call):
        return call.callee is None
    known = index.cache.interpreter.known if index.cache.interpreter is not None else ()
    return call.callee.name not in known


def _in_other_texts(index: Index, changed: list[Occurrence]) -> Iterator[str]:
    """Yield the Python files that have a name in quotes in other places, too."""
    sources, name = index.cache.sources, changed[0].name
    if sources is None or changed[0].sort == "block":
        return
    for module in sources.modules.values():
        quoted = len(re.findall(rf"([\"']){re.escape(name)}\1", module.text.text))
        places = {one.place for one in changed if one.place.file == module.file}
        if quoted > len(places):
            yield f"{module.file} has the text {name!r} in another place, too."


def has_word(text: str, word: str) -> bool:
    """Return whether a text has a word in it that is not a part of another."""
    return re.search(rf"\b{re.escape(word)}\b", text) is not None
