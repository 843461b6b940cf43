"""Every name in a template has its exact place, and none is left out."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from mtvgen.checks.templates.occurrences import occurrences
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from tests.checks.interpreter.random_sets import random_set
from tests.checks.seed_project import write_project

# The words of Jinja2's own tags and expressions, which are the names of nothing.
WORDS = frozenset(
    {"extends", "block", "endblock", "scoped", "required", "if", "elif", "else", "endif", "for"}
    | {"in", "endfor", "recursive", "set", "endset", "macro", "endmacro", "call", "endcall"}
    | {"filter", "endfilter", "include", "import", "from", "as", "with", "without", "context"}
    | {"ignore", "missing", "endwith", "autoescape", "endautoescape", "do", "is", "not", "and"}
    | {"or", "true", "false", "none"}
)


def template_of(directory: Path, source: str, **options: object) -> Template:
    (directory / "page.html").write_bytes(source.encode())
    store = Store(MarkingEnvironment(**options), [directory], directory)
    store.refresh()
    template = store.get("page.html")
    assert template is not None
    assert template.problems == []
    return template


def left_out(template: Template) -> list[str]:
    """The names in tags that no occurrence covers, and occurrences of what is not written there."""
    text, found = template.tokens.text, occurrences(template)
    wrong = [f"{one} is {text.at(one.place)!r}" for one in found if text.at(one.place) != one.name]
    covered = {(one.place.line, one.place.column) for one in found}
    offset = 0
    for _, kind, written in template.environment.lexer.tokeniter(text.text, None):
        start = text.text.index(written, offset)
        offset = start + len(written)
        place = text.place(start, offset)
        is_name = kind == "name" and written not in WORDS
        if is_name and (place.line, place.column) not in covered:
            wrong.append(f"{written} at {place}")
    return wrong


def said(source: str, directory: Path, **options: object) -> list[str]:
    found = occurrences(template_of(directory, source, **options))
    return [f"{one.sort} {one.name} {one.place.line}:{one.place.column}" for one in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("中 {{ note.title|upper }}", "name note 1:6, attribute title 1:11, filter upper 1:17"),
        (
            '{{ a is divisibleby b }}\n{{ a is not none }}{{ a["b"] }}',
            (
                "name a 1:4, test divisibleby 1:9, name b 1:21, name a 2:4, test none 2:13, "
                "name a 2:23, attribute b 2:26"
            ),
        ),
        (
            '{% from "m.html" import a, b as c with context %}\r\n{% import "m.html" as m %}',
            (
                "template m.html 1:10, bound a 1:25, imported b 1:28, bound c 1:33, "
                "template m.html 2:12, bound m 2:23"
            ),
        ),
        (
            "{% block a %}{{ self.a() }}{% endblock a %}",
            "block a 1:10, name self 1:17, block a 1:22, block a 1:40",
        ),
        (
            "{% macro m(a, b=a) %}{{ kwargs }}{% endmacro %}{{ m(1, b=f(b=(2 is odd))) }}",
            (
                "macro m 1:10, bound a 1:12, bound b 1:15, name a 1:17, name kwargs 1:25, "
                "name m 1:51, argument b 1:56, name f 1:58, argument b 1:60, test odd 1:68"
            ),
        ),
        (
            "{% set ns = namespace(n=0) %}{% set ns.n = ns.n + 1 %}",
            (
                "bound ns 1:8, name namespace 1:13, argument n 1:23, name ns 1:37, "
                "attribute n 1:40, name ns 1:44, attribute n 1:47"
            ),
        ),
        (
            "{{ url_for('note', id=1) }}{{ request.url_for('a') }}{{ static('b.css') }}",
            (
                "name url_for 1:4, route note 1:13, argument id 1:20, name request 1:31, "
                "attribute url_for 1:39, route a 1:48, name static 1:57, static b.css 1:65"
            ),
        ),
        (
            "{% include ['a.html', 'b.html' if x else 'c.html'] %}",
            "template a.html 1:14, template b.html 1:24, name x 1:35, template c.html 1:43",
        ),
    ],
)
def test_each_name_has_its_sort_and_place(tmp_path, source, expected):
    assert ", ".join(said(source, tmp_path)) == expected


def test_the_names_of_a_translation_are_those_that_are_written(tmp_path):
    source = "{% trans n=count, who=user.name %}{{ who }} has {{ n }}{% endtrans %}"
    found = said(source, tmp_path, extensions=["jinja2.ext.i18n"])

    assert {"name count 1:12", "name user 1:23", "attribute name 1:28"} <= set(found)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"trim_blocks": True, "lstrip_blocks": True},
        {"line_statement_prefix": "%%", "line_comment_prefix": "##"},
        {"variable_start_string": "${", "variable_end_string": "}"},
    ],
    ids=["plain", "trimmed", "line statements", "delimiters"],
)
def test_nothing_is_left_out_of_a_template(tmp_path, options):
    opening = options.get("variable_start_string", "{{")
    closing = options.get("variable_end_string", "}}")
    source = (
        f"😀\t中文 {opening} a.b[c](d, e=f)|g(h)|i {closing}\r\n"
        "  {%- for k, (l, m) in n.o() if p is q(r) recursive -%}\r"
        f"\t{opening} loop(k) ~ (s if t else u) {closing}{{% else %}}{{% endfor %}}\n\n"
        "{#- a comment {{ x }} -#} {% raw %}{{ y }}{% endraw %}\n"
        "{% call(v) w.x(y) %}{% endcall %}{% filter z|aa %}{% endfilter %}"
        "{% set bb, cc = dd %}{% set ee | ff %}{% endset %}{% with gg = hh %}{% endwith %}"
    )
    if "line_statement_prefix" in options:
        source += "\n%% set ii = jj\n## kk ll\n  %% if mm\n%% endif\n"

    assert left_out(template_of(tmp_path, source, **options)) == []


def test_nothing_is_left_out_of_the_templates_of_a_site(tmp_path):
    write_project(tmp_path)
    (tmp_path / "all").mkdir()
    for path in sorted((tmp_path / "templates").rglob("*.html")):
        assert left_out(template_of(tmp_path / "all", path.read_text("utf-8"))) == []


def test_nothing_is_left_out_of_random_templates(tmp_path):
    for seed in range(60):
        for source in random_set(seed).sources.values():
            try:
                jinja2.Environment().parse(source)
                template = template_of(tmp_path, source)
            except (jinja2.TemplateSyntaxError, AssertionError):
                continue
            assert left_out(template) == [], source
