"""Attributes of the project's classes, as the index of all names asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from mtvgen.checks.cache import Cache
from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.places import Place
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.checks.uses.groups import Kind, Node
from mtvgen.checks.uses.members.class_bodies import definitions_of
from mtvgen.checks.uses.members.found import Found
from mtvgen.checks.uses.members.members import Members
from mtvgen.checks.uses.members.template_owners import Owners
from mtvgen.checks.uses.names.template_names import Member
from mtvgen.checks.views.calls import RenderCall


class Attributes:
    """Attributes in templates and in Python files, by the classes that they are of.

    Args:
        cache: What the last run of the checks has kept.
        sources: The project's Python files.
        renders: The render calls.

    Attributes:
        sources: The same.
        types: The types of the project.
        members: Those in Python files.
        owners: Those in templates; None if there are no templates.
    """

    def __init__(self, cache: Cache, sources: Sources, renders: Sequence[RenderCall]) -> None:
        facts, interpreter = cache.loaded.usable, cache.interpreter
        self.sources = sources
        self.types = Types(sources, facts.classes, cache.returned, facts.objects)
        self.owners: Owners | None = None
        if interpreter is not None:
            self.owners = Owners(interpreter, self.types, renders)
        self._cache = cache

    @cached_property
    def members(self) -> Members:
        """The attributes in Python files."""
        return Members(self._cache, self.sources, self.types)

    def in_template(self, template: str, member: Member) -> list[Node]:
        """Return what an attribute in a template may be, by the classes that it may be of."""
        if self.owners is None:
            return []
        classes = self.owners.of(member.name).get(Position(template, member.mark), ())
        return list(dict.fromkeys(self._of_class(one, member.name) for one in sorted(classes)))

    def definitions(self, template: str, member: Member) -> list[Place]:
        """Return where the classes define what is an attribute in a template."""
        if self.owners is None:
            return []
        classes = self.owners.at(member.name, Position(template, member.mark))
        return list(self._defined(sorted(classes), member.name))

    def definitions_at(self, file: str, line: int, column: int) -> list[Place]:
        """Return the same for an attribute in a Python file."""
        here = self.at(file, line, column)
        return [place for one in here for place in self._defined([one.owner], one.name)]

    def _defined(self, classes: Iterable[str], name: str) -> Iterator[Place]:
        for dotted in classes:
            yield from (one.place for one in definitions_of(self.sources, dotted, name))

    def at(self, file: str, line: int, column: int) -> list[Found]:
        """Return the attributes that are named at a place of a Python file."""
        modules = self.sources.modules.values()
        module = next((one for one in modules if one.file == file), None)
        return list(self.members.at(module, line, column)) if module is not None else []

    def named(self, node: Node) -> list[Found]:
        """Return where Python files may name an attribute."""
        is_such = node.kind is Kind.ATTRIBUTE
        return self.members.named(str(node.key[-1])) if is_such else []

    def node_of(self, found: Found) -> Node:
        """Return what an attribute in a Python file is: by itself where it may be of any class."""
        family = self.members.family_of(found)
        if family is not None and found.owner in family.classes:
            return self._of_class(found.owner, found.name)
        return Node(Kind.MEMBER, (*found.place, found.name))

    def _of_class(self, owner: str, name: str) -> Node:
        """Return the attribute of a class, which is also that of all that inherit it."""
        family = self.members.families.of(owner, name)
        return Node(Kind.ATTRIBUTE, (family.key if family is not None else owner, name))
