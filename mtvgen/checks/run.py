"""One run over a whole project: everything that is known, put together into one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from mtvgen.checks.browser.files import static_files
from mtvgen.checks.browser.marked_safe import marked_safe
from mtvgen.checks.cache import Cache
from mtvgen.checks.deployment.middleware import middleware_problems
from mtvgen.checks.deployment.needed_middleware import needed_middleware
from mtvgen.checks.facts import Facts
from mtvgen.checks.files import is_directory
from mtvgen.checks.forms.check import Forms, Project
from mtvgen.checks.forms.links import redirect_problems
from mtvgen.checks.known import Known
from mtvgen.checks.loading.kept import KeptFacts
from mtvgen.checks.mapping.model_files import explicit_datetimes, unimported_models
from mtvgen.checks.objects.check import ObjectChecks
from mtvgen.checks.opening import open_store, opened_ahead, parse_together
from mtvgen.checks.preview import Preview
from mtvgen.checks.python.members import Members
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.reading.form_class_uses import form_class_problems
from mtvgen.checks.reading.views import CallsOfAll
from mtvgen.checks.rendering.attributes import attribute_check
from mtvgen.checks.rendering.counterparts import Counterparts
from mtvgen.checks.rendering.pages import Pages
from mtvgen.checks.rendering.reach import Reach
from mtvgen.checks.rendering.usages import UsageCheck
from mtvgen.checks.report import Problem, Report, Unchecked, bug, split
from mtvgen.checks.routes.addresses import url_problems
from mtvgen.checks.silence.comments import every_ignore
from mtvgen.checks.silence.configuration import read_configuration
from mtvgen.checks.silence.silence import Silence
from mtvgen.checks.templates.store import Store
from mtvgen.checks.views.callees import dotted_name
from mtvgen.checks.views.calls import Calls, RenderCall, URLCall
from mtvgen.checks.views.finder import calls_of
from mtvgen.checks.views.old_names import set_on_requests
from mtvgen.checks.views.python_problems import python_problems
from mtvgen.checks.views.wrappers import COMPUTED, followed
from mtvgen.garbage import garbage_left_alone
from mtvgen.meanwhile import can_fork, meanwhile, meanwhile_prepared

_MANY = 100  # files, of which a check takes several times longer than to start a process


def check_project(
    root: Path,
    cache: Cache | None = None,
    *,
    deploy: bool = False,
    preview: Preview | None = None,
    loaded: KeptFacts | None = None,
    show: Callable[[Report], None] | None = None,
) -> Report:
    """Return whether models, templates, views and URLs fit together.

    The project is imported in a process that is forked for it (in this one if it is imported here
    already, as in its tests); its templates are never run.

    Args:
        root: The project's directory.
        cache: What the last run kept; with it only what has changed is looked at again.
        deploy: Also check what production needs.
        preview: What is looked at first; the report is of all if no page is left out afterwards.
        loaded: Without a cache: the facts of an import that has begun while this was imported.
        show: Gets what is known before forms and Python files are checked by themselves: a third
            of a run from nothing.
    """
    with garbage_left_alone():
        kept = cache or Cache(loaded=loaded or KeptFacts(imports_again=False))
        run = _Run(root.resolve(), kept, deploy=deploy, preview=preview)
        # What another process finds is not in the cache that the next run gets.
        run.may_share = cache is None and can_fork()
        try:
            return run.report(show)
        finally:
            run.late.clear()  # it refers to the run: only a collector would find them both


class _Run:
    """One run, step by step; a step that fails says so and leaves the others to go on."""

    def __init__(self, root: Path, cache: Cache, *, deploy: bool, preview: Preview | None) -> None:
        self.root = root
        self.cache = cache
        self.sources = cache.sources = cache.sources or Sources(root, cache.files)
        self.deploy = deploy
        self.preview = preview
        self.may_share = False
        # What is taken at the end, some of it from another process.
        self.late: list[tuple[str, Callable[[], list[Problem]]]] = []
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []
        self.calls: list[Calls] = []
        self.known = Known(self.sources, cache, self.calls)
        self.renders: list[RenderCall] = []
        self.urls: list[URLCall] = []
        self.counts = dict.fromkeys(("routes", "views", "templates", "models"), 0)

    def report(self, show: Callable[[Report], None] | None = None) -> Report:
        cache, sources = self.cache, self.sources
        self._step("wsgi.py", sources.refresh)
        self.unchecked += sources.unchecked
        self._step("wsgi.py", self._start_import)
        for module in sources.modules.values():
            self.problems += module.problems
            self._step(module.file, partial(self._read_calls, module))
        self._step("templates", self._parse_templates)
        self._step("wsgi.py", self._load)
        self._step("templates", self._open_store)
        self._step("views", self._follow_calls)
        self._take_late("views", self._python_problems, len(sources.modules))
        self._step("views", self._check_objects)
        self._step("models/__init__.py", self._check_models)
        self._step("templates", self._check_templates)
        self._step("static", self._check_static)
        if self.deploy:
            wsgi = sources.modules.get("wsgi")
            others = sources.modules.values()
            self._note(middleware_problems(wsgi, sources.resolve, others))
        if show is not None:
            show(self._report_of(self._without_silenced(is_all=False)))
        for file, find in self.late:
            self._step(file, partial(self._take, find))
        self._step("pyproject.toml", self._silence)
        cache.report = self._report_of(self.problems)
        return cache.report

    def _report_of(self, problems: list[Problem]) -> Report:
        return Report.of(problems, self.counts, self.unchecked)

    def _step(self, file: str, check: Callable[[], None]) -> None:
        """Run one check; what it raises is a bug of ours, which must not hide the others."""
        if self.cache.pause is not None:
            self.cache.pause()
        try:
            check()
        except Exception as error:
            self.problems.append(bug(error, file))

    def _take_late(self, file: str, find: Callable[[], list[Problem]], size: int) -> None:
        """Run one check at the end; one of many files in another process, meanwhile."""
        is_shared = self._is_shared(size)
        self.late.append((file, meanwhile(find, gives_way=True) if is_shared else find))

    def _is_shared(self, size: int) -> bool:
        return self.may_share and size >= _MANY

    def _take(self, find: Callable[[], list[Problem]]) -> None:
        self.problems += find()

    def _note(self, results: Iterable[Problem | Unchecked]) -> None:
        problems, unchecked = split(results)
        self.problems += problems
        self.unchecked += unchecked

    @property
    def facts(self) -> Facts:
        return self.cache.loaded.facts

    def _start_import(self) -> None:
        cache = self.cache
        cache.loaded.start(self.root, cache.files, self.sources, deploy=self.deploy)

    def _load(self) -> None:
        """Wait for what the running project knows."""
        facts = self.cache.loaded.finish(self.root)
        self.problems += facts.problems
        self.unchecked += facts.unchecked
        self.counts["routes"] = len(facts.routes or ())
        self.counts["models"] = len(facts.classes)

    def _parse_templates(self) -> None:
        """Parse those of a large project while it is imported; others as they are needed."""
        store = opened_ahead(self.root, self.cache) if self.may_share else None
        if store is not None:
            parse_together(store, at_least=_MANY)

    def _open_store(self) -> None:
        unopened = open_store(self.root, self.cache)
        if unopened is not None:
            self.unchecked.append(unopened)

    def _read_calls(self, module: Module) -> None:
        """Read the render() and url_for() calls of one file."""
        sources, file = self.sources, module.file
        key = (module.stamp, [imported.declarations for imported in sources.imported_from(module)])
        old_key, calls = self.cache.calls.get(file, (None, Calls()))
        if old_key != key:
            calls = calls_of(module, sources)
            self.cache.calls[file] = (key, calls)
        self.calls.append(calls)
        self.counts["views"] += len(module.functions) if file.startswith("views/") else 0

    def _follow_calls(self) -> None:
        """Note the calls of all files, and follow those that depend on who calls their function."""
        sources = self.sources
        for calls in self.calls:
            self._note_calls(calls)
        self._note_calls(followed(self.calls, partial(dotted_name, sources=sources)))
        self.cache.renders, self.cache.urls = tuple(self.renders), tuple(self.urls)

    def _check_objects(self) -> None:
        """Check models, requests and settings in Python files."""
        cache, interpreter = self.cache, self.cache.interpreter
        files = [module.file for module in self.sources.modules.values()]
        uses = {file: cache.calls[file][1].uses for file in files if file in cache.calls}

        def texts() -> list[str]:
            return interpreter.store.sources() if interpreter is not None else []

        facts, known = self.facts, self.known
        depends_on = (facts.classes, facts.objects, known.declarations, known.returned)
        checks = ObjectChecks(self.sources, facts, known.types, uses, texts)
        self.problems += checks.problems(cache.objects, depends_on)

    def _python_problems(self) -> list[Problem]:
        """Return what is wrong with the Python files by themselves."""
        sources = self.sources
        return [
            *python_problems(sources, self.facts, self.cache.python, self.cache.pause),
            *needed_middleware(sources),
            *marked_safe(sources),
        ]

    def _note_calls(self, calls: Calls) -> None:
        self.renders += calls.renders
        self.urls += calls.urls
        self.problems += calls.problems
        self.unchecked += calls.unchecked
        if self.known.addresses is not None:
            self._note(url_problems(calls.urls, self.known.addresses))
            self.problems += redirect_problems(calls.urls, self.known.addresses)

    def _check_models(self) -> None:
        if "models" in self.sources.modules:
            self.problems += unimported_models(self.sources)
            self.problems += explicit_datetimes(self.sources)

    def _check_templates(self) -> None:
        """All templates, against all that is known by now."""
        cache, interpreter = self.cache, self.cache.interpreter
        if interpreter is None:
            return  # _open_store() has said why
        facts = cache.loaded.usable
        project_types = self.known.types
        members = Members(self.sources, project_types)
        usages = UsageCheck(project_types, members, self.known.addresses, self.known.visitor_pages)
        self._step("views", lambda: self.problems.extend(usages.problems_of_urls(self.urls)))
        counterparts = Counterparts(
            self.known.addresses,
            self.facts.static or "",
            attribute_check(project_types),
            (
                facts.classes,
                facts.objects,
                self.known.declarations,
                self.known.returned,
                self.known.addresses,
                self.known.visitor_pages,
            ),
            facts.environment.readers if facts.environment is not None else frozenset(),
            self.known.browser,
            facts.environment,
            usages,
            stored=set_on_requests(self.sources.modules.values()),
        )
        self.counts["templates"] = sum(1 for _ in interpreter.store.texts())
        all_calls = self._knows_all_calls()
        if self.preview is not None:
            for page, kept in cache.forms.results.items():
                self.preview.note(page, ((one.id, one.place) for one in kept.problems))
        pages = Pages(
            interpreter,
            cache.pages,
            counterparts,
            self.renders,
            self._step,
            all_calls=all_calls,
            is_named=self.sources.have_text,
            preview=self.preview,
        )
        pages.run(self._check_forms(interpreter.store))
        self.problems += pages.problems
        self.unchecked += pages.unchecked

    def _check_forms(self, store: Store) -> Callable[[Reach], None]:
        """Return what checks the forms, once it is known what each page leads to.

        Those of many templates are read in another process, while this one finds that out.
        """

        def find(reach: Reach) -> list[Problem]:
            sources, facts = self.sources, self.cache.loaded.usable
            forms = self._forms(store, reach).problems()
            return [*forms, *form_class_problems(sources, facts.classes)]

        if not self._is_shared(self.counts["templates"]):
            return lambda reach: self.late.append(("templates", partial(find, reach)))
        rendered = Reach({call.template: set() for call in self.renders if call.template})
        hand = meanwhile_prepared(self._forms(store, rendered).read, find)
        return lambda reach: self.late.append(("templates", hand(reach)))

    def _forms(self, store: Store, reach: Reach) -> Forms:
        """Return what checks the forms, and what views read of them."""
        sources, facts = self.sources, self.cache.loaded.usable
        project = Project(
            sources,
            store,
            facts.classes,
            self.known.addresses,
            Path(self.facts.static) if self.facts.static else None,
            reach.templates,
            reach.is_reached,
        )
        calls = CallsOfAll(self.renders, self.calls, partial(dotted_name, sources=sources))
        return Forms(project, calls, self.cache.forms, self.cache.pause, self.preview)

    def _check_static(self) -> None:
        """The style sheets and scripts that browsers get as they are."""
        facts, cache = self.facts, self.cache
        if facts.static and facts.loaded and is_directory(facts.static):
            cache.static = static_files(cache.static, self.root, facts.static, cache.files)
            self.problems += cache.static.problems(self.known.policy)

    def _silence(self) -> None:
        """Leave out what the project does not want to hear."""
        self.problems = self._without_silenced(is_all=self.facts.loaded)

    def _without_silenced(self, *, is_all: bool) -> list[Problem]:
        sources, interpreter = self.sources, self.cache.interpreter
        ignores = every_ignore(
            sources.modules.values(),
            interpreter.store.loaded() if interpreter is not None else (),
        )
        configuration = read_configuration(self.root)
        silence = Silence(ignores, configuration, all_checked=is_all)
        return list(silence.filtered(self.problems))

    def _knows_all_calls(self) -> bool:
        """Return whether each render() of the project was read, and its template is known."""
        modules = self.sources.modules.values()
        are_read = all(module.tree is not None for module in modules)
        return are_read and not any(left_alone.why in COMPUTED for left_alone in self.unchecked)
