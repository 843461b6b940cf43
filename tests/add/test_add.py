"""An addition to a real project: planned, proved, moved in; or nothing at all."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mtvgen.add.add import add_to_project
from mtvgen.add.addition import Addition, Edit
from mtvgen.add.project_edits import with_routes
from mtvgen.add.proof.copies import copied
from mtvgen.errors import MtvgenError, Stopped
from mtvgen.startproject.create import create_project
from tests.support.trees import tree

VIEWS = b'''"""Reports."""

from mtvgen.runtime import Request, Response, path, render


def index(request: Request) -> Response:
    """All reports."""
    return render(request, "reports/index.html", title="Reports")


urlpatterns = [path("/reports", index, name="index")]
'''
TEMPLATE = b'{% extends "base.html" %}\n{% block content %}{{ title }}{% endblock %}\n'
TEST = b"""from mtvgen.runtime.testing import Client


def test_the_reports_are_listed(client: Client) -> None:
    assert "Reports" in client.get("/reports").text
"""
LINE = 'include("", reports.urlpatterns, name="reports.")'
ROUTES = Edit(
    "urls.py", LINE, "at the end of urlpatterns", lambda data: with_routes(data, "reports")
)
REPORTS = Addition(
    "reports",
    {
        "views/reports.py": VIEWS,
        "templates/reports/index.html": TEMPLATE,
        "tests/test_reports.py": TEST,
    },
    (ROUTES,),
    ("tests/test_reports.py",),
)
# A run of pytest takes longer than all the rest.
UNTESTED = replace(REPORTS, tests=())


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project that nobody changes."""
    root = tmp_path_factory.mktemp("fresh") / "my site 网站"
    create_project("mysite", str(root))
    return root


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fresh, tmp_path / fresh.name))


def with_file(addition: Addition, name: str, content: bytes) -> Addition:
    return replace(addition, files={**addition.files, name: content})


def test_it_is_added_with_its_tests_and_the_project_s_own(project):
    before = tree(project)
    plan = add_to_project(project, REPORTS)

    after = tree(project)
    new = after.keys() - before.keys()
    assert new == {*REPORTS.files, "templates/reports"}
    assert [name for name in before if after[name] != before[name]] == ["urls.py"]
    assert set(plan.new) == set(REPORTS.files)
    assert list(plan.changed_lines()) == ["urls.py:3, 5, 12"]
    assert add_to_project(project, REPORTS).is_there
    assert tree(project) == after


def test_a_dry_run_shows_the_difference_and_writes_nothing(project):
    before = tree(project)
    plan = add_to_project(project, REPORTS, dry_run=True)

    assert f"+    {LINE}," in list(plan.diff())
    assert tree(project) == before


def test_what_mtvgen_check_finds_in_it_keeps_it_out(project):
    before = tree(project)
    wrong = with_file(REPORTS, "templates/reports/index.html", TEMPLATE.replace(b"title", b"titel"))

    with pytest.raises(MtvgenError, match=r"finds 1 problem.\n.*reports/index.html:2:.*'titel'"):
        add_to_project(project, wrong)
    assert tree(project) == before


def test_problems_that_the_project_has_already_do_not_keep_it_out(project):
    (project / "templates/home.html").write_text('{% extends "bse.html" %}')

    assert add_to_project(project, UNTESTED, with_own_tests=False).moves


def test_a_test_that_fails_keeps_it_out_and_is_named(project):
    wrong = with_file(
        REPORTS, "tests/test_reports.py", TEST.replace(b'"Reports" in', b'"Raports" in')
    )
    before = tree(project)

    with pytest.raises(MtvgenError) as caught:
        add_to_project(project, wrong, with_own_tests=False)
    assert "1 test failed.\ntests/test_reports.py::test_the_reports_are_listed\n" in str(
        caught.value
    )
    assert str(caught.value).endswith(
        "Nothing was written. -> change what they need, then type the same command again"
    )
    assert tree(project) == before


def test_a_file_of_the_user_s_own_stays_and_is_named(project):
    (project / "views/reports.py").write_text("mine = 1\n")
    before = tree(project)

    with pytest.raises(
        MtvgenError, match=r"^views/reports.py already exists. Nothing was written."
    ):
        add_to_project(project, REPORTS)
    assert tree(project) == before


def test_a_place_that_is_not_found_is_described_and_nothing_is_written(project):
    (project / "urls.py").rename(project / "routes.py")
    (project / "urls.py").write_text("from routes import *\n")
    before = tree(project)

    with pytest.raises(MtvgenError) as caught:
        add_to_project(project, REPORTS)
    assert f"Add at the end of urlpatterns: {LINE}\n" in str(caught.value)
    assert tree(project) == before


def test_what_its_owner_has_changed_since_is_there_all_the_same(project):
    add_to_project(project, UNTESTED, with_own_tests=False)
    (project / "views/reports.py").write_bytes(VIEWS + b"\n# mine\n")
    (project / "tests/test_reports.py").unlink()
    before = tree(project)

    assert add_to_project(project, UNTESTED).is_there
    assert tree(project) == before


def test_half_of_it_is_finished(project):
    """As a process leaves it that was killed: new files, which nothing names yet."""
    (project / "views/reports.py").write_bytes(VIEWS)

    plan = add_to_project(project, UNTESTED, with_own_tests=False)

    assert "views/reports.py" not in plan.new
    assert LINE in (project / "urls.py").read_text()


def test_a_signal_ends_the_tests_too_and_nothing_is_left(project):
    signalling = b"""import os, signal, time


def test_it_takes_long():
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(600)
"""
    before = tree(project)

    with pytest.raises(Stopped, match=r"^stopped by SIGTERM. Nothing was written.$"):
        add_to_project(
            project,
            with_file(REPORTS, "tests/test_reports.py", signalling),
            with_own_tests=False,
        )
    assert tree(project) == before


def test_the_copy_has_what_the_project_needs_and_no_more(project):
    """A large file is linked, and so is a directory from elsewhere."""
    (project / "static/film.mp4").touch()
    os.truncate(project / "static/film.mp4", 5_000_000)
    (project / "static/shared").symlink_to(project.parent)
    (project / "db.sqlite3").touch()
    (project / ".venv").mkdir()

    with copied(project, []) as copy:
        assert (copy / "static/film.mp4").resolve() == project / "static/film.mp4"
        assert (copy / "static/shared").resolve() == project.parent
        assert (copy / ".env").read_bytes() == (project / ".env").read_bytes()
        assert not (copy / "db.sqlite3").exists()
        assert not (copy / ".venv").exists()
    assert not list(project.glob(".mtvgen-*"))
