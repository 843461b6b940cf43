"""What one run of the checks keeps for the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mtvgen.checks.browser.checks import Browser
from mtvgen.checks.browser.files import StaticFiles
from mtvgen.checks.forms.check import FormsCache
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.loading.kept import KeptFacts
from mtvgen.checks.objects.check import ObjectCache
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python_types import Type
from mtvgen.checks.rendering.counterparts import PageCache
from mtvgen.checks.rendering.visitors import VisitorPages
from mtvgen.checks.report import Report
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.templates.store import Store
from mtvgen.checks.views.calls import Calls, RenderCall, URLCall
from mtvgen.checks.views.python_problems import KeptProblems


@dataclass
class Cache:
    """What a run keeps for the next one. Make one, and hand it to each `check_project()`.

    Attributes:
        files: Open texts, over the disk; the import reads the disk all the same.
        pause: Called between the steps of a run; a BaseException of it ends the run.
        renders: The render calls that the last run has found.
        urls: The same for url_for().
        report: What the last run has said.
        is_parsed_ahead: Whether the store is there before the first run, its templates parsed and
            no more.
    """

    files: ProjectFiles = field(default_factory=ProjectFiles)
    sources: Sources | None = None
    store: Store | None = None
    interpreter: Interpreter | None = None
    loaded: KeptFacts = field(default_factory=KeptFacts)
    calls: dict[str, tuple[Any, Calls]] = field(default_factory=dict)
    pages: PageCache = field(default_factory=PageCache)
    forms: FormsCache = field(default_factory=FormsCache)
    python: KeptProblems = field(default_factory=KeptProblems)
    objects: ObjectCache = field(default_factory=ObjectCache)
    returned: Mapping[str, Type] = field(default_factory=dict)
    addresses: tuple[Any, Any, Addresses] | None = None
    visitor_pages: VisitorPages = field(default_factory=VisitorPages)
    browser: Browser = field(default_factory=Browser)
    declarations: tuple[Any, ...] = ()
    store_key: tuple[Any, ...] | None = None
    is_parsed_ahead: bool = False
    static: StaticFiles | None = None
    pause: Callable[[], None] | None = None
    renders: tuple[RenderCall, ...] = ()
    urls: tuple[URLCall, ...] = ()
    report: Report = field(default_factory=Report)
