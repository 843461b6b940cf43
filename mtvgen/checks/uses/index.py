"""All names of a project with what they mean: asked by an editor, and never by a plain check."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.places import Place
from mtvgen.checks.python.types import Types
from mtvgen.checks.rendering.pages import calls_of_runtime
from mtvgen.checks.run import Cache, collecting_later
from mtvgen.checks.templates.store import Template
from mtvgen.checks.uses.attributes import owners_of_attributes
from mtvgen.checks.uses.linking import Kind, Linking, Node
from mtvgen.checks.uses.python_names import (
    PythonName,
    names_of_addresses,
    names_of_attributes,
    names_of_renders,
    names_of_routes,
)
from mtvgen.checks.uses.reading import names_of
from mtvgen.checks.uses.template_names import (
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
from mtvgen.checks.views.calls import RenderCall


@dataclass(frozen=True, slots=True)
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

    Attributes:
        cache: The same.
        names: The names of each template.
        linking: What means the same.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        names: Mapping[str, TemplateNames] | None = None,
        renders: Sequence[RenderCall] | None = None,
    ) -> None:
        self.cache = cache
        self._is_trial = names is not None
        self._renders = cache.renders if renders is None else renders
        with collecting_later():
            self.names: Mapping[str, TemplateNames] = names or {
                template.name: template.once(names_of) for template in self.templates()
            }
            known = cache.interpreter.known if cache.interpreter is not None else frozenset()
            of_runtime = calls_of_runtime(cache.store) if cache.store is not None else ()
            self.linking = Linking(self.names, (*self._renders, *of_runtime), known).run()

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
        found = self.by_file.get(file, [])
        # No name goes over the end of a line.
        start = bisect_left(found, line, key=lambda one: one.place.line)
        end = bisect_right(found, (line, column), key=lambda one: one.place[1:3])
        return [one for one in found[start:end] if one.place.end_column >= column]

    def same_as(self, occurrence: Occurrence) -> list[Occurrence]:
        """Return every place where the same thing is named, sorted, this one included."""
        return self.by_node.get(occurrence.node, [])

    @cached_property
    def occurrences(self) -> list[Occurrence]:
        """All names, by file and place."""
        with collecting_later():
            in_python = map(self._of_python, self._in_python())
            # What one text names comes in the same order whatever it is called.
            found = dict.fromkeys((*self._in_templates(), *in_python))
            return sorted(found, key=lambda one: (one.place, one.sort))

    @cached_property
    def by_file(self) -> Mapping[str, list[Occurrence]]:
        """Each file's names."""
        found: dict[str, list[Occurrence]] = {}
        for occurrence in self.occurrences:
            found.setdefault(occurrence.place.file, []).append(occurrence)
        return found

    @cached_property
    def by_node(self) -> Mapping[Node, list[Occurrence]]:
        """The names that mean the same."""
        found: dict[Node, list[Occurrence]] = {}
        for occurrence in self.occurrences:
            found.setdefault(occurrence.node, []).append(occurrence)
        return found

    def _in_templates(self) -> Iterator[Occurrence]:
        for template, names in self.names.items():
            for mention in names.mentions:
                yield from self._of_mention(template, mention)

    def _of_mention(self, template: str, mention: Mention) -> Iterator[Occurrence]:
        means, place = mention.means, mention.place
        node = self.linking.node_of(template, means)
        is_made = mention.is_definition or (
            isinstance(means, Argument) and node.kind is Kind.NAMESPACE
        )
        details = (is_made, "", mention.is_translated)
        owners = self._owners(template, means)
        if not owners:
            yield Occurrence(_sort(means), means.name, place, node, *details)
        for owner in owners:
            attribute = Node(Kind.ATTRIBUTE, (owner, means.name))
            yield Occurrence("attribute", means.name, place, attribute, *details)

    def _owners(self, template: str, means: Meaning) -> list[str]:
        if not isinstance(means, Member):
            return []
        return sorted(self._attributes.get((Position(template, means.mark), means.name), ()))

    @cached_property
    def _attributes(self) -> Mapping[tuple[Position, str], set[str]]:
        cache = self.cache
        if cache.interpreter is None or cache.sources is None or self._is_trial:
            return {}
        types = Types(cache.sources, cache.loaded.usable.classes)
        return owners_of_attributes(cache.interpreter, types, self._renders)

    def _in_python(self) -> Iterator[PythonName]:
        cache = self.cache
        yield from names_of_renders(self._renders)
        yield from names_of_addresses(cache.urls)
        if cache.sources is not None:
            yield from names_of_routes(cache.sources, cache.loaded.usable.routes or ())
            wanted: dict[str, set[str]] = {}
            for (_, name), owners in self._attributes.items():
                for owner in owners:
                    wanted.setdefault(owner, set()).add(name)
            yield from names_of_attributes(cache.sources, wanted)

    def _of_python(self, found: PythonName) -> Occurrence:
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
