"""While somebody types, one tag is broken, and all others are known."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.places import Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.run import check_project
from mtvgen.checks.templates.occurrences import occurrences
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.parsing.half_typed import parses, read_tag
from mtvgen.checks.templates.parsing.repair import repaired
from mtvgen.checks.templates.parsing.tags import Piece, cut
from mtvgen.checks.templates.scopes import names_in_scope
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from tests.checks.seed_project import FILES, write_project

EXTENSIONS = ["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]


@pytest.mark.parametrize(
    ("source", "read"),
    [
        # What is behind the mistake in a tag is left out.
        ("{{ note.", "{{ note"),
        ("a{% for x in xs.%}{{ x", "a{% for x in xs%}{{ xendfor"),
        ("{{ x|upper( }}{{ y }}", "{{ x|upper(){{ y }}"),
        ("{{ a is }}", "{{ a}}"),
        ("{{ f(a, b=", "{{ f(a, b={0:0})"),
        ("{{ 'a\n{{ b }}", "\n{{ b }}"),
        # What is missing is a value of which nothing is known.
        ("{% for x %}{{ x.", "{% for xin{0:0}%}{{ xendfor"),
        ("{% if a and %}b{% else %}c{% endif %}", "{% if a and{0:0}%}b{%else%}c{%endif%}"),
        ("{% set x = %}{{ x }}", "{% set x ={0:0}%}{{ x }}"),
        ("{% set x %}{{ x }}", "{% set x ={0:0}%}{{ x }}"),
        ("{% set x %}{{ x }}{% endset %}{{", "{% set x %}{{ x }}{%endset%}"),
        ("{% extends 'bas", "{% extends{0:0}"),
        ("{% from 'a' import b, ", "{% from 'a' import b"),
        ("{% trans n= %}b{{ n. }}{% endtrans %}", "{% trans n={0:0}%}b{{ n}}{%endtrans%}"),
        # A broken beginning stays one, and an end without a beginning goes.
        ("{% for %}{{ x }}{% endfor %}", "{%for_in{0:0}%}{{ x }}{%endfor%}"),
        ("{% macro f %}{{ a }}{% endmacro %}", "{% macro f()%}{{ a }}{%endmacro%}"),
        ("{% call f %}{% endcall %}", "{% call f()%}{%endcall%}"),
        ("{% block %}{% endblock %}", "{%block_unnamed0%}{%endblock%}"),
        ("{% fo x in y %}{{ x }}{% endfor %}", "{{ x }}"),
        ("{% el", ""),
        # What is open is closed before the next end around it.
        ("{% block a %}{% if x %}u{% endblock %}", "{% block a %}{% if x %}uendif{%endblock%}"),
        (
            "{% block a %}{% block b %}{% endblock a %}c",
            "{% block a %}{% block b %}endblock{%endblocka%}c",
        ),
        ("{% block a %}{% endblock b %}", "{% block a %}{%endblock%}"),
        # A tag without an end has the end of its line, or of what comes next.
        ('{{ url(" }}</a> <a href="x">{{ y }}', '{{ url()</a> <a href="x">{{ y }}'),
        ("{{ a.b\n<b>if(x){y}}</b>{{ z }}", "{{ a.b\n<b>if(x){y}}</b>{{ z }}"),
        ("{{ a(\n  b,\n  c.) }}d{{ e", "{{ a(\n  b,\n  c)}}d{{ e"),
        ("{{ '{{' }}{{ {'a': {'b': 1}}.", "{{ '{{' }}{{ {'a': {'b': 1}}."),
        ("{# a\n{{ b }}{# c #}{{", "{# a\n{{ b }}{# c #}"),
        ("{% raw %}{{ x", "{% raw %}{{ x"),
    ],
)
def test_a_half_typed_tag_keeps_what_makes_sense(source, read):
    found = repaired(Text("page.html", source), MarkingEnvironment(extensions=EXTENSIONS))
    assert found is not None
    assert "".join(token.written for token in found.tokens) == read


@pytest.mark.parametrize(
    ("options", "source"),
    [
        ({"line_statement_prefix": "%%"}, "%% for x in xs\n{{ x }}{{ y.\n%% endfor\n"),
        (
            {"variable_start_string": "${", "variable_end_string": "}"},
            "{% for x in xs %}${ {'a': x}['a'] }${ y. }{% endfor %}",
        ),
        ({"trim_blocks": True, "lstrip_blocks": True}, "{%- for x in xs -%}\n {{ x }}{{ y. "),
    ],
    ids=["line statements", "delimiters", "trimmed"],
)
def test_tags_are_those_of_the_environment(options, source):
    found = repaired(Text("page.html", source), MarkingEnvironment(**options))
    assert found is not None
    assert [token.written for token in found.tokens if token.kind == "name"][:4] == [
        *("for", "x", "in", "xs")
    ]
    assert len(found.tags) == 1


class Editor:
    """One open template."""

    def __init__(self, root: Path) -> None:
        environment = MarkingEnvironment(extensions=EXTENSIONS)
        environment.filters.update(dict.fromkeys(("shout", "localtime"), str))
        self.environment = environment
        self.path = root / "page.html"
        self.files = ProjectFiles(watched=True)
        self.store = Store(environment, [root], root, files=self.files)

    def typed(self, text: str) -> Template:
        self.files.put(self.path, text)
        self.store.refresh()
        template = self.store.get("page.html")
        assert template is not None
        return template

    def names(self, text: str, offset: int) -> set[str] | None:
        """The names in scope at the cursor; None where nothing is known."""
        template = self.typed(text)
        return names_at(template, offset) if template.tree is not None else None

    def tags(self, text: str) -> list[Piece]:
        pieces = cut(text, self.environment, partial(parses, self.environment))
        return [piece for piece in pieces if piece.sort in ("variable", "block")]


def names_at(template: Template, offset: int) -> set[str]:
    place = Text("", template.source).place(offset, offset)
    return set(names_in_scope(template, place.line, place.column))


def typing(editor: Editor, source: str) -> list[tuple[str, int, set[str]]]:
    """Texts on the way to a template, each with the cursor and the names that are known there.

    It is typed from the top, and then each of its tags is typed once more.
    """
    tags, template = editor.tags(source), editor.typed(source)
    assert template.repaired is None
    names = [names_at(template, offset) for offset in range(len(source) + 1)]
    for tag in tags:  # while a tag is typed, it has not happened yet
        names[tag.start : tag.end] = [names[tag.start]] * (tag.end - tag.start)
    from_the_top = [(source[:end], end, names[end]) for end in range(len(source) + 1)]
    again = [
        (source[:end] + source[tag.end :], end, names[end])
        for tag in tags
        for end in range(tag.start, tag.end)
    ]
    return from_the_top + again


def test_the_names_in_scope_are_known_wherever_somebody_types(tmp_path):
    editor = Editor(tmp_path)
    sources = [source for file, source in FILES.items() if file.startswith("templates/")]
    states = [state for source in sources for state in typing(editor, source)]
    sample = states[::19]
    wrong = [text for text, end, names in sample if editor.names(text, end) != names]
    assert len(sample) > 400
    assert len(wrong) <= len(sample) / 100, wrong[:3]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{% for a, (b, c) in d if |%}{{ e }}{% endfor %}", ""),
        ("{% for a, (b, c) in d %}{{ | }}{% endfor %}", "a b c loop"),
        ("{% for a in b %}{% set c = 1 %}{% else %}|{% endfor %}", ""),
        ("{% for a in b %}{% set c = 1 %}{% endfor %}|", ""),
        ("{% if a %}{% set b = 1 %}{% endif %}|{% set c = 1 %}", "b"),
        ("{% set a = 1 %}{% for b in c %}{% block d %}|{% endblock %}{% endfor %}", "a"),
        ("{% for b in c %}{% block d scoped %}|{% endblock %}{% endfor %}", "b loop"),
        ("{% macro a(b, c=1) %}|{% endmacro %}{% from 'd' import e as f, g %}", "a b c"),
        ("{% from 'd' import e as f, g %}{% import 'h' as i %}|", "f g i"),
        ("{% with a = 1 %}{% autoescape true %}{% set b %}c{% endset %}|", "a b"),
        ("{% call(a) b() %}{% filter upper %}|{% endfilter %}{% endcall %}", "a"),
        ("中\r\n{% for 😀x in y %}", ""),
    ],
)
def test_names_are_known_where_they_are_bound(tmp_path, source, names):
    offset = source.find("|")
    known = Editor(tmp_path).names(source.replace("|", ""), offset if offset >= 0 else 1)
    assert known == set(names.split())


def test_places_are_those_of_what_is_written(tmp_path):
    template = Editor(tmp_path).typed("中{{ note.\r\n{% for x in %}{{ x.title|upper }}")
    text = template.tokens.text
    found = [f"{one.name} {one.place.line}:{one.place.column}" for one in occurrences(template)]
    assert found == ["note 1:5", "x 2:8", "x 2:18", "title 2:20", "upper 2:26"]
    assert all(text.at(one.place) == one.name for one in occurrences(template))


def test_a_keystroke_reads_one_tag_more(tmp_path):
    editor = Editor(tmp_path)
    lines = [f"{{% if a{number} %}}{{{{ b{number}.c }}}}{{% endif %}}" for number in range(1000)]
    lines[500] = "{{ note."
    editor.typed("\n".join(lines))
    lines[500] = "{{ note.t"
    editor.typed("\n".join(lines))
    before = read_tag.cache_info().misses
    lines[500] = "{{ note.t|"
    editor.typed("\n".join(lines))
    assert read_tag.cache_info().misses - before <= 2


def test_the_problems_of_what_is_half_typed_are_one(tmp_path):
    """They neither vanish from the rest of the file, nor appear where a name was bound."""
    root, cache = tmp_path.resolve(), Cache(files=ProjectFiles(watched=True))
    write_project(root)
    path = root / "templates/notes/index.html"
    saved = path.read_text("utf-8")

    def said(text: str) -> list[str]:
        cache.files.put(path, text)
        found = check_project(root, cache).problems
        names = ("templates/", "views/")
        return [str(one.id) for one in found if one.file.startswith(names)]

    assert said(saved) == []
    loop = saved[saved.index("{% for note") :].partition("%}")[0] + "%}"
    wrong = saved.replace("</ul>", "</ul>{{ titel }}")
    assert said(wrong) == ["views.missing-name"]
    for end in range(len("{{ note.author.name") + 1):
        half = wrong.replace("</ul>", f"</ul>{'{{ note.author.name'[:end]}\n")
        parsed = said(half)
        assert "views.missing-name" in parsed, half
        assert set(parsed) <= {"views.missing-name", "templates.syntax"}, half
    new = "{% for x in "
    for end in range(len(new)):
        assert "views.missing-name" in said(wrong.replace("<ul", f"{new[:end]}\n<ul", 1)), new[:end]
    for end in range(len(loop)):
        parsed = said(saved.replace(loop, loop[:end]))
        is_broken = parsed[:1] == ["templates.syntax"]
        assert parsed == ["templates.syntax"] or not is_broken, loop[:end]

    cache.files.forget(path)
    path.write_text(wrong.replace("</ul>", "</ul>{{ note."), "utf-8")
    cache.files.changed([path])
    assert [one.id for one in check_project(root, cache).problems if one.file == path.name] == []
    on_disk = [one for one in check_project(root, cache).problems if "index.html" in one.file]
    assert [one.id for one in on_disk] == ["templates.syntax"]
