"""Mistakes in templates, with the cure that the message names."""

from __future__ import annotations

from tests.support.hints import Slip


def of_template(wrong: str, says: str, right: str, **context: object) -> Slip:
    """Two templates, rendered with the same names."""
    names = "".join(f", {name}={value!r}" for name, value in context.items())
    return Slip(f"page({wrong!r}{names})", says, f"page({right!r}{names})")


NAMES = [
    of_template(
        "{{ nmae }}", "Did you mean 'name'? The view passed: name.", "{{ name }}", name="Ada"
    ),
    of_template(
        "{{ note.titel }}",
        "Did you mean 'title'? It has: title.",
        "{{ note.title }}",
        note={"title": "a"},
    ),
    of_template(
        "{{ note.text }}",
        'Where it may be missing: {% if "text" in ... %}, or | default("").',
        '{{ note.text | default("") }}{% if "text" in note %}{{ note.text }}{% endif %}',
        note={"title": "a"},
    ),
    of_template("{{ word.uper() }}", "Did you mean 'upper'?", "{{ word.upper() }}", word="a"),
    of_template("{{ request.args }}", "-> request.query", "{{ request.query }}"),
    of_template(
        "{{ request.state.user }}",
        "no middleware or view has set it for this request",
        "{{ request.state.user is defined }}",
    ),
]

TAGS = [
    of_template('{{ "a" + 1 }}', "In a template, ~ joins texts and numbers", '{{ "a" ~ 1 }}'),
    of_template("{{ len([1]) }}", "-> |length", "{{ [1]|length }}"),
    of_template("{{ str(1) }}", "-> |string", "{{ 1|string }}"),
    of_template("{% if 1 && 2 %}a{% endif %}", "-> and", "{% if 1 and 2 %}a{% endif %}"),
    of_template("{% if !1 %}a{% endif %}", "-> not ...", "{% if not 1 %}a{% endif %}"),
    of_template("{{ 1 ? 2 : 3 }}", "-> {{ a if condition else b }}", "{{ 2 if 1 else 3 }}"),
    of_template(
        "{% url 'note' id=1 %}",
        '-> {{ url_for("note", id=1) }}',
        '{{ url_for("note", id=1) }}',
    ),
    of_template("{% url 'note' 1 %}", "-> {{ url_for(", '{{ url_for("note", id=1) }}'),
    of_template("{% url name %}", "-> {{ url_for(...) }}", "{{ url_for(name) }}", name="home"),
    of_template(
        "{% static 'style.css' %}", '-> {{ static("style.css") }}', '{{ static("style.css") }}'
    ),
    of_template(
        "{% static file %}", "-> {{ static(...) }}", "{{ static(file) }}", file="style.css"
    ),
    of_template(
        "{% for a in [] %}{% empty %}-{% endfor %}",
        "-> {% else %}",
        "{% for a in [] %}{% else %}-{% endfor %}",
    ),
    of_template(
        "{% if n = 1 %}-{% endif %}", "; to compare, write ==.", "{% if n == 1 %}-{% endif %}", n=1
    ),
    of_template(
        "{{ forloop.counter }}", "-> loop.index", "{% for a in [1] %}{{ loop.index }}{% endfor %}"
    ),
    of_template(
        "{% if 0 %}{% elseif 1 %}-{% endif %}",
        "-> {% elif ... %}",
        "{% if 0 %}{% elif 1 %}-{% endif %}",
    ),
    of_template("{% comment %}a{% endcomment %}", "-> {# ... #}", "{# a #}"),
    of_template(
        "{% verbatim %}{{ a }}{% endverbatim %}", "-> {% raw %}", "{% raw %}{{ a }}{% endraw %}"
    ),
    of_template("{% load static %}a", "no tag 'load' here. -> remove it", "a"),
    of_template("{% csrf_token %}a", "no tag 'csrf_token' here. -> remove it", "a"),
    of_template(
        "{{ word|truncate:40 }}",
        "a filter takes its arguments in parentheses: truncate(40).",
        "{{ word|truncate(40) }}",
        word="a",
    ),
    of_template(
        "{{ word|pluralize }}",
        'no filter \'pluralize\' here. -> {{ "item" if count == 1 else "items" }}',
        '{{ "item" if count == 1 else "items" }}',
        word="a",
        count=1,
    ),
    of_template("{% if 1 %}a", "'if' is never closed: endif is missing.", "{% if 1 %}a{% endif %}"),
    of_template(
        "{% if 1 %}a{% endfor %}",
        "unknown tag 'endfor'; the open block is 'if' (line 1), so endif is expected.",
        "{% if 1 %}a{% endif %}",
    ),
]

ADDRESSES = [
    of_template(
        '{{ url_for("static", filename="style.css") }}',
        'in templates: {{ static("style.css") }}',
        '{{ static("style.css") }}',
    ),
    of_template(
        '{{ static("stile.css") }}',
        "no such file in static/. Did you mean 'style.css'?",
        '{{ static("style.css") }}',
    ),
    of_template(
        '{{ url_for("notes") }}',
        "no route has that name. Did you mean 'note'? Names: home, note, static.",
        '{{ url_for("note", id=7) }}',
    ),
]

OTHERS = {"note.txt": "a", "note.js": "1", "macros.txt": "{% macro m() %}a{% endmacro %}"}


def of_templates(wrong: str, says: str, right: str, more: str = "{}") -> Slip:
    """Two templates among others."""
    return Slip(f"page({wrong!r}, {OTHERS})", says, f"page({right!r}, {OTHERS} | {more})")


OTHER_TEMPLATES = [
    of_templates(
        '{% filter forceescape %}{% include "notes.txt" %}{% endfilter %}',
        "Did you mean 'note.txt'? Otherwise create templates/notes.txt",
        '{% filter forceescape %}{% include "note.txt" %}{% endfilter %}',
    ),
    of_templates(
        '{% include "zzz.html" %}',
        "Create templates/zzz.html",
        '{% include "zzz.html" %}',
        '{"zzz.html": "a"}',
    ),
    of_templates(
        '{% include "note.txt" %}',
        '-> {% filter forceescape %}{% include "note.txt" %}{% endfilter %}',
        '{% filter forceescape %}{% include "note.txt" %}{% endfilter %}',
    ),
    of_templates(
        '<script>{% include "note.js" %}</script>',
        "in a <script>, name it note.js.html and write {{ value|tojson }} there",
        '<script>{% include "note.js.html" %}</script>',
        '{"note.js.html": "{{ 1|tojson }}"}',
    ),
    of_templates(
        '{% import "macros.txt" as m %}',
        "-> put the macros into macros.html",
        '{% import "macros.html" as m %}',
        '{"macros.html": "{% macro m() %}a{% endmacro %}"}',
    ),
    of_templates(
        '{% extends "note.txt" %}',
        "-> extend note.html, or give both names the same ending",
        '{% extends "note.html" %}',
        '{"note.html": "a"}',
    ),
    of_templates(
        '{% include "page.html" %}',
        "these templates go in a circle: templates/page.html:1 -> templates/page.html:1. "
        "-> take one of the lines out, or put an {% if %} around it that ends it",
        "a",
    ),
    Slip(
        "import datetime\npage('{{ t|localtime }}', t=datetime.datetime(2026, 1, 2))",
        "has no time zone. -> datetime.now(UTC)",
        "import datetime\npage('{{ t|localtime }}', t=datetime.datetime.now(datetime.UTC))",
    ),
    Slip(
        "import os\nos.mkfifo(directory / 'templates' / 'a.html')\n"
        "page('{% include \"a.html\" %}')",
        "templates/a.html is not a file: remove it and write one",
        "page('{% include \"a.html\" %}', {'a.html': 'a'})",
    ),
    Slip(
        "(directory / 'templates' / 'a.html').write_bytes(b'\\xe9')\n"
        "page('{% include \"a.html\" %}')",
        "templates/a.html:1 is not UTF-8. -> save it as UTF-8",
        "(directory / 'templates' / 'a.html').write_text('\\xe9', encoding='utf-8')\n"
        "page('{% include \"a.html\" %}')",
    ),
    Slip(
        "get(lambda request: render(request, 'page.html'), templates=None)",
        'Application(urlpatterns, templates=settings.root / "templates")',
        "page('a')\nget(lambda r: render(r, 'page.html'), templates=directory / 'templates')",
    ),
    Slip(
        "page('{{ static(\"style.css\") }}')\n"
        "get(lambda request: render(request, 'page.html'), static=None)",
        'Application(urlpatterns, static=settings.root / "static")',
        "page('{{ static(\"style.css\") }}')\n"
        "get(lambda request: render(request, 'page.html'), static=directory / 'static')",
    ),
]  # fmt: skip

SLIPS = [*NAMES, *TAGS, *ADDRESSES, *OTHER_TEMPLATES]
