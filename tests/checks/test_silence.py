"""Code that works as it is written gets no report, however unusual it is."""

# ruff: noqa: E501  # a table: each row is one line, however long

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.seed_project import write_project

HOME, ABOUT, LIST = "templates/home.html", "templates/about.html", "templates/notes/index.html"
BASE, NOTE, AUTHOR = (
    "templates/base.html",
    "templates/notes/detail.html",
    "templates/authors/detail.html",
)
VHOME, VNOTES, VAUTHORS = "views/home.py", "views/notes.py", "views/authors.py"

# What is done, and the edits that do it: file, old text, new text ("" for a new file).
HARMLESS = [
    ("a guard", [(HOME, "{{ title }}", "{% if lead is defined %}{{ lead }}{% endif %}{{ title }}")]),
    ("a guard by and", [(HOME, "{{ title }}", "{{ title if x is defined and x else title }}")]),
    ("a default", [(HOME, "{{ title }}", "{{ title }}{{ lead|default('') }}{{ a.b|d if a is defined }}")]),
    ("a loop's else", [(HOME, "{% endfor %}", "{% else %}{{ title }}{% endfor %}")]),
    ("a name that only dead code reads", [(HOME, "{{ title }}", "{{ title }}{% if mode == 'x' %}{{ gone }}{% endif %}")]),
    ("a name set in both branches", [(HOME, "<h1>", "{% if title %}{% set k = 1 %}{% else %}{% set k = 2 %}{% endif %}{{ k }}<h1>")]),
    ("a name set in one branch and read in another such", [(HOME, "<h1>", "{% if title %}{% set k = 1 %}{% endif %}{% if title %}{{ k }}{% endif %}<h1>")]),
    ("an empty dict that is filled", [(HOME, "<h1>", "{% set d = {} %}{% if d.update({'a': 1}) %}{% endif %}{{ d.a }}<h1>")]),
    ("an empty dict in place of one that is not passed", [(HOME, "<h1>", "{{ (links|default({})).get('a') }}{% for k, v in (links|default({})).items() %}{{ v.url }}{% endfor %}<h1>")]),
    ("a namespace", [(HOME, "<h1>", "{% set ns = namespace(n=0) %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{{ ns.other|default(1) }}<h1>")]),
    ("a macro of the page's own", [(HOME, "<h1>", "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, c=4) }}<h1>")]),
    ("a recursive loop", [(HOME, "<h1>", "{% for a in [[1], []] recursive %}{{ loop(a) if a is iterable else a }}{% endfor %}<h1>")]),
    ("blocks shown by self", [(BASE, "<main>", "<main>{{ self.title() }}")]),
    ("a block inside a block", [(HOME, "<h1>", "{% block lead %}x{% endblock %}<h1>")]),
    ("a scoped block", [(BASE, "{% block sidebar %}", "{% for i in [1] %}{% block each scoped %}{{ i }}{% endblock %}{% endfor %}{% block sidebar %}")]),
    ("an include that may be missing", [(HOME, "<h1>", '{% include "gone.html" ignore missing %}<h1>')]),
    ("an include of the first that exists", [(HOME, "<h1>", '{% include ["gone.html", "_nav.html"] %}<h1>')]),
    ("an include of itself that ends", [(HOME, "<h1>", '{% if mode == "full" %}{% include "home.html" %}{% endif %}<h1>')]),
    ("a list of lists that includes itself", [("templates/_nav.html", "<nav>", '{% for sub in subs|default([]) %}{% with subs = sub %}{% include "_nav.html" %}{% endwith %}{% endfor %}<nav>')]),
    ("a macro that includes its own template and is not called", [(HOME, "<h1>", '{% macro again() %}{% include "home.html" %}{% endmacro %}<h1>')]),
    ("the same include twice", [(HOME, "<h1>", '{% include "_nav.html" %}{% include "_nav.html" %}<h1>')]),
    ("a computed include", [(HOME, "<h1>", '{% include "_" ~ mode ~ ".html" ignore missing %}<h1>')]),
    ("a computed parent", [(HOME, '{% extends "base.html" %}', "{% extends layout|default('base.html') %}")]),
    ("an import with context", [(HOME, "import card", "import card with context"), ("templates/_macros.html", "{{ heading }}", "{{ heading }}{{ title|default('') }}")]),
    ("request's names in a macro", [("templates/_macros.html", "{{ heading }}", "{{ heading }}{{ request.path }}{{ url_for('about') }}{{ static('style.css') }}")]),
    ("a list's own methods", [(LIST, "{{ notes|length }}", "{{ notes.count(1) }}{% if notes %}{{ notes.index(notes[0]) }}{% endif %}")]),
    ("a query parameter", [(LIST, "id=note.id", "id=note.id, page=2, sort='x'")]),
    ("a url_for with more in a dict", [(LIST, 'url_for("note", id=note.id)', 'url_for("note", **{"id": note.id})')]),
    ("a computed url_for", [(LIST, 'url_for("note", id=note.id)', 'url_for("no" ~ "te", id=note.id)')]),
    ("a number as text for an int", [(LIST, "id=note.id", 'id="7"')]),
    ("a form whose method is computed", [(LIST, 'method="post" action="{{ url_for("notes.create") }}"', 'method="{{ title }}" action="{{ url_for("notes.new") }}"')]),
    ("a form across an if", [(LIST, 'method="post" action', '{% if title %}method="get"{% else %}method="post"{% endif %} action')]),
    ("a form to a name that takes both", [(NOTE, 'method="post" action="{{ url_for("note"', 'method="get" action="{{ url_for("note"')]),
    ("a raw block", [(HOME, "<h1>", "{% raw %}{{ nothing }}{% endraw %}{# {{ nor this }} #}<h1>")]),
    ("a filter of the project's", [(HOME, "{{ title }}", "{{ title|shout }}{{ title is filter }}")]),
    ("a filter that may exist", [(HOME, "<h1>", "{% if 'markdown' is filter %}{{ title|markdown }}{% endif %}<h1>")]),
    ("the names of a passed dict", [(VHOME, "crumb=crumb)", 'crumb=crumb, row={"a": 1})'), (ABOUT, "<h1>", "{{ row.a }}{{ row.whatever }}<h1>")]),
    ("names in a dict of names", [(VHOME, 'title="About", crumb=crumb', '**{"title": "About", "crumb": crumb}')]),
    ("a computed template", [(VHOME, '"about.html"', '"about" + ".html"'), (VHOME, "def about", "def also(request: Request) -> Response:\n    return render(request, \"about.html\", title=\"\", crumb=Crumb(\"\", \"\"))\n\n\ndef about")]),
    ("one of two templates", [(VHOME, 'render(request, "about.html"', 'render(request, "about.html" if crumb.url else "about.html"')]),
    ("a status code", [(VHOME, 'title="About",', 'title="About", status_code=404,')]),
    ("render by another name", [(VHOME, "Response, render", "Response\nfrom mtvgen.runtime import render as show"), (VHOME, "return render(request, \"home", "return show(request, \"home"), (VHOME, "return render(request, \"about", "return show(request, \"about")]),
    ("a render of one's own", [(VHOME, "def about(", 'def draw(render, request):\n    return render(request, "nothing.html", x=1)\n\n\ndef about(')]),
    ("a view that takes all", [(VNOTES, "def delete(request: Request, id: int)", "def delete(request: Request, **names)"), (VNOTES, "get_or_404(request.db, Note, id))\n    return redirect(request.url_for(\"notes.index\"))", 'get_or_404(request.db, Note, names["id"]))\n    return redirect(request.url_for("notes.index"))')]),
    ("a view with a default", [(VNOTES, "def index(request: Request)", "def index(request: Request, page: int = 1)")]),
    ("a float for an int", [(VNOTES, "def detail(request: Request, id: int)", "def detail(request: Request, id: float)")]),
    ("a decorated view", [(VHOME, "def about(", "def twice(view):\n    import functools\n\n    @functools.wraps(view)\n    def inner(*args, **kwargs):\n        return view(*args, **kwargs)\n\n    return inner\n\n\n@twice\ndef about(")]),
    ("a hybrid, a mixin and a backref", [("models/author.py", "class Author(Model):", "class Named:\n    @property\n    def shown(self) -> str:\n        return \"\"\n\n\nclass Author(Named, Model):"), (AUTHOR, "<h1>", "{{ author.shown }}<h1>")]),
    ("an attribute set in __init__", [("crumbs.py", "@dataclass\nclass Crumb:\n    label: str\n    url: str\n", "class Crumb:\n    def __init__(self, label: str, url: str) -> None:\n        self.label = label\n        self.url = url\n")]),
    ("a class with __getattr__", [("crumbs.py", "    def is_home", "    def __getattr__(self, name: str) -> str:\n        return name\n\n    def is_home"), (ABOUT, "{{ crumb.label }}", "{{ crumb.whatever }}")]),
    ("an inherited attribute", [("crumbs.py", "@dataclass\nclass Crumb:", "class Base:\n    extra = 1\n\n\n@dataclass\nclass Crumb(Base):"), (ABOUT, "{{ crumb.label }}", "{{ crumb.label }}{{ crumb.extra }}")]),
    ("a class of an unknown kind", [("crumbs.py", "@dataclass\nclass Crumb:", "from types import SimpleNamespace\n\n\n@dataclass\nclass Crumb(SimpleNamespace):"), (ABOUT, "{{ crumb.label }}", "{{ crumb.anything }}")]),
    ("a name of two types", [(VHOME, "    crumb = Crumb(", "    crumb = [] if request.path else None\n    if request.path:\n        crumb = Crumb(")]),
    ("a tuple from a query", [(VAUTHORS, "request.db.scalars(select(Author)) if author.notes]", "request.db.execute(select(Author.name, Author.id))]"), ("templates/authors/index.html", '{% include "authors/_notes.html" %}', "{{ author.id }}")]),
    ("items of a dict", [(VHOME, "crumb=crumb)", 'crumb=crumb, pairs={"a": crumb})'), (ABOUT, "<h1>", "{% for key, value in pairs.items() %}{{ key }}{{ value.label }}{% endfor %}<h1>")]),
    ("enumerate", [(VHOME, "crumbs=crumbs", "crumbs=crumbs, numbered=enumerate(crumbs)"), (HOME, "<h1>", "{% for n, one in numbered %}{{ n }}{{ one.label }}{% endfor %}<h1>")]),
    ("a model that is there or not", [(VAUTHORS, "    if author is None:\n        raise NotFound(f\"No author {name}.\")\n", ""), (VAUTHORS, "NotFound, Request", "Request")]),
    ("a style sheet among the templates", [("templates/mail.css", "", "a { color: {{ request.path }} }")]),
    ("an image among the templates", [("templates/logo.png", "", "\udcff\udcfe")]),
    ("an editor's file", [("templates/.home.html.swp", "", "\udcff {% if")]),
    ("an empty template", [("templates/empty.html", "", "\n"), (HOME, "<h1>", '{% include "empty.html" %}<h1>')]),
    ("a test's own render calls", [("tests/test_x.py", "", 'render(None, "nothing.html")\n')]),
    ("what an if makes impossible", [(VNOTES, "editing=False)", "editing=False, draft=None)"), (NOTE, "{% if editing %}", "{% if not editing %}{{ draft }}{% endif %}{% if editing %}")]),
    ("a name that another call passes, in an if", [(VNOTES, "editing=True)", "editing=bool(note), extra=1)"), (VNOTES, "editing=False)", "editing=bool(id))"), (NOTE, "{% if editing %}", "{% if editing %}{{ extra }}{% endif %}{% if editing %}")]),
    ("a view that ends with a helper that raises", [(VHOME, "def about(request: Request) -> Response:", "def deny(request: Request) -> Response:\n    if request.path:\n        raise ValueError(request.path)\n    return Response('')\n\n\ndef about(request: Request) -> Response:\n    deny(request)\n\n\ndef unused(request: Request) -> Response:")]),
    ("a view that returns in a branch, and ends with a helper that may raise", [(VHOME, "    crumb = Crumb", "    if not request.path:\n        return Response('')\n    crumbs_of('a')\n\n\ndef unused(request: Request) -> Response:\n    crumb = Crumb")]),
    ("a view in a wrapper, that ends with a helper", [(VHOME, "def about(request: Request) -> Response:", "def with_answer(view):\n    def inner(request):\n        view(request)\n        return Response('')\n\n    return inner\n\n\n@with_answer\ndef about(request: Request) -> Response:\n    crumbs_of('a')\n\n\ndef unused(request: Request) -> Response:")]),
    ("a view that is made elsewhere from one that ends with a helper", [("urls.py", "home.about, name", "lambda request: home.about(request) or '', name"), (VHOME, "def about(request: Request) -> Response:", "def about(request: Request) -> Response:\n    crumbs_of('a')\n\n\ndef unused(request: Request) -> Response:")]),
    ("a view that ends with the helper that it is given", [(VHOME, "def about(request: Request) -> Response:", "def about(request: Request, crumbs_of=exit) -> Response:\n    crumbs_of('a')\n\n\ndef unused(request: Request) -> Response:")]),
    ("a function that no route calls, and that ends with a helper", [(VHOME, "def about(", "def note_visit(request: Request) -> None:\n    crumbs_of('a')\n\n\ndef about(")]),
    ("a set further down", [(LIST, "<ul>", "{{ title }}{% set title = 'x' %}{{ title }}<ul>")]),
    ("a loop variable that hides a name", [(HOME, "<h1>", "{% for title in crumbs %}{{ title.label }}{% endfor %}<h1>")]),
    ("a call block with arguments", [(HOME, "<h1>", "{% macro each(xs) %}{% for x in xs %}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(x) each(crumbs) %}{{ x.label }}{% endcall %}<h1>")]),
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("silence").resolve()
    write_project(root)
    return root


@pytest.mark.parametrize(("done", "edits"), HARMLESS, ids=[done for done, _ in HARMLESS])
def test_what_works_as_it_is_written_gets_no_report(root, checker, done, edits):
    before = {file: read(root / file) for file, _, _ in edits}
    for file, old, new in edits:
        text = read(root / file) or ""
        assert old in text, f"{old!r} is not in {file}"
        write(root / file, text.replace(old, new, 1) if old else new)
    try:
        report = checker.check(root)
    finally:
        for file, text in before.items():
            write(root / file, text)

    told = [str(one) for one in report.problems if one.id != "templates.unused"]
    assert told == []


def read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
