"""The first start of a new project: its database is made once the project can be loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.devserver.running import runserver
from tests.support.live_site import make_project

MODES = ["fork", "spawn", "restart"]
MADE = "Made db.sqlite3: applied 0001_notes."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("file", ["views/notes.py", "settings.py", "models/note.py"])
def test_a_project_that_is_broken_at_the_start_gets_its_database_with_the_repair(
    root: Path, file: str, mode: str
) -> None:
    text = (root / file).read_text(encoding="utf-8")
    (root / file).write_text(text + "\ndef (\n", encoding="utf-8")
    with runserver(root, site={}, environ={"MTVGEN_DEVSERVER": mode}) as server:
        server.wait_for("SyntaxError", "/notes", status=500)
        server.write("views/home.py", (root / "views/home.py").read_text(encoding="utf-8") + "#\n")
        server.wait_for_line("reloaded|Waiting for you to save a fix")
        server.write(file, text)
        server.wait_for("<form", "/notes")

        assert server.terminal().count(MADE) == 1


def test_a_database_that_is_deleted_meanwhile_is_made_at_the_next_edit(root: Path) -> None:
    with runserver(root, site={}) as server:
        server.wait_for("<form", "/notes")
        for file in root.glob("db.sqlite3*"):
            file.unlink()
        server.replace("views/home.py", "def index", "EDITED = True\n\n\ndef index")
        server.wait_for_line("reloaded views/home.py")

        assert server.terminal().count(MADE) == 2
        server.wait_for("<form", "/notes")


def test_a_database_without_a_table_is_made_at_the_next_start(root: Path) -> None:
    code = "import sqlite3; sqlite3.connect('db.sqlite3').execute('PRAGMA journal_mode=WAL')"
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
    with runserver(root, site={}) as server:
        server.wait_for("<form", "/notes")
        assert MADE in server.terminal()
