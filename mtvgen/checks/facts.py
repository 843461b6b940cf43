"""Facts that only the running project knows, as plain values that can leave its process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

import jinja2
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from mtvgen.checks.parameters import Parameters, own_parameters
from mtvgen.checks.python_types import Type
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.records import record


@record(frozen=True)
class ColumnFact:
    """A column of a model.

    Attributes:
        length: How many characters it takes; None where it has no limit.
        is_nullable: Whether it takes NULL.
        has_default: Whether it may be left out.
        name: What the database calls it.
    """

    length: int | None = None
    is_nullable: bool = True
    has_default: bool = False
    name: str = ""


@record(frozen=True)
class ClassFact:
    """A class as the running project knows it.

    Attributes:
        name: Its own name.
        attributes: Every attribute, with its type where that is known.
        nullable: Of a model, the columns and relations that may be None.
        columns: Of a model, the attributes that are one column.
        keywords: What it is made of by name; None where that is not known.
        from_elsewhere: Of a model, the attributes that it inherits from outside the project.
    """

    name: str
    attributes: Mapping[str, Type] = field(default_factory=dict)
    nullable: frozenset[str] = frozenset()
    columns: Mapping[str, ColumnFact] = field(default_factory=dict)
    keywords: frozenset[str] | None = None
    from_elsewhere: frozenset[str] = frozenset()


@record(frozen=True)
class RouteFact:
    """A route.

    Attributes:
        pattern: `/notes/<int:id>`.
        name: Its name for url_for(); None for a view without one.
        methods: What it takes.
        parameters: The names of its parameters, each with its converter's.
        file: The file of its `path(...)`.
        line: The line of its `path(...)`.
        vague: Whether the line has a mistake, so that nothing else is said of the route.
        view: The name that the view has by itself, `notes.detail`; None where it has none.
        function: File, qualified name and first line of the function whose answer is the
            route's: the view, or what wrappers that hand everything on have inside them; None
            for others.
        admits_visitors: Whether visitors are let in, on a site with accounts, and nothing wraps
            the view that may refuse them.
    """

    pattern: str
    name: str | None
    methods: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    file: str
    line: int
    vague: bool = False
    view: str | None = None
    function: tuple[str, str, int] | None = None
    admits_visitors: bool = False


@record(frozen=True)
class EnvironmentFact:
    """The Jinja2 environment of a project.

    Attributes:
        options: What `jinja2.Environment` takes: delimiters, trim_blocks, extensions ...
        filters: The names of all filters.
        tests: The names of all tests.
        globals: The names that every template has.
        readers: The names of the filters, tests and globals that may read every name there is.
        filter_parameters: What the filters take that are not Jinja2's own; None for one that does
            not say.
        test_parameters: The same for tests.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    filters: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    globals: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()
    filter_parameters: Mapping[str, Parameters | None] = field(default_factory=dict)
    test_parameters: Mapping[str, Parameters | None] = field(default_factory=dict)

    @classmethod
    def of(cls, environment: jinja2.Environment) -> EnvironmentFact:
        """Return the facts of an environment."""
        options = {name: getattr(environment, name) for name in ENVIRONMENT_OPTIONS}
        options["extensions"] = sorted(environment.extensions)
        return cls(
            options,
            frozenset(environment.filters),
            frozenset(environment.tests),
            frozenset(environment.globals)
            | getattr(environment.context_class, "names_on_demand", frozenset()),
            frozenset(
                name
                for callables in (environment.filters, environment.tests, environment.globals)
                for name, function in callables.items()
                if _reads_context(function)
            ),
            own_parameters(environment.filters, FILTERS),
            own_parameters(environment.tests, TESTS),
        )


def _reads_context(function: object) -> bool:
    """Return whether a function of the project gets the whole context (jinja2.pass_context)."""
    passed = getattr(function, "jinja_pass_arg", None)
    is_own = not str(getattr(function, "__module__", "")).startswith(("jinja2", "mtvgen"))
    return is_own and passed is not None and passed.name == "context"


# What makes a difference for whoever parses a template.
ENVIRONMENT_OPTIONS = (
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
    "keep_trailing_newline",
)


@record(frozen=True)
class Facts:
    """The result of importing a project.

    Attributes:
        loaded: Whether its application could be made, so that the rest is complete.
        routes: The routes; None where they could not be had.
        all_routes: Whether these are all, so that no route has any other name.
        environment: Its Jinja2 environment; None where it could not be had.
        templates: The directories of its templates.
        templates_elsewhere: The names of templates that its loaders have from elsewhere; None
            where these can't be listed.
        static: The directory of its static files; "" where it has none.
        classes: Its models, by dotted name.
        objects: What its settings have, by the dotted name of each, and a database session.
        problems: What was wrong.
        unchecked: What was left alone.
        modules: The modules from outside the project that it imported, and this process had not.
    """

    loaded: bool = False
    routes: tuple[RouteFact, ...] | None = None
    all_routes: bool = True
    environment: EnvironmentFact | None = None
    templates: tuple[str, ...] = ()
    templates_elsewhere: frozenset[str] | None = frozenset()
    static: str | None = None
    classes: Mapping[str, ClassFact] = field(default_factory=dict)
    objects: Mapping[str, ClassFact] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    modules: tuple[str, ...] = ()
