"""All that is asked of a template's HTML, kept until it or what it is asked about changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import is_not
from pathlib import Path
from typing import Any

from mtvgen.checks.browser.injection import injections
from mtvgen.checks.browser.policy import ContentPolicy
from mtvgen.checks.browser.refused import refused
from mtvgen.checks.browser.structure import structure_problems, unclosed, unopened
from mtvgen.checks.browser.written_addresses import WrittenAddresses
from mtvgen.checks.facts import ClassFact
from mtvgen.checks.markup.elements import Markup
from mtvgen.checks.markup.parser import markup_of_file
from mtvgen.checks.markup.pieces import Expression
from mtvgen.checks.python_types import Builtin
from mtvgen.checks.report import Problem
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.templates.template import Template
from mtvgen.records import record
from mtvgen.runtime.templates.kinds import HTML, content_type_of

Results = dict[str, tuple[tuple[Any, ...], list[Problem]]]


@record(frozen=True)
class Browser:
    """The facts that pages are checked against.

    Attributes:
        policy: The project's Content-Security-Policy; None where it has none, or it is computed.
        addresses: The routes; None where they are not known.
        static: The directory of static files; None where it is not known.
        texts: The names of the models' columns for texts, in which an address may be a visitor's.
    """

    policy: ContentPolicy | None = None
    addresses: Addresses | None = None
    static: Path | None = None
    texts: frozenset[str] = frozenset()

    def may_be_script(self, expression: Expression) -> bool:
        """Return whether an expression is a column in which a visitor may have put an address."""
        return getattr(expression.node, "attr", "") in self.texts


@record(frozen=True)
class Elsewhere:
    """What the files of a project leave to each other.

    Attributes:
        opened: The elements that a file opens and does not close.
        closed: Those that a file closes and does not open.
        ids: The ids of elements.
    """

    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()


@dataclass
class PageChecks:
    """Checks the HTML of templates.

    Attributes:
        results: What was found, with what it depends on.
    """

    results: Results = field(default_factory=dict)

    def problems(
        self,
        template: Template,
        browser: Browser,
        elsewhere: Elsewhere,
        static_files: object,
        *,
        is_shown: bool,
        is_shared: bool = False,
    ) -> list[Problem]:
        """Return what a browser makes of a template's HTML.

        It is looked at again when one of these is another object than the last time.

        Args:
            template: The template.
            browser: What it is checked against.
            elsewhere: What other files open, close and name.
            static_files: The same object until a static file comes or goes.
            is_shown: Whether a view answers with it, so that it gets the policy's header.
            is_shared: Whether no view renders it by itself: it is part of other pages.
        """
        if template.tree is None or not is_html(template.name):
            return []
        key = (template, browser, elsewhere, static_files, is_shown, is_shared)
        kept = self.results.get(template.name)
        if kept is not None and not any(map(is_not, kept[0], key)):
            return kept[1]
        policy = browser.policy if is_shown else None
        markup = markup_of_file(template)
        problems = list(
            _problems(template, markup, browser, elsewhere, policy, is_shared=is_shared)
        )
        self.results[template.name] = (key, problems)
        return problems


def _problems(
    template: Template,
    markup: Markup,
    browser: Browser,
    elsewhere: Elsewhere,
    policy: ContentPolicy | None,
    *,
    is_shared: bool,
) -> Iterable[Problem]:
    router = browser.addresses.router if browser.addresses is not None else None
    yield from structure_problems(
        template, markup, elsewhere.opened, elsewhere.closed, elsewhere.ids
    )
    yield from injections(template, markup, browser.may_be_script)
    yield from WrittenAddresses(router, browser.static, is_shared=is_shared).problems(markup)
    if policy is not None:
        yield from refused(markup, policy)


def elsewhere_of(templates: Iterable[Template]) -> Elsewhere:
    """Return what the files of a project leave to each other."""
    opened: set[str] = set()
    closed: set[str] = set()
    ids: set[str] = set()
    for template in templates:
        opens, closes, names = template.once(_left_open)
        opened |= opens
        closed |= closes
        ids |= names
    return Elsewhere(frozenset(opened), frozenset(closed), frozenset(ids))


def _left_open(template: Template) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    if template.tree is None or not is_html(template.name) or "<" not in template.source:
        return frozenset(), frozenset(), frozenset()
    markup = markup_of_file(template)
    return (
        frozenset(element.name for element in unclosed(markup) if not element.self_closing),
        frozenset(end.name for end in unopened(markup)),
        frozenset(filter(None, (element.text("id") for element in markup.elements))),
    )


def is_html(name: str) -> bool:
    """Return whether a template is a page, or a part of one."""
    for ending in (".jinja", ".jinja2", ".j2"):
        name = name.removesuffix(ending)
    return content_type_of(name) == HTML and name.endswith((".html", ".htm"))


_TEXT = Builtin("str")


def text_columns(classes: Iterable[ClassFact]) -> frozenset[str]:
    """Return the names of columns that hold texts, and no addresses that a class makes."""
    return frozenset(
        name for fact in classes for name, known in fact.attributes.items() if known == _TEXT
    )
