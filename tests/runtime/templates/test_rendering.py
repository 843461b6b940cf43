"""Templates: what they see, what they escape, and what their mistakes say."""

from __future__ import annotations

import os

import pytest
from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

from mtvgen.runtime import Application, Templates, URLBuildError, path, render
from tests.support.trees import deep_directory
from tests.support.wsgi_calls import call


class Note:
    """Something that a view passes."""

    text = "Milk"


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def show(tmp_path):
    """The page that a template makes of a context, below a prefix."""

    def show(template="page.html", *, debug=False, templates=None, **context):
        routes = [
            path("/", lambda request: render(request, template, **context), name="home"),
            path("/notes/<int:id>", lambda request, id: "", name="note"),
        ]
        application = Application(routes, templates=templates or tmp_path, debug=debug)
        got = call(application, "GET", "/", SCRIPT_NAME="/app")
        if got.exc_info:
            raise got.exc_info[1]
        return got.text

    return show


def test_what_is_passed_is_shown_escaped(write, show):
    write("page.html", "<p>{{ name }} {{ rows.0 }}</p>\n")
    assert show(name="<Ada>", rows=["é首页"]) == "<p>&lt;Ada&gt; é首页</p>\n"


def test_plain_text_is_not_escaped(write, show):
    write("mail.txt", "{{ name }}")
    assert show("mail.txt", name="<Ada>") == "<Ada>"


def test_url_for_and_request_are_there_in_imported_macros_too(write, show):
    write(
        "macros.html",
        "{% macro link(id) %}{{ url_for('note', id=id) }} {{ request.path }}{% endmacro %}",
    )
    write("page.html", "{% from 'macros.html' import link %}{{ link(7) }}")
    assert show() == "/app/notes/7 /"


def test_a_dict_gives_its_key_before_its_method(write, show):
    write("page.html", "{{ row.items }} {{ row.keys() | list }}")
    assert show(row={"items": 3}) == "3 [&#39;items&#39;]"


def test_filters_and_globals_of_ones_own(write, show, tmp_path):
    write("page.html", "{{ site }} {{ 'ab' | shout }}")
    templates = Templates(tmp_path, filters={"shout": str.upper}, globals={"site": "Notes"})
    assert show(templates=templates) == "Notes AB"


def test_tags_of_an_extension(write, show, tmp_path):
    write("page.html", "{% trans %}Good day, {{ name }}{% endtrans %} {{ _('Bye') }}")
    german = {"Good day, %(name)s": "Guten <b>Tag</b>, %(name)s", "Bye": "Tschüss"}
    templates = Templates(
        tmp_path, extensions=["jinja2.ext.i18n"], globals={"gettext": german.__getitem__}
    )
    assert show(templates=templates, name="<Ada>") == "Guten <b>Tag</b>, &lt;Ada&gt; Tschüss"


def test_an_extension_that_is_not_there_is_told_at_the_start(tmp_path):
    with pytest.raises(ImportError, match="i19n"):
        Templates(tmp_path, extensions=["jinja2.ext.i19n.Trans"])


def test_a_template_is_read_afresh_while_developing_and_once_otherwise(write, tmp_path):
    pages = {}
    write("page.html", "old")
    for debug in (True, False):
        route = path("/", lambda request: render(request, "page.html"))
        pages[debug] = Application([route], templates=tmp_path, debug=debug)
        assert call(pages[debug]).text == "old"
    write("page.html", "brand new")
    assert [call(pages[debug]).text for debug in (True, False)] == ["brand new", "old"]


def test_an_error_page_that_appears_is_seen_while_developing(write, tmp_path):
    application = Application([], templates=tmp_path, debug=True)
    assert "404 Not Found" in call(application).text
    write("404.html", "lost")
    assert call(application).text == "lost"


@pytest.mark.parametrize(
    ("text", "context", "message"),
    [
        (
            "\n{{ nmae }}",
            {"name": 1, "age": 2},
            r"^'nmae' is undefined \(.*page\.html:2\)\. Did you mean 'name'\? .*passed: age, name",
        ),
        ("{{ x }}", {}, r"^'x' is undefined \(.*page\.html:1\)\. The view passed: nothing\.$"),
        (
            "\n\n{{ note.titel }}",
            {"note": {"title": 1}},
            r"^the dict has no 'titel' \(.*page\.html:3\)\. Did you mean 'title'\? It has",
        ),
        (
            "{{ e.mail }}",
            {"e": {}},
            r'It has: nothing\. .*\{% if "mail" in \.\.\. %\}.*default\(""\)',
        ),
        (
            "{{ note.txet }}",
            {"note": Note()},
            r"^Note has no 'txet' \(.*page\.html:1\)\. Did you mean 'text'\?$",
        ),
    ],
    ids=["misspelt", "nothing passed", "key", "no keys", "attribute"],
)
def test_an_undefined_name_says_where_and_what_was_passed(write, show, text, context, message):
    write("page.html", text)
    with pytest.raises(UndefinedError, match=message):
        show(**context)


def test_a_template_that_is_not_there_names_the_one_that_was_meant(write, show):
    write("notes/detail.html", "")
    with pytest.raises(
        TemplateNotFound,
        match=r"^'notes/detial\.html' \(.*test_rendering\.py:\d+\)\. "
        r"Did you mean 'notes/detail\.html'\? Otherwise create .*/notes/detial\.html$",
    ):
        show("notes/detial.html")


@pytest.mark.parametrize("left", [".#lost.html", "._lost.html", "lost.html~", "#lost.html#"])
def test_the_one_that_was_meant_is_never_what_an_editor_has_left(write, show, left):
    write(left, "")
    with pytest.raises(TemplateNotFound, match=r"test_rendering\.py:\d+\)\. Create "):
        show("lost.html")


def test_a_template_that_is_not_there_is_told_whatever_is_nested_next_to_it(tmp_path, show):
    with deep_directory(tmp_path), pytest.raises(TemplateNotFound, match=r"^'lost\.html' .*reate "):
        show("lost.html")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_template_that_is_no_file_is_told_so(tmp_path, show):
    os.mkfifo(tmp_path / "home.html")
    with pytest.raises(TemplateNotFound, match=r"/home\.html is not a file: remove it and write"):
        show("home.html")


def test_a_parent_that_is_not_there_is_named_with_the_line_that_asks_for_it(write, show):
    write("base.html", "")
    write("page.html", "\n{% extends 'bas.html' %}")
    with pytest.raises(TemplateNotFound, match=r"'bas\.html' \(.*page\.html:2\)\. Did you mean"):
        show()


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"page.html": "\n{% include 'page.html' %}"}, "{0}/page.html:2 -> {0}/page.html:2"),
        (
            {"page.html": "{% include 'a.html' %}", "a.html": "\n{% include 'page.html' %}"},
            "{0}/page.html:1 -> {0}/a.html:2 -> {0}/page.html:1",
        ),
        (
            {"page.html": "\n{% include 'a.html' %}", "a.html": "{% import 'a.html' as a %}"},
            "{0}/a.html:1 -> {0}/a.html:1",
        ),
        (
            {"page.html": "{% extends 'a.html' %}", "a.html": "\n{% include 'page.html' %}"},
            "{0}/page.html:1 -> {0}/a.html:2 -> {0}/page.html:1",
        ),
        (
            {"page.html": "{% extends 'a.html' %}", "a.html": "{% extends 'page.html' %}"},
            "{0}/page",
        ),
    ],
    ids=["itself", "ring", "import", "a parent's include", "parents"],
)
def test_templates_that_go_in_a_circle_are_named_with_their_lines(
    write, show, tmp_path, files, circle
):
    for name, text in files.items():
        write(name, text)
    with pytest.raises(RecursionError) as raised:
        show()
    message = str(raised.value)
    assert message.startswith("these templates go in a circle: " + circle.format(tmp_path.name))
    assert message.endswith("put an {% if %} around it that ends it")


def test_endless_code_of_the_project_is_not_blamed_on_its_templates(write, show):
    def endless():
        return endless()

    write(
        "page.html",
        "{% if depth %}{% with depth = depth - 1 %}{% include 'page.html' %}"
        "{% endwith %}{% else %}{{ endless() }}{% endif %}",
    )
    with pytest.raises(RecursionError, match="maximum recursion depth"):
        show(depth=3, endless=endless)


def test_a_syntax_error_has_its_file_and_line(write, show):
    write("page.html", "{% if x %}\n{% endfi %}")
    message = r"unknown tag 'endfi'; the open block is 'if' \(line 1\), so endif is expected\."
    with pytest.raises(TemplateSyntaxError, match=message) as caught:
        show(x=1)
    assert caught.value.lineno == 2
    assert caught.value.filename.endswith("page.html")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n{{ url_for('nots') }}", r"no route has that name.*page\.html:2"),
        ("{{ url_for('note') }}", r"needs id.*page\.html:1"),
    ],
)
def test_url_for_in_a_template_says_which_line_is_wrong(write, show, text, message):
    write("page.html", text)
    with pytest.raises(URLBuildError, match=message):
        show()


def test_static_in_a_template_says_which_line_is_wrong(write, tmp_path):
    write("static/style.css", "")
    write("templates/page.html", "\n{{ static('stile.css') }}")
    application = Application(
        [path("/", lambda request: render(request, "page.html"))],
        templates=tmp_path / "templates",
        static=tmp_path / "static",
    )
    got = call(application)
    with pytest.raises(FileNotFoundError, match=r"'stile\.css'.*'style\.css'.*page\.html:2\)"):
        raise got.exc_info[1]


def test_render_without_templates_says_what_to_add():
    got = call(Application([path("/", lambda request: render(request, "page.html"))]))
    with pytest.raises(RuntimeError, match=r"templates=settings\.root"):
        raise got.exc_info[1]


def test_a_directory_that_is_not_there_is_refused_at_once(tmp_path):
    with pytest.raises(NotADirectoryError, match="templats"):
        Application([], templates=tmp_path / "templats")


def test_the_nonce_is_one_for_the_page_and_another_for_the_next(write, tmp_path):
    write("page.html", "{{ csp_nonce }}={{ csp_nonce }}")
    application = Application(
        [path("/", lambda request: render(request, "page.html"))], templates=tmp_path
    )
    pages = [call(application).text.split("=") for _ in range(2)]
    assert pages[0][0] == pages[0][1] != pages[1][0]
    assert len(pages[0][0]) >= 16


def test_a_byte_order_mark_is_no_part_of_the_page(tmp_path):
    mark = b"\xef\xbb\xbf"
    (tmp_path / "base.html").write_bytes(mark + b"<!doctype html>{% block main %}{% endblock %}")
    page = mark + b"{% extends 'base.html' %}{% block main %}{{ 1 }}{% endblock %}"
    (tmp_path / "page.html").write_bytes(page)
    site = Application([path("/", lambda r: render(r, "page.html"))], templates=tmp_path)
    assert call(site, "GET", "/").text == "<!doctype html>1"


def test_a_template_that_is_not_utf_8_is_named_with_its_line(tmp_path):
    (tmp_path / "page.html").write_bytes(b"one\ntwo\n\xe9t\xe9")
    site = Application([path("/", lambda r: render(r, "page.html"))], templates=tmp_path)
    error = call(site, "GET", "/").exc_info[1]
    assert "templates/page.html:3 is not UTF-8. -> save it as UTF-8" in str(error)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ request.args }}", "-> request.query"),
        ("{{ request.user.name }}", "-> in wsgi.py, accounts(User) goes into"),
        ("{{ request.state.user }}", "request.state has no 'user': no middleware or view has set"),
        ("{{ forloop.counter }}", ". -> loop.index"),
        ("{% for a in [n] %}{{ loop.counter }}{% endfor %}", "-> loop.index"),
        ("{{ n|date:'Y' }}", "{{ day.strftime("),
        ("{{ n|pluralize }}", "no filter 'pluralize' here. -> {{ \"item\" if count == 1"),
    ],
)
def test_what_other_frameworks_have_is_told_with_what_it_is_here(tmp_path, source, message):
    (tmp_path / "page.html").write_text(source)
    site = Application([path("/", lambda r: render(r, "page.html", n=1))], templates=tmp_path)
    assert message in str(call(site, "GET", "/").exc_info[1])
