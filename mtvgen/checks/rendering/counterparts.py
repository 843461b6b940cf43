"""What templates are checked against, and what of it a run keeps for the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import is_
from typing import Any

from mtvgen.checks.browser.checks import Browser, Elsewhere, PageChecks
from mtvgen.checks.facts import EnvironmentFact
from mtvgen.checks.rendering.matching import RenderCheck
from mtvgen.checks.rendering.mistakes import AttributeCheck
from mtvgen.checks.rendering.usages import UsageCheck
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.templates.file_rules import Chain
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.records import record


@record(frozen=True)
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


@dataclass
class Inherited:
    """The mistakes of a template's blocks and parents.

    Attributes:
        chain: The template and its parents.
        problems: What is wrong.
        seen_at: The version of the store at which these were the same.
    """

    chain: Chain
    problems: list[Problem]
    seen_at: int = -1

    def __post_init__(self) -> None:
        self._names = frozenset(one.name for one in self.chain if one is not None)

    def is_current(self, template: Template, store: Store) -> bool:
        """Return whether the chain surely is the same, which mostly one look shows."""
        is_whole = bool(self.chain) and self.chain[-1] is not None and self.chain[0] is template
        if not is_whole or not store.is_as_at(self.seen_at, self._names):
            return False
        self.seen_at = store.version
        return True


@dataclass
class PageCache:
    """Results for each template, each with what it was made from.

    Attributes:
        alone: What is wrong with the template by itself.
        inherited: What is wrong with its blocks and parents.
        links: What is wrong with its addresses, each with the mark of the call.
        render_checks: What its render calls lack.
        html: What is wrong with its HTML.
        elsewhere: What the files of the project leave to each other.
        static_files: The files below static/.
        seen_at: The version of the store at which all that it is part of was looked at.
    """

    alone: dict[str, tuple[Template, list[Problem]]] = field(default_factory=dict)
    inherited: dict[str, Inherited] = field(default_factory=dict)
    links: dict[str, tuple[tuple[Any, ...], list[tuple[int, Problem | Unchecked]]]] = field(
        default_factory=dict
    )
    render_checks: dict[str, tuple[tuple[Any, ...], RenderCheck]] = field(default_factory=dict)
    html: PageChecks = field(default_factory=PageChecks)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    static_files: frozenset[str] = frozenset()
    seen_at: dict[str, int] = field(default_factory=dict)


def are_the_same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    """Return whether two tuples hold the very same objects."""
    return len(left) == len(right) and all(map(is_, left, right))
