"""Code actions as an editor gets them, and what the files are after one was chosen."""

from __future__ import annotations

from typing import Any


def titles(actions: dict[str, Any]) -> list[str]:
    return list(actions)


def test_a_new_page_is_made_from_one_line_by_three_actions(client):
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "<h1>", '<a href="{{ url_for("tags.index") }}">Tags</a><h1>')
    for title, file in (
        ('Add path("/tags", tags.index) to urls.py', "urls.py"),
        ("Create the view tags.index in views/tags.py", "views/tags.py"),
        ("Create templates/tags/index.html", "templates/tags/index.html"),
    ):
        actions = client.code_actions(home, "tags.index")
        assert title in actions, titles(actions)
        client.apply(actions[title]["edit"])
        client.save((client.directory / file).as_uri())
    assert not any(one.startswith(("Add", "Create")) for one in client.code_actions(home, "tags."))
    client.save(home)
    client.wait_for_problems()

    urls = (client.directory / "urls.py").read_text()
    assert "from views import authors, home, notes, tags\n" in urls
    assert '    path("/tags", tags.index),\n]' in urls
    page = (client.directory / "templates/tags/index.html").read_text()
    assert page.startswith('{% extends "base.html" %}\n')
    assert "{% block content %}\n{% endblock %}" in page
    assert "sidebar" not in page  # base.html fills it


def test_what_was_meant_is_put_in_place_of_what_is_written(client):
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "{{ title }}", "中文{{ titel }}")
    actions = client.code_actions(home, "titel")
    action = actions["Replace with 'title'"]
    assert action["isPreferred"]
    assert [one["code"] for one in action["diagnostics"]] == ["views.missing-name"]
    client.apply(action["edit"])
    assert "中文{{ title }}" in client.texts[home]
    client.wait_for_problems()


def test_a_missing_name_is_passed_in_the_view(client):
    home = client.open(client.directory / "templates/home.html")
    view = client.open(client.directory / "views/home.py")
    client.replace(home, "{{ title }}", "{{ title }}{{ weather }}")
    actions = client.code_actions(home, "weather")
    client.apply(actions["Pass 'weather' in views/home.py:10"]["edit"])
    assert 'crumbs=crumbs, mode="full", weather=weather)' in client.texts[view]
    # What it is in the view is for a person to say.
    client.wait_for_problems("views/home.py:9:90 project.undefined-name")
    client.replace(view, ", weather=weather", "")
    client.replace(home, "{{ weather }}", "")
    client.wait_for_problems()


def test_a_name_that_several_views_lack_is_passed_in_all_of_them(client):
    note = client.open(client.directory / "templates/notes/detail.html")
    client.replace(note, "<h1>", "{{ weather }}<h1>")
    actions = client.code_actions(note, "weather")
    assert "Pass 'weather' in all 2 views that lack it" in actions
    client.replace(note, "{{ weather }}", "")
    client.wait_for_problems()


def test_a_missing_import_is_added(client):
    view = client.open(client.directory / "views/home.py")
    text = client.texts[view]
    client.replace(
        view, "    crumbs = crumbs_of", '    redirect("/")\n    Note\n    crumbs = crumbs_of'
    )
    actions = client.code_actions(view, "redirect(")
    client.apply(actions["Add: from mtvgen.runtime import redirect"]["edit"])
    assert "import Request, Response, redirect, render\n" in client.texts[view]
    client.apply(client.code_actions(view, "Note\n")["Add: from models import Note"]["edit"])
    assert "\nfrom models import Note\n" in client.texts[view]
    client.write(view, text)
    client.wait_for_problems()


def test_a_template_that_render_names_is_made(client):
    view = client.open(client.directory / "views/home.py")
    client.replace(view, '"home.html"', '"new/page.html"')
    actions = client.code_actions(view, "new/page.html")
    assert "Create templates/new/page.html" in titles(actions)
    client.replace(view, "new/page.html", "../../etc/passwd")
    assert not any(one.startswith("Create") for one in client.code_actions(view, "../../etc"))
    client.replace(view, "../../etc/passwd", "home.html")
    client.wait_for_problems()


def test_there_is_no_action_where_nothing_is_wrong_or_the_text_is_half_typed(client):
    view = client.open(client.directory / "views/home.py")
    assert client.code_actions(view, "title=") == {}
    client.replace(view, '"home.html"', '"hom.html"')
    client.replace(view, "def about", "def (about")
    assert client.code_actions(view, "hom.html") == {}
    client.replace(view, "def (about", "def about")
    client.replace(view, '"hom.html"', '"home.html"')
    client.wait_for_problems()
