"""Templates that are not escaped, in pages that are; and values in JSON and scripts."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from mtvgen.checks.report import Problem
from mtvgen.checks.templates.mixing import mixing_problems
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree

IN_A_SCRIPT = "in a <script>, name it m.js.html and write {{ value|tojson }} there"
CURE = '-> {% filter forceescape %}{% include "a.txt" %}{% endfilter %}'


def problems(name: str, source: str) -> list[Problem]:
    tree = Tree(Environment().parse(source))
    return list(mixing_problems(Template(name, f"templates/{name}", (0, 0), tree)))


@pytest.mark.parametrize(
    "source",
    [
        '{% include "a.txt" %}',
        '{% include "a.txt" ignore missing %}',
        '{% include ["b.html", "a.txt"] %}',
        '{% include "a.txt" if x else "b.html" %}',
        '{% include [x, "a.txt"] %}',
        '{% if x %}{% block b %}{% include "a.txt" %}{% endblock %}{% endif %}',
        '{% macro m() %}{% include "a.txt" %}{% endmacro %}',
        '{% filter e %}{% include "a.txt" %}{% endfilter %}',
        '{% filter forceescape %}{% block b %}{% include "a.txt" %}{% endblock %}{% endfilter %}',
    ],
)
@pytest.mark.parametrize("name", ["page.html", "feed.xml", "icon.svg", "page.md"])
def test_an_include_of_text_in_a_page_is_found_with_the_line_to_write(name, source):
    (problem,) = problems(name, f"\n{source}")
    assert (problem.id, problem.line, problem.severity) == ("templates.unescaped", 2, "error")
    assert problem.message.startswith(f"{name} is escaped, and a.txt, which it includes, is not")
    assert problem.hint == CURE


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        ('{% import "m.txt" as m %}', "-> put the macros into m.html"),
        ('{% from "m.txt" import field %}', "-> put the macros into m.html"),
        ('{% extends "m.txt" %}', "-> extend m.html, or give both names the same ending"),
        (
            '{% include "m.js" %}',
            f"{CURE.replace('a.txt', 'm.js')}; {IN_A_SCRIPT}",
        ),
    ],
)
def test_what_is_imported_or_extended_has_another_cure(source, cure):
    (problem,) = problems("page.html", source)
    assert problem.hint == cure


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("page.html", '{% include "a.html" %}{% extends "b.xml" %}{% import "c.svg" as c %}'),
        ("page.html", '{% filter forceescape %}{% include "a.txt" %}{% endfilter %}'),
        ("page.html", '{% filter trim|forceescape %}{% include "a.txt" %}{% endfilter %}'),
        ("page.html", "{% include x %}{% include x ~ y %}{% include 7 %}"),
        ("mail.txt", '{% include "a.txt" %}{% extends "b.csv" %}{% include "c.html" %}'),
    ],
)
def test_all_else_is_left_alone(name, source):
    assert problems(name, source) == []


@pytest.mark.parametrize("name", ["data.json", "app.js", "v1/APP.JS"])
@pytest.mark.parametrize(
    "source",
    [
        "{{ x }}",
        "{{ x.name }}",
        "{{ x|upper }}",
        "{{ x|tojson|upper }}",
        "{{ x|safe }}",
        "{{ x|tojson if y else z }}",
        '{{ url_for("a") }}',
        "{% for y in x %}{{ y }}{% endfor %}",
        "{% macro m(y) %}{{ y }}{% endmacro %}",
        "{% filter upper %}{{ x }}{% endfilter %}",
    ],
)
def test_a_value_in_json_or_a_script_without_tojson_is_a_note(name, source):
    (problem,) = problems(name, f'\n{{"a": {source}}}')
    assert (problem.id, problem.line) == ("templates.without-tojson", 2)
    assert problem.severity == "note"
    assert "tojson" in problem.hint


@pytest.mark.parametrize(
    "source",
    [
        "{{ x|tojson }}",
        "{{ x|tojson(indent=2) }}",
        "{{ x|tojson|safe }}",
        "{{ x|tojson if y else 'null' }}",
        "{{ ',' if not loop.last }}",
        "{{ loop.index }}{{ x|length }}{{ x|int }}",
        "{% macro m(x) %}{{ x|tojson }}{% endmacro %}{{ m(y) }}",
        '{% import "m.js" as m %}{{ m.one(x) }}{% from "m.js" import two %}{{ two(x) }}',
        "{% filter tojson %}{{ x }}{% endfilter %}",
        "{% block b %}{{ super() }}{% endblock %}{{ self.b() }}",
    ],
)
def test_what_is_json_already_is_left_alone(source):
    assert problems("data.json", source) == []


def test_values_of_other_kinds_are_left_alone():
    assert problems("mail.txt", "{{ x }}") == problems("page.html", "{{ x }}") == []
