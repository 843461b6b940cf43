"""The HTML of templates: elements and attributes with their places, whatever Jinja2 puts in."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.markup.elements import Element, Markup
from mtvgen.checks.markup.pages import markup_of_page
from mtvgen.checks.markup.parser import markup_of_file
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.store import Store


def page(root: Path, **files: str) -> Markup:
    """The elements of `page.html` with all that it has from elsewhere."""
    store = opened(root, files)
    template = store.get("page.html")
    assert template is not None
    assert template.problems == []
    return markup_of_page(template, store)


def opened(root: Path, files: dict[str, str]) -> Store:
    for name, source in files.items():
        (root / f"{name}.html").write_text(source, encoding="utf-8")
    store = Store(MarkingEnvironment(), [root], root)
    store.refresh()
    return store


def alone(root: Path, source: str) -> Markup:
    """The elements of one file."""
    template = opened(root, {"page": source}).get("page.html")
    assert template is not None
    return markup_of_file(template)


def shown(element: Element) -> dict[str, tuple[str, ...] | None]:
    """Each attribute with the texts that it may be."""
    return {
        each.name: ("",) if each.value is None else each.value.ways() for each in element.attributes
    }


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("<a href='/x' TITLE=\"a > b\" hidden>", {"href": "/x", "title": "a > b", "hidden": ""}),
        ("<a href=/x/>", {"href": "/x/"}),
        ("<a\n href = '&amp;'\n>", {"href": "&"}),
        ("<a {# b='1' #} c='2'>", {"c": "2"}),
        ("<a href='{{ \"x\" }}'>", {"href": "x"}),
        ("<a href='{{ x }}'>", {"href": None}),
        ("<a {{ attributes }}>", {"": None}),
        ("<a data-{{ x }}=1>", {"": "1"}),
        ("<a {% raw %}b='{{ c }}'{% endraw %}>", {"b": "{{ c }}"}),
        ('<a b=\'{{ "x" if y else "z" }}\'>', {"b": ("x", "z")}),
        ("<a b='{% if x %}1{% elif y %}2{% else %}3{% endif %}'>", {"b": ("1", "2", "3")}),
        ("<a b='1{% if x %} 2{% endif %}'>", {"b": ("1 2", "1")}),
        ("<a b='{% for x in y %}1{% endfor %}'>", {"b": None}),
        ("<a b={% if x %}1{% endif %} c=2>", {"b": ("1", ""), "c": "2"}),
    ],
)
def test_attributes_are_read_as_a_browser_reads_them(tmp_path, tag, attributes):
    (element,) = alone(tmp_path, f"<!-- <a no=1> -->{tag}").elements
    expected = {name: (v,) if isinstance(v, str) else v for name, v in attributes.items()}
    assert shown(element) == expected


def test_each_part_has_its_place(tmp_path):
    source = "{% if x %}\n  <input {{ y }}\n  name=\"{{ a }}b\" value='c'>{% endif %}"
    (element,) = alone(tmp_path, source).elements
    name, value = element.get("name"), element.get("value")
    places = [element.place, name.place, name.value.place, value.value.place]
    lines = source.splitlines()
    assert [lines[p.line - 1][p.column - 1 : p.end_column - 1] for p in places] == [
        "<input",
        "name",
        "{{ a }}b",
        "c",
    ]


def test_a_branch_in_a_tag_is_known_as_such(tmp_path):
    source = "{% if a %}<b {% if x %}c=1{% else %}c=2{% endif %} d>{% endif %}"
    (element,) = alone(tmp_path, source).elements
    assert [(each.name, [step.branch for step in each.path]) for each in element.attributes] == [
        ("c", [0]),
        ("c", [-1]),
        ("d", []),
    ]
    assert [step.may_be_left_out for step in element.path] == [True]
    assert element.text("c") is None
    assert element.text("d") == ""
    assert element.text("e", "default") == "default"


def test_an_end_tag_closes_what_each_branch_began(tmp_path):
    source = """{% if x %}<form id=a>{% else %}<form id=b>{% endif %}
<input><p>text</form><form id=c></form>"""
    markup = alone(tmp_path, source)
    a, b, c = markup.named("form")
    (field,) = markup.named("input")
    assert field.inside == (a, b)
    assert (markup.ends[0].opened, b.end) == (2, markup.ends[0])
    assert c.inside == ()
    assert (a.end, c.end) == (markup.ends[0], markup.ends[1])


def test_there_are_no_tags_in_scripts_and_texts(tmp_path):
    source = "<script>a < '<b>{{ x }}</b>'</script><textarea><i></textarea><p>{{ y }}</p>"
    markup = alone(tmp_path, source)
    assert [element.name for element in markup.elements] == ["script", "textarea", "p"]
    script, textarea, p = markup.elements
    assert script.content.beginning == "a < '<b>"
    assert [each.node.name for each in script.content.expressions] == ["x"]
    assert textarea.content.literal == "<i>"
    ((output, inside),) = [(each.expression.node.name, each.inside) for each in markup.outputs]
    assert (output, inside) == ("y", (p,))


def test_a_page_has_what_its_parents_includes_and_macros_write(tmp_path):
    markup = page(
        tmp_path,
        base="<body>{% block main %}<i></i>{% endblock %}{% include 'foot.html' %}</body>",
        foot="<footer></footer>",
        forms="""{% macro field(name, type="text") %}
{% if type == "area" %}<textarea name="{{ name }}"></textarea>
{% else %}<input name="{{ name }}" type="{{ type }}">{% endif %}{% endmacro %}
{% macro box(id) %}<div id="{{ id }}">{{ caller() }}</div>{% endmacro %}""",
        page="""{% extends "base.html" %}{% import "forms.html" as forms %}
{% from "forms.html" import box %}
{% block main %}{{ super() }}{{ forms.field("a") }}{{ forms.field("b", type="area") }}
{% for name, kind in [("c", "text"), ("d", "file")] %}{{ forms.field(name, kind) }}{% endfor %}
{% call box("e") %}<b id="f"></b>{% endcall %}{% endblock %}""",
    )
    assert [(element.name, shown(element)) for element in markup.elements] == [
        ("body", {}),
        ("i", {}),
        ("input", {"name": ("a",), "type": ("text",)}),
        ("textarea", {"name": ("b",)}),
        ("input", {"name": ("c",), "type": ("text",)}),
        ("input", {"name": ("d",), "type": ("file",)}),
        ("div", {"id": ("e",)}),
        ("b", {"id": ("f",)}),
        ("footer", {}),
    ]
    name = markup.elements[2].get("name").value.place
    assert (name.file, name.line) == ("page.html", 3)
    assert markup.is_whole


@pytest.mark.parametrize(
    "source",
    [
        "{% include x %}",
        "{% extends x %}{% block a %}{% endblock %}",
        "{% macro m(x) %}{{ m(x) }}<b>{% endmacro %}{{ m(1) }}",
        "{% macro m(x=x) %}<b id='{{ x }}'>{% endmacro %}{{ m() }}",
    ],
)
def test_what_is_computed_or_endless_is_left(tmp_path, source):
    markup = page(tmp_path, page=source)
    assert markup.is_whole == ("m(x=x)" in source)


def test_a_name_that_is_set_again_stands_for_something_else(tmp_path):
    source = """{% macro m(a) %}{% if q %}{% set a = a|upper %}{% endif %}<b id="{{ a }}">
{% set a = "z" %}<b id="{{ a }}">{% endmacro %}{{ m("x") }}"""
    assert [shown(element)["id"] for element in page(tmp_path, page=source).elements] == [
        None,
        ("z",),
    ]
