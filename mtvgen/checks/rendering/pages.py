"""All templates of a project: what each says by itself, and what nothing leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from jinja2 import nodes

from mtvgen.checks.browser.checks import Elsewhere, elsewhere_of
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.recording import WalkResult
from mtvgen.checks.places import Place
from mtvgen.checks.preview import Preview
from mtvgen.checks.rendering.counterparts import (
    Counterparts,
    Inherited,
    PageCache,
    are_the_same,
)
from mtvgen.checks.rendering.entries import Entries, Step
from mtvgen.checks.rendering.matching import unused_names
from mtvgen.checks.rendering.old_names import old_names
from mtvgen.checks.rendering.reach import Reach
from mtvgen.checks.report import Problem, Unchecked, split
from mtvgen.checks.templates.file_rules import (
    block_problems,
    chain_of,
    inheritance_loops,
    template_problems,
)
from mtvgen.checks.templates.links import Links
from mtvgen.checks.templates.template import Template
from mtvgen.checks.views.calls import RenderCall

_NOT_FOUND = frozenset({"views.template-not-found", "templates.not-found"})
# Templates whose elements are read in one step, which is about 5 ms.
_READ_AT_ONCE = 8


class Pages:
    """Checks all templates.

    Args:
        interpreter: Walks them; its store has been refreshed.
        cache: What the last run kept.
        counterparts: What they are checked against.
        renders: Every render call of the project.
        step: Runs one check, given the file that a failure of it is to name.
        all_calls: Whether these are all calls, so that no other one renders a template.
        is_named: Whether a text is in a Python file of the project: what it names is not unused.
        preview: What is looked at, and what is left as the last run has found it; None: all is.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        cache: PageCache,
        counterparts: Counterparts,
        renders: list[RenderCall],
        step: Step,
        *,
        all_calls: bool,
        is_named: Callable[[str], bool],
        preview: Preview | None = None,
    ) -> None:
        self._interpreter = interpreter
        self._store = interpreter.store
        self._cache = cache
        self._counterparts = counterparts
        self._rendered = {call.template for call in renders}
        self._step = step
        self._all_calls = all_calls
        self._preview = preview or Preview(())
        self.entries = Entries(
            interpreter,
            cache,
            counterparts,
            renders,
            step,
            is_named=is_named,
            preview=self._preview,
        )
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []

    def run(self, entered: Callable[[Reach], None]) -> None:
        """Check everything.

        Args:
            entered: Gets what each page leads to, once it is known.
        """
        names = list(self._store.texts())
        used = self.entries.run(names).used
        entered(self.entries.reach)
        # What something leads to is looked at whatever its suffix, and behind links too.
        self._renew(elsewhere_of(self._in_steps(names)))
        for name in sorted({*names, *used}):
            template = self._store.get(name)
            if template is not None:
                self._step(template.file, partial(self._check_file, template))
        self._finish()
        self._note_unused(names)
        self.problems = list(self._without_doubtful())
        self.unchecked += self.entries.unchecked
        if not self._preview.left:
            self._interpreter.results.prune()

    def _renew(self, elsewhere: Elsewhere) -> None:
        """Take what all files are checked with; the same objects as before while it is equal."""
        cache, static = self._cache, self._counterparts.static
        static_files = frozenset(self._store.files.list(static)) if static else frozenset()
        if elsewhere != cache.elsewhere:
            cache.elsewhere = elsewhere
        if static_files != cache.static_files:
            cache.static_files = static_files

    def _in_steps(self, names: Iterable[str]) -> Iterator[Template]:
        """Yield templates; to read a few of them is a step of its own."""
        for number, name in enumerate(names):
            if number % _READ_AT_ONCE == 0:
                self._step(name, lambda: None)
            template = self._store.get(name)
            if template is not None:
                yield template

    def _check_file(self, template: Template) -> None:
        """Check what a template says by itself."""
        store, cache, name = self._store, self._cache, template.name
        checked, alone = cache.alone.get(name, (None, []))
        if checked is not template:
            alone = template_problems(
                template,
                store,
                self._interpreter.filters,
                self._interpreter.tests,
                self._counterparts.environment,
            )
            cache.alone[name] = (template, alone)
        inherited = self._inherited(template)
        of_links, unchecked = split(
            result
            for mark, result in self._links_of(template)
            if self.entries.reach.is_reached(template, mark)
        )
        self.problems += cache.html.problems(
            template,
            self._counterparts.browser,
            cache.elsewhere,
            cache.static_files,
            is_shown=name in self.entries.shown,
            is_shared=name in self.entries.shown and name not in self._rendered,
        )
        stored = self._counterparts.stored
        old = [problem for name, problem in template.once(old_names) if name not in stored]
        self.problems += [*alone, *inherited, *of_links, *old]
        self.unchecked += unchecked

    def _inherited(self, template: Template) -> list[Problem]:
        """Return what is wrong with its blocks and parents; kept until one of these changes."""
        store, kept = self._store, self._cache.inherited.get(template.name)
        if kept is not None and kept.is_current(template, store):
            return kept.problems
        chain = chain_of(template, store)
        if kept is None or kept.chain != chain or chain[-1] is None:
            # A chain that ends with a template without a parent leads back to none.
            loops = inheritance_loops(template, store) if chain[-1] is None else ()
            kept = Inherited(chain, [*block_problems(chain), *loops])
            self._cache.inherited[template.name] = kept
        kept.seen_at = store.version
        return kept.problems

    def _links_of(self, template: Template) -> list[tuple[int, Problem | Unchecked]]:
        """Return what is wrong with its links; kept until it, a route or a static file changes."""
        addresses, static = self._counterparts.addresses, self._counterparts.static
        key = (template, addresses, self._cache.static_files)
        old_key, problems = self._cache.links.get(template.name, ((), []))
        if not are_the_same(old_key, key):
            links = Links(addresses, Path(static) if static else None, self._store.files)
            problems = list(links.problems(template))
            self._cache.links[template.name] = (key, problems)
        return problems

    def _finish(self) -> None:
        """Check what is known only when all calls have been looked at."""
        self.problems += self.entries.problems()
        wrong = {problem.file for problem in self.problems}
        for result, calls in self.entries.walks:
            notes = list(unused_names(result, calls))
            is_wrong = notes and any(self._store.file_of(name) in wrong for name in result.reached)
            if notes and not is_wrong and not self._may_read_all(result):
                self.problems += notes

    def _without_doubtful(self) -> Iterator[Problem]:
        """Yield the problems, but for those of tags that somebody is typing."""
        repaired = {
            template.file: template
            for template in self._store.loaded()
            if template.repaired is not None
        }
        for problem in self.problems:
            template = repaired.get(problem.file)
            if template is None or not template.is_doubtful(problem):
                yield problem

    def _may_read_all(self, result: WalkResult) -> bool:
        """Return whether a function of the project's own gets the whole context of a page."""
        readers = self._counterparts.readers
        if not readers.isdisjoint(result.mentions):
            return True
        trees = [template.tree for name in result.reached if (template := self._store.get(name))]
        return any(
            node.name in readers
            for tree in trees
            if tree is not None and readers
            for node in tree.all(nodes.Filter, nodes.Test, nodes.Name)
        )

    def _note_unused(self, names: Iterable[str]) -> None:
        """Note the templates that nothing leads to, if all that could is known."""
        if not self._all_calls or any(result.silent for result, _ in self.entries.walks):
            return
        # A misspelt name has its own line, and may have meant one of these.
        of_names = (problem.meant for problem in self.problems if problem.id in _NOT_FOUND)
        meant = set[str]().union(*(self.entries.reach.templates.get(name, ()) for name in of_names))
        for name in names:
            if name not in self.entries.used and name not in meant:
                place, message = Place.at(self._store.file_of(name)), "nothing renders this."
                problem = Problem("templates.unused", place, message, severity="note")
                self.problems.append(problem)
