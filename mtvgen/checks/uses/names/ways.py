"""Which templates lead to which: the parents of each, and where it is included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from jinja2 import nodes

from mtvgen.checks.templates.mixing import written_names
from mtvgen.checks.templates.template import Template

_RUNS_WITH_NAMES = nodes.Include | nodes.Import | nodes.FromImport


class Ways:
    """The ways between templates, as far as their names are written out.

    Args:
        templates: All templates.
    """

    def __init__(self, templates: Iterable[Template]) -> None:
        self._parents: dict[str, list[str]] = {}
        self._included: dict[str, list[str]] = {}
        for template in templates:
            parents, included = template.once(_written_ways)
            self._parents[template.name] = parents
            self._included[template.name] = included

    def ancestors(self, name: str) -> list[str]:
        """Return all parents of a template and theirs, the nearest first."""
        found: dict[str, None] = {}
        waiting = list(self._parents.get(name, ()))
        while waiting:
            parent = waiting.pop(0)
            if parent not in found and parent != name:
                found[parent] = None
                waiting += self._parents.get(parent, ())
        return list(found)

    @cached_property
    def children(self) -> Mapping[str, list[str]]:
        """The templates that extend each."""
        return _reversed(self._parents)

    @cached_property
    def includers(self) -> Mapping[str, list[str]]:
        """The templates that run each with names of their own: an include, or with context."""
        return _reversed(self._included)


def _written_ways(template: Template) -> tuple[list[str], list[str]]:
    """Return the parents of a template, and what it includes."""
    tree = template.tree
    parents: list[str] = []
    included: list[str] = []
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    for node in tree.all(*kinds) if tree is not None else ():
        if isinstance(node, _RUNS_WITH_NAMES) and not node.with_context:
            continue
        found = included if isinstance(node, _RUNS_WITH_NAMES) else parents
        for name, _ in written_names(node.template):
            found.append(template.environment.join_path(name, template.name))
    return parents, included


def _reversed(ways: Mapping[str, Iterable[str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for start, ends in ways.items():
        for end in dict.fromkeys(ends):
            found.setdefault(end, []).append(start)
    return found
