"""Whatever is renamed, Jinja2 itself shows the same page: the judge is nobody of the house."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import jinja2
import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.places import Place, Text
from mtvgen.checks.report import Edit
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.store import Store
from mtvgen.checks.uses.edits import edited
from mtvgen.checks.uses.groups import Kind
from mtvgen.checks.uses.index import Index, Occurrence
from mtvgen.checks.views.calls import RenderCall
from tests.checks.interpreter.random_sets import TemplateSet, random_set
from tests.checks.interpreter.test_random_sets import parses

IS_FULL = "MTVGEN_FULL" in os.environ
SETS = 200 if IS_FULL else 10
PLAYS = 6
NEW = "renamed"
# What is not known by a name alone stays as it is.
FIXED = (Kind.MEMBER, Kind.ATTRIBUTE, Kind.FILTER, Kind.TEST, Kind.TEMPLATE, Kind.ARGUMENT)


def index_of(templates: TemplateSet, directory: Path) -> Index:
    for name, source in templates.sources.items():
        (directory / name).write_text(source)
    environment = MarkingEnvironment()
    store = Store(environment, [directory], directory)
    store.refresh()
    interpreter = Interpreter(store, frozenset(environment.globals))
    names = [*templates.constants, *templates.unknown]
    keywords = {name: Place("view.py", 1, number, 1, number) for number, name in enumerate(names)}
    call = RenderCall(Place.at("view.py"), "page.html", dict.fromkeys(names), keywords=keywords)
    return Index(Cache(store=store, interpreter=interpreter, renders=(call,)))


def pages(sources: dict[str, str], plays: list[dict[str, Any]]) -> list[str]:
    """What Jinja2 shows, or what it raises, for each play."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(sources), undefined=jinja2.StrictUndefined
    )
    shown = []
    for names in plays:
        try:
            shown.append(environment.get_template("page.html").render(**names))
        except Exception as error:
            shown.append(type(error).__name__)
    return shown


def renamed(sources: dict[str, str], same: list[Occurrence]) -> dict[str, str]:
    edits = [Edit(one.place, NEW) for one in same if one.sort != "keyword"]
    return {
        name: edited(Text(name, source), [edit for edit in edits if edit.place.file == name])
        for name, source in sources.items()
    }


def wrongly_renamed(
    templates: TemplateSet, directory: Path, step: int = 1
) -> tuple[list[str], int]:
    """The names after whose renaming the page is another one, and how many were renamed."""
    plays = list(itertools.islice(templates.plays(), PLAYS))
    before = pages(templates.sources, plays)
    index = index_of(templates, directory)
    groups = {one.node: one for one in index.occurrences if one.node.kind not in FIXED}
    wrong: list[str] = []
    count = 0
    for one in list(groups.values())[::step]:
        same = index.same_as(one)
        if any(other.is_definition for other in same):
            passed = {other.name for other in same if other.sort == "keyword"}
            others = [
                {NEW if name in passed else name: value for name, value in play.items()}
                for play in plays
            ]
            count += 1
            if pages(renamed(templates.sources, same), others) != before:
                wrong.append(f"{one.name} at {[str(other.place) for other in same]}")
    return wrong, count


@pytest.mark.timeout(3600 if IS_FULL else 300)
def test_a_page_is_the_same_whatever_its_names_are(tmp_path):
    count = 0
    for seed in range(SETS):
        templates = random_set(seed)
        if all(map(parses, templates.sources.values())):
            wrong, renamings = wrongly_renamed(templates, tmp_path, 1 if IS_FULL else 6)
            assert wrong == [], seed
            count += renamings
    assert count > 20


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        # A block that sees the names around it, and a child's block in its place.
        (
            {
                "page.html": "{% extends 'base.html' %}{% block x %}{{ a }}{{ b }}{% endblock %}",
                "base.html": "{% for a in b %}{% block x scoped %}{% endblock %}{% endfor %}",
            },
            {"b": [1, 2], "a": 3},
        ),
        # Without `scoped` it does not.
        (
            {
                "page.html": "{% extends 'base.html' %}{% block x %}{{ a }}{% endblock %}",
                "base.html": "{% for a in b %}{% block x %}{% endblock %}{% endfor %}",
            },
            {"b": [1, 2], "a": 3},
        ),
        # What a child sets, its parents see; and what they set and import, its blocks.
        (
            {
                "page.html": "{% extends 'base.html' %}{% set a = 1 %}"
                "{% block x %}{{ b }}{{ m.n(c=2) }}{{ o(c=3) }}{% endblock %}",
                "base.html": "{% import 'm.html' as m %}{% from 'm.html' import n as o %}"
                "{% set b = a %}{{ a }}{% block x %}{% endblock %}",
                "m.html": "{% macro n(c, d=c) %}{{ c }}{{ d }}{{ kwargs }}{% endmacro %}",
            },
            {},
        ),
        # Includes see what is around them, by way of others too; imports only with context.
        (
            {
                "page.html": "{% for a in b %}{% include 'one.html' %}{% endfor %}"
                "{% import 'm.html' as m with context %}{{ m.n() }}{{ self.x() }}"
                "{% from 'm.html' import n with context %}{{ n() }}"
                "{% block x %}{{ c }}{% endblock %}",
                "one.html": "{% include ['none.html', 'two.html'] %}",
                "two.html": "{{ a }}{{ c }}{% set c = 1 %}{{ c }}",
                "m.html": "{% macro n() %}{{ c }}{% endmacro %}",
            },
            {"b": [1, 2], "c": 3},
        ),
        # A name that is read, set and read again; that an `if` sets; that a loop hides.
        (
            {
                "page.html": "{% set a = a|default(1) %}{{ a }}{% if b %}{% set c = 2 %}{% endif %}"
                "{{ c }}{% for c in [c] %}{{ c }}{% set c = 3 %}{{ c }}"
                "{% else %}{{ c }}{% endfor %}"
                "{{ c }}{% with c = c, d = c %}{{ c }}{{ d }}{% endwith %}",
            },
            {"b": 0, "c": 5},
        ),
        # Bodies of calls, blocks of `set` and filters, namespaces, aliases, recursion.
        (
            {
                "page.html": "{% macro m(a, b=1) %}{{ caller(a) if caller is defined }}"
                "{{ b }}{% endmacro %}"
                "{% call(a) m(2, b=3) %}{{ a }}{{ c }}{% endcall %}{% set n = m %}"
                "{% set k = namespace(c=1, d=2) %}{% for c in [1] %}{% set k.c = k.c + c %}"
                "{{ loop.index }}{% endfor %}{{ k.c }}{{ k['d'] }}{{ c }}{{ n(a=4, b=5) }}"
                "{% set s %}{% set c = 6 %}{{ c }}{% endset %}{{ s }}{{ c }}"
                "{% filter upper %}{{ c }}{% endfilter %}"
                "{% for x, (y, z) in [(1, (2, 3))] recursive %}{{ x }}{{ y }}{{ z }}{% endfor %}",
            },
            {"c": "p"},
        ),
    ],
)
def test_each_way_to_bind_a_name_is_known(tmp_path, sources, names):
    (shown,) = pages(sources, [names])
    assert not shown.endswith("Error"), shown
    wrong, count = wrongly_renamed(TemplateSet(sources, names), tmp_path)
    assert wrong == []
    assert count >= 2
