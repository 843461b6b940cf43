"""What the pages of a project lead to: templates, and calls of url_for()."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import nodes

from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.templates.template import Template


@dataclass
class Reach:
    """What walks from each page have reached; it can be handed to another process.

    Attributes:
        templates: For each template that is rendered, or that nothing leads to, all that it leads
            to, itself among them.
    """

    templates: dict[str, set[str]] = field(default_factory=dict)
    # By template and mark: plain values are a tenth of the size that positions have as a pickle.
    _calls: dict[str, dict[int, bool]] = field(default_factory=dict)

    def note_calls(self, calls: Mapping[Position, bool]) -> None:
        """Note whether a walk has reached some calls; what one reaches is reached."""
        for position, is_reached in calls.items():
            marks = self._calls.setdefault(position.template, {})
            marks[position.mark] = marks.get(position.mark, False) or is_reached

    def is_reached(self, template: Template, mark: int) -> bool:
        """Return whether a view reaches a call.

        One in a macro that nobody calls counts as reached.
        """
        reached = self._calls.get(template.name, {}).get(mark)
        return mark in _marks_in_macros(template) if reached is None else reached


@lru_cache(maxsize=64)
def _marks_in_macros(template: Template) -> frozenset[int]:
    return frozenset(call.lineno for call in _calls_in_macros(template))


def _calls_in_macros(template: Template) -> Iterator[nodes.Call]:
    macros = template.tree.all(nodes.Macro) if template.tree is not None else ()
    for macro in macros:
        yield from macro.find_all(nodes.Call)
