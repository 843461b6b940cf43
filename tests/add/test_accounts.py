"""`mtvgen add accounts` in a new project: it is proved, and so are the files that it writes."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

from mtvgen.add.accounts import accounts
from mtvgen.add.add import add_to_project
from mtvgen.add.addition import plan_addition
from mtvgen.add.moving import Move, move_in
from mtvgen.cli import mtvgen as group
from mtvgen.errors import MtvgenError
from mtvgen.runtime.migrations import migrate_if_missing
from mtvgen.runtime.testing import Client
from mtvgen.startproject.create import create_project
from tests.support.striking import Fault, in_a_child
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

NEW = [
    "migrations/0002_accounts.py",
    "models/user.py",
    *(f"templates/accounts/{name}.html" for name in ("choose_password", "dead_link", "delete")),
    *(f"templates/accounts/{name}.html" for name in ("forgotten", "log_in", "me", "nav")),
    *(f"templates/accounts/{name}.html" for name in ("password", "sent", "sign_up")),
    "tests/test_accounts.py",
    "views/accounts.py",
]
EDITED = ["models/__init__.py", "templates/base.html", "tests/conftest.py", "urls.py", "wsgi.py"]

# GET / and GET /login by a visitor.
AS_BEFORE = (200, 404)
WITH_ACCOUNTS = (200, 200)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A new project that nobody changes, with a database elsewhere, which a copy has as well."""
    root = tmp_path_factory.mktemp("fresh") / "site"
    create_project("site", str(root))
    with (root / ".env").open("a") as file:
        file.write(f"DATABASE_URL=sqlite:///{root.parent}/site.sqlite3\n")
    assert answers_of(root) == AS_BEFORE
    return root


@pytest.fixture(scope="module")
def added(fresh, tmp_path_factory):
    """A new project that has got accounts, and what the command has printed."""
    root = Path(shutil.copytree(fresh, tmp_path_factory.mktemp("added") / "site"))
    done = mtvgen(root, "add", "accounts")
    assert (done.exit_code, done.stderr) == (0, "")
    return root, done.stdout


def mtvgen(root, *arguments):
    """Run the command in this process."""
    with contextlib.chdir(root):
        return CliRunner().invoke(group, arguments)


def test_a_new_project_gets_accounts_and_is_proved_by_its_own_tests_too(added, fresh):
    root, printed = added
    before, after = tree(fresh), tree(root)

    new = sorted(name for name in after.keys() - before.keys() if (root / name).is_file())
    assert new == sorted(NEW)
    assert sorted(name for name in before if after[name] != before[name]) == EDITED
    assert printed.startswith("Added accounts (14 new files, 5 edited files)\n\n")
    assert "\n  urls.py:3, 5, 12\n" in printed


def test_it_says_which_routes_are_closed_and_how_to_open_one(added):
    _, printed = added

    closed = re.search(r"^Visitors have to log in for: (.*)$", printed, re.M)
    assert closed[1] == "/, /notes, /notes/<int:id>"
    assert '  path("/", home.index, access=everybody),\n' in printed
    assert printed.endswith("\nNext:\n  mtvgen migrate\n  mtvgen runserver, and open /sign-up\n")


def test_the_page_of_the_manual_shows_what_is_printed(added):
    """Word by word, but for what it leaves out where it has `...`."""
    page = (Path(__file__).parents[2] / "docs/add.md").read_text("utf-8")
    shown = re.search(r"```text\n(Added accounts .*?)```", page, re.S)[1]

    pattern = ".*".join(map(re.escape, shown.split("...\n")))
    assert re.fullmatch(pattern, added[1], re.S)


def test_once_more_it_says_that_it_is_there_and_changes_nothing(added):
    root, _ = added
    before = tree(root)
    done = mtvgen(root, "add", "accounts")

    assert done.stdout == "This project has accounts already. Nothing was written.\n"
    assert tree(root) == before


def test_a_dry_run_shows_the_files_and_the_differences(fresh):
    before = tree(fresh)
    done = mtvgen(fresh, "add", "accounts", "--dry-run")

    assert done.stdout.startswith("migrations/0002_accounts.py\nmodels/user.py\n")
    assert "--- a/wsgi.py\n+++ b/wsgi.py\n" in done.stdout
    assert "\n+        accounts(User, access=signed_in),\n" in done.stdout
    assert done.stdout.endswith("\n14 new files, 5 edited files. Nothing was written.\n")
    assert tree(fresh) == before


@pytest.fixture(scope="module")
def asked(added, tmp_path_factory):
    """What the site has done and answered, by page and address."""
    script = Path(__file__).with_name("work_of_accounts.py")
    command = [sys.executable, script, tmp_path_factory.mktemp("work") / "site.sqlite3"]
    done = subprocess.run(command, cwd=added[0], capture_output=True, text=True, check=True)
    return {(page, name): both for page, name, *both in json.loads(done.stdout)}


def test_enumeration_by_answer_no_page_says_who_has_an_account(asked):
    for page in ("/login", "/forgotten", "/sign-up"):
        known, unconfirmed, unknown = (
            asked[page, name][1] for name in ("known", "unconfirmed", "unknown")
        )
        assert known == unknown == unconfirmed, page
        assert known[0] == (422 if page == "/login" else 200)


def test_enumeration_by_time_the_same_work_is_done_for_every_address(asked):
    """At the login, at a reset and at a sign-up: statements, writes, hashes, mails."""
    work = {place: kinds for place, (kinds, _) in asked.items()}
    for page in ("/login", "/forgotten", "/sign-up"):
        assert work[page, "known"] == work[page, "unknown"] == work[page, "unconfirmed"], page
    assert work["/login", "unknown"].count("scrypt") == 1
    assert [work[page, "unknown"].count("mail") for page in ("/forgotten", "/sign-up")] == [1, 1]


def test_all_that_was_written_is_as_ruff_writes_it(added):
    root, _ = added
    files = [name for name in [*NEW, *EDITED] if name.endswith(".py")][1:]
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "-q", "--no-cache", *files]
        done = subprocess.run(ruff, cwd=root, capture_output=True, text=True)
        assert done.stdout + done.stderr == ""


def test_changes_of_the_user_s_own_that_no_migration_holds_keep_it_out(fresh, tmp_path):
    root = Path(shutil.copytree(fresh, tmp_path / "site"))
    with (root / "models/note.py").open("a") as file:
        file.write("    title: Mapped[str | None]\n")
    before = tree(root)

    with pytest.raises(MtvgenError) as caught:
        add_to_project(root, accounts(root))
    assert str(caught.value) == (
        "models/note.py has changes that no migration holds yet. Nothing was written. "
        "-> mtvgen makemigrations, then type the same command again"
    )
    assert tree(root) == before


@in_a_child
def test_killed_at_any_move_the_project_runs_and_the_same_command_finishes(added, fresh, tmp_path):
    plan = plan_addition(fresh, accounts(fresh))
    migration = Move(plan.migration, (added[0] / plan.migration).read_bytes())
    fault, answers = Fault({"os.link", "os.rename"}), []
    for number in itertools.count(1):
        root = Path(shutil.copytree(fresh, tmp_path / str(number) / "site"))
        if not killed_at(number, fault, lambda root=root: move_in(root, [migration, *plan.moves])):
            break
        if (root / EDITED[0]).read_bytes() != (fresh / EDITED[0]).read_bytes():
            answers.append(answers_of(root))
        move_in(root, [migration, *plan_addition(root, accounts(root)).moves])
        assert sources(root) == sources(added[0]), number
    assert list(dict.fromkeys(answers)) == [AS_BEFORE, WITH_ACCOUNTS]


def sources(root):
    """The tree without what Python compiles while a project is loaded."""
    return {name: entry for name, entry in tree(root).items() if "__pycache__" not in name}


def killed_at(number, fault, work):
    """Do something in a process that is killed at a step; return whether there was such a step."""
    child = os.fork()
    if not child:
        with fault.at(number, lambda: os._exit(9)):
            work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def answers_of(root):
    """Load a project in a process of its own, and return what a visitor is answered."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.environ |= {"SECRET_KEY": "for this test", "ALLOWED_HOSTS": "localhost"}
            sys.path.insert(0, str(root))
            database = importlib.import_module("models").database
            migrate_if_missing(database, root / "migrations")
            client = Client(importlib.import_module("wsgi").application)
            statuses = [client.get(page).status_code for page in ("/", "/login")]
            os.write(writing, json.dumps(statuses).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(1)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return tuple(json.load(pipe))
