"""The checks of one project, kept running: fed with open texts, and with an import at each save.

Views and templates are read as source; what only the running project knows comes from a process
that imports it from the disk, never from an open text, and that a newer save ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mtvgen.checks.cache import Cache
from mtvgen.checks.facts import Facts
from mtvgen.checks.loading.kept import GivenFacts
from mtvgen.checks.loading.process import Loading
from mtvgen.checks.opening import opened_ahead
from mtvgen.checks.places import Place, Text
from mtvgen.checks.preview import Preview
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem, Report
from mtvgen.checks.run import check_project
from mtvgen.checks.templates.scopes import names_in_scope
from mtvgen.checks.templates.template import Template
from mtvgen.checks.uses.index import Index
from mtvgen.checks.uses.python_index import PythonNames
from mtvgen.lsp.workspace.documents import text_on_disk
from mtvgen.lsp.workspace.kept_problems import KeptProblems
from mtvgen.lsp.workspace.moved_lines import MovedLines
from mtvgen.lsp.workspace.open_texts import LARGE, OpenTexts, moved_related
from mtvgen.lsp.workspace.written_routes import written_routes

_UNKNOWN_ROUTE = frozenset({"templates.unknown-route", "views.unknown-route"})
_SYNTAX = frozenset({"templates.syntax", "project.syntax"})
LOOK_SECONDS = 1.0  # between two looks at the disk; to walk it is half of what an edit costs


class Engine:
    """One project: its facts, its open texts, its problems.

    Args:
        root: The project's directory.

    Attributes:
        root: The same.
        cache: What the checks have learned; features answer from it.
        texts: The texts that are open.
        loading: The import that is under way.
        problems: What the last run has found, placed in the texts as they were then.
        is_settled: Whether nothing more would be shown of the same texts when typing rests.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cache = Cache(files=ProjectFiles(watched=True), loaded=GivenFacts())
        self.texts = OpenTexts(root, self.cache.files)
        self.loading: Loading | None = None
        self.problems: tuple[Problem, ...] = ()
        self.is_settled = True
        self._looked_at = 0.0
        self._previewed_at = -1
        self._is_checked = False
        self._has_facts = False
        # Parses a template at each step, while the project is imported for the first time.
        self._ahead = self._parsed_ahead()
        self._kept_problems = KeptProblems()
        self._index: Index | None = None
        # The large templates that are open, as they were when typing rested.
        self._at_rest: dict[str, Template] = {}
        self._python_names: PythonNames | None = None
        self._imported = Facts()
        # The files that the import has problems with, as they were on the disk.
        self._imported_texts: dict[str, str] = {}

    @property
    def has_facts(self) -> bool:
        """Whether an import has ended, well or not."""
        return self._has_facts

    @property
    def facts(self) -> Facts:
        """What the last import has shown that could be made."""
        return self.cache.loaded.last_good or self.cache.loaded.facts

    def look_at_disk(self) -> None:
        """Forget which files there are: something was saved, or made, or deleted."""
        self._looked_at = time.monotonic()
        self.cache.files.changed([self.root])

    def see_save(self) -> None:
        """Look at the disk, and import the project if that would give something else now."""
        self.look_at_disk()
        assert self.cache.sources is not None  # noqa: S101  # begin() made it
        self.cache.sources.refresh()
        self.begin_import()

    def begin(self) -> None:
        """Begin with the import: until it has shown where templates are, there is little to say."""
        self.cache.sources = Sources(self.root, self.cache.files)
        self.see_save()

    def read_ahead(self, seconds: float) -> bool:
        """Parse templates while the first import is under way; return whether there are more.

        Args:
            seconds: For how long.
        """
        until = time.monotonic() + seconds
        while self.loading is not None and not self._has_facts and next(self._ahead, False):
            if time.monotonic() > until:
                return True
        return False

    def _parsed_ahead(self) -> Iterator[bool]:
        store = opened_ahead(self.root, self.cache)
        if store is None:
            return
        for name in store.texts():
            if not self.cache.is_parsed_ahead:
                return  # somebody has asked something, and a run was made for that
            store.get(name)
            yield True

    def begin_import(self) -> bool:
        """Import the project apart, unless what has changed makes no difference to an import.

        One that is under way is out of date then.
        """
        sources = self.cache.sources
        assert sources is not None  # noqa: S101  # begin() made it
        loaded, is_under_way = self.cache.loaded, self.loading is not None
        # Those that an edit has hidden count, too.
        loaded.facts = replace(loaded.facts, problems=self._imported.problems)
        if not loaded.is_due(self.root, self.cache.files, sources, in_any_case=is_under_way):
            return False
        self.stop()
        self.loading = Loading(self.root, sources.stamps, apart=True)
        return True

    def hear(self) -> bool:
        """Read what the import has written; return whether it has ended."""
        assert self.loading is not None  # noqa: S101  # the loop waits on its descriptor
        return self._take(self.loading.hear())

    def give_up_import(self) -> None:
        """End an import that takes too long."""
        assert self.loading is not None  # noqa: S101  # the loop has its deadline
        self._take(self.loading.give_up())

    def _take(self, facts: Facts | None) -> bool:
        if facts is None:
            return False
        self.loading, self._imported = None, facts
        self._imported_texts = {
            problem.file: text_on_disk(self.root / problem.file) for problem in facts.problems
        }
        self.cache.loaded.take(facts)
        self._has_facts = True
        return True

    def stop(self) -> None:
        """End the import that is under way."""
        if self.loading is not None:
            self.loading.stop()
            self.loading = None

    @property
    def is_previewed(self) -> bool:
        """Whether the open files have had an answer to the texts as they are."""
        return self._previewed_at == self.cache.files.version

    def check(
        self,
        pause: Callable[[], None] | None = None,
        *,
        at_rest: bool = False,
        show: Callable[[], None] | None = None,
    ) -> None:
        """Run the checks on the texts as they are now.

        Args:
            pause: Called between steps; what it raises ends the run.
            at_rest: Whether nobody types, so that a syntax error in a half-typed text counts.
            show: Called when `problems` holds what is known of the open files, and more follows.
        """
        if show is not None and not self.is_previewed:
            preview = Preview(self.texts.files)
            first = None if self._is_checked else show
            self._check(pause, preview, at_rest=at_rest, show=first)
            self._previewed_at = self.cache.files.version
            if not preview.left:
                return
            show()
        self._check(pause, None, at_rest=at_rest)

    def _check(
        self,
        pause: Callable[[], None] | None,
        preview: Preview | None,
        *,
        at_rest: bool,
        show: Callable[[], None] | None = None,
    ) -> None:
        """Run the checks; with `show`, what is known before their last third is shown at once."""
        syntax = tuple(self._syntax_problems(pause)) if at_rest and self.texts.half_typed else ()

        def show_first(report: Report) -> None:
            if show is not None:
                self._take_found(report.problems, syntax, at_rest=at_rest)
                show()

        found = self._run(pause, preview, show_first if show is not None else None)
        self._take_found(found, syntax, at_rest=at_rest)
        self._is_checked = True

    def _take_found(
        self, found: Iterable[Problem], syntax: tuple[Problem, ...], *, at_rest: bool
    ) -> None:
        placed = tuple(self._but_unsaved_routes(self.texts.placed(iter(found))))
        problems = tuple(self._kept_problems.added_to(placed, self._open_templates()))
        shown = problems if at_rest else tuple(self._not_half_typed(problems))
        self.is_settled = len(shown) == len(problems) and (at_rest or not self.texts.half_typed)
        self.problems = (*shown, *syntax)

    def _open_templates(self) -> Iterator[Template]:
        """Yield the templates that are open, as they were just checked."""
        store = self.cache.store
        for file in self.texts.files if store is not None else ():
            name = self.template_name(self.root / file)
            template = store.get(name) if name is not None and store is not None else None
            if template is not None:
                yield template

    def _but_unsaved_routes(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Yield problems without those of routes that are written, and will be there once saved."""
        written: set[str] | None = None
        for problem in problems:
            if problem.id in _UNKNOWN_ROUTE:
                if written is None:
                    sources = self.cache.sources
                    routes = written_routes(sources) if sources is not None else ()
                    written = {route.name for route in routes}
                if self._text_at(problem.place) in written:
                    continue
            yield problem

    def _text_at(self, place: Place) -> str:
        path = self.root / place.file
        text = self.texts.text(path)
        return Text(place.file, text_on_disk(path) if text is None else text).at(place)

    def _not_half_typed(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Yield problems without the syntax errors of what is being typed; shown ones stay."""
        broken = {problem.file for problem in self.problems if problem.id in _SYNTAX}
        for problem in problems:
            is_new = problem.id in _SYNTAX and problem.file not in broken
            if not (is_new and self.texts.is_typed(problem.file)):
                yield problem

    @property
    def index(self) -> Index:
        """What each name means, as of the last run; made when somebody asks."""
        if self._index is None:
            self._index = Index(self.cache, python=self._python_names)
            self._python_names = self._index.python
        return self._index

    def last_read(self, name: str) -> Template | None:
        """Return a template as it was when typing rested, or as it was read last."""
        store = self.cache.store
        return self._at_rest.get(name) or (store.last(name) if store is not None else None)

    def prepare(self, pause: Callable[[], None]) -> None:
        """Find out what each name means, which the first question would wait for."""
        for template in self._open_templates():
            if len(template.source) > LARGE:
                names_in_scope(template, 1, 1)
                self._at_rest[template.name] = template
            pause()
        with self.pausing(pause):
            self.index.prepare()

    @contextmanager
    def pausing(self, pause: Callable[[], None]) -> Iterator[None]:
        """Let long work call something between its steps; what that raises ends the work."""
        self.cache.pause = pause
        try:
            yield
        finally:
            self.cache.pause = None

    def _syntax_problems(self, pause: Callable[[], None] | None) -> Iterator[Problem]:
        """Yield what keeps the half-typed texts from being parsed."""
        files = {path.relative_to(self.root).as_posix() for path in self.texts.half_typed}
        self.texts.put_all(as_they_are=True)
        try:
            problems = self._run(pause)
        finally:
            self.texts.put_all(as_they_are=False)
        for problem in problems:
            if problem.file in files and problem.id in _SYNTAX:
                yield problem

    def _run(
        self,
        pause: Callable[[], None] | None,
        preview: Preview | None = None,
        show: Callable[[Report], None] | None = None,
    ) -> tuple[Problem, ...]:
        cache = self.cache
        cache.pause = pause
        self._index = None
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            self.look_at_disk()
        loaded, placed = cache.loaded, tuple(self._problems_of_import())
        loaded.facts = replace(loaded.facts, problems=placed)
        try:
            return check_project(self.root, cache, preview=preview, show=show).problems
        finally:
            cache.pause = None  # a run that is made for a request is finished

    def _problems_of_import(self) -> Iterator[Problem]:
        """Yield what the import has found, where it is in the open texts; else it waits."""
        moved: dict[str, MovedLines] = {}
        for problem in self._imported.problems:
            text = self.texts.text(self.root / problem.file)
            if text is None:
                yield problem
                continue
            if problem.file not in moved:
                old = self._imported_texts.get(problem.file, "")
                moved[problem.file] = MovedLines(old, text)
            lines = moved[problem.file]
            if place := lines.place(problem.place):
                yield replace(problem, place=place, related=moved_related(problem.related, moved))

    def template_name(self, path: Path) -> str | None:
        """Return what a file is called as a template."""
        directories = [Path(directory) for directory in self.facts.templates]
        for directory in directories or [self.root / "templates"]:
            if path.is_relative_to(directory):
                return path.relative_to(directory).as_posix()
        return None
