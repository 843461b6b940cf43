"""What an editor is shown while somebody edits a project, over the real process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.checks.seed_project import write_project
from tests.support.language_client import Client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server for all tests of this file; each leaves the project as it was."""
    root = tmp_path_factory.mktemp("workspace").resolve() / "below" / "site"
    root.mkdir(parents=True)
    write_project(root)
    client = Client(root)
    client.start(root.parents[1])
    yield client
    assert client.stop() == 0
    assert client.errors == ""


def position_of(client: Client, uri: str, piece: str) -> dict[str, int]:
    """Where a piece of an open document begins; the text before it is ASCII."""
    before = client.texts[uri].partition(piece)[0]
    return {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}


def test_a_mistake_is_shown_before_it_is_saved_with_its_range_and_its_page(client):
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "{{ title }}", "中文{{ titel }}")
    client.wait_for_problems("templates/home.html:4:13 views.missing-name")
    (shown,) = client.diagnostics[home]
    assert shown["range"]["end"] == {"line": 4, "character": 18}
    assert shown["message"].endswith("Did you mean 'title'?")
    assert shown["codeDescription"]["href"].endswith("checks.md#views")
    (view,) = shown["relatedInformation"]
    assert view["message"] == "is rendered without 'titel' here"
    assert view["location"]["uri"].endswith("views/home.py")
    assert view["location"]["range"]["start"]["line"] == 9
    client.replace(home, "titel", "title")
    client.wait_for_problems()
    client.close_document(home)


def test_changes_of_ranges_count_one_after_another(client):
    home = client.open(client.directory / "templates/home.html")
    start = position_of(client, home, "title }}")
    end = {**start, "character": start["character"] + len("title")}
    put = {"range": {"start": start, "end": end}, "text": "crumb"}
    more = {"range": {"start": end, "end": end}, "text": "s_"}
    client.change(home, put, more)
    client.wait_for_problems(f"templates/home.html:4:{start['character']} views.missing-name")
    client.close_document(home)
    client.wait_for_problems()


def test_a_mistake_in_a_view_is_shown_in_the_template_that_is_not_open(client):
    view = client.open(client.directory / "views/home.py")
    client.replace(view, ', mode="full"', "")
    client.wait_for_problems("templates/home.html:9:6 views.missing-name")
    client.close_document(view)
    client.wait_for_problems()


def test_nothing_flickers_while_a_tag_is_typed_and_it_is_a_mistake_when_typing_rests(client):
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "{{ title }}", "{{ titel }}")
    mistake = "templates/home.html:4:7 views.missing-name"
    client.wait_for_problems(mistake)
    seen = len(client.messages)
    text = client.texts[home]
    for typed in ("{", "{{", "{{ m", "{{ mode.", "{{ mode. }}"):
        client.write(home, f"{text}{typed}")
    client.wait_for_problems(mistake, "templates/home.html:15:9 templates.syntax")
    shown = [
        message["params"]
        for message in client.messages[seen:]
        if message.get("method") == "textDocument/publishDiagnostics"
    ]
    assert all(
        "views.missing-name" in [one["code"] for one in params["diagnostics"]]
        for params in shown
        if params["uri"] == home
    )
    client.close_document(home)
    client.wait_for_problems()


def test_lines_above_a_problem_of_the_import_move_it_and_its_own_line_hides_it(client):
    urls = client.open(client.directory / "urls.py")
    client.replace(urls, "<slug:name>", "<slgu:name>")
    client.save(urls)
    line = position_of(client, urls, "<slgu")["line"]

    def is_shown_in(line: int | None) -> Callable[[list[str]], bool]:
        def is_shown(problems: list[str]) -> bool:
            lines = [int(one.split(":")[1]) for one in problems if "unknown-converter" in one]
            return lines == ([] if line is None else [line])

        return is_shown

    client.wait_until(is_shown_in(line), "the converter")
    client.write(urls, f"# a line\n{client.texts[urls]}")
    client.wait_until(is_shown_in(line + 1), "the converter, a line below")
    client.replace(urls, "<slgu:name>", "<slug:name>")
    client.wait_until(is_shown_in(None), "no converter")
    client.write(urls, client.texts[urls].removeprefix("# a line\n"))
    client.save(urls)
    client.wait_for_problems()
    client.close_document(urls)


def test_an_open_view_is_never_run(client, tmp_path):
    trace = tmp_path / "trace"
    view = client.open(client.directory / "views/home.py")
    client.write(view, f"open({str(trace)!r}, 'w').close()\n{client.texts[view]}")
    client.replace(view, '"home.html"', '"hom.html"')
    client.wait_until(lambda problems: len(problems) > 0, "the misspelt template")
    assert not trace.exists()
    client.close_document(view)
    client.wait_for_problems()


def test_a_file_outside_any_project_has_no_problems(client, tmp_path):
    other = tmp_path / "other.html"
    other.write_text("{{ nobody.passes.this ")
    uri = client.open(other)
    client.settle(0.5)
    assert client.diagnostics.get(uri, []) == []
    client.close_document(uri)


def test_documents_that_are_not_files_are_left_alone(client):
    for uri in ("untitled:Untitled-1", "git:/a/b.html?x", "file:///a%00b.html"):
        item = {"uri": uri, "languageId": "html", "version": 1, "text": "{{ a"}
        client.notify("textDocument/didOpen", {"textDocument": item})
        change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": ""}]}
        client.notify("textDocument/didChange", change)
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    client.settle(0.3)
    assert client.problems() == []


def test_an_import_that_exits_hangs_or_prints_harms_nothing(client, tmp_path):
    wsgi = client.open(client.directory / "wsgi.py")
    good = client.texts[wsgi]
    client.write(wsgi, f"print('x' * 100000)\nraise SystemExit(3)\n{good}")
    client.save(wsgi)
    is_there = "wsgi.py:1:0 project.import-error"
    client.wait_until(lambda problems: is_there in problems, is_there)

    child = tmp_path / "child"
    hang = (
        "import os, subprocess, time\n"
        f"open({str(child)!r}, 'w').write(str(subprocess.Popen(['sleep', '300']).pid))\n"
        "time.sleep(300)\n"
    )
    client.write(wsgi, f"{hang}{good}")
    client.save(wsgi)
    while not child.exists() or not child.read_text():
        client.settle(0.05)
    client.write(wsgi, good)
    client.save(wsgi)
    client.wait_for_problems()
    while not is_gone(int(child.read_text())):
        client.settle(0.05)
    client.close_document(wsgi)


def is_gone(process: int) -> bool:
    """Whether a process has ended; one that nobody has waited for is a zombie."""
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_client_that_knows_no_versions_of_documents_gets_plain_changes(tmp_path):
    write_project(tmp_path)
    client = Client(tmp_path.resolve())
    folder = {"processId": None, "rootUri": client.directory.as_uri(), "capabilities": {}}
    client.request("initialize", folder)
    client.notify("initialized", {})
    home = client.open(client.directory / "templates/home.html")
    client.replace(home, "<h1>", '{{ url_for("tags") }}<h1>')
    client.wait_until(bool, "the unknown route")
    (action,) = client.code_actions(home, "tags").values()
    urls = (client.directory / "urls.py").as_uri()
    assert list(action["edit"]) == ["changes"]
    assert list(action["edit"]["changes"]) == [urls]
    params = {"textDocument": {"uri": home}, "position": client.position(home, "title }}")}
    edit = client.request("textDocument/rename", {**params, "newName": "heading"})
    assert list(edit) == ["changes"]
    assert home in edit["changes"]
    assert {one["newText"] for one in edit["changes"][home]} == {"heading"}
    moved = {
        name: (client.directory / "templates" / name).as_uri() for name in ("home.html", "h.html")
    }
    files = [{"oldUri": moved["home.html"], "newUri": moved["h.html"]}]
    edit = client.request("workspace/willRenameFiles", {"files": files})
    assert list(edit["changes"]) == [(client.directory / "views/home.py").as_uri()]
    assert client.stop() == 0
