"""`mtvgen check`, as a command of its own in a project."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.checks.seed_project import write_project
from tests.support.forked_commands import mtvgen


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path


PLACE = {"file": "templates/home.html", "line": 5, "column": 8, "end_line": 5, "end_column": 13}


def check(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return mtvgen("check", *options, cwd=root, env=os.environ)


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new, 1))


def test_a_site_whose_parts_fit_together(root):
    done = check(root)

    assert done.stdout == "Checked 13 routes, 13 views, 16 templates, 2 models: no problems.\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_each_problem_is_a_line_that_begins_with_its_place(root):
    edit(root / "templates/home.html", "{{ title }}", "{{ titel }}")
    edit(root / "views/notes.py", '("notes.index")', '("nots.index")')
    edit(root / "templates/about.html", "base.html", "bas.html")

    done = check(root)

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        (
            "templates/about.html:1:13: 'bas.html' not found. Did you mean 'base.html'? "
            "[templates.not-found]"
        ),
        (
            "templates/home.html:5:8: 'titel' is undefined: views/home.py:10 renders this with "
            "'title', 'crumbs', 'mode'. Did you mean 'title'? [views.missing-name]"
        ),
        (
            "views/notes.py:41:38: redirects to url_for('nots.index'): no route has that name. "
            "Did you mean 'notes.index'? [views.unknown-route]"
        ),
        "3 problems.",
    ]


def test_a_note_is_no_error(root):
    (root / "templates/old.html").write_text("<p>old</p>")

    done = check(root)

    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == (
        "templates/old.html:1:1: note: nothing renders this. [templates.unused]"
    )


def test_what_can_not_be_known_is_counted_and_listed_on_request(root):
    edit(root / "views/home.py", '"about.html"', 'request.path + ".html"')

    assert "1 call not checked: its template is computed." in check(root).stdout
    assert (
        "views/home.py:15:12: call not checked: its template is computed"
        in check(root, "--verbose").stdout
    )


def test_the_report_as_json(root):
    edit(root / "templates/home.html", "{{ title }}", "{{ titel }}")

    done, done_as_text = check(root, "--json"), check(root).stdout

    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["problems"] == [
        {
            "id": "views.missing-name",
            "severity": "error",
            "file": "templates/home.html",
            "line": 5,
            "column": 8,
            "end_line": 5,
            "end_column": 13,
            "message": "'titel' is undefined: views/home.py:10 renders this with "
            "'title', 'crumbs', 'mode'.",
            "hint": "Did you mean 'title'?",
            "fix": [PLACE | {"text": "title"}],
            "text": done_as_text.splitlines()[0],
        }
    ]
    assert report["checked"] == {"routes": 13, "views": 13, "templates": 16, "models": 2}
    assert report["unchecked"] == []


def test_it_never_makes_a_database(root):
    check(root)

    assert list(root.rglob("*.sqlite3")) == []


def test_a_database_that_lacks_a_migration(root):
    with closing(sqlite3.connect(root / "db.sqlite3")) as database:
        database.execute("CREATE TABLE other (id)")

    assert (
        "migrations/0001_first.py:1:1: The database lacks migration 0001_first. -> mtvgen migrate ["
        in check(root).stdout
    )


def test_a_cure_is_what_one_types(root):
    edit(root / "wsgi.py", "application = Application(", "site = Application(")

    said = check(root).stdout
    assert "wsgi.py:1:1: found 'site' but no 'application'. -> application = Application(u" in said


def test_what_is_wrong_in_the_file_of_settings_has_its_line_there(root):
    (root / ".env").write_text("# mine\nDEBUG=1\n")

    assert (
        ".env:2:1: DEBUG does not belong here: mtvgen runserver sets it. "
        "-> remove the line [project.settings]\n"
    ) in check(root).stdout


def test_a_file_of_settings_that_cannot_be_read_is_one_problem(root):
    (root / ".env").write_bytes(b"\xff\xfe")

    said = check(root, "--deploy").stdout
    assert ".env:1:1: can't be read: 'utf-8' codec can't decode" in said
    assert "-> save it as UTF-8 [project.settings]\n" in said
    assert "SECRET_KEY is not set" not in said


def test_there_has_to_be_a_project(tmp_path):
    done = check(tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: no project here: ")


def test_the_line_for_a_projects_tests(root):
    edit(root / "templates/home.html", "{{ title }}", "{{ titel }}")
    (root / "test_site.py").write_text(
        "from mtvgen.checks import assert_no_problems\n\n\n"
        "def test_the_parts_of_the_site_fit_together():\n    assert_no_problems()\n"
    )

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_site.py"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "E       templates/home.html:5:8: 'titel' is undefined" in done.stdout


def test_the_problems_as_a_list_as_often_as_one_asks(root):
    edit(root / "templates/home.html", "{{ title }}", "{{ titel }}")
    program = (
        "import mtvgen.checks\n"
        "first, second = mtvgen.checks.find_problems('.'), mtvgen.checks.find_problems('.')\n"
        "assert first == second\n"
        "print(*first, sep='\\n')\n"
    )

    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.startswith("templates/home.html:5:8: 'titel' is undefined")


def test_parts_that_are_links_to_another_place_are_the_projects_own(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for part in ("views", "models", "settings.py", "urls.py", "wsgi.py"):
        (root / part).rename(elsewhere / part)
        (root / part).symlink_to(elsewhere / part)

    done = check(root)

    assert done.stdout == "Checked 13 routes, 13 views, 16 templates, 2 models: no problems.\n"


def test_what_editors_leave_is_none_of_the_project(root):
    """Emacs' lock is a link to nowhere, macOS' companion of a file is not text."""
    before = check(root).stdout
    for file in ("views/home.py", "templates/base.html"):
        folder, name = (root / file).parent, (root / file).name
        (folder / f".#{name}").symlink_to("somebody@host.1234:1700000000")
        (folder / f"._{name}").write_bytes(b"\0\5\26\7")
        (folder / f"flycheck_{name}").write_text("{{ half", encoding="utf-8")
        (folder / f"{name}~").write_text("{{ old", encoding="utf-8")

    done = check(root)

    assert done.stdout == before
    assert before.endswith("no problems.\n")


def test_the_project_is_imported_once_and_before_the_checks_are(root):
    noting = (
        "import sys\n"
        "from pathlib import Path\n"
        "with Path('imports').open('a') as file:\n"
        "    file.write('late' if 'mtvgen.checks.run' in sys.modules else 'early')\n"
    )
    (root / "urls.py").write_text(noting + (root / "urls.py").read_text())

    command = [sys.executable, "-m", "mtvgen", "check"]  # not forked from one with its imports
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert done.stdout.endswith("no problems.\n"), done.stdout + done.stderr
    assert (root / "imports").read_text() == "early"
