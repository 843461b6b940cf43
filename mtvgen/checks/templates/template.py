"""One version of one template of a project: its text, its tree, and the places of its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import jinja2
from jinja2 import nodes

from mtvgen.checks.files import Stamp
from mtvgen.checks.places import Place, Text
from mtvgen.checks.report import Problem
from mtvgen.checks.templates.parsing.repair import Repaired
from mtvgen.checks.templates.parsing.tokens import Tokens, place_in
from mtvgen.checks.templates.tree import Tree, differ_in_text_alone

T = TypeVar("T")

# Problems of what is open where, which a tag that was repaired may close.
_OF_STRUCTURE = frozenset({"templates.unclosed"})
# Problems of names that have no value.
_OF_BINDING = frozenset({"views.missing-name", "templates.used-before-set"})


@dataclass(eq=False)
class Template:
    """One version of one template.

    Attributes:
        name: What render() and `extends` call it.
        file: Its path as problems show it: `templates/notes/index.html`.
        stamp: The version.
        walked_as: That of the first one with the same tags in the same lines: what a walk finds in
            that holds for this one.
        tree: None where it can't be read or parsed; `problems` says why.
        problems: What is wrong with the file by itself.
        source: Its text.
        environment: The environment that has parsed it.
        repaired: How it was repaired, where its tree is not that of its text.
    """

    name: str
    file: str
    stamp: Stamp
    tree: Tree | None = None
    problems: list[Problem] = field(default_factory=list)
    source: str = ""
    environment: jinja2.Environment = field(default_factory=jinja2.Environment)
    repaired: Repaired | None = None
    walked_as: Stamp = None
    _read: dict[Callable[[Template], Any], Any] = field(default_factory=dict, repr=False)

    def once(self, read: Callable[[Template], T]) -> T:
        """Return what a function reads off this version, which it is asked for once."""
        if read not in self._read:
            self._read[read] = read(self)
        result: T = self._read[read]
        return result

    @cached_property
    def tokens(self) -> Tokens:
        """The places of its parts, which only a problem asks for."""
        tokens = self.repaired.tokens if self.repaired is not None else None
        return Tokens(Text(self.file, self.source), self.environment, tokens)

    def is_doubtful(self, problem: Problem) -> bool:
        """Return whether a problem of this file may come from how it was repaired."""
        if problem.id == "templates.syntax" or self.repaired is None:
            return False
        if problem.id in _OF_STRUCTURE:
            return True
        return self.is_repaired(problem.place) or (
            problem.id in _OF_BINDING and self._may_be_bound(problem.place)
        )

    def _may_be_bound(self, place: Place) -> bool:
        """Return whether a tag that was repaired may give the name at a place its value."""
        tags = self.repaired.tags if self.repaired is not None else ()
        name = self.tokens.text.at(place)
        return any(
            name in tag.may_bind or (tag.may_bind_others and tag.place[1:3] <= place[1:3])
            for tag in tags
        )

    def is_repaired(self, place: Place) -> bool:
        """Return whether something is in a tag that was repaired."""
        here = place[1:3]
        tags = self.repaired.tags if self.repaired is not None else ()
        return any(tag.place[1:3] <= here <= tag.place[3:5] for tag in tags)

    def has_same_tags(self, other: Template) -> bool:
        """Return whether another version has the same tags in the same lines."""
        if self.tree is None or other.tree is None or self.repaired or other.repaired:
            return False
        return differ_in_text_alone(self.tree.root, other.tree.root)

    def place(self, node: nodes.Node) -> Place:
        """Return what a problem of a node points at: the name in it, or the text in quotes."""
        return place_in(self.tokens, node)
