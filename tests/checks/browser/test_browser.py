"""What a browser refuses, should not run, does not find or has to repair: noted at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.browser.checks import Browser, PageChecks, elsewhere_of
from mtvgen.checks.browser.files import StaticFiles
from mtvgen.checks.browser.policy import ContentPolicy
from mtvgen.checks.facts import RouteFact
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.report import Problem
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree
from mtvgen.runtime.security.content_policy import directives_of

PATTERNS = ("/", "/about", "/log-in", "/notes", "/notes/<int:id>", "/static/<path:name>")
CDN = "https://cdn.example.com"
POLICIES = {
    "default": {},
    "cdn": {"script-src": f"'self' {CDN}/lib/", "img-src": "'self' data: https://*.example.com"},
    "inline": {"style-src": "'self' 'unsafe-inline'"},
}


def reported(
    source: str,
    *others: str,
    policy: str = "default",
    static: Path | None = None,
    is_shared: bool = False,
) -> list[Problem]:
    """What is said of `page.html`, next to other files."""
    routes = [RouteFact(pattern, None, ("GET",), (), "urls.py", 1) for pattern in PATTERNS]
    texts = frozenset({"website"})
    browser = Browser(
        ContentPolicy(directives_of(POLICIES[policy])), Addresses(routes), static, texts
    )
    page, *rest = [parsed(text) for text in (source, *others)]
    files = elsewhere_of([page, *rest])
    return PageChecks().problems(page, browser, files, (), is_shown=True, is_shared=is_shared)


def parsed(source: str) -> Template:
    environment = MarkingEnvironment()
    tree = Tree(environment.parse(source))
    made_from = {"source": source, "environment": environment}
    return Template("page.html", "templates/page.html", (0, 0), tree, **made_from)


MISTAKES = [
    # What is between the guillemets is the place.
    ("templates.content-policy", "<p «onclick»='x()'>a</p>", "addEventListener"),
    ("templates.content-policy", "<p {% if a %}«style»='color: red'{% endif %}>a</p>", "a class"),
    ("templates.content-policy", "«<style»>p { color: red }</style>", 'nonce="{{ csp_nonce }}"'),
    ("templates.content-policy", "«<script»>a()</script>", 'nonce="{{ csp_nonce }}"'),
    ("templates.content-policy", "«<script» type=module>a()</script>", "static/"),
    ("templates.content-policy", "<a href='«javascript:a()»'>a</a>", "javascript:"),
    ("templates.content-policy", f"<script src='«{CDN}/a.js»'></script>", f"'self' {CDN}"),
    ("templates.content-policy", f"<link rel=stylesheet href={CDN}/a>", '"style-src"'),
    ("templates.content-policy", "<img src='«data:image/gif;base64,R0»'>", '"img-src"'),
    ("templates.content-policy", "<iframe src='«//example.org/x»'></iframe>", '"frame-src"'),
    ("templates.content-policy", "<object data='«https://a.org/b»'></object>", '"object-src"'),
    ("templates.content-policy", "<form action='«https://a.org/b»'></form>", '"form-action"'),
    ("templates.content-policy", "<base href='«https://a.org/»'>", '"base-uri"'),
    ("templates.content-policy", "<video src='«https://a.org/v»'></video>", '"media-src"'),
    ("templates.content-policy", "<link rel=preload as=font href='«//a.org/f»'>", '"font-src"'),
    ("templates.marked-safe", "{{ note.text|«safe» }}", "visitor"),
    ("templates.marked-safe", "{{ (note.text|trim)|«safe» }}", "visitor"),
    ("templates.marked-safe", "{{ ('<b>' ~ name ~ '</b>')|«safe» }}", "visitor"),
    ("templates.marked-safe", "{% «autoescape» false %}{{ a }}{% endautoescape %}", "escaped"),
    ("templates.unquoted", "<input value=«{{ note.title }}»>", 'value="{{ ... }}"'),
    ("templates.without-tojson", "<script nonce='{{ csp_nonce }}'>a = '{{ «b.c» }}'</script>", ""),
    ("templates.without-tojson", "<script type='application/json'>{{ «b» }}</script>", "tojson"),
    ("templates.script-address", "<a href='{{ «user.website» }}'>a</a>", "javascript:"),
    ("templates.unclosed", "<div>«<em»>a</div>", "</em>"),
    ("templates.unclosed", "{% block a %}«<div»>a{% endblock %}", "</div>"),
    ("templates.unclosed", "<p>a</p>«</div»>", "no <div>"),
    ("templates.unclosed", "<h2>a«</h3»>", "<h2>"),
    ("templates.unclosed", "<form>«<textarea» name=a></form>", "swallows"),
    ("templates.unclosed", "«<div» /><p>a</p>", "does not close itself"),
    ("templates.unclosed", "<a href='«/about»>a</a><a href='>b</a>", "quote"),
    ("templates.unknown-element", "«<stong»>a</strong>", "'strong'"),
    ("templates.unknown-element", "«<buton»>a</buton>", "'button'"),
    ("templates.id-twice", "<p id=a>b</p><p id='«a»'>b</p>", "line 1"),
    ("templates.label-for", "<label for='«mail»'>a</label><input id=email>", "'email'"),
    ("templates.unknown-address", "<a href='«/abuot»'>a</a>", "'/about'"),
    ("templates.unknown-address", "<a href='«/abuot?a=1#b»'>a</a>", "'/about'"),
    ("templates.unknown-address", "<form action='«/login»'></form>", "'/log-in'"),
    ("templates.unknown-address", "<a href='«/note/{{ note.id }}»'>a</a>", "/notes/<int:id>"),
    ("templates.static-missing", "<img src='«/static/lgo.png»'>", "static('logo.png')"),
]


@pytest.mark.parametrize(("kind", "source", "words"), MISTAKES)
def test_a_mistake_is_noted_at_its_place(kind: str, source: str, words: str, static: Path) -> None:
    problems = reported(source.replace("«", "").replace("»", ""), static=static)
    plain = [p for p in problems if p.id == kind]
    assert len(plain) == 1, problems
    assert words in str(plain[0])
    if "«" in source:
        begin, end = source.index("«") + 1, source.index("»")
        assert (plain[0].place.column, plain[0].place.end_column) == (begin, end), plain


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A directory of static files."""
    for name in ("logo.png", "style.css", "js/format.js"):
        (tmp_path / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "static" / name).write_text("", encoding="utf-8")
    return tmp_path / "static"


HARMLESS = [
    # The policy lets it pass.
    "<script nonce='{{ csp_nonce }}'>a()</script><style nonce={{ csp_nonce }}>p {}</style>",
    "<script src='{{ static(\"a.js\") }}'></script><link rel=stylesheet href='/static/style.css'>",
    "<script type='text/x-template'><p onclick='a()'></script>",
    "<script type='application/json'>{{ data|tojson }}</script><script></script>",
    "<a href='https://example.org'>a</a><link rel=canonical href='https://example.org'>",
    "<p hx-on:click='a()' @click='b()' x-on:click='c()' data-style='x' once>a</p>",
    "<template><p onclick='a()'></p></template>" * 0 + "<p style=''>a</p>",
    f"<link rel=preconnect href='{CDN}'><link rel=dns-prefetch href='{CDN}'>",
    "<img src='{{ user.avatar }}' srcset='/static/logo.png 2x'><img src='{{ cdn }}/a.png'>",
    # No markup of a visitor.
    "{{ '<br>'|safe }}{{ note.text|escape|safe }}{{ note.text|markdown|safe }}",
    "{{ caller()|safe if caller }}{{ note.as_html()|safe }}{{ note.body_html|safe }}",
    "{% macro a(text) %}{{ text|safe }}{% endmacro %}{% set b %}c{% endset %}{{ b|safe }}",
    "{% autoescape true %}{{ a }}{% endautoescape %}{{ n|length|safe }}{{ a|tojson|safe }}",
    "<input value={{ note.id }} min={{ 1 }} max={{ n|length }} size={{ n * 2 }}>",
    "<a href={{ url_for('a') }}>a</a><p class={{ 'a' if b else 'c' }}>a</p>",
    "<script nonce='{{ csp_nonce }}'>a = {{ b|tojson }}; c = '{{ url_for('d') }}';</script>",
    "<script nonce='{{ csp_nonce }}'>{% for a in b %}c({{ loop.index }});{% endfor %}</script>",
    "<a href='{{ note.title }}'>a</a><a href='mailto:{{ user.website }}'>a</a>",
    "<a href='https://{{ user.website }}'>a</a><img src='{{ user.website }}'>",
    # HTML that a browser takes as it is.
    "<ul><li>a<li>b</ul><table><tr><td>a<tr><td>b</table><p>a<p>b",
    "<svg viewBox='0 0 1 1'><path d='M0 0'/><g><unknwn/></g></svg><br/><input/>",
    "{% if a %}<div class=b>{% else %}<div>{% endif %}c</div>",
    "{% if a %}<a href='/about'>{% endif %}b{% if a %}</a>{% endif %}",
    "{% macro open() %}<div>{% endmacro %}{% macro close() %}</div>{% endmacro %}",
    "<tr{% if a %} class='b'{% endif %}><td>c</td></tr>",
    "<h{{ level }}>a</h{{ level }}><my-element>a</my-element>",
    "{% if a %}<p id=b>c</p>{% else %}<p id=b>d</p>{% endif %}<p id='e{{ f }}'>g</p>",
    "{% macro a() %}<p id=b>c</p>{% endmacro %}{% macro d() %}<p id=b>c</p>{% endmacro %}",
    "<label for=a>b</label><input id='{{ c }}'><label>d <input></label>",
    "<label for=a>b</label>{{ form.a }}",
    "<label for=a>b</label>{{ field('a') }}",
    "<label for=a>b</label>{% include 'a.html' %}",
    "<!-- <div> <p onclick='a()'> --><textarea><div></textarea><title><b></title>",
    "{% for a in b %}<a href='{{ url_for('c') }}' class='{% if d %}e{% endif %}'>f</a>{% endfor %}",
    "<p title='a > b <c'>d</p><input placeholder='<a>'><p data-x='<b>c</b>'>d</p>",
    "{% raw %}<p>{{ a }}</p>{% endraw %}<option value='{{ a }}' {{ 'selected' if b }}>c</option>",
    # Addresses of routes and files, and of what other servers have.
    "<a href='/about?a=1'>a</a><a href='/notes/1'>a</a><a href='/about/'>a</a><a href=/>a</a>",
    "<a href='/notes/{{ id }}'>a</a><a href='/notes/{{ id }}?a={{ b }}'>a</a>",
    "<link rel=icon href='/favicon.ico'><a href='/feed.xml'>a</a><a href='//example.org/a'>b</a>",
    "<a href='#top'>a</a><a href='?page=2'>b</a><a href=''>c</a><a href='notes'>d</a>",
    "<img src='/static/logo.png?v=1'><script src='/static/js/format.js'></script>",
    "<a href='{% if a %}/about{% else %}/notes{% endif %}'>a</a><a href='/{{ page }}'>b</a>",
]


@pytest.mark.parametrize("source", HARMLESS)
def test_what_a_browser_takes_gets_no_note(source: str, static: Path) -> None:
    assert [str(problem) for problem in reported(source, static=static)] == []


@pytest.mark.parametrize(
    ("policy", "source"),
    [
        ("cdn", f"<script src='{CDN}/lib/a.js'></script>"),
        ("cdn", "<img src='data:image/gif;base64,R0'><img src='https://img.example.com/a'>"),
        ("inline", "<p style='color: red'>a</p><style>p {}</style>"),
    ],
)
def test_what_the_policy_names_passes(policy: str, source: str) -> None:
    assert reported(source)
    assert reported(source, policy=policy) == []


def test_a_relative_address_in_a_shared_part_leads_elsewhere_from_other_pages() -> None:
    (problem,) = reported("<a href='about'>a</a>", is_shared=True)
    assert "on /notes/<int:id> it leads to /notes/about. Did you mean '/about'?" in str(problem)
    assert reported("<a href='about'>a</a><a href='other'>b</a>") == []
    assert reported("<a href='other'>a</a><a href='#b'>b</a><a href='a.txt'>c</a>") == []


def test_another_path_of_a_named_origin_does_not_pass() -> None:
    (problem,) = reported(f"<script src='{CDN}/other.js'></script>", policy="cdn")
    assert f"{CDN}/lib/ {CDN}" in problem.hint


def test_what_one_file_opens_another_may_close() -> None:
    assert reported("<main><div>a", "a</div></main>") == []
    assert reported("a</div></main>", "<main><div>a") == []
    assert reported("<label for=a>b</label>", "<input id=a>") == []


def test_files_in_static_name_files_that_are_there(static: Path) -> None:
    (static / "style.css").write_text(
        '@import "prnt.css"; /* url(no.png) */ @import url("style.css");\n'
        "a { background: url(lgo.png) url('data:,') url(/static/logo.png) url(#a) }\n"
        "@font-face { src: url(https://fonts.example.com/a.woff2) }\n",
        encoding="utf-8",
    )
    (static / "js" / "library.js").write_text(
        'import { a } from "./format.js";\nimport "./formt.js";\n// import "./no.js"\n'
        'import b from "lit";\nexport * from "../lgo.js";\nconst c = "./d.js";\n',
        encoding="utf-8",
    )
    files = StaticFiles(static, "static/", ProjectFiles())
    policy = ContentPolicy(directives_of({}))
    problems = sorted(files.problems(policy), key=lambda problem: problem.sort_key)
    assert [(p.id, p.place.file, p.place.line, p.place.column) for p in problems] == [
        ("static.not-found", "static/js/library.js", 2, 9),
        ("static.not-found", "static/js/library.js", 5, 16),
        ("static.not-found", "static/style.css", 1, 10),
        ("static.not-found", "static/style.css", 2, 21),
        ("static.content-policy", "static/style.css", 3, 23),
    ]
    assert '"font-src": "\'self\' https://fonts.example.com"' in str(problems[-1])
    assert set(files.problems(policy)) == set(problems)
