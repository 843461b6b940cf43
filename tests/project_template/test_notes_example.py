"""The generated project's example: green from the first minute, and gone when it has served."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from tests.support.forked_commands import mtvgen
from tests.support.live_site import environment, get, make_project, running

from mtvgen.cli import COMMANDS


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("notes"))


def typed(project, *command):
    if command[0] == "mtvgen":
        return mtvgen(*command[1:], cwd=project, env=environment(project.parent))
    return subprocess.run(
        command,
        cwd=project,
        env=environment(project.parent),
        capture_output=True,
        text=True,
        check=False,
    )


def is_green(project):
    done = typed(project, "python", "-m", "pytest", "-q")
    assert done.returncode == 0, done.stdout
    if "check" in COMMANDS:
        done = typed(project, "mtvgen", "check")
        assert done.returncode == 0, done.stdout


def post_note(address, text):
    form = urllib.parse.urlencode({"text": text}).encode()
    with urllib.request.urlopen(f"{address}/notes", data=form, timeout=30) as answer:
        return answer.read().decode()


def shows(address, words):
    """Whether the home page says so; a busy machine first shows that the import takes its time."""
    for _ in range(100):
        if words in get(f"{address}/")[1]:
            return True
        time.sleep(0.3)
    return False


MANY_NOTES = """
import os, pathlib, tempfile
from mtvgen.runtime.migrations import migrate
from mtvgen.runtime.testing import Client
from models import Note, database
from settings import settings
from wsgi import application

place = pathlib.Path(tempfile.mkdtemp(dir=os.getcwd()))
with database.temporarily(place / "many.sqlite3"):
    migrate(database, settings.root / "migrations")
    with database.session() as db:
        db.add_all([Note(text=f"note {n}.") for n in range(150)])
    page = Client(application).get("/notes").text
    print(page.count("note "), "note 149." in page, "note 50." in page, "note 49." in page)
"""


def test_floods_the_page_of_the_notes_has_an_end(project):
    assert typed(project, "python", "-c", MANY_NOTES).stdout.split() == ["100", "True", "True", "False"]


def test_the_tests_and_the_check_are_green(project):
    is_green(project)


def test_the_first_start_makes_the_database_and_the_next_finds_it(project):
    assert not (project / "db.sqlite3").exists()
    with running(project) as address:
        assert shows(address, "holds 0 notes")
        assert "Buy milk" in post_note(address, "Buy milk")
    with running(project) as address:
        assert shows(address, "holds 1 note ")
        assert "Buy milk" in get(f"{address}/notes/1")[1]
    (project / "db.sqlite3").unlink()


def test_a_column_that_the_database_lacks_is_said_at_the_start(project, tmp_path):
    project = shutil.copytree(project, tmp_path / "mysite")
    typed(project, "mtvgen", "migrate")
    note = project / "models" / "note.py"
    note.write_text(note.read_text().rstrip() + "\n    title: Mapped[str | None]\n")
    line = "models/note.py has changes that no migration holds. -> mtvgen makemigrations\n"
    assert line in said_at_start(project)
    typed(project, "mtvgen", "makemigrations", "-m", "title")
    line = "The database lacks migration 0002_title. -> mtvgen migrate\n"
    assert line in said_at_start(project)
    typed(project, "mtvgen", "migrate")
    assert "mtvgen migrate" not in said_at_start(project)


def said_at_start(project):
    """What runserver prints until its address."""
    process = subprocess.Popen(
        ["mtvgen", "runserver", "--no-reload", "0"],
        cwd=project,
        env=environment(project.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    for line in process.stdout:
        said += line
        if "http://" in line:
            break
    process.terminate()
    process.communicate(timeout=10)
    return said


def test_the_example_goes_as_the_home_page_says(project, tmp_path):
    project = shutil.copytree(project, tmp_path / "mysite")
    home = project / "templates" / "home.html"
    advice = home.read_text().partition("When you no longer need the example")[2]
    files, urls, models, base, views = re.findall(r"<li>(.+?)</li>", advice, re.S)

    for name in re.findall(r"<code>(.+?)</code>", files):
        path = project / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    assert "urls.py" in urls
    rewrite(project / "urls.py", drop=r"\bnotes\.", change=("import home, notes", "import home"))
    assert "models/__init__.py" in models
    rewrite(
        project / "models" / "__init__.py",
        drop="import Note",
        change=('["Note", "database"]', '["database"]'),
    )
    assert "templates/base.html" in base
    rewrite(project / "templates" / "base.html", drop=r"notes\.index")
    assert "views/home.py" in views
    rewrite(
        project / "views" / "home.py",
        drop="import func|import Note|count = ",
        change=(", count=count", ""),
    )
    home.write_text(
        '{% extends "base.html" %}\n{% block title %}{{ project }}{% endblock %}\n'
        "{% block content %}<h1>Mine</h1>{% endblock %}\n"
    )
    left = [path for path in project.rglob("*.*") if mentions_notes(path)]
    assert left == []
    is_green(project)


def rewrite(file: Path, *, drop: str, change: tuple[str, str] = ("", "")) -> None:
    """Delete the lines that match, and change the rest."""
    lines = [line for line in file.read_text().splitlines() if not re.search(drop, line)]
    file.write_text("\n".join(lines).replace(*change) + "\n")


def mentions_notes(path: Path) -> bool:
    return path.suffix in (".py", ".html") and bool(
        re.search(r"\bnotes?\b", path.read_text(), re.I) and "settings" not in path.name
    )
