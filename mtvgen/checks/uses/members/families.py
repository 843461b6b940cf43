"""Classes that share an attribute: those that define it, and all that inherit it from them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.records import record


@record(frozen=True)
class Family:
    """The classes that have one attribute in common.

    Attributes:
        name: The attribute.
        classes: All classes that have it from each other, by their dotted names.
        definers: Those whose bodies define it.
        others: The classes of the project that they inherit from, and that do not have it.
    """

    name: str
    classes: frozenset[str]
    definers: frozenset[str]
    others: frozenset[str]

    @property
    def key(self) -> str:
        """The class that stands for all of them."""
        return min(self.definers)


class Families:
    """Finds them.

    Args:
        sources: The project's files.
        types: The types of the project.
    """

    def __init__(self, sources: Sources, types: Types) -> None:
        self._sources = sources
        self._types = types
        self._known: dict[tuple[str, str], Family | None] = {}

    def of(self, dotted: str, name: str) -> Family | None:
        """Return the classes that share an attribute with one of them.

        Args:
            dotted: The resolved dotted name of a class.
            name: The attribute.

        Returns:
            None where no class of the project defines it.
        """
        key = (dotted, name)
        if key not in self._known:
            self._known[key] = None
            family = self._read(dotted, name)
            members = family.classes if family is not None else ()
            self._known.update(((member, name), family) for member in members)
        return self._known[key]

    def _read(self, dotted: str, name: str) -> Family | None:
        classes: set[str] = set()
        definers: set[str] = set()
        above: set[str] = set()
        waiting = [dotted]
        while waiting:
            one = waiting.pop()
            if one in classes:
                continue
            classes.add(one)
            ancestors = self._sources.ancestors(one)
            above.update(ancestors)
            for owner, node in ancestors.items():
                if node is not None and owner not in definers and any(defining(node, name)):
                    definers.add(owner)
                    waiting += self._types.descendants(owner)
        if not definers:
            return None
        own = {one for one in above if self._sources.find_class(one) is not None}
        return Family(name, frozenset(classes), frozenset(definers), frozenset(own - classes))

    def definitions(self, family: Family) -> Iterator[tuple[Module, ast.ClassDef]]:
        """Yield the classes that define the attribute, each with its file."""
        for dotted in sorted(family.definers):
            definition = self._sources.find_class(dotted)
            if definition is not None:
                yield definition


def defining(node: ast.ClassDef, name: str) -> Iterator[ast.stmt]:
    """Yield the statements of a class that define an attribute."""
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=defined)) if defined == name:
                yield statement
            case ast.Assign(targets=targets):
                if any(isinstance(one, ast.Name) and one.id == name for one in targets):
                    yield statement
            case ast.FunctionDef(name=defined) | ast.AsyncFunctionDef(name=defined):
                if defined == name:
                    yield statement
