"""One run over a whole project: everything that is known, put together into one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import jinja2

from mtvgen.checks.calls import RenderCall
from mtvgen.checks.deploy import middleware_problems
from mtvgen.checks.events import Unit
from mtvgen.checks.facts import EnvironmentFact, Facts
from mtvgen.checks.joins import Join, Missing, unused_names
from mtvgen.checks.loading import is_loaded, load, load_apart, preload
from mtvgen.checks.problems import Problem, Report, Unchecked, suggest, suggest_path
from mtvgen.checks.rules import (
    Chain,
    Links,
    block_problems,
    chain_of,
    inheritance_loops,
    split,
    template_problems,
)
from mtvgen.checks.sources import Sources
from mtvgen.checks.templates import Stamp, Store, Template, files_below
from mtvgen.checks.types import Types
from mtvgen.checks.urls import Addresses, url_problems
from mtvgen.checks.values import Value
from mtvgen.checks.views import Calls, calls_of, group_by_template
from mtvgen.checks.walk import Walker
from mtvgen.runtime.rendering import REQUEST_NAMES

_ERROR_NAMES = {"error": None}


@dataclass
class Cache:
    """What a run keeps for the next one. Make one, and hand it to each `check_project()`."""

    sources: Sources | None = None
    store: Store | None = None
    walker: Walker | None = None
    facts: Facts | None = None
    last_good: Facts | None = None
    stamps: dict[str, Stamp] = field(default_factory=dict)
    calls: dict[str, tuple[Any, Calls]] = field(default_factory=dict)
    rules: dict[str, tuple[Chain, list[Problem]]] = field(default_factory=dict)
    links: dict[str, tuple[Template, Any, frozenset[str], list[Problem | Unchecked]]] = field(
        default_factory=dict
    )
    declarations: Value = ()
    joins: dict[str, tuple[Any, Join]] = field(default_factory=dict)
    known: Value | None = None


def check_project(root: Path, cache: Cache | None = None, *, deploy: bool = False) -> Report:
    """Whether models, templates, views and URLs fit together.

    The project is imported in a process that is forked for it (in this one if it is imported here
    already, as in its tests); its templates are never run.

    Args:
        root: The project's directory.
        cache: What the last run kept; with it only what has changed is looked at again.
        deploy: Ask for what production needs, too.
    """
    return _Run(root.resolve(), cache or Cache(), deploy=deploy).report()


class _Run:
    """One run, step by step; a step that fails says so and leaves the others to go on."""

    def __init__(self, root: Path, cache: Cache, *, deploy: bool) -> None:
        self.root = root
        self.cache = cache
        self.deploy = deploy
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []
        self.renders: list[RenderCall] = []
        self.missing: dict[tuple[str, str], Missing] = {}
        self.attributes: dict[tuple[str, str, int, str], Problem] = {}
        self.entries: list[tuple[Unit, list[RenderCall]]] = []
        self.counts = dict.fromkeys(("routes", "views", "templates", "models"), 0)

    def report(self) -> Report:
        cache = self.cache
        cache.sources = sources = cache.sources or Sources(self.root)
        self._step("wsgi.py", sources.refresh)
        self._step("wsgi.py", self._load)
        self._step("templates", self._open_store)
        for module in sources.modules.values():
            self.problems += module.problems
            self._step(module.file, partial(self._read_calls, module.file))
        self._step("models/__init__.py", self._check_models)
        self._step("templates", self._check_templates)
        if self.deploy:
            wsgi = sources.modules.get("wsgi")
            self._note(middleware_problems(wsgi, sources.resolve))
        return Report.of(self.problems, self.counts, self.unchecked)

    def _step(self, file: str, check: Callable[[], None]) -> None:
        """Run one check; what it raises is a bug of ours, which must not hide the others."""
        try:
            check()
        except Exception as error:
            message = f"mtvgen check failed here: {type(error).__name__}: {error}."
            hint = "This is a bug of mtvgen."
            self.problems.append(Problem("check.bug", file, 1, message, hint))

    def _note(self, found: Iterable[Problem | Unchecked]) -> None:
        problems, unchecked = split(found)
        self.problems += problems
        self.unchecked += unchecked

    @property
    def facts(self) -> Facts:
        return self.cache.facts or Facts()

    @cached_property
    def addresses(self) -> Addresses:
        return Addresses(self.facts.routes or ())

    def _load(self) -> None:
        """Import the project, unless no file that this could change has changed."""
        cache, sources = self.cache, self.cache.sources
        assert sources is not None  # noqa: S101  # report() made it
        stamps = {**sources.stamps, **_other_stamps(self.root)}
        if cache.facts is None or stamps != cache.stamps or self.deploy:
            here = is_loaded(self.root)
            if here:
                facts = load(self.root, deploy=self.deploy)
            else:
                facts = load_apart(self.root, sources.stamps, deploy=self.deploy)
            cache.facts = _with_what_is_the_same(cache.facts, facts)
            cache.stamps = stamps
            if cache.facts.loaded:
                if cache.last_good is None and not here:
                    preload(cache.facts.modules)
                cache.last_good = cache.facts
        self.problems += cache.facts.problems
        self.unchecked += cache.facts.unchecked
        self.counts["routes"] = len(cache.facts.routes or ())
        self.counts["models"] = len(cache.facts.classes)

    def _open_store(self) -> None:
        """The templates, with the environment of the project as it last could be loaded."""
        cache = self.cache
        facts = self.facts if self.facts.loaded else cache.last_good or self.facts
        environment = facts.environment
        exact = environment is not None
        if environment is None:
            environment = EnvironmentFact.of(jinja2.Environment())  # noqa: S701  # it only parses
        exact = exact or not self._makes_templates()
        known = environment.globals | REQUEST_NAMES
        directories = tuple(facts.templates) or (str(self.root / "templates"),)
        key = (environment, directories, exact)
        if cache.store is None or cache.known != key:
            paths = [Path(one) for one in directories if Path(one).is_dir()]
            cache.store = Store(environment.environment(), paths, self.root)
            filters = environment.filters if exact else None
            tests = environment.tests if exact else None
            cache.walker = Walker(cache.store, known, filters, tests)
            cache.known, cache.rules = key, {}
        cache.store.refresh()

    def _makes_templates(self) -> bool:
        """Whether the project has filters or globals of its own, which its source alone hides."""
        sources = self.cache.sources
        modules = sources.modules.values() if sources is not None else ()
        return any(
            name in ("mtvgen.runtime.Templates", "mtvgen.runtime.rendering.Templates")
            for module in modules
            for name in module.names.values()
        )

    def _read_calls(self, file: str) -> None:
        """The render() and url_for() calls of one file."""
        sources = self.cache.sources
        assert sources is not None  # noqa: S101  # report() made it
        module = next(one for one in sources.modules.values() if one.file == file)
        imported = tuple(
            (name, sources.modules[name].stamp)
            for name in sorted(set(module.names.values()))
            if name in sources.modules
        )
        key = (module.stamp, imported)
        kept = self.cache.calls.get(file)
        if kept is None or kept[0] != key:
            kept = (key, calls_of(module, sources.resolve))
            self.cache.calls[file] = kept
        calls = kept[1]
        self.renders += calls.renders
        self.problems += calls.problems
        self.unchecked += calls.unchecked
        self.counts["views"] += len(module.functions) if file.startswith("views/") else 0
        if self.facts.routes is not None:
            self.problems += url_problems(calls.urls, self.addresses)

    def _check_models(self) -> None:
        sources = self.cache.sources
        if sources is not None and "models" in sources.modules:
            from mtvgen.checks.models import unimported_models

            self.problems += unimported_models(sources)

    def _check_templates(self) -> None:
        store = self.cache.store
        assert store is not None  # noqa: S101  # _open_store() made it
        names = list(store.texts())
        self.counts["templates"] = len(names)
        groups = self._groups(store)
        reached = self._check_entries(store, groups)
        for name in names:
            template = store.get(name)
            if template is not None:
                self._step(template.file, partial(self._check_file, template))
                if name not in reached:
                    note = "nothing renders this."
                    place = (template.file, 1, note)
                    self.problems.append(Problem("templates.unused", *place, severity="note"))
        self._finish_templates()
        if self.cache.walker is not None:
            self.cache.walker.prune()

    def _groups(self, store: Store) -> dict[str, list[RenderCall]]:
        """The calls of each template; the runtime renders those of the errors itself."""
        groups = dict(group_by_template(self.renders))
        for name in store.names():
            if len(name) == len("404.html") and name.endswith(".html") and name[:3].isdigit():
                groups.setdefault(name, []).append(RenderCall("mtvgen", 0, name, _ERROR_NAMES))
        return groups

    def _check_entries(self, store: Store, groups: dict[str, list[RenderCall]]) -> set[str]:
        """Check what is rendered, and then what nothing leads to; returns what was reached."""
        reached: set[str] = set()
        for name, calls in groups.items():
            if store.get(name) is None:
                self.problems += _not_found(name, calls, store)
                continue
            self._step(name, partial(self._check_entry, name, calls, reached))
        rendered = set(reached)
        for name in store.texts():
            if name not in reached:
                self._step(name, partial(self._check_entry, name, [], reached))
        return rendered

    def _check_entry(self, name: str, calls: list[RenderCall], reached: set[str]) -> None:
        walker, store = self.cache.walker, self.cache.store
        assert walker is not None  # noqa: S101  # _open_store() made it
        assert store is not None  # noqa: S101  # likewise
        unit = walker.entry(name)
        reached |= unit.reached
        # A call is made anew when its file is read anew, and a unit when one of its sources is.
        key = (unit, calls, self.facts.classes, self.declarations)
        kept = self.cache.joins.get(name)
        if kept is None or not _same(kept[0], key):
            join = Join(store, name, unit, calls, walker.known, self._attribute_check).run()
            kept = self.cache.joins[name] = (key, join)
        join = kept[1]
        for problem in join.problems:
            self._note_once(problem)
        if walker.filters is not None:
            for place, one in join.missing.items():
                # A copy: the join is kept, and calls of other templates come to this one.
                all_calls = self.missing.setdefault(place, replace(one, calls=[])).calls
                all_calls += [call for call in one.calls if call not in all_calls]
        self.unchecked += join.unchecked
        self.entries.append((unit, [call for call in calls if call.line]))

    def _note_once(self, problem: Problem) -> None:
        """Of several calls that pass a value without an attribute, the first stands for all."""
        key = (problem.id, problem.file, problem.line, problem.message.partition(" (")[0])
        kept = self.attributes.get(key)
        if kept is None or problem.message < kept.message:
            self.attributes[key] = problem

    def _finish_templates(self) -> None:
        """What is known only when all calls have been looked at."""
        walker = self.cache.walker
        assert walker is not None  # noqa: S101  # _open_store() made it
        self.problems += self.attributes.values()
        self.problems += [one.problem(walker.known) for one in self.missing.values()]
        wrong = {problem.file for problem in self.problems if problem.severity == "error"}
        for unit, calls in self.entries:
            if not any(self._file_of(name) in wrong for name in unit.reached):
                self.problems += unused_names(unit, calls)

    def _file_of(self, name: str) -> str:
        template = self.cache.store.get(name) if self.cache.store is not None else None
        return template.file if template is not None else name

    @cached_property
    def declarations(self) -> Value:
        """The same object as long as no Python file says anything else about types."""
        sources = self.cache.sources
        modules = sources.modules.values() if sources is not None else ()
        found = tuple((module.name, module.declarations) for module in modules)
        if found != self.cache.declarations:
            self.cache.declarations = found
        return self.cache.declarations

    @cached_property
    def _attribute_check(self) -> Callable[[Value, RenderCall], tuple[str, str, str] | None]:
        sources = self.cache.sources
        assert sources is not None  # noqa: S101  # report() made it
        facts = self.facts if self.facts.loaded else self.cache.last_good or self.facts
        types = Types(sources, facts.classes)

        def check(value: Value, call: RenderCall) -> tuple[str, str, str] | None:
            found = types.attribute_error(type_of(value[1], call), value[2])
            if found is None:
                return None
            owner, known = found
            if owner == "a list":
                return (
                    "templates.attribute-of-list",
                    (f"a list has no {value[2]!r}; loop over it."),
                    "",
                )
            message = f"{owner} has no {value[2]!r} ({call.place} passes it)."
            return "templates.unknown-attribute", message, suggest(value[2], known.split())

        return check

    def _check_file(self, template: Template) -> None:
        """What a template says by itself; kept as long as the file and its parents are."""
        store, walker = self.cache.store, self.cache.walker
        assert store is not None  # noqa: S101  # _open_store() made it
        assert walker is not None  # noqa: S101  # likewise
        chain = (template, *chain_of(template, store))
        kept = self.cache.rules.get(template.name)
        if kept is None or kept[0] != chain:
            found = template_problems(template, store, walker.filters, walker.tests)
            found += [*block_problems(chain[1:]), *inheritance_loops(template, store)]
            kept = self.cache.rules[template.name] = (chain, found)
        self.problems += kept[1]
        self._note(self._links_of(template))

    def _links_of(self, template: Template) -> list[Problem | Unchecked]:
        """What is wrong with its links; kept until it, a route or a static file changes."""
        routes, place, files = self.facts.routes, self.facts.static, self.static_files
        kept = self.cache.links.get(template.name)
        if kept is None or kept[0] is not template or kept[1] is not routes or kept[2] != files:
            links = Links(
                self.addresses if routes is not None else None, Path(place) if place else None
            )
            found = list(links.problems(template))
            kept = self.cache.links[template.name] = (template, routes, files, found)
        return kept[3]

    @cached_property
    def static_files(self) -> frozenset[str]:
        """The files below static/ at present."""
        place = self.facts.static
        return frozenset(files_below(place)) if place else frozenset()


def _same(one: Value, other: Value) -> bool:
    """Whether two keys hold the very same unit, models and declarations, and equal calls."""
    unit, calls, *rest = one
    return (
        unit is other[0]
        and all(left is right for left, right in zip(rest, other[2:], strict=True))
        and calls == other[1]
    )


def _with_what_is_the_same(old: Facts | None, new: Facts) -> Facts:
    """New facts, with the old objects where they are equal, so that `is` tells what has changed."""
    if old is None:
        return new
    classes = old.classes if old.classes == new.classes else new.classes
    routes = old.routes if old.routes == new.routes else new.routes
    return replace(new, classes=classes, routes=routes)


def type_of(value: Value, call: RenderCall) -> Value | None:
    """The type of a template's value, by what a call passes."""
    kind = value[0]
    if kind == "ctx":
        return call.names.get(value[1])
    if kind == "soft":
        return type_of(value[1], call)
    if kind == "const":
        return ("const", value[1])
    if kind == "list":
        return ("list", None)
    if kind in ("attr", "elem", "item", "call", "aslist"):
        base = type_of(value[1], call)
        if base is None:
            return None
        if kind == "attr":
            return ("attrof", base, value[2])
        if kind == "elem":
            return ("elemof", base)
        if kind == "call":
            return ("callof", base)
        if kind == "aslist":
            return ("list", ("elemof", base))
        return ("itemof", base, value[2][1] if value[2][0] == "const" else None)
    if kind == "phi":
        then, otherwise = type_of(value[2], call), type_of(value[3], call)
        return then if then == otherwise else None
    return None


def _not_found(name: str, calls: list[RenderCall], store: Store) -> Iterator[Problem]:
    hint = suggest_path(name, store.names())
    for call in calls:
        message = f"template {name!r} not found."
        yield Problem("views.template-not-found", call.file, call.line, message, hint)


def _other_stamps(root: Path) -> dict[str, Stamp]:
    """What importing depends on beside the files that are read: settings, migrations, database."""
    found: dict[str, Stamp] = {}
    for path in [root / ".env", *root.glob("*.sqlite3"), *(root / "migrations").glob("*.py")]:
        try:
            status = path.stat()
        except OSError:
            continue
        found[path.name] = (status.st_mtime_ns, status.st_size)
    return found
