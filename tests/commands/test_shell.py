"""mtvgen shell: the project at hand, nothing to import."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.forked_commands import mtvgen
from tests.support.live_site import environment, make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("shell"))
    command = ["mtvgen", "migrate"]
    subprocess.run(command, cwd=project, env=environment(project.parent), check=True)
    return project


def shell(project, source, **more):
    done = mtvgen("shell", cwd=project, env={**environment(project.parent), **more}, input=source)
    return done.returncode, done.stdout, done.stderr


def test_everything_is_at_hand(project):
    program = (
        'db.add(Note(text="Milk"))\n'
        "db.commit()\n"
        "def count():\n"
        "    return db.query(Note).count()\n"
        'page = client.get("/notes", base_url="http://localhost")\n'
        'print(count(), "Milk" in page.text, application.url_for("note", id=1))\n'
    )
    assert shell(project, program) == (0, "1 True /notes/1\n", "")


def test_what_is_not_committed_is_not_kept(project):
    shell(project, 'db.add(Note(text="Bread")); db.flush()')
    said = shell(project, 'print(db.query(Note).filter_by(text="Bread").count())')[1]
    assert said == "0\n"


def test_a_prompt_that_reads_keeps_no_writer_waiting(project):
    program = (
        "db.query(Note).all()\n"
        "from models import database\n"
        "with database.session() as other:\n"
        '    other.add(Note(text="Eggs"))\n'
        'print("written")\n'
    )
    assert shell(project, program)[1] == "written\n"


@pytest.mark.parametrize(
    ("program", "code", "last"),
    [
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("def (", 1, "SyntaxError: invalid syntax"),
        ("raise SystemExit(7)", 7, ""),
    ],
)
def test_an_exception_shows_the_users_lines_alone(project, program, code, last):
    returned, _, wrong = shell(project, program)
    assert returned == code
    assert wrong.rstrip().endswith(last)
    assert "mtvgen" not in wrong


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_at_a_terminal_it_greets_and_prompts(project):
    import pty

    parent, child = pty.openpty()
    process = subprocess.Popen(
        ["mtvgen", "shell"],
        cwd=project,
        env={**environment(project.parent), "TERM": "dumb"},
        stdin=child,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(child)
    os.write(parent, b"6 * 7\n\x04")  # Ctrl-D
    said = process.communicate(timeout=60)[0]
    os.close(parent)
    assert "with application, client, db, Note. db.commit() saves what you write." in said
    assert "42" in said
    assert process.returncode == 0
