"""Attributes in templates, and the classes of what views pass that have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mtvgen.checks import python_types
from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.findings import Quoted
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.recording import Entry, WalkResult
from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.python.types import Types
from mtvgen.checks.rendering.attributes import type_of
from mtvgen.checks.views.calls import RenderCall

# In place of a class: what may be of any, and what is known not to be of the project's own.
ANY, OTHER = "", "-"


class Owners:
    """The classes that attributes in templates are of, by what calls pass.

    Args:
        interpreter: Has walked the templates that calls render.
        types: The types of the project.
        renders: The calls.
    """

    def __init__(
        self, interpreter: Interpreter, types: Types, renders: Iterable[RenderCall]
    ) -> None:
        self._interpreter = interpreter
        self._types = types
        self._calls: dict[str, list[RenderCall]] = {}
        for call in renders:
            if call.template is not None:
                self._calls.setdefault(call.template, []).append(call)
        self._known: dict[str, Mapping[Position, set[str]]] = {}
        self._classes: dict[str, Mapping[Position, set[str]]] = {}

    def all_of(self, name: str) -> Mapping[Position, set[str]]:
        """Return the dotted names of classes for each place where a template has an attribute.

        Args:
            name: The attribute's name.

        Returns:
            Among the classes may be ANY and OTHER.
        """
        if name not in self._known:
            found: dict[Position, set[str]] = {}
            for template, calls in self._calls.items():
                for value, position in _written(self._interpreter.entry(template), name):
                    found.setdefault(position, set()).update(_owners(value, calls, self._types))
            self._known[name] = found
        return self._known[name]

    def of(self, name: str) -> Mapping[Position, set[str]]:
        """Return the same without ANY and OTHER."""
        if name not in self._classes:
            everything = self.all_of(name).items()
            self._classes[name] = {place: owners - {ANY, OTHER} for place, owners in everything}
        return self._classes[name]

    def at(self, name: str, position: Position) -> set[str]:
        """Return the dotted names of the classes that an attribute in one place may be of.

        Only walks that are there already are looked at, and that of the template itself, which may
        have been edited since the last run.

        Args:
            name: The attribute's name.
            position: Where a template has it.
        """
        if name in self._known:
            return self._known[name].get(position, set()) - {ANY, OTHER}
        found: set[str] = set()
        for template, calls in self._calls.items():
            result = self._interpreter.results.get(Entry(template))
            if result is None and template == position.template:
                result = self._interpreter.entry(template)
            if result is None or position.template not in result.reached:
                continue
            for value, place in _written(result, name):
                if place == position:
                    found.update(_owners(value, calls, self._types))
        return found - {ANY, OTHER}


def _written(result: WalkResult, name: str) -> Iterator[tuple[values.Attribute, Position]]:
    """Yield where a walk has met an attribute, behind a dot or in quotes."""
    for value, position in result.written:
        if isinstance(value, values.Attribute) and value.name == name:
            yield value, position
    for use in result.uses:
        if isinstance(use.what, Quoted) and use.what.attribute.name == name:
            yield use.what.attribute, use.position


def _owners(value: values.Attribute, calls: Iterable[RenderCall], types: Types) -> Iterator[str]:
    for call in calls:
        owner = types.resolve(type_of(value.base, call))
        if isinstance(owner, python_types.Instance | python_types.Generic):
            yield owner.dotted
        elif not isinstance(owner, python_types.NoneType):  # which has no attributes
            yield ANY if owner is None else OTHER
