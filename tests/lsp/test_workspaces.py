"""Workspaces as people have them: several projects, one that is broken, texts of all kinds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.checks.seed_project import write_project
from tests.support.language_client import Client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A workspace with two projects, of which one can't be imported."""
    workspace = tmp_path_factory.mktemp("workspaces").resolve()
    for name in ("good", "deep/er/broken"):
        (workspace / name).mkdir(parents=True)
        write_project(workspace / name)
    settings = workspace / "deep/er/broken/settings.py"
    settings.write_text(f"import nothing_of_this_name\n{settings.read_text()}")
    (workspace / "other.html").write_text("{{ nobody }}")
    client = Client(workspace)
    client.start(encodings=("utf-16",))
    client.wait_for_problems(BROKEN)
    yield client
    assert client.stop() == 0
    assert client.errors == ""


BROKEN = "deep/er/broken/settings.py:0:0 project.import-error"
GOOD_HOME = "good/templates/home.html"


def test_each_project_has_its_own_problems(client):
    home = client.open(client.directory / GOOD_HOME)
    client.replace(home, "{{ title }}", "{{ titel }}")
    client.wait_for_problems(BROKEN, f"{GOOD_HOME}:4:7 views.missing-name")
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def test_in_a_project_that_cannot_be_imported_the_rest_is_checked(client):
    home = client.open(client.directory / "deep/er/broken/templates/home.html")
    client.replace(home, '"base.html"', '"bas.html"')
    place = "deep/er/broken/templates/home.html:0:12 templates.not-found"
    client.wait_until(lambda shown: place in shown, place)
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def test_a_file_outside_the_projects_is_left_alone(client):
    other = client.open(client.directory / "other.html")
    params = {"textDocument": {"uri": other}, "position": {"line": 0, "character": 4}}
    assert client.request("textDocument/hover", params) is None
    assert client.request("textDocument/definition", params) == []
    assert client.request("textDocument/completion", params) is None
    client.close_document(other)
    client.wait_for_problems(BROKEN)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{% extends 'base.html' %}\r\n\r\n{{ titel }}", "2:3"),
        ("\ufeff{% extends 'base.html' %}{% block content %}{{ titel }}{% endblock %}", "0:48"),
        ("{% extends 'base.html' %}{% block content %}😀中\t{{ titel }}{% endblock %}", "0:51"),
        (
            "{% block content %}\n" + "<p>{{ title }}</p>\n" * 5000 + "{{ titel }}{% endblock %}",
            "5001:3",
        ),
    ],
    ids=["CRLF", "BOM", "astral", "5,000 lines"],
)
def test_columns_are_those_of_the_client(client, text, place):
    text = text.replace(
        "\r\n\r\n{{ titel }}", "\r\n{% block content %}\r\n{{ titel }}{% endblock %}"
    )
    home = client.open(client.directory / GOOD_HOME)
    client.write(home, text)
    expected = f"{GOOD_HOME}:{place} views.missing-name"
    client.wait_until(lambda shown: expected in shown, expected)
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def test_edits_count_as_the_client_does_behind_text_of_any_kind(client):
    home = client.open(client.directory / GOOD_HOME)
    client.write(
        home, "{% extends 'base.html' %}{% block content %}😀中\t{{ titel }}{% endblock %}"
    )
    expected = f"{GOOD_HOME}:0:51 views.missing-name"
    client.wait_until(lambda shown: expected in shown, expected)
    (shown,) = client.diagnostics[home]
    params = {"textDocument": {"uri": home}, "range": shown["range"], "context": {}}
    action, *_ = client.request("textDocument/codeAction", params)
    (change,) = action["edit"]["documentChanges"]
    assert [edit["range"] for edit in change["edits"]] == [shown["range"]]
    params = {"textDocument": {"uri": home}, "position": {"line": 0, "character": 53}}
    items = client.request("textDocument/completion", params)["items"]
    assert {one["textEdit"]["range"]["start"]["character"] for one in items} == {51}
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def test_a_route_that_is_written_and_not_saved_is_known(client):
    home = client.open(client.directory / GOOD_HOME)
    client.replace(home, "{{ title }}", '{{ title }}{{ url_for("abut") }}')
    place = f"{GOOD_HOME}:4:27 templates.unknown-route"
    client.wait_for_problems(BROKEN, place)
    urls = client.open(client.directory / "good/urls.py")
    client.replace(
        urls,
        'path("/notes", notes.index)',
        'path("/abut", home.about, name="abut"), path("/notes", notes.index)',
    )
    client.wait_for_problems(BROKEN)
    client.close_document(urls)
    client.wait_for_problems(BROKEN, place)
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def test_a_project_that_comes_later_is_found_when_a_file_of_it_is_opened(client, tmp_path):
    write_project(tmp_path)
    home = client.open(tmp_path.resolve() / "templates/home.html")
    client.replace(home, "{{ title }}", "{{ titel }}")
    client.wait_until(lambda shown: len(shown) == 2, "the mistake of the third project")
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def change_folders(client: Client, **event: object) -> None:
    event = {"added": [], "removed": [], **event}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})


def test_files_are_called_as_the_client_calls_them_behind_a_link(client, tmp_path):
    real, link = tmp_path / "real", tmp_path.resolve() / "link"
    real.mkdir()
    write_project(real)
    link.symlink_to(real)
    folder = {"uri": link.as_uri(), "name": "link"}
    change_folders(client, added=[folder])
    other = link / "templates/other.html"
    other.write_text("{% frob %}")
    created = {"changes": [{"uri": other.as_uri(), "type": 1}]}
    client.notify("workspace/didChangeWatchedFiles", created)
    client.wait_until(lambda shown: len(shown) == 2, "a mistake in a file that is not open")
    assert client.diagnostics[other.as_uri()]

    home = client.open(link / "templates/home.html")
    params = {"textDocument": {"uri": home}, "position": {"line": 0, "character": 14}}
    base = (link / "templates/base.html").as_uri()
    assert [one["uri"] for one in client.request("textDocument/definition", params)] == [base]
    document = {"textDocument": {"uri": home}}
    targets = [one["target"] for one in client.request("textDocument/documentLink", document)]
    assert base in targets
    moved = {"oldUri": base, "newUri": (link / "templates/frame.html").as_uri()}
    edit = client.request("workspace/willRenameFiles", {"files": [moved]})
    touched = {one["textDocument"]["uri"] for one in edit["documentChanges"]}
    assert home in touched
    assert all(uri.startswith(link.as_uri()) for uri in touched)
    client.close_document(home)
    change_folders(client, removed=[folder])
    client.wait_for_problems(BROKEN)
    # Without a folder, one file tells how the others are called.
    home = client.open(link / "templates/home.html")
    client.wait_until(lambda shown: len(shown) == 2, "the mistake again")
    assert [one["uri"] for one in client.request("textDocument/definition", params)] == [base]
    other.unlink()
    client.notify("workspace/didChangeWatchedFiles", created)
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def test_a_folder_that_leaves_the_workspace_takes_its_problems_along(client, tmp_path):
    write_project(tmp_path)
    other = tmp_path.resolve() / "templates/other.html"
    other.write_text("{% frob %}")
    folder = {"uri": tmp_path.resolve().as_uri(), "name": "third"}

    change_folders(client, added=[folder])
    client.wait_until(lambda shown: len(shown) == 2, "the mistake of the third project")
    other_uri = client.open(other)
    change_folders(client, removed=[folder])
    home = client.open(client.directory / GOOD_HOME)
    client.replace(home, "{{ title }}", "{{ titel }}")
    client.wait_until(lambda shown: len(shown) == 3, "those of a file that is open, too")
    change_folders(client, added=[folder])
    client.close_document(other_uri)
    change_folders(client, removed=[folder])
    client.close_document(home)
    client.wait_for_problems(BROKEN)


def test_a_project_that_is_made_in_the_workspace_is_found(client):
    root = client.directory / "later"
    root.mkdir()
    write_project(root)
    (root / "templates/pipe.html").symlink_to("nowhere.html")
    changes = [{"uri": (root / name).as_uri(), "type": 1} for name in ("urls.py", "wsgi.py")]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    place = "later/templates/pipe.html:0:0 templates.unreadable"
    client.wait_for_problems(BROKEN, place)
    (root / "templates/pipe.html").unlink()
    os.mkfifo(root / "templates/pipe.html")  # reading one waits for somebody who writes
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    client.wait_until(
        lambda shown: any("named pipe" in one["message"] for one in every(client)), "its kind"
    )
    (root / "templates/pipe.html").unlink()
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    client.wait_for_problems(BROKEN)


def every(client: Client) -> list[dict[str, Any]]:
    return [one for shown in client.diagnostics.values() for one in shown]
