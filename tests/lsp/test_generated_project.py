"""In a new project: it is served before its `.env` is there, and renaming breaks nothing.

    MTVGEN_FULL=1 pytest tests/lsp/test_generated_project.py

renames, one after another, what a project has names for, runs `mtvgen check` after each, the
project's own tests after all, and renames everything back.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.language_client import Client, edited

pytestmark = pytest.mark.skipif(
    "MTVGEN_FULL" not in os.environ, reason="takes a minute: set MTVGEN_FULL=1"
)
INDEX = "templates/notes/index.html"
MACROS = "{% macro line(text) %}<i>{{ text }}</i>{% endmacro %}\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server for a new project, to which macros were added, and whose `.env` is not there yet."""
    directory = tmp_path_factory.mktemp("new").resolve()
    run(directory, "mtvgen", "startproject", "site")
    root = directory / "site"
    (root / ".env").unlink()
    (root / "templates/_parts.html").write_text(MACROS)
    text = (root / INDEX).read_text().replace("{{ note.text }}", "{{ parts.line(note.text) }}")
    text = text.replace("\n\n", '\n{% import "_parts.html" as parts %}\n\n', 1)
    (root / INDEX).write_text(text)
    client = Client(root)
    client.start()
    yield client
    assert client.stop() == 0
    assert client.errors == ""


def run(directory: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=directory, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_project_without_its_env_file_is_checked(client):
    page = client.open(client.directory / INDEX)
    client.replace(page, "note.text", "note.txet")
    client.wait_until(lambda shown: len(shown) == 1, "the mistake")
    assert client.problems()[0].endswith("templates.unknown-attribute")
    client.close_document(page)
    client.wait_for_problems()


class Name(NamedTuple):
    """What is renamed where a piece of a file begins, and where it is found afterwards."""

    file: str
    piece: str
    old: str
    new: str

    @property
    def new_piece(self) -> str:
        return self.piece.replace(self.old, self.new)


NAMES = [
    Name(INDEX, "notes %}", "notes", "entries"),
    Name(INDEX, 'note", id', "note", "entry"),
    Name("templates/base.html", "content %}", "content", "main"),
    Name("templates/_parts.html", "line(", "line", "row"),
    Name("templates/_parts.html", "text)", "text", "words"),
    Name(INDEX, "parts %}", "parts", "pieces"),
    Name("models/note.py", "text: Mapped", "text", "body"),
    Name("views/notes.py", "notes/index.html", "notes/index.html", "notes/all.html"),
]


def rename(client: Client, file: str, piece: str, new: str) -> dict[str, str]:
    """Rename what is named in a place, on the disk; returns the files that have moved."""
    uri = client.open(client.directory / file)
    params = {"textDocument": {"uri": uri}, "position": client.position(uri, piece)}
    edit = client.request("textDocument/rename", {**params, "newName": new})
    client.close_document(uri)
    moved: dict[str, str] = {}
    changed: list[dict[str, Any]] = []
    for change in edit["documentChanges"]:
        if change.get("kind") == "rename":
            old, new_path = (path_of(change[key]) for key in ("oldUri", "newUri"))
            old.rename(new_path)
            root = client.directory
            moved[str(old.relative_to(root))] = str(new_path.relative_to(root))
            changed += [{"uri": change["oldUri"], "type": 3}, {"uri": change["newUri"], "type": 1}]
            continue
        path = path_of(change["textDocument"]["uri"])
        path.write_bytes(edited(path.read_bytes().decode(), change["edits"]).encode())
        changed.append({"uri": path.as_uri(), "type": 2})
    client.notify("workspace/didChangeWatchedFiles", {"changes": changed})
    client.settle(0.3)
    return moved


def path_of(uri: str) -> Path:
    return Path(uri.removeprefix("file://"))


def texts(root: Path) -> dict[str, bytes]:
    files = [*root.rglob("*.py"), *root.rglob("*.html")]
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def test_everything_renamed_works_and_renamed_back_is_as_it_was(client):
    root = client.directory
    before = texts(root)
    moved: dict[str, str] = {}
    for name in NAMES:
        unchanged = texts(root)
        moved |= rename(client, name.file, name.piece, name.new)
        assert texts(root) != unchanged, name
        assert "no problems" in run(root, "mtvgen", "check"), name
    run(root, "pytest", "-q")
    for name in reversed(NAMES):
        file = moved.get(name.file, name.file)
        back = rename(client, file, name.new_piece, name.old)
        moved = {old: new for old, new in moved.items() if new not in back}
    assert texts(root) == before
