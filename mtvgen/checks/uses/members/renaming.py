"""Renaming an attribute of the project's classes, in all languages that name it.

What surely is the attribute is edited; what may be it is edited once somebody says that it is. The
database keeps the column under its name. Then the project is checked as it will be, by the facts
that an import will show: each place must mean what it meant, and no problem may be new. Where many
files change, that would take too long: no class may have the new name in any case.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import NamedTuple

from mtvgen.checks.facts import ClassFact, Facts
from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.places import Place
from mtvgen.checks.report import Edit
from mtvgen.checks.uses.edits import Refusal, Renaming
from mtvgen.checks.uses.groups import Kind
from mtvgen.checks.uses.index import Index, Occurrence
from mtvgen.checks.uses.members.attributes import Attributes
from mtvgen.checks.uses.members.database_names import NoCall, kept_name
from mtvgen.checks.uses.members.families import Family, defining
from mtvgen.checks.uses.members.form_fields import kept_fields
from mtvgen.checks.uses.members.limits import why_fixed, why_not_called, why_unsure
from mtvgen.checks.uses.members.template_owners import ANY, OTHER
from mtvgen.checks.uses.names.template_names import Member
from mtvgen.checks.uses.trial import MOST_TRIED_FILES, by_file, tried
from mtvgen.garbage import garbage_left_alone

# In place of any class of the family; no class is called so.
_SAME = "="


def rename_attribute(index: Index, occurrence: Occurrence, new: str) -> Renaming | Refusal:
    """Return what has to change so that an attribute is called otherwise in all places.

    Args:
        index: The names of the project, as of the last run of the checks.
        occurrence: The attribute, in one place; it can be renamed.
        new: The new name.
    """
    attributes, family = index.attributes, _family(index, occurrence)
    assert attributes is not None  # noqa: S101  # which has found the attribute
    assert family is not None  # noqa: S101  # it can be renamed
    if reason := why_not_called(attributes, family, new):
        return Refusal(reason)
    with garbage_left_alone():
        return _Rename(index, attributes, family, new).run()


def why_attribute_fixed(index: Index, occurrence: Occurrence) -> str:
    """Return why an attribute of a class can't be renamed; empty where it can, or is another name.

    Args:
        index: The names of the project.
        occurrence: A name in one place.
    """
    family = _family(index, occurrence)
    if family is None or index.attributes is None:
        return ""
    return why_fixed(index.attributes, family)


def _family(index: Index, occurrence: Occurrence) -> Family | None:
    """Return the classes that share an attribute; None for any other name."""
    if occurrence.node.kind is not Kind.ATTRIBUTE or index.attributes is None:
        return None
    owner, name = map(str, occurrence.node.key)
    return index.attributes.members.families.of(owner, name)


class _Rename:
    """One renaming."""

    def __init__(self, index: Index, attributes: Attributes, family: Family, new: str) -> None:
        self._index = index
        self._attributes = attributes
        self._family = family
        self._new = new
        self._is_method = any(
            isinstance(statement, ast.FunctionDef) and not statement.decorator_list
            for _, node in attributes.members.families.definitions(family)
            for statement in defining(node, family.name)
        )

    def run(self) -> Renaming | Refusal:
        sure, doubtful = set(), set()
        for place, owners, is_called, _ in _places(
            self._index, self._attributes, self._family.name
        ):
            kinds = {self._kind(owner) for owner in owners}
            if kinds == {_SAME}:
                sure.add(place)
            elif kinds == {ANY} and is_called and not self._is_method:
                continue  # a column can't be called
            elif kinds <= {_SAME, ANY}:
                doubtful.add(place)
            elif _SAME in kinds:
                other = sorted(kinds - {_SAME, ANY})[0]
                return Refusal(self._also(place, other))
        kept = list(kept_fields(self._attributes.sources, self._family, self._new))
        sure -= {field.place for field in kept}
        edits = [Edit(place, self._new) for place in sure]
        edits += dict.fromkeys(edit for field in kept for edit in field.edits)
        for edit in self._names_in_database():
            if isinstance(edit, NoCall):
                why = "the database calls the column by it, which can't be written otherwise there"
                return Refusal(f"{self._family.name!r} can't be renamed: {why} ({edit.place}).")
            edits.append(edit)
        edits.sort(key=lambda edit: edit.place)
        if reason := self._tried(edits):
            return Refusal(reason)
        unsure = tuple(why_unsure(self._index, self._attributes, self._family))
        more = tuple(Edit(place, self._new) for place in sorted(doubtful - sure))
        return Renaming(tuple(edits), (), unsure, more)

    def _kind(self, owner: str) -> str:
        if owner in self._family.classes:
            return _SAME
        return ANY if owner in self._family.others else owner

    def _also(self, place: Place, other: str) -> str:
        """Return why a place that gets two kinds of objects can't be edited."""
        name = self._family.name
        what = "something" if other == OTHER else f"a {other.rpartition('.')[2]}"
        return (
            f"{place} is also given {what} whose {name!r} is another attribute: rename that, too."
        )

    def _names_in_database(self) -> Iterator[Edit | NoCall]:
        family, members = self._family, self._attributes.members
        for module, node in members.families.definitions(family):
            column = self._column_of(f"{module.name}.{node.name}")
            for statement in defining(node, family.name) if column is not None else ():
                kept = column if column == family.name else ""
                edits = kept_name(module, statement, kept, self._new)
                yield from [edits] if isinstance(edits, NoCall) else edits

    def _column_of(self, definer: str) -> str | None:
        """Return what the database calls the column of a class; None if it is not a column."""
        members = self._attributes.members
        for dotted in self._attributes.types.descendants(definer):
            fact = members.fact(dotted)
            if fact is not None:
                column = fact.columns.get(self._family.name)
                return column.name if column is not None else None
        return None

    # The project as it will be

    def _tried(self, edits: list[Edit]) -> str:
        """Return what would be wrong with the project then."""
        edited_files = by_file(edits)
        if len(edited_files) > MOST_TRIED_FILES:
            return ""
        before = self._bindings(self._index)
        root, cache = self._attributes.sources.root, self._index.cache
        facts = renamed_facts(cache.loaded.usable, self._family, self._new)
        with tried(root, cache, edited_files, facts) as problem:
            if problem:
                return problem
            after = self._bindings(Index(cache))
        for (was, place), (will_be, _) in zip(before, after, strict=False):
            if was != will_be:
                return f"{self._new!r} would mean something else: {place}."
        same_number = len(before) == len(after)
        return "" if same_number else f"Some names would be lost if this were called {self._new!r}."

    def _bindings(self, index: Index) -> list[tuple[tuple[str, ...], Place]]:
        """Return what everything of both names is an attribute of, in the order of the files."""
        assert index.attributes is not None  # noqa: S101  # there was an attribute
        found = [
            (one.place, tuple(sorted({self._kind(owner) for owner in one.owners})))
            for name in (self._family.name, self._new)
            for one in _places(index, index.attributes, name)
            if not one.is_of_field
        ]
        return [((place.file, *kinds), place) for place, kinds in sorted(found)]


class _Named(NamedTuple):
    """A place where a name is that of an attribute.

    Attributes:
        place: The place.
        owners: The classes that it may be of; among them may be ANY and OTHER.
        is_called: Whether it is called there.
        is_of_field: Whether it is in quotes for a form's field, which may come or go.
    """

    place: Place
    owners: Set[str]
    is_called: bool
    is_of_field: bool = False


def _places(index: Index, attributes: Attributes, name: str) -> Iterator[_Named]:
    """Yield all places where a name is that of an attribute."""
    for found in attributes.members.named(name):
        yield _Named(found.place, {found.owner}, found.is_called, found.is_of_field)
    owners: Mapping[Position, Set[str]] = {}
    if attributes.owners is not None:
        owners = attributes.owners.all_of(name)
    for template, names in index.names.items():
        for mention in names.by_name.get(name, ()):
            means = mention.means
            is_such = isinstance(means, Member)
            # What an import or a namespace() has is not an object's.
            if is_such and index.linking.node_of(template, means).kind is Kind.MEMBER:
                kinds = owners.get(Position(template, means.mark), {ANY})  # type: ignore[union-attr]  # a Member
                yield _Named(mention.place, kinds, _is_called(index, mention.place))


def _is_called(index: Index, place: Place) -> bool:
    """Return whether a name in a template has `(` behind it."""
    template = index.template_at(place.file)
    line = template.tokens.text.line(place.end_line) if template is not None else ""
    return line[place.end_column - 1 :].startswith("(")


def renamed_facts(facts: Facts, family: Family, new: str) -> Facts:
    """Return what an import will show once an attribute is called otherwise."""
    classes = {
        dotted: _renamed(fact, family.name, new) if dotted in family.classes else fact
        for dotted, fact in facts.classes.items()
    }
    return replace(facts, classes=classes)


def _renamed(fact: ClassFact, old: str, new: str) -> ClassFact:
    def called(name: str) -> str:
        return new if name == old else name

    return replace(
        fact,
        attributes={called(name): kind for name, kind in fact.attributes.items()},
        nullable=frozenset(map(called, fact.nullable)),
        columns={called(name): column for name, column in fact.columns.items()},
        keywords=frozenset(map(called, fact.keywords)) if fact.keywords is not None else None,
    )
