"""Renaming: every place of a name at once, or the reason why that can't be done.

Whatever is renamed stays bound where it was: the names of the edited texts are read, too. If any
two names mean the same that did not before, or no longer do, nothing is renamed; nor if the checks
find a problem that was not there, which they are asked for where few files change.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

import jinja2

from mtvgen.checks.places import Place, Text
from mtvgen.checks.report import Edit
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import SPECIAL
from mtvgen.checks.uses.doubts import has_word, why_fixed, why_unsure
from mtvgen.checks.uses.edits import Refusal, Renaming, edited
from mtvgen.checks.uses.groups import Kind, Node
from mtvgen.checks.uses.index import Index, Occurrence
from mtvgen.checks.uses.members.renaming import rename_attribute, why_attribute_fixed
from mtvgen.checks.uses.names.noting import NewName
from mtvgen.checks.uses.names.reading import names_of
from mtvgen.checks.uses.trial import MOST_TRIED_FILES, by_file, tried
from mtvgen.checks.views.calls import RenderCall
from mtvgen.garbage import garbage_left_alone

# Words of Jinja2's own in expressions.
_WORDS = frozenset(
    {"true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else"}
)

# Words that mean something in some places of tags, and are names in others (Jinja2's parser and its
# extensions of 3.1).
_WORDS_OF_TAGS = frozenset(
    {"as", "context", "ignore", "import", "missing", "notrimmed", "pluralize", "recursive"}
    | {"required", "scoped", "trimmed", "with", "without"}
)


def renamed_at(index: Index, file: str, line: int, column: int) -> Occurrence | Refusal:
    """Return what would be renamed at a place.

    Args:
        index: The names of the project.
        file: A path below the project, with `/`.
        line: The line, from 1.
        column: The number of a character in it, from 1.
    """
    found = index.at(file, line, column)
    if not found:
        return Refusal("There is no name here that can be renamed.")
    for occurrence in found:
        reason = why_fixed(index, occurrence) or why_attribute_fixed(index, occurrence)
        if reason:
            return Refusal(reason)
    return found[0]


def rename(index: Index, file: str, line: int, column: int, new: str) -> Renaming | Refusal:
    """Return what has to change so that a name is another one in all places.

    Args:
        index: The names of the project, as of the last run of the checks. Its cache's files hold
            other texts for a moment.
        file: A path below the project, with `/`.
        line: The line, from 1.
        column: The number of a character in it, from 1.
        new: The new name; of a template or a route, all of it.
    """
    occurrence = renamed_at(index, file, line, column)
    if isinstance(occurrence, Refusal):
        return occurrence
    if new == occurrence.name:
        return Renaming(())
    if occurrence.node.kind is Kind.ATTRIBUTE:
        return rename_attribute(index, occurrence, new)
    if reason := _why_not(index, occurrence, new):
        return Refusal(reason)
    with garbage_left_alone():
        return _Rename(index, occurrence, new).run()


def _why_not(index: Index, occurrence: Occurrence, new: str) -> str:
    """Return what is wrong with a new name by itself."""
    if occurrence.sort == "template":
        return _why_no_template(index, new)
    if occurrence.sort == "route":
        if not new or not _fits_between_quotes(new):
            return f"{new!r} is not the name of a route."
        names = {other.name for other in index.occurrences if other.sort == "route"}
        return f"There is a route of the name {new!r} already." if new in names else ""
    if not (new.isidentifier() and new.isascii()):
        return f"{new!r} is not a name: write letters, digits and _."
    if new in _WORDS or new in SPECIAL or keyword.iskeyword(new):
        return f"{new!r} is a word of Jinja2's or Python's own."
    interpreter = index.cache.interpreter
    if interpreter is not None and new in interpreter.known:
        return f"{new!r} is what every template has by that name."
    return ""


def _why_no_template(index: Index, new: str) -> str:
    store = index.cache.store
    is_inside = not new.startswith("/") and ".." not in new.split("/")
    if not new or not is_inside or not _fits_between_quotes(new):
        return f"{new!r} is not the name of a template."
    if store is not None and store.get(new) is not None:
        return f"There is a template of the name {new!r} already."
    return ""


def _fits_between_quotes(text: str) -> bool:
    """Return whether a text can be written as it is, whichever quotes are around it."""
    return text.isprintable() and not {*text} & {'"', "'", "\\"}


class _Rename:
    """One renaming."""

    def __init__(self, index: Index, occurrence: Occurrence, new: str) -> None:
        self._index = index
        self._occurrence = occurrence
        self._new = new
        self._store = index.cache.store
        sources = index.cache.sources
        assert sources is not None  # noqa: S101  # there is an occurrence
        self._root = sources.root
        self._changed = _also_named(index, occurrence)

    def run(self) -> Renaming | Refusal:
        for occurrence in {other.node: other for other in self._changed}.values():
            if reason := why_fixed(self._index, occurrence):
                return Refusal(reason)
        places = {occurrence.place: occurrence for occurrence in self._changed}
        for call in self._index.cache.renders:
            if self._new in call.names and not places.keys().isdisjoint(call.keywords.values()):
                return Refusal(f"{call.shown} passes {self._new!r} already.")
        edits: list[Edit] = []
        for place, occurrence in sorted(places.items()):
            text = self._written(occurrence)
            if text is None:
                return Refusal(f"{self._new!r} does not begin with what include() puts in front.")
            edits.append(Edit(place, text))
        unsure = tuple(why_unsure(self._index, self._changed))
        if self._occurrence.sort == "template":
            return Renaming(tuple(edits), tuple(self._moves()), unsure)
        if self._occurrence.sort != "route" and (reason := self._tried(edits)):
            return Refusal(reason)
        return Renaming(tuple(edits), (), unsure)

    def _written(self, occurrence: Occurrence) -> str | None:
        """Return what is to be written in a place; None where it can't be."""
        if occurrence.sort not in ("template", "route"):
            return self._new
        written = self._text(occurrence.place.file).at(occurrence.place)
        # A path() has its own part of a route's name, and a template may name one next to it.
        prefix = occurrence.name.removesuffix(written)
        is_part = occurrence.name.endswith(written) and self._new.startswith(prefix)
        return self._new.removeprefix(prefix) if is_part else None

    def _text(self, file: str) -> Text:
        content = self._index.cache.files.read(self._root / file)
        return Text(file, content.decode("utf-8-sig", "replace"))

    def _moves(self) -> Iterator[tuple[str, str]]:
        old = self._store.file_of(self._occurrence.name) if self._store is not None else ""
        directory = old.removesuffix(self._occurrence.name)
        yield old, f"{directory}{self._new}"

    def _tried(self, edits: Sequence[Edit]) -> str:
        """Return what would be wrong with the project then."""
        edited_files = by_file(edits)
        reason = "" if self._is_new() else self._moved(edited_files)
        if reason or len(edited_files) > MOST_TRIED_FILES:
            return reason
        with tried(self._root, self._index.cache, edited_files) as problem:
            return problem

    def _is_new(self) -> bool:
        """Return whether nothing in the project is called so, and nothing can be taken for it."""
        names = {name for call in self._index.cache.renders for name in call.names}
        texts = (template.source for template in self._index.templates())
        return self._new not in names and not any(has_word(text, self._new) for text in texts)

    def _moved(self, edits: Mapping[str, Sequence[Edit]]) -> str:
        """Return which name would mean something other than it did."""
        index, cache = self._index, self._index.cache
        names = dict(index.names)
        changed = {occurrence.place for occurrence in self._changed}
        new_name = NewName(self._new, changed)
        for template in index.templates():
            if template.file not in edits:
                continue
            if cache.pause is not None:
                cache.pause()
            if reason := self._unparsable(template, edits[template.file]):
                return reason
            names[template.name] = names_of(template, new_name)
        renders = [self._with_new_name(call, changed) for call in cache.renders]
        touched = {self._new, *(occurrence.name for occurrence in self._changed)}
        old = index.bound_with(touched)
        new = Index(cache, names=names, renders=renders).bound_with(touched)
        partitions = zip(_partition(old), _partition(new), strict=False)
        for number, (was, will_be) in enumerate(partitions):
            if was != will_be:
                twin = old[number] if old[number].place not in changed else old[will_be]
                return f"{self._new!r} means something else already: {twin.place}."
        if len(old) != len(new):
            return f"Some names would be lost if this were called {self._new!r}."
        return ""

    def _unparsable(self, template: Template, edits: Sequence[Edit]) -> str:
        """Return what would keep a template from being parsed; another name alone seldom does."""
        if self._store is None or not _is_word_of_tags(self._new, self._store.environment):
            return ""
        other = self._store.read_as(template, edited(Text("", template.source), edits))
        return str(other.problems[0]) if other.tree is None else ""

    def _with_new_name(self, call: RenderCall, changed: Set[Place]) -> RenderCall:
        """Return a render call as it will be."""

        def named(name: str) -> str:
            return self._new if call.keywords.get(name) in changed else name

        if changed.isdisjoint(call.keywords.values()):
            return call
        return replace(
            call,
            names={named(name): kind for name, kind in call.names.items()},
            keywords={named(name): place for name, place in call.keywords.items()},
        )


def _is_word_of_tags(name: str, environment: jinja2.Environment) -> bool:
    """Return whether a name may be read as something other than a name, or refused where it is."""
    own = (extension.__class__.__module__ for extension in environment.extensions.values())
    is_known = all(module == "jinja2.ext" for module in own)
    # A name that begins with _ can't be imported.
    return not is_known or name in _WORDS_OF_TAGS or name.startswith("_")


def _also_named(index: Index, occurrence: Occurrence) -> list[Occurrence]:
    """Return all places that change with one: a text that names two things changes both."""
    found: dict[Node, list[Occurrence]] = {}
    waiting = [occurrence]
    while waiting:
        one = waiting.pop()
        node = one.node
        if node not in found:
            found[node] = index.same_as(one)
            for other in found[node]:
                place = other.place
                here = index.at(place.file, place.line, place.column)
                waiting += [twin for twin in here if twin.place == place]
    return [other for same in found.values() for other in same]


def _partition(occurrences: Sequence[Occurrence]) -> list[int]:
    """Return for each occurrence the number of the first one that means the same."""
    first: dict[object, int] = {}
    return [first.setdefault(one.node, number) for number, one in enumerate(occurrences)]
