"""The templates that something renders: each is walked from its calls to all that it leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.recording import Entry, WalkResult
from mtvgen.checks.places import Place
from mtvgen.checks.preview import Preview
from mtvgen.checks.python_types import Builtin, Instance, Type
from mtvgen.checks.rendering.counterparts import Counterparts, PageCache, are_the_same
from mtvgen.checks.rendering.matching import RenderCheck
from mtvgen.checks.rendering.mistakes import MissingName
from mtvgen.checks.rendering.reach import Reach
from mtvgen.checks.report import Problem, Unchecked, did_you_mean, path_meant_by
from mtvgen.checks.templates.store import Store
from mtvgen.checks.views.calls import RenderCall
from mtvgen.runtime import HTTPError

# What the runtime passes to the templates of error pages.
_ERROR_NAMES: dict[str, Type] = {
    "error": Instance(f"{HTTPError.__module__}.{HTTPError.__qualname__}"),
    "status_code": Builtin("int"),
}
_NAME_OF_ERRORS = re.compile(r"(?:[0-9]{3}|error)\.html")
Step = Callable[[str, Callable[[], None]], None]


def calls_of_runtime(store: Store) -> Iterator[RenderCall]:
    """Yield the calls by which the runtime itself renders templates: those of errors."""
    for name in store.names():
        if _NAME_OF_ERRORS.fullmatch(name):
            yield RenderCall(None, name, _ERROR_NAMES)


class Entries:
    """Checks what calls pass against what templates need.

    Args:
        interpreter: Walks the templates; its store has been refreshed.
        cache: What the last run kept.
        counterparts: What they are checked against.
        renders: Every render call of the project.
        step: Runs one check, given the file that a failure of it is to name.
        is_named: Whether a text is in a Python file of the project: what it names is not unused.
        preview: What is looked at, and what is left as the last run has found it.

    Attributes:
        walks: What each walk has found, with the calls that it stands for.
        reach: What each entry leads to.
        shown: The templates that answers to requests are made of; others are in mails, or nowhere.
        used: Those and what Python code names, with all that it leads to.
        unchecked: What was left alone.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        cache: PageCache,
        counterparts: Counterparts,
        renders: list[RenderCall],
        step: Step,
        *,
        is_named: Callable[[str], bool],
        preview: Preview,
    ) -> None:
        self._interpreter = interpreter
        self._store = interpreter.store
        self._cache = cache
        self._counterparts = counterparts
        self._renders = renders
        self._step = step
        self._is_named = is_named
        self._preview = preview
        self._left: list[RenderCheck] = []
        self._missing: dict[tuple[str, str], MissingName] = {}
        self._noted: dict[tuple[str, Place], Problem] = {}
        self._not_found: list[Problem] = []
        self.walks: list[tuple[WalkResult, list[RenderCall]]] = []
        self.reach = Reach()
        self.shown: set[str] = set()
        self.used: set[str] = set()
        self.unchecked: list[Unchecked] = []

    def run(self, names: Iterable[str]) -> Entries:
        """Walk all templates of the project, given their names."""
        if self._preview.files:
            self._choose()
        self.used = self._check_all(names)
        self._take_left()
        return self

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with calls and values, once for each place."""
        yield from self._not_found
        yield from self._noted.values()
        for name in self._missing.values():
            yield name.problem(self._interpreter.known)

    def _choose(self) -> None:
        """Choose which pages are left as the last run has found them."""
        store, preview, groups = self._store, self._preview, self._groups()
        outdated: dict[str, set[str]] = {}
        changed: set[str] = set()
        wanted: set[str] = set()
        for name, (key, check) in self._cache.render_checks.items():
            calls, result = groups.get(name, []), key[1]
            is_seen = store.is_as_at(self._cache.seen_at.get(name, -1), result.reached)
            if store.get(name) is None or (is_seen and self._is_current(name, key, calls, check)):
                continue
            outdated[name] = {store.file_of(one) for one in result.reached}
            versions = result.sources.items()
            walked = {one for one, stamp in versions if store.walked_as(one) != stamp}
            in_text = set() if is_seen else store.changed & result.reached
            changed |= {store.file_of(one) for one in walked | check.moved() | in_text}
            preview.note(name, ((problem.id, problem.place) for problem in check.problems))
            missing = check.missing.values()
            preview.note(name, (("views.missing-name", one.place) for one in missing))
            files = {store.file_of(name), *(call.place.file for call in calls if call.place)}
            if not preview.files.isdisjoint(files):
                wanted.add(name)
        preview.leave(outdated, changed, wanted)

    def _is_current(
        self, name: str, key: tuple[Any, ...], calls: list[RenderCall], check: RenderCheck
    ) -> bool:
        """Return whether a check was made from what is there now."""
        result = self._interpreter.results.get(Entry(name))
        made_from = (result, *self._counterparts.types)
        is_the_same = bool(key[0] == calls) and are_the_same(key[1:], made_from)
        return is_the_same and not check.moved()

    def _check_all(self, names: Iterable[str]) -> set[str]:
        """Check what is rendered, and then what nothing leads to; returns what was reached."""
        reached: set[str] = set()
        for name, calls in self._groups().items():
            if self._store.get(name) is None:
                self._not_found += _not_found(name, calls, self._store)
                continue
            self._step(name, partial(self._check_entry, name, calls, reached))
        self.shown = set(reached)
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
            self._cache.seen_at[name] = self._store.version
        reached |= result.reached
        self.unchecked += check.unchecked
        self.walks.append((result, calls))
        self.reach.templates[name] = result.reached

    def _take(self, check: RenderCheck) -> None:
        for problem in check.problems:
            self._note_once(problem)
        if self._interpreter.filters is not None:
            for key, missing in check.missing.items():
                self._note_missing(key, missing)
        self.reach.note_calls(check.links)

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
            links = check.links.items()
            self.reach.note_calls(
                {
                    position: is_reached
                    for position, is_reached in links
                    if self._store.file_of(position.template) not in preview.files
                }
            )

    def _render_check(self, name: str, result: WalkResult, calls: list[RenderCall]) -> RenderCheck:
        """Return what calls lack, kept while the walk, the calls and all types are the same."""
        key = (calls, result, *self._counterparts.types)
        old_key, check = self._cache.render_checks.get(name, ((None, None), None))
        is_kept = check is not None and old_key[0] == calls and are_the_same(old_key[2:], key[2:])
        if is_kept and check is not None and check.is_clean and result.renews is old_key[1]:
            check.renew(result)
            self._cache.render_checks[name] = (key, check)
        elif not is_kept or check is None or old_key[1] is not result or check.moved():
            known, attribute = self._interpreter.known, self._counterparts.attribute
            usages = self._counterparts.usages
            was_clean = is_kept and check is not None and check.is_clean
            check = RenderCheck(
                self._store,
                result,
                calls,
                known,
                attribute,
                usages.mistake if usages is not None else None,
                usages.unguarded if usages is not None else None,
                clean=old_key[1] if was_clean else None,
            ).run()
            self._cache.render_checks[name] = (key, check)
        return check

    def _note_once(self, problem: Problem) -> None:
        """Of several calls that pass a value without an attribute, the first stands for all."""
        key = (problem.id, problem.place)
        noted = self._noted.get(key)
        if noted is None or problem.message < noted.message:
            self._noted[key] = problem


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
