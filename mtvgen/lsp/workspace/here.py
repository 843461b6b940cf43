"""Where somebody asks: the document, the place in it, and what is known of its project."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.recording import WalkResult
from mtvgen.checks.places import Place, Text
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.checks.rendering.names_at import NamesAt
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.checks.views.calls import RenderCall
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.moved_lines import MovedLines
from mtvgen.lsp.workspace.open_texts import LARGE
from mtvgen.lsp.workspace.written_routes import WrittenRoute, written_routes

_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")


@dataclass(frozen=True)
class Here:
    """A place in an open document.

    Attributes:
        engine: What is known of its project.
        path: The document's file.
        text: The document, as the checks read it.
        offset: The place.
    """

    engine: Engine
    path: Path
    text: str
    offset: int

    @property
    def file(self) -> str:
        """The file's path below the project, with `/`."""
        return self.path.relative_to(self.engine.root).as_posix()

    @cached_property
    def lines(self) -> Text:
        """The document, in which offsets are places."""
        return Text(self.file, self.text)

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.lines.place(self.offset, self.offset).line

    @property
    def before(self) -> str:
        """The text before the place, in its line."""
        return self.text[self.lines.starts[self.line - 1] : self.offset]

    @property
    def sources(self) -> Sources:
        """The Python files of the project."""
        sources = self.engine.cache.sources
        assert sources is not None  # noqa: S101  # an engine that has begun has them
        return sources

    @property
    def store(self) -> Store | None:
        """The templates of the project."""
        return self.engine.cache.store

    @cached_property
    def module(self) -> Module | None:
        """The document as a Python file of the project."""
        modules = self.sources.modules.values()
        return next((module for module in modules if module.file == self.file), None)

    @cached_property
    def template_name(self) -> str | None:
        """The document's name as a template."""
        return self.engine.template_name(self.path)

    @cached_property
    def template(self) -> Template | None:
        """The document as a template, as it is now; a large one as it was when typing rested.

        A question between two keys can't wait until a large one is read again.
        """
        name, store = self.template_name, self.store
        if name is None or store is None:
            return None
        is_large = len(self.text) > LARGE
        template = self.engine.last_read(name) if is_large else store.get(name)
        if template is not None and (is_large or template.source == self.text):
            return template
        return store.parsed(name, self.text)

    @cached_property
    def _is_behind(self) -> bool:
        """Whether the template is not that of the document as it is now."""
        return self.template is not None and self.template.source != self.text

    def in_template(self, place: Place) -> Place:
        """Return where a place of the document is in the template, or the nearest before it."""
        if self.template is None or not self._is_behind:
            return place
        moved = MovedLines(self.text, self.template.source)
        return moved.place(place) or moved.nearest(place)

    def in_document(self, place: Place) -> Place | None:
        """Return where a place of the template is in the document; None where that was edited."""
        if self.template is None or not self._is_behind:
            return place
        return MovedLines(self.template.source, self.text).place(place)

    def names_at(self, place: Place) -> NamesAt | None:
        """Return the names at a place of the template."""
        template, interpreter = self.template, self.engine.cache.interpreter
        if template is None or interpreter is None:
            return None
        calls = self.calls_that_reach(template.name)
        walked = template if self._is_behind else interpreter.store.get(template.name)
        return NamesAt(template, place, calls, self._walk(interpreter), walked, self.types)

    def _walk(self, interpreter: Interpreter) -> Callable[[str], WalkResult]:
        return interpreter.last_entry if self._is_behind else interpreter.entry

    @cached_property
    def routes(self) -> list[WrittenRoute]:
        """The routes as they are written."""
        return written_routes(self.sources)

    @cached_property
    def types(self) -> Types:
        """The types of the project."""
        facts = self.engine.facts
        return Types(self.sources, facts.classes, others=facts.objects)

    def quoted(self) -> tuple[str, Place] | None:
        """Return the text in quotes around the place, and where it is."""
        start = self.lines.starts[self.line - 1]
        line = self.lines.line(self.line)
        for match in _QUOTED.finditer(line, self._begin_of_tag(line, self.offset - start)):
            begin, end = match.span(match.lastindex or 0)
            if begin - 1 <= self.offset - start <= end + 1:
                return match[match.lastindex or 0], self.lines.place(start + begin, start + end)
        return None

    def _begin_of_tag(self, line: str, column: int) -> int:
        """Return where the tag of a template begins: quotes around it are those of HTML."""
        if self.store is None or self.template_name is None:
            return 0
        environment = self.store.environment
        openers = (environment.block_start_string, environment.variable_start_string)
        return max(0, *(line.rfind(opener, 0, column) for opener in openers))

    def calls_that_reach(self, template: str) -> list[RenderCall]:
        """Return the render calls whose page a template is part of."""
        interpreter = self.engine.cache.interpreter
        if interpreter is None:
            return []
        walk = self._walk(interpreter)
        return [
            call
            for call in self.engine.cache.renders
            if call.template is not None and template in walk(call.template).reached
        ]
