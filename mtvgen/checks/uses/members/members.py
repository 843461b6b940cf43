"""All places where Python files name an attribute of the project's classes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from mtvgen.checks.cache import Cache
from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.module import Module, read_module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.checks.uses.members.class_bodies import ClassBodies
from mtvgen.checks.uses.members.families import Families, Family
from mtvgen.checks.uses.members.found import Found
from mtvgen.checks.uses.members.lists import firsts_of_lists
from mtvgen.checks.uses.members.python_places import PythonPlaces
from mtvgen.checks.uses.names.on_demand import is_at
from mtvgen.checks.views.calls import Calls
from mtvgen.checks.views.finder import calls_of


class Members:
    """Finds attributes in the Python files of a project, its tests included.

    Args:
        cache: What the last run of the checks has kept.
        sources: The project's files.
        project_types: The types of the project.

    Attributes:
        families: The classes that share an attribute.
    """

    def __init__(self, cache: Cache, sources: Sources, project_types: Types) -> None:
        self._cache = cache
        self._sources = sources
        self.families = Families(sources, project_types)
        self._bodies = ClassBodies(sources, project_types)
        self._places = PythonPlaces(sources, project_types)
        self._known: dict[str, list[Found]] = {}
        self._calls_of_tests: dict[str, Calls] = {}

    def named(self, name: str) -> list[Found]:
        """Return all places where Python files name an attribute, by file."""
        if name not in self._known:
            word = re.compile(rb"\b%s\b" % re.escape(name.encode()))
            found = (
                one
                for module in self.modules
                if word.search(module.source)
                for one in self._in(module, name)
            )
            self._known[name] = list(dict.fromkeys(found))
        return self._known[name]

    def at(self, module: Module, line: int, column: int) -> Iterator[Found]:
        """Yield the attributes that a file names at a place.

        Args:
            module: The file.
            line: The line, from 1.
            column: The number of a character in it, from 1; behind the last one counts too.
        """
        words = re.finditer(r"[^\W\d]\w*", module.text.line(line))
        # To look for a name takes a walk through the file.
        here = {one[0] for one in words if one.start() < column <= one.end() + 1}
        for name in here:
            for found in self._in(module, name):
                if is_at(found.place, line, column):
                    yield found

    def family_of(self, found: Found) -> Family | None:
        """Return the classes that share the attribute in a place; None if it may be of any."""
        return self.families.of(found.owner, found.name) if found.owner else None

    def fact(self, dotted: str) -> ClassFact | None:
        """Return what the running project knows of a model; None for any other class."""
        return self._cache.loaded.usable.classes.get(dotted)

    @cached_property
    def modules(self) -> list[Module]:
        """The Python files; those of the tests are read for this alone."""
        return [*self._sources.modules.values(), *self._tests()]

    def _tests(self) -> Iterator[Module]:
        files, root = self._cache.files, self._sources.root
        for path in files.list(root / "tests"):
            if path.endswith(".py"):
                file = path[len(str(root)) + 1 :].replace("\\", "/")
                yield read_module(file, path, files.stamp(path), files)

    def _in(self, module: Module, name: str) -> Iterator[Found]:
        yield from self._bodies.find(module, name)
        yield from self._places.find(module, self._calls(module).uses, name)
        yield from firsts_of_lists(module, self._sources, name)

    def _calls(self, module: Module) -> Calls:
        if module.file in self._cache.calls:
            return self._cache.calls[module.file][1]
        if module.file not in self._calls_of_tests:
            self._calls_of_tests[module.file] = calls_of(module, self._sources)
        return self._calls_of_tests[module.file]

    def matched_in_patterns(self, name: str) -> str:
        """Return where a `case Note(title=...)` names an attribute; empty if nothing does."""
        for module in self.modules:
            for node in ast.walk(module.tree) if module.tree is not None else ():
                if isinstance(node, ast.MatchClass) and name in node.kwd_attrs:
                    return str(module.place(node))
        return ""

    def open_calls(self, family: Family) -> Iterator[str]:
        """Yield the calls that make an object by `**names`, which may hold an attribute."""
        for module in self.modules:
            for call in self._calls(module).uses.made:
                is_open = any(word.arg is None for word in call.node.keywords)
                if is_open and self._places.class_of(call.about) in family.classes:
                    yield f"{module.place(call.node)} passes **names, which may hold it."
