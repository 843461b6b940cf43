"""All templates of a project: what is rendered, what each says by itself, what nothing reaches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from operator import is_
from pathlib import Path
from typing import Any

from jinja2 import nodes

from mtvgen.checks.browser.checks import Browser, Elsewhere, PageChecks, elsewhere_of
from mtvgen.checks.facts import EnvironmentFact
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.recording import Entry, WalkResult
from mtvgen.checks.interpreter.values import Position
from mtvgen.checks.places import Place
from mtvgen.checks.preview import Preview
from mtvgen.checks.python_types import Builtin, Instance, Type
from mtvgen.checks.rendering.matching import AttributeCheck, MissingName, RenderCheck, unused_names
from mtvgen.checks.rendering.old_names import old_names
from mtvgen.checks.rendering.usages import UsageCheck
from mtvgen.checks.report import Problem, Unchecked, did_you_mean, path_meant_by, split
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.templates.file_rules import (
    Chain,
    block_problems,
    chain_of,
    inheritance_loops,
    template_problems,
)
from mtvgen.checks.templates.links import Links
from mtvgen.checks.templates.store import Store, Template
from mtvgen.checks.views.calls import RenderCall
from mtvgen.runtime import HTTPError

# What the runtime passes to the templates of error pages.
_ERROR_NAMES: dict[str, Type] = {
    "error": Instance(f"{HTTPError.__module__}.{HTTPError.__qualname__}"),
    "status_code": Builtin("int"),
}
_NOT_FOUND = frozenset({"views.template-not-found", "templates.not-found"})
_NAME_OF_ERRORS = re.compile(r"(?:[0-9]{3}|error)\.html")
Step = Callable[[str, Callable[[], None]], None]


def calls_of_runtime(store: Store) -> Iterator[RenderCall]:
    """Yield the calls by which the runtime itself renders templates: those of errors."""
    for name in store.names():
        if _NAME_OF_ERRORS.fullmatch(name):
            yield RenderCall(None, name, _ERROR_NAMES)


@dataclass
class PageCache:
    """Results for each template, each with what it was made from.

    Attributes:
        alone: What is wrong with the template by itself.
        inherited: What is wrong with its blocks and parents.
        links: What is wrong with its addresses, each with the mark of the call.
        render_checks: What its render calls lack.
        html: What is wrong with its HTML.
    """

    alone: dict[str, tuple[Template, list[Problem]]] = field(default_factory=dict)
    inherited: dict[str, tuple[Chain, list[Problem]]] = field(default_factory=dict)
    links: dict[str, tuple[tuple[Any, ...], list[tuple[int, Problem | Unchecked]]]] = field(
        default_factory=dict
    )
    render_checks: dict[str, tuple[tuple[Any, ...], RenderCheck]] = field(default_factory=dict)
    html: PageChecks = field(default_factory=PageChecks)


@dataclass(frozen=True)
class Counterparts:
    """The facts that templates are checked against; the same objects while they say the same.

    Attributes:
        addresses: The names of routes; None where they are not known.
        static: The directory of static files; "" where it is not known.
        attribute: What is wrong with an attribute.
        types: All that the types of passed values depend on.
        readers: The names of filters, tests and globals that may read every name there is.
        browser: What the browser that gets a page goes by.
        environment: The project's Jinja2; None where it could not be had.
        usages: What is wrong with other uses of a value; None if that is not asked.
        stored: The attributes that the project's code gives to requests.
    """

    addresses: Addresses | None
    static: str
    attribute: AttributeCheck
    types: tuple[Any, ...]
    readers: frozenset[str] = frozenset()
    browser: Browser = field(default_factory=Browser)
    environment: EnvironmentFact | None = None
    usages: UsageCheck | None = None
    stored: frozenset[str] = frozenset()


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
        self._renders = renders
        self._step = step
        self._all_calls = all_calls
        self._is_named = is_named
        self._preview = preview or Preview(())
        self._left: list[RenderCheck] = []
        self._missing: dict[tuple[str, str], MissingName] = {}
        self._noted: dict[tuple[str, Place], Problem] = {}
        self._links: dict[Position, bool] = {}
        self._entries: list[tuple[WalkResult, list[RenderCall]]] = []
        # The templates that answers to requests are made of; others are in mails, or nowhere.
        self._shown: set[str] = set()
        self._rendered: set[str | None] = set()
        self._elsewhere = Elsewhere()
        # For each entry all templates that it leads to.
        self.reached: dict[str, set[str]] = {}
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []

    def run(self) -> Pages:
        """Check everything."""
        names = list(self._store.texts())
        if self._preview.files:
            self._choose()
        reached = self._check_entries(names)
        self._take_left()
        # What something leads to is looked at whatever its suffix, and behind links too.
        self._elsewhere = elsewhere_of(self._in_steps(names))
        for name in sorted({*names, *reached}):
            template = self._store.get(name)
            if template is not None:
                self._step(template.file, partial(self._check_file, template))
        self._finish()
        self._note_unused(names, reached)
        self.problems = list(self._without_doubtful())
        if not self._preview.left:
            self._interpreter.results.prune()
        return self

    def _in_steps(self, names: Iterable[str]) -> Iterator[Template]:
        """Yield templates; to read each is a step of its own."""
        for name in names:
            self._step(name, lambda: None)
            template = self._store.get(name)
            if template is not None:
                yield template

    def _choose(self) -> None:
        """Choose which pages are left as the last run has found them."""
        store, preview, groups = self._store, self._preview, self._groups()
        outdated: dict[str, set[str]] = {}
        changed: set[str] = set()
        wanted: set[str] = set()
        for name, (key, check) in self._cache.render_checks.items():
            calls, result = groups.get(name, []), key[1]
            if store.get(name) is None or self._is_current(name, key, calls):
                continue
            outdated[name] = {store.file_of(one) for one in result.reached}
            versions = result.sources.items()
            changed |= {store.file_of(one) for one, stamp in versions if store.stamp(one) != stamp}
            preview.note(name, ((problem.id, problem.place) for problem in check.problems))
            missing = check.missing.values()
            preview.note(name, (("views.missing-name", one.place) for one in missing))
            files = {store.file_of(name), *(call.place.file for call in calls if call.place)}
            if not preview.files.isdisjoint(files):
                wanted.add(name)
        preview.leave(outdated, changed, wanted)

    def _is_current(self, name: str, key: tuple[Any, ...], calls: list[RenderCall]) -> bool:
        """Return whether a check was made from what is there now."""
        result = self._interpreter.results.get(Entry(name))
        made_from = (result, *self._counterparts.types)
        return bool(key[0] == calls) and _are_the_same(key[1:], made_from)

    def _check_entries(self, names: Iterable[str]) -> set[str]:
        """Check what is rendered, and then what nothing leads to; returns what was reached."""
        reached: set[str] = set()
        for name, calls in self._groups().items():
            if self._store.get(name) is None:
                self.problems += _not_found(name, calls, self._store)
                continue
            self._step(name, partial(self._check_entry, name, calls, reached))
        self._shown, self._rendered = set(reached), {call.template for call in self._renders}
        for name in names:
            if name not in reached and self._is_named(name):
                self._step(name, partial(self._check_entry, name, [], reached))
        rendered = set(reached)
        for name in names:
            if name not in reached:
                self._step(name, partial(self._check_entry, name, [], reached))
        return rendered

    def _groups(self) -> dict[str, list[RenderCall]]:
        """Return the calls of each template; the runtime renders those of the errors itself."""
        return dict(_group_by_template([*self._renders, *calls_of_runtime(self._store)]))

    def _check_entry(self, name: str, calls: list[RenderCall], reached: set[str]) -> None:
        if name in self._preview.left:
            key, check = self._cache.render_checks[name]
            result = key[1]
            self._left.append(check)
        else:
            result = self._interpreter.entry(name)
            check = self._render_check(name, result, calls)
            self._take(check)
        reached |= result.reached
        self.unchecked += check.unchecked
        self._entries.append((result, calls))
        self.reached[name] = result.reached

    def _take(self, check: RenderCheck) -> None:
        for problem in check.problems:
            self._note_once(problem)
        if self._interpreter.filters is not None:
            for key, missing in check.missing.items():
                self._note_missing(key, missing)
        for position, is_reached in check.links.items():
            self._links[position] = self._links.get(position, False) or is_reached

    def _note_missing(self, key: tuple[str, str], missing: MissingName) -> None:
        # A copy: the check is kept, and calls of other templates come to this one.
        all_calls = self._missing.setdefault(key, replace(missing, calls=[])).calls
        all_calls += [call for call in missing.calls if call not in all_calls]

    def _take_left(self) -> None:
        """Take what the last run has found, but for places in files that were looked at."""
        preview = self._preview
        for check in self._left:
            for problem in filter(preview.still_holds, check.problems):
                self._note_once(problem)
            for key, missing in check.missing.items():
                if key in self._missing or missing.place.file not in preview.files:
                    self._note_missing(key, missing)
            for position, is_reached in check.links.items():
                if self._store.file_of(position.template) not in preview.files:
                    self._links[position] = self._links.get(position, False) or is_reached

    def _render_check(self, name: str, result: WalkResult, calls: list[RenderCall]) -> RenderCheck:
        """Return what calls lack, kept while the walk, the calls and all types are the same."""
        key = (calls, result, *self._counterparts.types)
        old_key, check = self._cache.render_checks.get(name, ((None,), None))
        if check is None or old_key[0] != calls or not _are_the_same(old_key[1:], key[1:]):
            known, attribute = self._interpreter.known, self._counterparts.attribute
            usages = self._counterparts.usages
            check = RenderCheck(
                self._store,
                result,
                calls,
                known,
                attribute,
                usages.mistake if usages is not None else None,
                usages.unguarded if usages is not None else None,
            ).run()
            self._cache.render_checks[name] = (key, check)
        return check

    def _note_once(self, problem: Problem) -> None:
        """Of several calls that pass a value without an attribute, the first stands for all."""
        key = (problem.id, problem.place)
        noted = self._noted.get(key)
        if noted is None or problem.message < noted.message:
            self._noted[key] = problem

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
        chain = (template, *chain_of(template, store))
        old_chain, inherited = cache.inherited.get(name, (None, []))
        if old_chain != chain:
            inherited = [*block_problems(chain[1:]), *inheritance_loops(template, store)]
            cache.inherited[name] = (chain, inherited)
        of_links, unchecked = split(
            result for mark, result in self._links_of(template) if self.is_reached(template, mark)
        )
        self.problems += cache.html.problems(
            template,
            self._counterparts.browser,
            self._elsewhere,
            self._static_files,
            is_shown=name in self._shown,
            is_shared=name in self._shown and name not in self._rendered,
        )
        stored = self._counterparts.stored
        old = [problem for name, problem in template.once(old_names) if name not in stored]
        self.problems += [*alone, *inherited, *of_links, *old]
        self.unchecked += unchecked

    def is_reached(self, template: Template, mark: int) -> bool:
        """Return whether a view reaches a call.

        One in a macro that nobody calls counts as reached.
        """
        reached = self._links.get(Position(template.name, mark))
        return mark in _marks_in_macros(template) if reached is None else reached

    def _links_of(self, template: Template) -> list[tuple[int, Problem | Unchecked]]:
        """Return what is wrong with its links; kept until it, a route or a static file changes."""
        addresses, static = self._counterparts.addresses, self._counterparts.static
        key = (template, addresses, self._static_files)
        old_key, problems = self._cache.links.get(template.name, ((), []))
        if not _are_the_same(old_key[:2], key[:2]) or old_key[2] != key[2]:
            links = Links(addresses, Path(static) if static else None, self._store.files)
            problems = list(links.problems(template))
            self._cache.links[template.name] = (key, problems)
        return problems

    @cached_property
    def _static_files(self) -> frozenset[str]:
        """The files below static/ at present."""
        static = self._counterparts.static
        return frozenset(self._store.files.list(static)) if static else frozenset()

    def _finish(self) -> None:
        """Check what is known only when all calls have been looked at."""
        self.problems += self._noted.values()
        self.problems += [name.problem(self._interpreter.known) for name in self._missing.values()]
        wrong = {problem.file for problem in self.problems}
        for result, calls in self._entries:
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

    def _note_unused(self, names: Iterable[str], reached: set[str]) -> None:
        """Note the templates that nothing leads to, if all that could is known."""
        if not self._all_calls or any(result.silent for result, _ in self._entries):
            return
        # A misspelt name has its own line, and may have meant one of these.
        of_names = (problem.meant for problem in self.problems if problem.id in _NOT_FOUND)
        meant = set[str]().union(*(self.reached.get(name, ()) for name in of_names))
        for name in names:
            if name not in reached and name not in meant:
                place, message = Place.at(self._store.file_of(name)), "nothing renders this."
                problem = Problem("templates.unused", place, message, severity="note")
                self.problems.append(problem)


@lru_cache(maxsize=64)
def _marks_in_macros(template: Template) -> frozenset[int]:
    macros = template.tree.all(nodes.Macro) if template.tree is not None else ()
    return frozenset(call.lineno for macro in macros for call in macro.find_all(nodes.Call))


def _are_the_same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    """Return whether two tuples hold the very same objects."""
    return len(left) == len(right) and all(map(is_, left, right))


def _not_found(name: str, calls: list[RenderCall], store: Store) -> Iterator[Problem]:
    meant = path_meant_by(name, store.names())
    message = f"template {name!r} not found."
    for call in calls:
        if call.written is None:
            continue
        if call.is_literal:
            yield Problem("views.template-not-found", call.written, message, meant=meant)
        else:
            advice = did_you_mean(meant)
            yield Problem("views.template-not-found", call.written, message, advice)


def _group_by_template(calls: list[RenderCall]) -> Mapping[str, list[RenderCall]]:
    """Return the calls of each template."""
    groups: dict[str, list[RenderCall]] = {}
    for call in calls:
        if call.template is not None:
            groups.setdefault(call.template, []).append(call)
    return groups
