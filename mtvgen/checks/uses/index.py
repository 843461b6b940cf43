"""All names of a project with what they mean: asked by an editor, and never by a plain check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property

from mtvgen.checks.cache import Cache
from mtvgen.checks.places import Place
from mtvgen.checks.rendering.entries import calls_of_runtime
from mtvgen.checks.templates.template import Template
from mtvgen.checks.uses.groups import Kind, Node
from mtvgen.checks.uses.linking import Linking
from mtvgen.checks.uses.members.attributes import Attributes
from mtvgen.checks.uses.members.found import Found
from mtvgen.checks.uses.names.on_demand import NamesOnDemand, is_at, mentions_at
from mtvgen.checks.uses.names.reading import names_of
from mtvgen.checks.uses.names.template_names import (
    Argument,
    Bound,
    Imported,
    Meaning,
    Member,
    Mention,
    Named,
    Read,
    TemplateNames,
)
from mtvgen.checks.uses.origins import Origins
from mtvgen.checks.uses.python_index import PythonNames
from mtvgen.checks.uses.python_names import PythonName
from mtvgen.checks.views.calls import RenderCall
from mtvgen.garbage import garbage_left_alone
from mtvgen.records import record

_BY_WAY_OF_NAMES = (Argument, Member, Imported)


@record(frozen=True, slots=True)
class Occurrence:
    """A name, as it is written in one place.

    Attributes:
        sort: What it is the name of: `name`, `keyword`, `attribute`, `block`, `filter`, `test`,
            `template`, `route`, `static` or `view`.
        name: The name.
        place: Its place, without the quotes that it may be in.
        node: What means the same has the same.
        is_definition: Whether it gets its value or its contents here.
        is_fixed: Why it can't be written otherwise; empty where it can.
        is_translated: Whether it is a part of a text to translate.
    """

    sort: str
    name: str
    place: Place
    node: Node
    is_definition: bool = False
    is_fixed: str = ""
    is_translated: bool = False


class Index:
    """The names of a project, as of the last run of the checks.

    Args:
        cache: What that run has kept.
        names: The names of templates, where these are tried out; then attributes stay unknown.
        renders: The render calls, where these are.
        python: The names in Python files of an earlier run, taken while they are the same.

    Attributes:
        cache: The same.
        python: The names in Python files.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        names: Mapping[str, TemplateNames] | None = None,
        renders: Sequence[RenderCall] | None = None,
        python: PythonNames | None = None,
    ) -> None:
        self.cache = cache
        self._is_trial = names is not None
        self._renders = cache.renders if renders is None else renders
        self._names = names
        if python is None or not python.is_current(cache, self._renders):
            python = PythonNames(cache, self._renders)
        self.python = python

    def prepare(self) -> None:
        """Find out what means the same: the first question would wait for it."""
        _ = self.linking
        if self.cache.pause is not None:
            self.cache.pause()
        _ = self.python.all

    @cached_property
    def names(self) -> Mapping[str, TemplateNames]:
        """The names of each template."""
        with garbage_left_alone():
            return dict(self._read()) if self._names is None else self._names

    @cached_property
    def linking(self) -> Linking:
        """What means the same."""
        with garbage_left_alone():
            return Linking(self.names, self._all_renders(), self.known)

    @property
    def known(self) -> frozenset[str]:
        """The names that every template has."""
        interpreter = self.cache.interpreter
        return interpreter.known if interpreter is not None else frozenset()

    @cached_property
    def origins(self) -> Origins | None:
        """Where names get their values; None without templates."""
        store = self.cache.store
        return (
            Origins(NamesOnDemand(store), store, self._all_renders()) if store is not None else None
        )

    def _all_renders(self) -> list[RenderCall]:
        """Return the render calls, and those that mtvgen itself makes."""
        store = self.cache.store
        return [*self._renders, *(calls_of_runtime(store) if store is not None else ())]

    def _read(self) -> Iterator[tuple[str, TemplateNames]]:
        for template in self.templates():
            if self.cache.pause is not None:
                self.cache.pause()
            yield template.name, template.once(names_of)

    def templates(self) -> Iterator[Template]:
        """Yield all templates."""
        store = self.cache.store
        names = store.names() if store is not None else ()
        for name in names:
            template = store.get(name) if store is not None else None
            if template is not None:
                yield template

    def at(self, file: str, line: int, column: int) -> list[Occurrence]:
        """Return the names at a place; two where one text names two things.

        Args:
            file: A path below the project, with `/`.
            line: The line, from 1.
            column: The number of a character in it, from 1; behind the last one counts too.
        """
        template = self.template_at(file)
        if template is None:
            named = map(self._of_python, self.python_at(file, line, column))
            attributes = self.attributes.at(file, line, column) if self.attributes else ()
            return [*named, *map(self._of_found, attributes)]
        return [
            occurrence
            for mention in mentions_at(template, line, column)
            for occurrence in self._of_mention(template.name, mention)
        ]

    def template_at(self, file: str) -> Template | None:
        """Return the template that a file is; None for any other."""
        name, store = self._by_file.get(file), self.cache.store
        return store.get(name) if name is not None and store is not None else None

    def python_at(self, file: str, line: int, column: int) -> list[PythonName]:
        """Return the names at a place of a Python file, but for attributes of classes."""
        return [one for one in self.python.in_file(file) if is_at(one.place, line, column)]

    def same_as(self, occurrence: Occurrence) -> list[Occurrence]:
        """Return every place where the same thing is named, sorted, this one included."""
        node, name = occurrence.node, occurrence.name
        if node not in self._same:
            named = (
                other
                for template, names in self.names.items()
                for mention in names.by_name.get(name, ())
                for other in self._of_mention(template, mention)
            )
            in_python = map(self._of_python, self.python.named(name))
            attributes = map(self._of_found, self.attributes.named(node) if self.attributes else ())
            every = (*named, *in_python, *attributes)
            found = dict.fromkeys(one for one in every if one.node == node)
            self._same[node] = sorted(found, key=lambda one: (one.place, one.sort))
        return self._same[node]

    def in_file(self, file: str) -> list[Occurrence]:
        """Return the names in a file, by place."""
        template = self._by_file.get(file)
        if template is None:
            return list(map(self._of_python, self.python.in_file(file)))
        mentions = self.names[template].mentions
        return [one for mention in mentions for one in self._of_mention(template, mention)]

    @cached_property
    def occurrences(self) -> list[Occurrence]:
        """All names but attributes in Python, by file and place; to ask for all takes time."""
        with garbage_left_alone():
            in_templates = (
                occurrence
                for template, names in self.names.items()
                for mention in names.mentions
                for occurrence in self._of_mention(template, mention)
            )
            python = map(self._of_python, self.python.all)
            # What one text names comes in the same order whatever it is called.
            found = dict.fromkeys((*in_templates, *python))
            return sorted(found, key=lambda one: (one.place, one.sort))

    def bound_with(self, names: Set[str]) -> list[Occurrence]:
        """Return all that may mean something else when one of some names is another of them.

        These are the names themselves, and what is found by way of a name: arguments of calls,
        attributes of imports. What depends on types is left out: no name changes these.
        """
        with garbage_left_alone():
            in_templates = (
                occurrence
                for template, known in self.names.items()
                for mention in known.mentions
                if mention.means.name in names or isinstance(mention.means, _BY_WAY_OF_NAMES)
                for occurrence in self._of_mention(template, mention)
            )
            in_python = (self._of_python(one) for name in names for one in self.python.named(name))
            found = dict.fromkeys((*in_templates, *in_python))
            kinds = (Kind.MEMBER, Kind.ATTRIBUTE)
            free = (one for one in found if one.node.kind not in kinds)
            return sorted(free, key=lambda one: (one.place, one.sort))

    @cached_property
    def _by_file(self) -> Mapping[str, str]:
        """The names of templates by their files."""
        return {template.file: template.name for template in self.templates()}

    @cached_property
    def _same(self) -> dict[Node, list[Occurrence]]:
        return {}

    # Templates

    def _of_mention(self, template: str, mention: Mention) -> Iterator[Occurrence]:
        means, place = mention.means, mention.place
        node = self.linking.node_of(template, means)
        # namespace(count=0) makes an attribute.
        is_made = mention.is_definition or (
            isinstance(means, Argument) and node.kind is Kind.NAMESPACE
        )
        details = (is_made, "", mention.is_translated)
        is_attribute = self.attributes is not None and isinstance(means, Member)
        attributes = self.attributes.in_template(template, means) if is_attribute else []  # type: ignore[union-attr, arg-type]  # it is one
        for one in attributes or [node]:
            yield Occurrence(_sort(means), means.name, place, one, *details)

    @cached_property
    def attributes(self) -> Attributes | None:
        """The attributes of the project's classes; None where names are tried out."""
        sources = self.cache.sources
        if sources is None or self._is_trial:
            return None
        return Attributes(self.cache, sources, self._renders)

    # Python files

    def _of_found(self, found: Found) -> Occurrence:
        assert self.attributes is not None  # noqa: S101  # which has found it
        node = self.attributes.node_of(found)
        return Occurrence("attribute", found.name, found.place, node, found.is_definition)

    def _of_python(self, found: PythonName) -> Occurrence:
        self.linking.link(found.name)
        node = self.linking.groups.find(found.node)
        details = (found.is_definition, found.is_fixed)
        return Occurrence(found.sort, found.name, found.place, node, *details)


def _sort(means: Meaning) -> str:
    match means:
        case Named(sort):
            return sort
        case Member():
            return "attribute"
        case Read() | Bound() | Imported() | Argument():
            return "name"
