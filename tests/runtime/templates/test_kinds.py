"""What the ending of a template decides: escaping, content type, and what may go into what."""

from __future__ import annotations

import logging

import pytest
from jinja2 import TemplateRuntimeError

from mtvgen.runtime import Application, path, render
from tests.support.wsgi_calls import call

EVIL = "<script>alert(1)</script>"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def show(tmp_path):
    """The answer to a page that is rendered with the visitor's text as `q`."""

    def shown(name, **files):
        for written, text in files.items():
            file = tmp_path / written.replace("__", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        page = path("/", lambda request: render(request, name, q=EVIL, name="part.txt"))
        return call(Application([page], templates=tmp_path))

    return shown


@pytest.mark.parametrize(
    ("name", "content_type", "text"),
    [
        ("page.html", "text/html; charset=utf-8", SAFE),
        ("feed.xml", "application/xml; charset=utf-8", SAFE),
        ("icon.svg", "image/svg+xml; charset=utf-8", SAFE),
        ("robots.txt", "text/plain; charset=utf-8", EVIL),
        ("people.csv", "text/csv; charset=utf-8", EVIL),
        ("data.json", "application/json", EVIL),
        ("app.js", "text/javascript; charset=utf-8", EVIL),
        # Cases and neighbours.
        ("ROBOTS.TXT", "text/plain; charset=utf-8", EVIL),
        ("PAGE.HTML", "text/html; charset=utf-8", SAFE),
        ("page.txt.html", "text/html; charset=utf-8", SAFE),
        ("page.html.txt", "text/plain; charset=utf-8", EVIL),
        ("v1.txt/page", "text/html; charset=utf-8", SAFE),
        # An ending that says nothing is the careful case of both.
        ("page", "text/html; charset=utf-8", SAFE),
        ("page.htm", "text/html; charset=utf-8", SAFE),
        ("page.jinja", "text/html; charset=utf-8", SAFE),
        ("page.md", "text/html; charset=utf-8", SAFE),
        ("style.css", "text/html; charset=utf-8", SAFE),
        ("page.txt.j2", "text/html; charset=utf-8", SAFE),
        (".txt", "text/plain; charset=utf-8", EVIL),
    ],
)
def test_injected_markup_in_a_template_is_escaped_or_is_no_markup(show, name, content_type, text):
    answer = show(name, **{name: "{{ q }}"})
    assert (answer.headers["content-type"], answer.text) == (content_type, text)


def test_the_content_type_of_a_template_can_be_another(tmp_path):
    def style(request):
        response = render(request, "style.css")
        response.headers["Content-Type"] = "text/css; charset=utf-8"
        return response

    (tmp_path / "style.css").write_text("body {}")
    answer = call(Application([path("/", style)], templates=tmp_path))
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


def test_the_page_of_an_error_has_the_type_of_its_template(tmp_path):
    (tmp_path / "404.html").write_text("{{ error.phrase }}")
    answer = call(Application([], templates=tmp_path), url="/nowhere")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


CURE = '{% filter forceescape %}{% include "part.txt" %}{% endfilter %}'
MIXED = {
    "include": ('{% include "part.txt" %}', CURE),
    "a computed name": ("{% include name %}", CURE),
    "a list": ('{% include ["none.html", "part.txt"] %}', CURE),
    "a computed list": ('{% include ["none.html", name] %}', CURE),
    "a choice": ('{% include "part.txt" if q else "part.html" %}', CURE),
    "ignore missing": ('{% include "part.txt" ignore missing %}', CURE),
    "without context": ('{% include "part.txt" without context %}', CURE),
    "a filter that escapes nothing": (
        '{% filter e %}{% include "part.txt" %}{% endfilter %}',
        CURE,
    ),
    "inside a block": ('{% block a %}{% include "part.txt" %}{% endblock %}', CURE),
    "inside a macro": ('{% macro m() %}{% include "part.txt" %}{% endmacro %}{{ m() }}', CURE),
    "behind a filter block": (
        '{% filter forceescape %}x{% endfilter %}{% include "part.txt" %}',
        CURE,
    ),
    "import": ('{% import "part.txt" as part %}{{ part.m(q) }}', "put the macros into part.html"),
    "from import": ('{% from "part.txt" import m %}{{ m(q) }}', "put the macros into part.html"),
    "a computed import": ("{% from name import m %}{{ m(q) }}", "put the macros into part.html"),
    "extends": ('{% extends "part.txt" %}', "extend part.html, or give both names the same ending"),
    "a computed extends": ("{% extends name %}", "extend part.html, or give both names the same"),
}
PART = "{% macro m(x) %}{{ x }}{% endmacro %}{{ q }}"


@pytest.mark.parametrize("what", MIXED)
def test_injected_markup_does_not_come_by_way_of_a_template_that_is_not_escaped(show, caplog, what):
    text, cure = MIXED[what]
    answer = show("page.html", page__html=f"\n{text}", part__txt=PART)
    assert (answer.status, EVIL in answer.text) == (500, False)
    error = answer.exc_info[1]
    assert isinstance(error, TemplateRuntimeError)
    assert str(error).startswith("page.html is escaped, and part.txt, which it ")
    assert f"page.html:2) -> {cure}" in str(error)


@pytest.mark.parametrize("kind", ["txt", "csv", "json", "js"])
@pytest.mark.parametrize("page", ["html", "xml", "svg", "md"])
def test_injected_markup_does_not_come_by_any_pair_of_kinds(show, page, kind):
    text = f'{{% include "part.{kind}" %}}'
    answer = show(f"page.{page}", **{f"page__{page}": text, f"part__{kind}": "{{ q }}"})
    assert (answer.status, EVIL in answer.text) == (500, False)


@pytest.mark.parametrize(
    "text",
    [
        CURE,
        "{% filter forceescape %}{% include name %}{% endfilter %}",
        "{% filter trim|forceescape %}{% include name %}{% endfilter %}",
        "{% filter forceescape|trim %}{% if q %}{% include name %}{% endif %}{% endfilter %}",
        '{% filter forceescape %}{% from "macros.txt" import m %}{{ m(q) }}{% endfilter %}',
    ],
)
def test_the_line_that_the_error_names_escapes(show, text):
    macros = "{% macro m(x) %}{{ x }}{% endmacro %}"
    answer = show("page.html", page__html=text, part__txt="{{ q }}", macros__txt=macros)
    assert (answer.status, answer.text) == (200, SAFE)


@pytest.mark.parametrize(
    ("page", "text", "shown"),
    [
        ("page.html", '{% include "part.html" %}', SAFE),
        ("page.html", '{% extends "part.html" %}', SAFE),
        ("page.html", '{% include ["none.txt", "part.html"][1:] %}', SAFE),
        ("page.xml", '{% include "part.svg" %}', SAFE),
        ("page.txt", '{% include "part.txt" %}', EVIL),
        ("page.txt", '{% extends "part.txt" %}', EVIL),
        ("page.js", '{% include "part.txt" %}', EVIL),
        ("page.txt", '{% include "part.html" %}', SAFE),
        ("page.html", '{% include "none.txt" if not q else "part.html" %}', SAFE),
    ],
)
def test_what_is_escaped_may_go_anywhere_and_text_into_text(show, page, text, shown):
    parts = {f"part__{kind}": "{{ q }}" for kind in ("html", "svg", "txt")}
    answer = show(page, **{page: text}, **parts)
    assert (answer.status, answer.text) == (200, shown)


def test_the_error_is_logged_with_the_line_to_write(show, caplog):
    with caplog.at_level(logging.ERROR):
        show("page.html", page__html='{% include "part.txt" %}', part__txt="{{ q }}")
    assert CURE in caplog.text


def test_for_a_script_the_error_says_how_a_value_gets_into_one(show):
    answer = show("page.html", page__html='{% include "app.js" %}', app__js="{{ q }}")
    message = str(answer.exc_info[1])
    assert "in a <script>, name it app.js.html and write {{ value|tojson }} there" in message


def test_the_tree_of_a_template_stays_as_it_was_written(tmp_path):
    from jinja2 import nodes

    from mtvgen.runtime import Templates

    environment = Templates(tmp_path).environment
    tree = environment.parse('{% include name %}{% extends "a.txt" %}')
    environment.compile(tree, "page.html", "page.html")
    assert isinstance(tree.find(nodes.Include).template, nodes.Name)
    assert isinstance(tree.find(nodes.Extends).template, nodes.Const)
