"""From a name to where it comes from and to all its uses; and all of them renamed at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checks.seed_project import write_project
from tests.lsp.conftest import wait_for_models
from tests.support.language_client import Client, edited

HOME, LIST = "templates/home.html", "templates/notes/index.html"
DETAIL, VIEWS = "templates/notes/detail.html", "views/notes.py"


def asked(client: Client, method: str, file: str, piece: str, **more: Any) -> dict[str, Any]:
    """The whole answer about the place where a piece of a file begins."""
    uri = client.open(client.directory / file)
    params = {"textDocument": {"uri": uri}, **more}
    if piece:
        params["position"] = client.position(uri, piece)
    answer = client.answer(client.ask(f"textDocument/{method}", params))
    client.close_document(uri)
    return answer


def places(client: Client, locations: list[dict[str, Any]]) -> list[str]:
    """`file:line` of locations, lines from 1."""
    start = len(client.directory.as_uri()) + 1
    return [f"{one['uri'][start:]}:{one['range']['start']['line'] + 1}" for one in locations]


@pytest.mark.parametrize(
    ("file", "piece", "expected"),
    [
        (HOME, "title }}", "views/home.py:10"),
        (HOME, "base.html", "templates/base.html:1"),
        (HOME, "content", "templates/base.html:14"),
        (DETAIL, 'note", id', "urls.py:14"),
        (DETAIL, "title }}</h1", "models/note.py:19"),
        (VIEWS, "notes/index.html", "templates/notes/index.html:1"),
        (VIEWS, 'note", id=note', "urls.py:14"),
        ("templates/base.html", "style.css", "static/style.css:1"),
    ],
)
def test_a_name_leads_to_its_definition(client, file, piece, expected):
    answer = asked(client, "definition", file, piece)
    assert expected in places(client, answer["result"])


def test_all_uses_of_a_name_are_found(client):
    found = asked(client, "references", VIEWS, "notes=notes", context={"includeDeclaration": True})
    files = {place.rpartition(":")[0] for place in places(client, found["result"])}
    assert files == {"views/notes.py", "templates/notes/index.html"}


def test_blocks_and_routes_are_symbols_of_their_documents(client):
    def names(file: str) -> list[str]:
        answer = asked(client, "documentSymbol", file, "")
        return [one["name"] for one in answer["result"]]

    assert names("templates/base.html") == ["title", "content", "sidebar"]
    assert "about" in names("urls.py")


def test_a_name_is_renamed_in_the_view_and_in_its_templates_and_back(client):
    before = {path: path.read_bytes() for path in files_of(client.directory)}
    rename(client, LIST, "notes|sort", "entries")
    client.settle(0.3)
    assert "entries=notes" in (client.directory / VIEWS).read_text()
    assert "in entries|sort" in (client.directory / LIST).read_text()
    client.wait_for_problems()
    rename(client, LIST, "entries|sort", "notes")
    assert {path: path.read_bytes() for path in files_of(client.directory)} == before


def test_a_file_is_renamed_with_all_that_names_it(client):
    old, new = client.directory / "templates/_nav.html", client.directory / "templates/_menu.html"
    params = {"files": [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]}
    edit = client.request("workspace/willRenameFiles", params)
    (change,) = edit["documentChanges"]
    assert change["textDocument"]["uri"].endswith("templates/base.html")
    assert [one["newText"] for one in change["edits"]] == ["_menu.html"]


def test_files_and_directories_are_renamed_with_all_that_names_them(client):
    templates = client.directory / "templates"
    files = [("_nav.html", "_menu.html"), ("notes", "entries"), ("none.html", "nothing.html")]
    params = {
        "files": [
            {"oldUri": (templates / old).as_uri(), "newUri": (templates / new).as_uri()}
            for old, new in files
        ]
    }
    edit = client.request("workspace/willRenameFiles", params)
    new_texts = {one["newText"] for change in edit["documentChanges"] for one in change["edits"]}
    assert {"_menu.html", "entries/index.html", "entries/detail.html"} <= new_texts


@pytest.mark.parametrize(
    ("file", "piece", "new"),
    [(LIST, "notes|sort", "title"), (LIST, "notes|sort", "not a name"), (HOME, "<h1>", "x")],
)
def test_what_would_change_the_meaning_is_refused_with_a_sentence(client, file, piece, new):
    answer = asked(client, "rename", file, piece, newName=new)
    assert answer["error"]["code"] == -32803
    assert answer["error"]["message"].endswith(".")


def test_what_can_be_renamed_is_asked_first(client):
    answer = asked(client, "prepareRename", LIST, "notes|sort")
    assert answer["result"]["placeholder"] == "notes"
    assert "error" in asked(client, "prepareRename", "templates/base.html", "style.css")


def test_a_column_can_be_renamed_from_a_template(client):
    detail, model = (client.directory / file for file in (DETAIL, "models/note.py"))
    assert (
        asked(client, "prepareRename", DETAIL, "title }}</h1")["result"]["placeholder"] == "title"
    )
    edit = asked(client, "rename", DETAIL, "title }}</h1", newName="heading")["result"]
    changed = {path: edited(path.read_text(), edits) for path, edits in by_path(edit).items()}
    assert "<h1>{{ note.heading }}</h1>" in changed[detail]
    assert '    heading: Mapped[str] = mapped_column("title")\n' in changed[model]
    assert "changeAnnotations" not in edit


def test_what_may_be_a_column_is_asked_about(client):
    view = client.open(client.directory / "views/extra.py", "def f(x):\n    return x.title\n")
    edit = asked(client, "rename", DETAIL, "title }}</h1", newName="heading")["result"]
    client.close_document(view)
    ids = {
        path.name: {one.get("annotationId") for one in edits}
        for path, edits in by_path(edit).items()
    }
    assert ids.pop("extra.py") == {"doubtful"}
    assert set().union(*ids.values()) == {None}
    assert edit["changeAnnotations"]["doubtful"]["needsConfirmation"]


def test_an_editor_that_does_not_ask_gets_no_edit_that_may_be_wrong(client, tmp_path):
    write_project(tmp_path)
    (tmp_path / "views/extra.py").write_text("def f(x):\n    return '\U0001f389', x.title\n")
    other = Client(tmp_path.resolve())
    other.start(encodings=("utf-16",), asks=False)
    wait_for_models(other)
    refused = asked(other, "rename", DETAIL, "title }}</h1", newName="heading")["error"]["message"]
    assert "views/extra.py:2:19" in refused
    assert other.stop() == 0


def by_path(edit: dict[str, Any]) -> dict[Path, list[dict[str, Any]]]:
    """Return the edits of each file."""
    return {
        Path(change["textDocument"]["uri"].removeprefix("file://")): change["edits"]
        for change in edit["documentChanges"]
    }


def rename(client: Client, file: str, piece: str, new: str) -> None:
    """Rename what is named at a place, and write the files."""
    answer = asked(client, "rename", file, piece, newName=new)
    assert "error" not in answer, answer
    changed = []
    for change in answer["result"]["documentChanges"]:
        path = Path(change["textDocument"]["uri"].removeprefix("file://"))
        path.write_text(edited(path.read_text(), change["edits"]))
        changed.append({"uri": path.as_uri(), "type": 2})
    client.notify("workspace/didChangeWatchedFiles", {"changes": changed})


def files_of(root: Path) -> list[Path]:
    return [*(root / "templates").rglob("*.html"), *(root / "views").rglob("*.py")]
