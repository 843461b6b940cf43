"""A problem points at what is wrong: the name, the attribute, the text in quotes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mtvgen.checks.places import Place
from tests.checks.seed_project import write_project

HOME, VIEW, URLS = "templates/home.html", "views/home.py", "urls.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path.resolve()


def text_at(root: Path, place: Place) -> str:
    """What is written in a place, with lines and columns as an editor counts them."""
    text = (root / place.file).read_bytes().decode("utf-8-sig")
    lines = re.split("\r\n|\r|\n", text)[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "\n".join(lines)


# What stands before a tag, on its line and above it.
BEFORE = [
    "",
    "中文 😀 e\u0301\t",
    "first\r\n\r\n  中文\r\n",
    "\f a line is not ended by \x0b, \x85, \u2028 ",
    "{# a comment\n over lines #}  {%- raw -%} {{ titel }} {%- endraw -%}\n\t",
    "{% if title -%}\n  x\n  {%- endif +%} ",
]
# In each of them the part in angle quotes is wrong.
TAGS = [
    "{{ «titel» }}",
    "{{ title ~ «titel».a.b }}",
    "{{- («titel» or title)|lower -}}",
    "{{ {'titel': 1}.titel ~ «titel» }}",
    "{{ crumbs[0].«labl» }}",
    "{% for c in crumbs %}{{ c.label ~ c\n .\n «labl» }}{% endfor %}",
    "{{ title | «uper» }}",
    "{{ title is not «defnied» }}",
    '{{ url_for(\n "«nots.index»") }}',
    "{{ url_for('note', id=1, ids=2)|upper|«uper»(ids=3) }}",
    "{{ url_for('note', «ids»=url_for('note', id=1)) }}",
    "{{ url_for('note', id='«x»') }}",
    "{{ static('«styl.css»') }}",
    '{% include "«_nv.html»" %}',
    '{% from "_macros.html" import card as c, «feld» %}{{ feld() }}',
    '{% import "_macros.html" as m %}{{ m.field("a", "b") }}{{ m.«feld»() }}',
    "{{ self.«titel»() }}",
    "{% macro m(a, b=1) %}{{ a ~ b }}{% endmacro %}{{ m(dict(c=1), «c» = 1) }}",
    "{% macro m(a, b=1) %}{{ a ~ b }}{% endmacro %}{{ m(title, title, «a»=1) }}",
    "{% macro m(a, b=1) %}{{ a ~ b }}{% endmacro %}{{ title ~ «m»(1, 2, 3) }}",
    "{% macro m(a, b, «a») %}{% endmacro %}",
    "{{ dict(a=1, b=dict(a=2), «a»=3) }}",
    "{{ title «endfor» }}",
]


@pytest.mark.parametrize("before", BEFORE, ids=range(len(BEFORE)))
def test_a_problem_of_a_template_has_the_place_of_its_name(root, checker, before):
    path = root / HOME
    page = path.read_bytes().decode()
    wrong = []
    for marked in TAGS:
        tag, meant = re.sub("[«»]", "", marked), marked[marked.index("«") + 1 : marked.index("»")]
        path.write_bytes(page.replace("<h1>", f"{before}{tag}<h1>", 1).encode())
        problem = next(iter(checker.check(root).errors), None)
        place = problem.place if problem else Place.at(HOME)
        offset = page.index("<h1>") + len(before) + marked.index("«")
        lines = re.split("\r\n|\r|\n", page.replace("<h1>", before + tag, 1)[:offset])
        expected = (len(lines), len(lines[-1]) + 1)
        if (text_at(root, place), (place.line, place.column)) != (meant, expected):
            wrong.append((marked, str(problem), expected))

    assert wrong == []


def test_a_byte_order_mark_is_no_column(root, checker):
    for file, name in ((HOME, "{{ title }}"), (VIEW, '"home.html"')):
        text = (root / file).read_text("utf-8").replace(name, name.replace("e", "ee", 1), 1)
        (root / file).write_bytes(b"\xef\xbb\xbf" + text.encode())

    problems = checker.check(root, afresh=True).errors
    assert [text_at(root, problem.place) for problem in problems] == ["homee.html"]


@pytest.mark.parametrize(
    ("file", "old", "new", "meant"),
    [
        (VIEW, '"home.html"', '"主页.html"', "主页.html"),
        (VIEW, "title=", "标题=1, title=", "标题"),
        (VIEW, '"about.html"', "r'''hom.html'''", "hom.html"),
        (VIEW, '"about.html"', '("hom"\n        ".html")', '"hom"\n        ".html"'),
        (URLS, "home.about,", "home\\\n    .abut,", "abut"),
        (URLS, "home.about,", "(中 := home.abut),", "home.abut"),
        (URLS, 'path("/",', 'path("/中<itn:id>", home.about, name="中"), path("/",', "/中<itn:id>"),
        (URLS, 'name="about"),', 'name="about"), path("/é", home.index, name="about"),', "about"),
    ],
)
def test_a_problem_of_a_python_file_is_counted_in_characters(root, checker, file, old, new, meant):
    path = root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1).replace("\n", "\r\n"), "utf-8")

    problems = checker.check(root, afresh=True).problems
    assert meant in [text_at(root, problem.place) for problem in problems if problem.file == file]


def test_a_macro_is_not_to_blame_for_what_it_is_handed(root, checker):
    """Whatever its parameter is called."""
    macro = "{% macro shown(titel) %}{{ titel }}{% endmacro %}"
    (root / HOME).write_text(f"{macro}\n{{{{ shown(titel) }}}}")

    (problem,) = checker.check(root, afresh=True).errors
    assert (problem.line, problem.place.column) == (2, 10)
