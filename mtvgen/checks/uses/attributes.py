"""Attributes in templates, and the classes of what views pass that have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mtvgen.checks import python_types
from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.recording import Entry
from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.python.types import Types
from mtvgen.checks.rendering.attributes import type_of
from mtvgen.checks.views.calls import RenderCall


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

    def of(self, name: str) -> Mapping[Position, set[str]]:
        """Return the dotted names of classes for each place where a template has an attribute.

        Args:
            name: The attribute's name.
        """
        if name not in self._known:
            found: dict[Position, set[str]] = {}
            for template, calls in self._calls.items():
                for value, position in self._interpreter.entry(template).written:
                    if isinstance(value, values.Attribute) and value.name == name:
                        found.setdefault(position, set()).update(_owners(value, calls, self._types))
            self._known[name] = found
        return self._known[name]

    def at(self, name: str, position: Position) -> set[str]:
        """Return the dotted names of the classes that an attribute in one place may be of.

        Only walks that are there already are looked at, and that of the template itself, which may
        have been edited since the last run.

        Args:
            name: The attribute's name.
            position: Where a template has it.
        """
        if name in self._known:
            return self._known[name].get(position, set())
        found: set[str] = set()
        for template, calls in self._calls.items():
            result = self._interpreter.results.get(Entry(template))
            if result is None and template == position.template:
                result = self._interpreter.entry(template)
            if result is None or position.template not in result.reached:
                continue
            for value, place in result.written:
                if place == position and isinstance(value, values.Attribute) and value.name == name:
                    found.update(_owners(value, calls, self._types))
        return found


def _owners(value: values.Attribute, calls: Iterable[RenderCall], types: Types) -> Iterator[str]:
    for call in calls:
        owner = types.resolve(type_of(value.base, call))
        if isinstance(owner, python_types.Instance | python_types.Generic):
            yield owner.dotted
