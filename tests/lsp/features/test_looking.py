"""What an editor shows about a place: hover, lenses, links and symbols."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.language_client import Client

HOME, LIST, DETAIL = (
    "templates/home.html",
    "templates/notes/index.html",
    "templates/notes/detail.html",
)
VIEWS, THEIRS = "views/notes.py", "templates/authors/_notes.html"


def about(client: Client, method: str, file: str, piece: str = "") -> Any:
    uri = client.open(client.directory / file)
    params: dict[str, Any] = {"textDocument": {"uri": uri}}
    if piece:
        params["position"] = client.position(uri, piece)
    answer = client.request(f"textDocument/{method}", params)
    client.close_document(uri)
    return answer


@pytest.mark.parametrize(
    ("file", "piece", "expected"),
    [
        (HOME, "title }}", ["`title: str`", "passed by views/home.py:10"]),
        (LIST, "note.title", ["`note: Note`"]),
        (DETAIL, "title }}</h1>", ["`note.title: str`"]),
        (THEIRS, "author.notes", ["`author: Author`", "passed by views/authors.py:22"]),
        (DETAIL, 'note", id', ["`GET /notes/<int:id>`: views.notes.detail, urls.py:14"]),
        (DETAIL, "base.html", ["`templates/base.html`"]),
        (VIEWS, "notes/index.html", ["rendered by views/notes.py:11, GET /notes"]),
        ("templates/base.html", "site_name", ["`site_name` is in every template"]),
    ],
)
def test_a_name_says_what_it_is_and_who_passes_it(client, file, piece, expected):
    answer = about(client, "hover", file, piece)
    assert answer is not None
    for text in expected:
        assert text in answer["contents"]["value"]


def test_nothing_is_said_of_what_is_not_known(client):
    assert about(client, "hover", HOME, "<h1>") is None
    assert about(client, "hover", "static/style.css", "body") is None


def test_above_a_template_is_who_renders_it_and_above_a_view_its_routes(client):
    titles = [one["command"]["title"] for one in about(client, "codeLens", DETAIL)]
    assert titles == [
        "views/notes.py:28, GET /notes/<int:id>",
        "views/notes.py:35, POST /notes/<int:id>",
    ]
    lenses = about(client, "codeLens", VIEWS)
    assert [one["command"]["title"] for one in lenses][:2] == ["GET /notes", "GET /notes/new"]
    assert lenses[0]["range"]["start"] == {"line": 8, "character": 4}


def test_templates_and_static_files_are_links(client):
    start = len(client.directory.as_uri()) + 1
    found = [one["target"][start:] for one in about(client, "documentLink", "templates/base.html")]
    assert found == ["static/style.css", "static/js/site.js", "templates/_nav.html"]
    assert len(about(client, "documentLink", VIEWS)) == 4


def test_a_name_that_a_template_gives_a_value_shows_its_type(client):
    def hints(file: str, text: str | None = None) -> list[str]:
        uri = client.open(client.directory / file, text)
        end = {"line": 10_000, "character": 0}
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": {"line": 0, "character": 0}, "end": end},
        }
        answer = client.request("textDocument/inlayHint", params)
        lines = client.texts[uri].encode().splitlines()
        client.close_document(uri)
        return [
            lines[at["line"]][: at["character"]].split()[-1].decode() + one["label"]
            for one in answer
            for at in [one["position"]]
        ]

    assert hints(LIST) == ["note: Note"]
    text = (client.directory / LIST).read_text()
    text = text.replace(
        "{% endfor %}", "中{% set by = note.author %}{% set x = 1 %}{% endfor %}", 1
    )
    assert hints(LIST, text) == ["note: Note", "by: Author"]
    assert hints(VIEWS) == []


def test_routes_templates_and_models_are_symbols_of_the_workspace(client):
    found = client.request("workspace/symbol", {"query": "note"})
    names = {one["name"] for one in found}
    assert {"note", "notes.index", "Note", "notes/detail.html"} <= names
    assert "home.html" not in names
    (model,) = [one for one in found if one["name"] == "Note"]
    assert model["location"]["uri"].endswith("models/note.py")
