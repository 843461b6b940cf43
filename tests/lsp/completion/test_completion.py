"""What an editor suggests, wherever somebody types, in templates and in Python files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.programs import read_programs
from tests.support.language_client import Client


def complete(client: Client, file: str, old: str, new: str) -> list[dict[str, Any]]:
    """The entries at the `^` of a piece that replaces another one in a file."""
    path = client.directory / file
    saved = path.read_text("utf-8")
    assert old in saved
    text = saved.replace(old, new, 1)
    uri = client.open(path)
    client.texts[uri] = text
    position = client.position(uri, "^")
    client.write(uri, text.replace("^", "", 1))
    params = {"textDocument": {"uri": uri}, "position": position}
    answer = client.request("textDocument/completion", params)
    client.close_document(uri)
    return answer["items"] if answer else []


def suggested(client: Client, file: str, old: str, new: str) -> list[str]:
    return [one["textEdit"]["newText"] for one in complete(client, file, old, new)]


HOME, LIST, NEW = "templates/home.html", "templates/notes/index.html", "templates/notes/new.html"
THEIRS, VIEWS, URLS = "templates/authors/_notes.html", "views/notes.py", "urls.py"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (HOME, '"base.html"', '"^', {"base.html", "notes/index.html"}),
        (HOME, "<h1>", "{% include 'no^", {"notes/new.html"}),
        (HOME, "<h1>", '{{ url_for("^', {"notes.index", "blog.post", "about"}),
        (HOME, "<h1>", '{{ url_for("note", ^', {"id="}),
        (HOME, "<h1>", '{{ url_for("blog.post", year=1, ^) }}', {"slug="}),
        (HOME, "<h1>", '{{ static("^', {"style.css", "js/site.js"}),
        (HOME, "<h1>", "{{ ti^", {"title", "crumbs", "mode", "request", "url_for", "site_name"}),
        (HOME, "<h1>", "{{ crumbs and cr^", {"crumbs"}),
        (HOME, "<h1>", "{% if crumbs is ^", {"defined", "iterable"}),
        (HOME, "<h1>", "{{ request.^", {"path", "form", "session"}),
        (HOME, "<h1>", "{% blo^", {"block", "for"}),
        (HOME, "{% block content %}", "{% block ^", {"content", "title", "sidebar"}),
        (HOME, "<h1>", "{% for c in crumbs %}{{ c.^ }}{% endfor %}", {"label", "url", "is_home"}),
        (HOME, "<h1>", "{% for c in crumbs %}{{ loop.^", {"index", "first"}),
        (HOME, "<h1>", "{% set first = title %}{{ first.^", {"upper", "split"}),
        (LIST, "{{ note.title }}", "{{ note.^ }}", {"title", "text", "author", "id"}),
        (LIST, "{{ note.title }}", "{{ note.author.^ }}", {"name", "notes", "initials"}),
        (LIST, "{{ note.title }}", "{{ notes[0].au^ }}", {"title", "author"}),
        (LIST, "{{ note.title }}", "{{ 2 * (notes|sort|last).^ }}", {"title", "author"}),
        (LIST, "{{ note.title }}", "{{ notes[1:][0].author.^ }}", {"name", "initials"}),
        (LIST, "{{ note.title }}", "{{ (note or notes[0]).author.^ }}", {"name", "initials"}),
        (HOME, "<h1>", "{{ (crumbs if ')' else crumbs)[0].^", {"label", "url", "is_home"}),
        (LIST, "{{ note.title }}", "{% set n = notes|first %}{{ n.^ }}", {"title", "author"}),
        (NEW, "{{ forms.field(", "{{ forms.^ }}{{ forms.field(", {"field", "button"}),
        (NEW, 'forms.field("title", ', 'forms.field("title", ^', {"label=", "value="}),
        (NEW, '{% import "_macros.html" as forms %}', '{% from "_macros.html" import ^', {"field"}),
        (THEIRS, "{{ note.title }}", "{{ note.title }}{{ author.^", {"name", "initials"}),
        (VIEWS, '"notes/index.html"', '"^', {"notes/index.html", "home.html"}),
        (VIEWS, '", title="Notes"', '", ^', {"title=", "notes="}),
        (VIEWS, '", title="Notes", ', '", title="x", ^, ', {"notes="}),
        (VIEWS, 'url_for("note", id=note.id)', 'url_for("^', {"notes.index"}),
        (VIEWS, 'url_for("note", id=note.id)', 'url_for("note", ^)', {"id="}),
        (URLS, 'path("/about", home.about', 'path("/about", home.^', {"about", "index"}),
        (URLS, 'path("/about", home.about', 'path("/about", ^', {"home", "notes", "authors"}),
    ],
)
def test_what_fits_is_suggested(client, file, old, new, expected):
    shown = suggested(client, file, old, new)
    assert expected <= set(shown), shown


def test_what_is_typed_is_replaced_behind_chinese_text(client):
    entries = complete(client, HOME, "<h1>", "中文{{ title|up^ }}")
    (upper,) = [one for one in entries if one["label"] == "upper"]
    start, end = upper["textEdit"]["range"]["start"], upper["textEdit"]["range"]["end"]
    assert end["character"] - start["character"] == len("up")
    assert "shout" in [one["label"] for one in entries]


def test_fields_of_the_form_that_is_sent_to_a_view(client):
    new = client.open(client.directory / NEW)
    client.replace(new, "  {{ forms.button", '  <input name="subtitle">\n  {{ forms.button')
    client.replace(new, "</form>", "{{ drft }}</form>")

    def is_known(shown: list[str]) -> bool:
        mine = [one for one in shown if one.startswith(NEW)]
        return any(one.endswith("views.missing-name") for one in mine)

    client.wait_until(is_known, "the misspelt name")
    assert "subtitle" in suggested(
        client, VIEWS, 'title=request.form["title"]', 'title=request.form["^'
    )
    client.close_document(new)
    client.wait_for_problems()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (HOME, "<h1>", "<h1 class='^"),
        (HOME, "<h1>", "{# note.^"),
        (HOME, "<h1>", "{{ title }} title.^"),
        (HOME, "<h1>", '{{ "title.^'),
        (HOME, "<h1>", "{{ 1^2 }}"),
        (HOME, "<h1>", "{{ nobody[0].^ }}"),
        (HOME, "<h1>", "{{ )[0].^ }}"),
        (HOME, "<h1>", "{{ (crumbs|).la^ }}"),
        (VIEWS, "return redirect", "x = 'a^"),
        (VIEWS, "return redirect", "note.^"),
    ],
)
def test_nothing_is_suggested_where_nothing_is_known(client, file, old, new):
    assert suggested(client, file, old, new) == []


def test_what_a_view_passes_comes_first_and_tests_are_words(client):
    entries = complete(client, HOME, "<h1>", "{{ ^")
    entries.sort(key=lambda one: one["sortText"])
    assert [one["label"] for one in entries[:4]] == ["card", "title", "crumbs", "mode"]
    assert all(name.isidentifier() for name in suggested(client, HOME, "<h1>", "{% if 1 is ^"))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (HOME, "<h1>", '{{ url_for("note", ^', ["id="]),
        (HOME, "<h1>", "{{ url_for('blog.post', year=f(1, 2), s^) }}", ["slug="]),
        (HOME, "<h1>", '{{ url_for("note", id=1, ^) }}', []),
        (VIEWS, 'url_for("note", id=note.id)', 'url_for("note", id=^)', []),
    ],
)
def test_an_address_takes_the_rest_by_name(client, file, old, new, expected):
    assert suggested(client, file, old, new) == expected


def test_the_value_of_a_parameter_is_a_name(client):
    assert "crumbs" in suggested(client, HOME, "<h1>", '{{ url_for("note", id=^')


def test_a_name_says_its_type_and_who_passes_it(client):
    entries = complete(client, LIST, "{{ note.title }}", "{{ no^ }}")
    details = {one["label"]: one.get("detail") for one in entries}
    assert details["note"] == "Note"
    assert details["title"] == "str views/notes.py:11"


def _wait_for_the_import(client: Client) -> None:
    """Open a page with a mistake, which is shown once the project is imported."""
    page = client.open(client.directory / "templates/macros.html")
    client.replace(page, "user.email", "user.emial")
    client.wait_until(lambda problems: "unknown-attribute" in str(problems), "user.emial")


def test_on_a_site_with_accounts_the_user_is_known(tmp_path):
    programs = read_programs("working_programs")
    programs["accounts: user in templates and request.user in views"].write(tmp_path)
    client = Client(tmp_path)
    try:
        client.start()
        _wait_for_the_import(client)
        page, text = "templates/index.html", "{% from"
        for new in ("{{ user.^ }}{% from", "{{ request.user.^ }}{% from"):
            found = set(suggested(client, page, text, new))
            assert {"email", "id", "roles", "has_role"} <= found
            assert "path" not in found
        assert "user" in suggested(client, page, text, "{{ us^ }}{% from")
        # What a view passes by the name comes first.
        assert "name" in suggested(client, "templates/rows.html", "User {{ user.name", "{{ user.^")
    finally:
        client.end()
