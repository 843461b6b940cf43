"""All forms of a project: where each goes, and what is wrong with it there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mtvgen.checks.facts import ClassFact, RouteFact
from mtvgen.checks.forms.constraints import constraint_problems
from mtvgen.checks.forms.controls import Control, Form, with_strays
from mtvgen.checks.forms.drawn import dead_attributes
from mtvgen.checks.forms.links import link_problems
from mtvgen.checks.forms.matching import Match, Sending
from mtvgen.checks.forms.methods import forgotten_method, method_of, method_problem
from mtvgen.checks.forms.pages import KeptPart, Part, may_make_markup, part_of
from mtvgen.checks.forms.scripts import Scripts
from mtvgen.checks.forms.targets import Target, targets_of
from mtvgen.checks.forms.unknown_keys import unknown_keys
from mtvgen.checks.forms.uploads import (
    drawn_file_problems,
    encoding_problems,
    file_problems,
    is_multipart,
)
from mtvgen.checks.preview import Preview
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.reading.ambient import ambient_keys
from mtvgen.checks.reading.reads import Reads
from mtvgen.checks.reading.template_reads import keys_of_templates
from mtvgen.checks.reading.views import CallsOfAll, ReadsCache, Shown, Views
from mtvgen.checks.report import Problem
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.records import record


@dataclass
class FormsCache:
    """What a run keeps of forms for the next one.

    Attributes:
        parts: For each template what it adds to pages.
        results: What was found in each part.
        reads: What views read.
    """

    parts: dict[str, KeptPart] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    reads: ReadsCache = field(default_factory=ReadsCache)


@record(frozen=True)
class Project:
    """What forms are checked against.

    Attributes:
        sources: The Python files.
        store: The templates.
        models: What is known of the models.
        addresses: The routes; None where they are not known.
        static: The directory of static files; None if there is none.
        entries: For each template that is rendered, or that nothing leads to, all that it reaches.
        is_reached: Whether a view reaches a call of url_for().
    """

    sources: Sources
    store: Store
    models: Mapping[str, ClassFact]
    addresses: Addresses | None
    static: Path | None
    entries: Mapping[str, Set[str]]
    is_reached: Callable[[Template, int], bool]


@dataclass(eq=False)
class Result:
    """The problems of one part, and what they were made from.

    Attributes:
        made_from: The part and all that is the same for every form.
        problems: What is wrong.
        sendings: The forms whose views are known.
        is_all_known: Whether these are all.
        reached: The calls of url_for() that were asked about, and whether a view reaches them.
        reads: The views that were asked for, and what they read.
        here: The addresses of its own page, if they were asked for.
    """

    made_from: tuple[object, ...]
    problems: list[Problem] = field(default_factory=list)
    sendings: list[Sending] = field(default_factory=list)
    is_all_known: bool = True
    reached: list[tuple[Template, int, bool]] = field(default_factory=list)
    reads: list[tuple[RouteFact, str, Reads | None]] = field(default_factory=list)
    here: tuple[tuple[str, ...] | None] | None = None


class Forms:
    """Checks the forms and the links of all templates.

    Args:
        project: What they are checked against.
        calls: The calls of all files.
        cache: What the last run kept.
        pause: Called between two templates; a BaseException of it ends the run.
        preview: What is looked at, and what is left as it was found; None: all is looked at.
    """

    def __init__(
        self,
        project: Project,
        calls: CallsOfAll,
        cache: FormsCache,
        pause: Callable[[], None] | None = None,
        preview: Preview | None = None,
    ) -> None:
        self._project = project
        self._calls = calls
        self._cache = cache
        self._pause = pause or (lambda: None)
        self._preview = preview or Preview(())
        self._views = Views(project.sources, project.models, cache.reads)
        self._scripts = Scripts(project.store, project.static, project.entries)

    def read(self) -> None:
        """Read the forms of all pages, which `problems()` then has."""
        for _ in self._parts():
            pass

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the forms, and with links that send GET where none is taken."""
        addresses, is_reached = self._project.addresses, self._project.is_reached
        if addresses is not None and addresses.without_get:
            for template in self._templates():
                links = link_problems(template, addresses, is_reached)
                yield from self._without_scripted(template, links)
        parts = list(self._parts())
        strays = tuple(stray for part in parts for stray in part.strays)
        results = [(part, self._result(part, strays)) for part in parts]
        for part, result in results:
            problems: Iterable[Problem] = result.problems
            if part.template.name in self._preview.left:
                problems = filter(self._preview.still_holds, problems)
            yield from self._without_scripted(part.template, problems)
        if all(result.is_all_known for _, result in results):
            sendings = [sending for _, result in results for sending in result.sendings]
            unknown = list(unknown_keys(sendings, parts))
            if unknown and not any(self._scripts.may_send(part.template) for part in parts):
                yield from unknown

    def _without_scripted(
        self, template: Template, problems: Iterable[Problem]
    ) -> Iterator[Problem]:
        """Yield the problems of a template on whose pages no script may send forms itself."""
        for problem in problems:
            if not self._scripts.may_send(template):
                yield problem

    # The parts of pages

    def _templates(self) -> Iterator[Template]:
        names: set[str] = set().union(*self._project.entries.values())
        for name in sorted(names):
            template = self._project.store.get(name)
            if template is not None and template.tree is not None:
                yield template

    def _parts(self) -> Iterator[Part]:
        """Yield what each page and each parent of a page adds to it, if there are forms in it."""
        store, kept = self._project.store, self._cache.parts
        waiting, seen = list(self._project.entries), set(self._project.entries)
        while waiting:
            template = store.get(waiting.pop())
            if template is None or template.tree is None:
                continue
            self._pause()
            part = kept.get(template.name)
            if part is None or not self._is_part_current(part, template):
                part = part_of(template, store, may_be_markup=self._may_be_markup)
                kept[template.name] = part
            parents = {name for name, _ in part.above} - seen
            seen |= parents
            waiting += parents
            if part.part is not None and (part.part.forms or part.part.strays):
                yield part.part

    def _is_part_current(self, part: KeptPart, template: Template) -> bool:
        return template.name in self._preview.left or (
            part.may_be_markup == self._may_be_markup
            and part.is_current(template, self._project.store)
        )

    @cached_property
    def _may_be_markup(self) -> bool:
        modules = self._project.sources.modules
        own = frozenset(name.partition(".")[0] for name in modules)
        return may_make_markup(modules.values(), own)

    # One part

    def _result(self, part: Part, strays: tuple[tuple[str, Control], ...]) -> Result:
        """Return what is found in a part: kept while all that it depends on is the same."""
        project, kept = self._project, self._cache.results.get(part.template.name)
        if kept is not None and part.template.name in self._preview.left:
            return kept
        self._pause()
        made_from = (part, project.addresses, project.models, self._ambient, strays)
        if kept is not None and kept.made_from == made_from and self._is_current(kept, part):
            return kept
        result = Result(made_from)
        for form in part.forms:
            problems = self._of_form(part, with_strays(form, strays), result)
            result.problems += dict.fromkeys(problems)
        self._cache.results[part.template.name] = result
        return result

    def _is_current(self, result: Result, part: Part) -> bool:
        is_reached, reads = self._project.is_reached, self._views.reads
        return (
            all(is_reached(template, mark) is known for template, mark, known in result.reached)
            and all(reads(route, method) is known for route, method, known in result.reads)
            and (result.here is None or result.here == (self._here(part.template),))
        )

    def _of_form(self, part: Part, form: Form, result: Result) -> Iterator[Problem]:
        method = method_of(form)
        for control in form.controls if not form.is_driven else ():
            if control.drawn:
                yield from dead_attributes(control.element)
        wrong_encoding = list(encoding_problems(form)) if method == "POST" else []
        if not form.is_driven:
            yield from wrong_encoding
        is_plain = method is not None and not form.is_driven and not wrong_encoding
        targets = self._targets(part, form, result) if is_plain else None
        if method is None or not targets:
            result.is_all_known = False
            return
        wrong = None
        if not form.has_ways_of_its_own:
            wrong = method_problem(form, method, targets)
            if wrong is None and method == "GET":
                wrong = forgotten_method(form, targets, self._reader(result))
        sending = None if wrong else self._sending(part, form, method, targets, result)
        if wrong is not None:
            yield wrong
        if sending is None or form.buttons or sending.is_for_nothing:
            result.is_all_known = False
            return
        result.sendings.append(sending)
        yield from drawn_file_problems(sending)
        yield from file_problems(sending)
        yield from Match(sending, self._attributes, self._ambient).problems()
        yield from constraint_problems(sending, self._project.models)

    def _reader(self, result: Result) -> Callable[[RouteFact, str], Reads | None]:
        """Return what says what a view reads, and notes that the result depends on it."""

        def reads_of(route: RouteFact, method: str) -> Reads | None:
            reads = self._views.reads(route, method)
            result.reads.append((route, method, reads))
            return reads

        return reads_of

    def _targets(self, part: Part, form: Form, result: Result) -> list[Target] | None:
        """Return where a form goes that a view reaches; None where that is not known."""
        addresses, actions = self._project.addresses, form.element.all("action")
        is_computed = form.has_unknown_action or len(actions) > 1 or any(a.path for a in actions)
        if addresses is None or is_computed:
            return None
        found = targets_of(actions[0].value if actions else None, addresses)
        for target in found or ():
            if target.call is not None:
                template, mark = target.call.template, target.call.node.lineno
                is_reached = self._project.is_reached(template, mark)
                result.reached.append((template, mark, is_reached))
                if not is_reached:
                    return None
        if found == []:
            here = self._here(part.template)
            result.here = (here,)
            return [Target(pattern, pattern, addresses) for pattern in here or ()] or None
        return found

    def _here(self, template: Template) -> tuple[str, ...] | None:
        """Return the addresses of the pages that a template is in."""
        patterns: set[str] = set()
        for entry, reached in self._project.entries.items():
            if template.name in reached:
                routes = self._shown.routes_of(entry)
                if routes is None:
                    return None
                patterns.update(route.pattern for route in routes if "GET" in route.methods)
        return tuple(sorted(patterns))

    @cached_property
    def _shown(self) -> Shown:
        addresses = self._project.addresses
        routes = addresses.routes if addresses is not None else ()
        return Shown(self._views, routes, self._calls)

    def _sending(
        self, part: Part, form: Form, method: str, targets: list[Target], result: Result
    ) -> Sending | None:
        """Return a form with all that its views read; None where one of them is not known."""
        reads_of = self._reader(result)
        taking = [target.taking(method) for target in targets]
        views = [(route, reads_of(route, method)) for routes in taking for route in routes]
        known = tuple((route, reads) for route, reads in views if reads is not None)
        if not known or len(known) < len(views):
            return None
        is_certain = all(len(routes) == 1 for routes in taking)
        source = part.template.source
        return Sending(form, method, is_multipart(form), known, is_certain, source)

    @cached_property
    def _attributes(self) -> frozenset[str]:
        """The names of all columns and relations."""
        models = self._project.models.values()
        return frozenset(name for model in models for name in model.attributes)

    @cached_property
    def _ambient(self) -> frozenset[str] | None:
        """What templates, and code outside the views, read of any form; None if that may be all."""
        addresses = self._project.addresses
        routes = addresses.routes if addresses is not None else ()
        files = frozenset(route.function[0] for route in routes if route.function is not None)
        of_code = ambient_keys(self._project.sources, files)
        of_templates = keys_of_templates(self._templates())
        return None if of_code is None or of_templates is None else of_code | of_templates
