"""makemigrations and migrate, typed in a generated project."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import forked_commands
from tests.support.live_site import environment, make_project


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("fresh"))


@pytest.fixture
def project(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / fresh.name)


@pytest.fixture
def mtvgen(project):
    """Types a command in the project; gives its exit code, what it said, and what went wrong."""

    def typed(*arguments, **more):
        done = forked_commands.mtvgen(
            *arguments, cwd=project, env={**environment(project.parent), **more}
        )
        return done.returncode, done.stdout, done.stderr

    return typed


def add_column(project, line):
    note = project / "models" / "note.py"
    note.write_text(note.read_text().rstrip() + f"\n    {line}\n")


def test_a_model_that_no_import_brings_is_named_where_nothing_has_changed(project, mtvgen):
    mtvgen("migrate")
    (project / "models" / "tag.py").write_text(
        "from mtvgen.runtime.models import Model\n"
        "from sqlalchemy.orm import Mapped, mapped_column\n"
        "class Tag(Model):\n    __tablename__ = 'tag'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    )
    why = "models/__init__.py does not import models/tag.py."
    cure = "-> add there: from models.tag import Tag"
    assert mtvgen("makemigrations") == (0, "No changes.\n", f"{why} {cure}\n")


def test_a_column_from_the_model_to_the_table(project, mtvgen):
    assert mtvgen("migrate") == (
        0,
        "0001_notes  applied\nThe database is now at 0001_notes, the newest.\n",
        "",
    )
    assert mtvgen("makemigrations") == (0, "No changes.\n", "")
    add_column(project, 'title: Mapped[str] = mapped_column(server_default="")')
    assert mtvgen("makemigrations", "-m", "add a title") == (
        0,
        "Wrote migrations/0002_add_a_title.py\n  add note.title\nNext: mtvgen migrate\n",
        "",
    )
    code, sql, _ = mtvgen("migrate", "--sql")
    assert code == 0
    assert "ALTER TABLE note ADD COLUMN title" in sql
    assert mtvgen("migrate")[1].startswith("0002_add_a_title  applied\n")
    with closing(sqlite3.connect(project / "db.sqlite3")) as connection:
        connection.execute("SELECT title FROM note")
    assert mtvgen("migrate", "0001") == (
        0,
        "0002_add_a_title  undone\nThe database is now at 0001_notes.\n",
        "",
    )
    assert mtvgen("migrate", "base")[1].endswith("is now before the first migration.\n")


def test_what_may_be_lost_is_warned_of(project, mtvgen):
    mtvgen("migrate")
    with closing(sqlite3.connect(project / "db.sqlite3")) as connection:
        connection.execute("INSERT INTO note (text) VALUES ('Milk')")
        connection.commit()
    note = project / "models" / "note.py"
    note.write_text(note.read_text().replace("text: Mapped[str]", "words: Mapped[str | None]"))
    code, said, warned = mtvgen("makemigrations")
    assert (code, said.splitlines()[0]) == (0, "Wrote migrations/0002_words_and_more.py")
    assert warned.startswith("Warning: is note.text now called words? Then delete")
    assert "\nWarning: drops note.text, which holds data in 1 row.\n" in warned


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (
            ["migrate", "0009"],
            r"Error: No migration '0009'\. Known: 0001_notes\. -> name one .+ newest\n",
        ),
        (["migrate", "0001_note"], None),
        (["makemigrations", "extra"], r"Error: Got unexpected extra argument.+--help\n"),
    ],
)
def test_a_revision_that_does_not_exist(mtvgen, command, error):
    code, _, said = mtvgen(*command)
    assert code == (0 if error is None else 2 if "extra" in command else 1)
    assert re.fullmatch(error or "", said)


def test_a_project_without_tables_is_told_to_write_one(project, mtvgen):
    shutil.rmtree(project / "migrations")
    (project / "models" / "__init__.py").write_text(
        "from mtvgen.runtime.models import Database\n\n"
        "from settings import settings\n\ndatabase = Database(settings.database_url)\n"
    )
    _, said, _ = mtvgen("migrate")
    assert said == (
        "There are no migrations yet. -> write a class in models/, then mtvgen makemigrations\n"
    )


BROKEN = {
    "two heads": (
        "0002_b",
        'revision = "0002_b"\ndown_revision = None\n',
        r"Error: 0001_notes and 0002_b both come last\. -> in migrations/0002_b\.py:2 write ",
    ),
    "a syntax error": (
        "0002_b",
        "def upgrade(:\n",
        r"Error: migrations/0002_b\.py:1: SyntaxError: invalid syntax\. -> fix it\n",
    ),
    "an exception": (
        "0002_b",
        'revision = "0002_b"\ndown_revision = "0001_notes"\ndef upgrade():\n    1 / 0\n',
        r"Error: migrations/0002_b\.py:4: ZeroDivisionError: division by zero\. Nothing was",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_migration_is_one_line(project, mtvgen, case):
    name, source, error = BROKEN[case]
    (project / "migrations" / f"{name}.py").write_text(source)
    code, said, wrong = mtvgen("migrate")
    assert (code, said) == (1, "")
    assert re.match(error, wrong)
    assert wrong.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("nonsense", r"'nonsense' is not a database URL\. -> sqlite:///db\.sqlite3, or postgresql"),
        ("mysql://u:secret@host/x", r"'mysql' is not supported"),
        (
            "postgresql://u:secret@127.0.0.1:1/x",
            r"postgresql x at 127\.0\.0\.1:1 does not answer: Connection refused\. -> start it",
        ),
        ("sqlite:////nowhere/at/all/db.sqlite3", r"sqlite /nowhere/.+ can't be opened\. -> make"),
    ],
)
def test_a_database_that_can_not_be_used_is_one_line(mtvgen, url, error):
    code, _, wrong = mtvgen("migrate", DATABASE_URL=url)
    assert code == 1
    assert re.match(f"Error: {error}", wrong), wrong
    assert wrong.count("\n") == 1
    assert "secret" not in wrong


def test_check_says_why_a_database_can_not_be_reached(mtvgen):
    code, said, wrong = mtvgen("check", DATABASE_URL="postgresql://u:secret@127.0.0.1:1/x")
    assert (code, wrong) == (0, "")
    assert said.startswith(
        "1 database not checked: postgresql x at 127.0.0.1:1 does not answer: Connection refused "
        "-> start it, or correct DATABASE_URL.\n"
    )


def test_models_that_can_not_be_imported_show_the_users_lines(project, mtvgen):
    (project / "models" / "note.py").write_text("import nowhere\n")
    code, _, wrong = mtvgen("migrate")
    assert code == 1
    assert "models/note.py" in wrong
    assert "No module named 'nowhere'" in wrong
    assert "mtvgen/" not in wrong


def test_a_broken_view_keeps_no_database_from_being_migrated(project, mtvgen):
    (project / "views" / "home.py").write_text("def index(:\n")
    assert mtvgen("migrate")[0] == 0


def test_models_without_a_database_name_the_line(project, mtvgen):
    (project / "models" / "__init__.py").write_text("")
    code, _, wrong = mtvgen("migrate")
    assert code == 1
    assert wrong == (
        "Error: models/__init__.py has no 'database'. "
        "-> database = Database(settings.database_url)\n"
    )


def test_the_same_project_moves_to_postgresql_by_its_url_alone(project, mtvgen, postgresql_url):
    assert mtvgen("migrate", DATABASE_URL=postgresql_url)[0] == 0
    assert mtvgen("makemigrations", DATABASE_URL=postgresql_url)[1] == "No changes.\n"
    assert not (project / "db.sqlite3").exists()


def test_outside_a_project_there_is_nothing_to_migrate(tmp_path):
    for command in ("migrate", "makemigrations", "shell"):
        done = subprocess.run(
            ["mtvgen", command],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert done.stderr.startswith("Error: no project here")


@pytest.mark.parametrize("name", ["what?", "feature%2Flogin", "C# 中文"])
def test_two_projects_below_one_directory_have_two_databases(fresh, tmp_path, name):
    for site in ("first", "second"):
        project = shutil.copytree(fresh, tmp_path / name / site)
        done = subprocess.run(
            ["mtvgen", "migrate"],
            cwd=project,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
        )
        assert done.stdout.startswith("0001_notes  applied\n"), done.stderr
    files = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*.sqlite3"))
    assert files == [Path(name, site, "db.sqlite3") for site in ("first", "second")]


def with_notes(project, mtvgen, *texts):
    mtvgen("migrate")
    with closing(sqlite3.connect(project / "db.sqlite3")) as connection:
        connection.executemany("INSERT INTO note (text) VALUES (?)", [(text,) for text in texts])
        connection.commit()


def test_what_would_be_lost_is_counted_and_needs_a_yes(project, mtvgen):
    with_notes(project, mtvgen, "Milk", "Bread")
    code, said, wrong = mtvgen("migrate", "base")
    assert (code, said) == (1, "")
    assert re.fullmatch(
        r"migrations/0001_notes\.py:\d+: drops table note with its 2 rows\.\n"
        r"Error: That would be lost\. Nothing was changed\. -> mtvgen migrate --yes\n",
        wrong,
    )
    code, said, told = mtvgen("migrate", "base", "--yes")
    assert (code, said.splitlines()[0]) == (0, "0001_notes  undone")
    assert told.splitlines()[1] == "The database as it was: db.sqlite3.before-0001"
    with closing(sqlite3.connect(project / "db.sqlite3.before-0001")) as connection:
        assert connection.execute("SELECT count(*) FROM note").fetchone() == (2,)


def test_a_rename_keeps_what_was_written_there_and_back(project, mtvgen):
    with_notes(project, mtvgen, "Milk")
    note = project / "models" / "note.py"
    note.write_text(note.read_text().replace("text: Mapped", "body: Mapped"))
    _, said, warned = mtvgen("makemigrations")
    assert "mtvgen makemigrations --rename note.text:body\n" in warned
    (project / said.split()[1]).unlink()
    _, said, warned = mtvgen("makemigrations", "--rename", "note.text:body")
    assert (said.splitlines()[1], warned) == ("  rename note.text to body", "")
    for revision, column in (("head", "body"), ("0001", "text"), ("head", "body")):
        assert mtvgen("migrate", revision)[0] == 0
        with closing(sqlite3.connect(project / "db.sqlite3")) as connection:
            assert connection.execute(f"SELECT {column} FROM note").fetchall() == [("Milk",)]
    assert mtvgen("makemigrations") == (0, "No changes.\n", "")


def test_the_status_and_the_sql_of_nothing(project, mtvgen):
    assert mtvgen("migrate", "--status")[1].startswith("0001_notes  not applied\n")
    mtvgen("migrate")
    assert mtvgen("migrate", "--status") == (
        0,
        "0001_notes  applied\nThe database is at 0001_notes, the newest.\n",
        "",
    )
    nothing = "-- Nothing to do: the database is at 0001_notes.\n"
    assert mtvgen("migrate", "--sql") == (0, nothing, "")
    assert mtvgen("migrate", "--sql", "--status")[0] == 2


def test_a_database_that_has_its_tables_is_adopted(project, mtvgen):
    mtvgen("migrate")
    with closing(sqlite3.connect(project / "db.sqlite3")) as connection:
        connection.execute("DROP TABLE alembic_version")
    code, _, wrong = mtvgen("migrate")
    assert code == 1
    assert "creates table note, which already exists" in wrong
    assert mtvgen("migrate", "--adopt", "0001") == (
        0,
        "The database is now at 0001_notes, the newest.\n",
        "",
    )


def test_a_datetime_that_becomes_a_moment_compares_as_one(project, mtvgen):
    note = project / "models" / "note.py"
    usual = note.read_text()
    column = "created: Mapped[datetime] = mapped_column(server_default=func.now())"
    assert column in usual
    (project / "db.sqlite3").unlink(missing_ok=True)
    (project / "migrations" / "0001_notes.py").unlink()
    wall = column.replace("mapped_column(", "mapped_column(DateTime(), ")
    note.write_text(usual.replace(column, wall).replace("import func", "import DateTime, func"))
    mtvgen("makemigrations", "-m", "notes")
    mtvgen("migrate")
    with closing(sqlite3.connect(project / "db.sqlite3")) as connection:
        connection.execute(
            "INSERT INTO note (text, created) VALUES ('x', '2026-01-02 12:00:00.000000')"
        )
        connection.commit()
    note.write_text(usual)
    mtvgen("makemigrations", "-m", "moments")
    mtvgen("migrate", "--yes")
    with closing(sqlite3.connect(project / "db.sqlite3")) as connection:
        rows = connection.execute("SELECT created FROM note").fetchall()
    assert rows == [("2026-01-02 12:00:00",)]
    assert mtvgen("makemigrations")[1] == "No changes.\n"
