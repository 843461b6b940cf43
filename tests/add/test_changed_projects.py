"""Accounts in projects that their owners have changed: what is found, and what is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.add.accounts import accounts
from mtvgen.add.add import add_to_project
from mtvgen.add.addition import Addition, Plan, plan_addition
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.errors import MtvgenError
from mtvgen.startproject.create import create_project
from tests.support.trees import tree

slow = pytest.mark.skipif("MTVGEN_FULL" not in os.environ, reason="takes a while: MTVGEN_FULL=1")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project that nobody changes."""
    root = tmp_path_factory.mktemp("fresh") / "site"
    create_project("site", str(root))
    return root


@pytest.fixture
def root(fresh: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fresh, tmp_path / "site"))


def planned(root: Path) -> Plan:
    """What would be changed; nothing is."""
    before = tree(root)
    try:
        return plan_addition(root, accounts(root))
    finally:
        assert tree(root) == before


def refusal(root: Path) -> str:
    with pytest.raises(MtvgenError) as caught:
        planned(root)
    return str(caught.value)


def written(plan: Plan, file: str) -> str:
    return next(move.content for move in plan.moves if move.file == file).decode()


def change(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text("utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new), "utf-8")


def rename_in_templates(root: Path, old: str, new: str) -> None:
    for file in (root / "templates").rglob("*.html"):
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


# Files that are in the way.


@pytest.mark.parametrize("file", ["models/user.py", "views/accounts.py", "tests/test_accounts.py"])
def test_a_file_of_that_name_is_never_overwritten(root, file):
    (root / file).write_text("mine = 1\n")

    keep = "; or keep it: mtvgen docs add" if file == "models/user.py" else ""
    assert refusal(root) == (
        f"{file} already exists. Nothing was written. "
        f"-> rename yours, then type the same command again{keep}"
    )


@pytest.mark.parametrize(
    ("source", "conflict"),
    [
        ("class User(Model):\n    __tablename__ = 'person'\n", "1: the project has a class User"),
        (
            "class Person(Model):\n    __tablename__ = 'user'\n",
            "2: the project has a table user",
        ),
        ("\nclass Guess:\n    pass\n", "2: the project has a class Guess"),
    ],
)
@pytest.mark.parametrize("file", ["models/person.py", "models/__init__.py"])
def test_a_model_of_that_name_is_named_with_its_line(root, file, source, conflict):
    (root / file).write_text(source)

    assert refusal(root).startswith(f"models/{Path(file).name}:{conflict} already. Nothing")
    assert "-> rename yours, then type the same command again; or keep it" in refusal(root)


def test_models_in_one_file_are_to_become_a_folder(root):
    shutil.rmtree(root / "models")
    (root / "models.py").write_text("database = 1\n")

    assert refusal(root) == (
        "models.py is a file, and models/user.py needs a folder of that name. Nothing was written."
        " -> mkdir models && mv models.py models/__init__.py, then type the same command again"
    )


def test_a_package_would_hide_a_module_of_its_name(root):
    (root / "views/accounts").mkdir()

    assert refusal(root).startswith("views/accounts/ already exists. Nothing was written. -> re")


# Layouts.


def test_a_layout_with_another_name_and_another_block_is_extended(root):
    (root / "templates/base.html").rename(root / "templates/site.html")
    rename_in_templates(root, "base.html", "site.html")
    rename_in_templates(root, "block content", "block main")
    plan = planned(root)

    page = written(plan, "templates/accounts/log_in.html")
    assert page.startswith('{% extends "site.html" %}\n\n{% block title %}Log in{% endblock %}\n\n')
    assert "{% block main %}\n<h1>Log in</h1>" in page
    assert '{% include "accounts/nav.html" %}' in written(plan, "templates/site.html")


def test_a_layout_without_a_title_gets_none(root):
    change(root, "templates/base.html", "{% block title %}{% endblock %}", "My site")

    page = written(planned(root), "templates/accounts/log_in.html")
    assert page.startswith('{% extends "base.html" %}\n\n{% block content %}\n')


def test_without_a_navigation_the_line_is_printed_and_the_rest_is_added(root):
    rename_in_templates(root, "nav", "div")

    (unplaced,) = planned(root).unplaced
    assert str(unplaced) == (
        "templates/base.html: it has no <nav>. "
        'Add where your layout has its navigation: {% include "accounts/nav.html" %}'
    )


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (
            lambda root: shutil.rmtree(root / "templates"),
            "templates/base.html is missing, and no page extends another layout. Nothing was writt",
        ),
        (
            lambda root: rename_in_templates(root, "block", "blok"),
            "templates/base.html has no block for what a page shows. Nothing was written. -> write",
        ),
    ],
)
def test_a_site_without_a_layout_is_asked_for_one(root, spoil, expected):
    spoil(root)

    assert refusal(root).startswith(expected)


# Python files as people write them.


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"    ", b"\t"),
        lambda text: text.replace(b"],\n", b"],  # noqa: ERA001\n").replace(b"]\n", b"]  # end\n"),
    ],
    ids=["CRLF", "byte order mark", "tabs", "comments"],
)
def test_all_but_what_is_added_stays_as_it_is(root, rewrite):
    files = ["models/__init__.py", "wsgi.py", "urls.py", "tests/conftest.py", "templates/base.html"]
    for file in files:
        (root / file).write_bytes(rewrite((root / file).read_bytes()))
    plan = planned(root)

    assert plan.unplaced == ()
    for move in plan.moves[-len(files) :]:
        kept = [line for line in move.before.splitlines(keepends=True) if line in move.content]
        changed = [b"import", b"__all__", b"def client"]
        lost = set(move.before.splitlines(keepends=True)) - set(kept)
        assert all(any(word in line for word in changed) for line in lost), lost
        if b"\r\n" in move.before:
            assert move.content.count(b"\n") == move.content.count(b"\r\n")


def test_middleware_that_is_made_elsewhere_is_to_be_typed_and_then_it_goes_on(root):
    change(root, "wsgi.py", "middleware=[", "middleware=layers, _unused=[")
    change(root, "wsgi.py", "from urls", "from layers import layers\nfrom urls")
    line = "accounts(User, access=signed_in)"

    assert refusal(root) == (
        "the place of 1 line was not found.\n"
        "wsgi.py: the list of middleware is not written out in it. "
        f"Add to the list of middleware, below signed_sessions(...): {line}\n"
        "Nothing was written. -> type what is listed above, then the same command again"
    )

    (root / "layers.py").write_text(
        f"from mtvgen.runtime.accounts import accounts, signed_in\nlayers = [{line}]\n"
    )
    assert "wsgi.py" not in [move.file for move in planned(root).moves]


def test_a_file_that_is_a_link_is_not_followed_and_a_line_typed_there_is_seen(root, tmp_path):
    (root / "urls.py").rename(tmp_path / "shared.py")
    (root / "urls.py").symlink_to(tmp_path / "shared.py")

    assert "urls.py: it is a link, which is not followed. Add at the end of" in refusal(root)

    change(root, "urls.py", "from views import home", "from views import accounts, home")
    assert "urls.py" not in [move.file for move in planned(root).moves]


# Tests of a project.


def test_without_tests_a_project_gets_the_fixtures_of_a_new_one(root):
    shutil.rmtree(root / "tests")

    conftest = written(planned(root), "tests/conftest.py")
    assert "def visitor(databases: FreshDatabases) -> Iterator[Client]:\n" in conftest
    assert "def client(visitor: Client) -> Client:\n" in conftest


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("def client(", "def browser(", "it has no fixture 'client' that is made for each test"),
        (
            "@pytest.fixture\ndef client(",
            '@pytest.fixture(scope="session")\ndef client(',
            "it has no fixture 'client' that is made for each test",
        ),
        (
            "@pytest.fixture\ndef client(",
            "def visitor(): ...\n\n\n@pytest.fixture\ndef client(",
            "it has a fixture 'visitor' already",
        ),
    ],
)
def test_fixtures_that_are_others_are_left_alone_and_the_new_tests_out(root, old, new, reason):
    change(root, "tests/conftest.py", old, new)
    plan = planned(root)

    (unplaced,) = plan.unplaced
    assert str(unplaced).startswith(f"tests/conftest.py: {reason}. Add for tests of pages that")
    assert str(unplaced).endswith("Without it, tests/test_accounts.py is left out.")
    assert "tests/test_accounts.py" not in plan.new
    assert plan.tests == ()


def test_fixtures_at_the_top_of_the_project_are_found(root):
    (root / "tests/conftest.py").rename(root / "conftest.py")

    assert "def visitor(" in written(planned(root), "conftest.py")


# The disk.


@pytest.mark.parametrize("folder", ["views", "templates"])
def test_a_folder_that_is_a_link_is_not_followed(root, tmp_path, folder):
    (root / folder).rename(tmp_path / folder)
    (root / folder).symlink_to(tmp_path / folder)

    assert refusal(root) == (
        f"{folder} is a link, which is not followed. Nothing was written. "
        "-> put the folder itself there, then type the same command again"
    )


def test_another_process_at_work_is_waited_for(root):
    before = tree(root)
    with OpenDirectory.at(root) as other:
        assert other.lock()
        with pytest.raises(MtvgenError, match=r"^another process adds .* -> wait"):
            add_to_project(root, UNPROVED, with_own_tests=False)
    assert tree(root) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_may_not_be_written_is_named(root):
    root.chmod(0o555)
    try:
        with pytest.raises(MtvgenError, match=r"^site: Permission denied. Nothing .* -> let your"):
            add_to_project(root, UNPROVED)
    finally:
        root.chmod(0o755)


# Nothing of it needs a look at the whole project.
UNPROVED = Addition("notes", {"notes.txt": b"notes\n"})


# Problems and tests that fail.


def test_a_project_that_cannot_be_loaded_is_told_why_and_that_it_was_so_before(root):
    (root / "models/book.py").write_text(
        "from mtvgen.runtime.models import Model\n\n\nclass Book(Model):\n    pass\n"
    )
    change(
        root,
        "models/__init__.py",
        "from models.note",
        "from models.book import Book\nfrom models.note",
    )

    with pytest.raises(MtvgenError) as caught:
        add_to_project(root, accounts(root))
    first, problem, last = str(caught.value).splitlines()
    assert first == "without the addition, mtvgen check finds 1 problem already."
    assert problem.startswith("models/book.py:4:")
    assert last.startswith("Nothing was written. -> change what it names, then type the same com")


@slow
def test_an_address_that_the_project_has_already_is_named(root):
    change(root, "urls.py", 'path("/",', 'path("/login", home.index, name="login"),\n    path("/",')

    with pytest.raises(MtvgenError) as caught:
        add_to_project(root, accounts(root))
    lines = str(caught.value).splitlines()
    assert lines[0] == "with the addition mtvgen check finds 1 problem."
    assert "GET /login is already urls.py:8 (login)" in lines[1]


@slow
def test_tests_that_fail_now_keep_it_out_and_those_that_failed_before_do_not(root):
    shutil.rmtree(root / "tests")
    (root / "tests").mkdir()
    (root / "tests/test_site.py").write_text(TESTS)

    with pytest.raises(MtvgenError) as caught:
        add_to_project(root, UNPROVED)
    assert str(caught.value) == (
        "with the addition 1 test failed.\ntests/test_site.py::test_there_are_no_notes\n"
        "Nothing was written. "
        "-> add it without running your own tests (--no-tests), and change them then"
    )


TESTS = """\
from pathlib import Path


def test_that_has_always_failed():
    assert False


def test_there_are_no_notes():
    assert not Path("notes.txt").exists()
"""


# Another database.


@slow
def test_the_tables_of_a_server_are_compared_with_the_models(root, postgresql_url):
    with (root / ".env").open("a") as file:
        file.write(f"DATABASE_URL={postgresql_url}\n")

    with pytest.raises(MtvgenError) as caught:
        add_to_project(root, accounts(root), with_own_tests=False)
    assert str(caught.value).endswith(
        "lacks migration 0001_notes. Nothing was written. -> mtvgen migrate"
    )

    migrate = [sys.executable, "-m", "mtvgen", "migrate"]
    subprocess.run(migrate, cwd=root, check=True, capture_output=True)
    plan = add_to_project(root, accounts(root), with_own_tests=False)
    assert "migrations/0002_accounts.py" in plan.new
    assert plan.is_tested
    subprocess.run(migrate, cwd=root, check=True, capture_output=True)
