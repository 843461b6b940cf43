"""The templates of a project: what is rendered, what each says by itself, what nothing reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from mtvgen.checks.files import files_below
from mtvgen.checks.interpreter.recording import WalkResult
from mtvgen.checks.interpreter.values import Value
from mtvgen.checks.interpreter.walker import Walker
from mtvgen.checks.python.calls import RenderCall
from mtvgen.checks.rendering.matching import AttributeCheck, Join, Missing, unused_names
from mtvgen.checks.report import Problem, Unchecked, split, suggest_path
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

# What the runtime passes to the templates of error pages.
_ERROR_NAMES = {"error": None}
Step = Callable[[str, Callable[[], None]], None]


@dataclass
class PageCache:
    """What is kept of each template: what it says by itself, its links, and its calls' needs."""

    alone: dict[str, tuple[Template, list[Problem]]] = field(default_factory=dict)
    chains: dict[str, tuple[Chain, list[Problem]]] = field(default_factory=dict)
    links: dict[str, tuple[Value, list[Problem | Unchecked]]] = field(default_factory=dict)
    joins: dict[str, tuple[Value, Join]] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """What templates are checked against; the same objects as long as they say the same.

    Attributes:
        addresses: The names of routes; None where they are not known.
        static: The directory of static files; "" where it is not known.
        attribute: What is wrong with an attribute.
        types: All that the types of passed values depend on.
    """

    addresses: Addresses | None
    static: str
    attribute: AttributeCheck
    types: tuple[Any, ...]


class Pages:
    """Checks all templates.

    Args:
        walker: Walks them; its store has been refreshed.
        cache: What the last run kept.
        around: What they are checked against.
        renders: Every render call of the project.
        step: Runs one check, given the file that a failure of it is to name.
        all_calls: Whether these are all calls, so that no other one renders a template.
    """

    def __init__(
        self,
        walker: Walker,
        cache: PageCache,
        around: Surroundings,
        renders: list[RenderCall],
        step: Step,
        *,
        all_calls: bool,
    ) -> None:
        self._walker = walker
        self._store = walker.store
        self._cache = cache
        self._around = around
        self._renders = renders
        self._step = step
        self._all_calls = all_calls
        self._missing: dict[tuple[str, str], Missing] = {}
        self._found: dict[tuple[str, str, int, str], Problem] = {}
        self._entries: list[tuple[WalkResult, list[RenderCall]]] = []
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []

    def run(self) -> Pages:
        """Check everything."""
        names = list(self._store.texts())
        reached = self._check_entries(names)
        for name in names:
            template = self._store.get(name)
            if template is not None:
                self._step(template.file, partial(self._check_file, template))
        self._finish()
        self._note_unused(names, reached)
        self._walker.prune()
        return self

    def _check_entries(self, names: Iterable[str]) -> set[str]:
        """Check what is rendered, and then what nothing leads to; returns what was reached."""
        reached: set[str] = set()
        for name, calls in self._groups().items():
            if self._store.get(name) is None:
                self.problems += _not_found(name, calls, self._store)
                continue
            self._step(name, partial(self._check_entry, name, calls, reached))
        rendered = set(reached)
        for name in names:
            if name not in reached:
                self._step(name, partial(self._check_entry, name, [], reached))
        return rendered

    def _groups(self) -> dict[str, list[RenderCall]]:
        """The calls of each template; the runtime renders those of the errors itself."""
        groups = dict(_group_by_template(self._renders))
        for name in self._store.names():
            if len(name) == len("404.html") and name.endswith(".html") and name[:3].isdigit():
                groups.setdefault(name, []).append(RenderCall("mtvgen", 0, name, _ERROR_NAMES))
        return groups

    def _check_entry(self, name: str, calls: list[RenderCall], reached: set[str]) -> None:
        result = self._walker.entry(name)
        reached |= result.reached
        join = self._join(name, result, calls)
        for problem in join.problems:
            self._note_once(problem)
        if self._walker.filters is not None:
            for place, one in join.missing.items():
                # A copy: the join is kept, and calls of other templates come to this one.
                all_calls = self._missing.setdefault(place, replace(one, calls=[])).calls
                all_calls += [call for call in one.calls if call not in all_calls]
        self.unchecked += join.unchecked
        self._entries.append((result, [call for call in calls if call.line]))

    def _join(self, name: str, result: WalkResult, calls: list[RenderCall]) -> Join:
        """What calls lack, kept as long as the walk, the calls and all types are the same."""
        key = (calls, result, *self._around.types)
        kept = self._cache.joins.get(name)
        if kept is None or kept[0][0] != calls or not _are_the_same(kept[0][1:], key[1:]):
            known, attribute = self._walker.known, self._around.attribute
            join = Join(self._store, name, result, calls, known, attribute).run()
            kept = self._cache.joins[name] = (key, join)
        return kept[1]

    def _note_once(self, problem: Problem) -> None:
        """Of several calls that pass a value without an attribute, the first stands for all."""
        key = (problem.id, problem.file, problem.line, problem.message.partition(" (")[0])
        kept = self._found.get(key)
        if kept is None or problem.message < kept.message:
            self._found[key] = problem

    def _check_file(self, template: Template) -> None:
        """What a template says by itself."""
        store, cache, name = self._store, self._cache, template.name
        alone = cache.alone.get(name)
        if alone is None or alone[0] is not template:
            found = template_problems(template, store, self._walker.filters, self._walker.tests)
            alone = cache.alone[name] = (template, found)
        chain = (template, *chain_of(template, store))
        inherited = cache.chains.get(name)
        if inherited is None or inherited[0] != chain:
            found = [*block_problems(chain[1:]), *inheritance_loops(template, store)]
            inherited = cache.chains[name] = (chain, found)
        problems, unchecked = split(self._links_of(template))
        self.problems += [*alone[1], *inherited[1], *problems]
        self.unchecked += unchecked

    def _links_of(self, template: Template) -> list[Problem | Unchecked]:
        """What is wrong with its links; kept until it, a route or a static file changes."""
        around = self._around
        key = (template, around.addresses, self._static_files)
        kept = self._cache.links.get(template.name)
        if kept is None or not _are_the_same(kept[0][:2], key[:2]) or kept[0][2] != key[2]:
            links = Links(around.addresses, Path(around.static) if around.static else None)
            kept = self._cache.links[template.name] = (key, list(links.problems(template)))
        return kept[1]

    @cached_property
    def _static_files(self) -> frozenset[str]:
        """The files below static/ at present."""
        return frozenset(files_below(self._around.static)) if self._around.static else frozenset()

    def _finish(self) -> None:
        """What is known only when all calls have been looked at."""
        self.problems += self._found.values()
        self.problems += [one.problem(self._walker.known) for one in self._missing.values()]
        wrong = {problem.file for problem in self.problems}
        for result, calls in self._entries:
            if not any(self._file_of(name) in wrong for name in result.reached):
                self.problems += unused_names(result, calls)

    def _file_of(self, name: str) -> str:
        template = self._store.get(name)
        return template.file if template is not None else name

    def _note_unused(self, names: Iterable[str], reached: set[str]) -> None:
        """Notes on templates that nothing leads to, if all that could is known."""
        if not self._all_calls or any(result.silent for result, _ in self._entries):
            return
        for name in names:
            if name not in reached:
                file, message = self._file_of(name), "nothing renders this."
                self.problems.append(Problem("templates.unused", file, 1, message, severity="note"))


def _are_the_same(one: Value, other: Value) -> bool:
    """Whether two tuples hold the very same objects."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _not_found(name: str, calls: list[RenderCall], store: Store) -> Iterator[Problem]:
    hint = suggest_path(name, store.names())
    for call in calls:
        message = f"template {name!r} not found."
        yield Problem("views.template-not-found", call.file, call.line, message, hint)


def _group_by_template(calls: list[RenderCall]) -> Mapping[str, list[RenderCall]]:
    """The calls of each template."""
    groups: dict[str, list[RenderCall]] = {}
    for call in calls:
        if call.template is not None:
            groups.setdefault(call.template, []).append(call)
    return groups
