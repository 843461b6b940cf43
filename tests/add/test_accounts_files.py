"""The files of accounts, placed by hand in a new project: its own tests hold, and ruff is quiet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.startproject.create import create_project

FILES = Path(__file__).parents[2] / "mtvgen" / "add" / "templates" / "accounts"

# What each file has, and what comes before it.
EDITS = {
    "models/__init__.py": [
        ("from settings", "from models.user import Guess, User\n"),
        ('"Note", "database"]', '"Guess", "User", '),
    ],
    "urls.py": [
        ("path\n", "include, "),
        ("home, notes", "accounts, "),
        ("]\n", '    include("", accounts.urlpatterns, name="accounts."),\n'),
    ],
    "wsgi.py": [
        (
            "from mtvgen.runtime.models",
            "from mtvgen.runtime.accounts import accounts, everybody\n",
        ),
        ("database\nfrom settings", "User, "),
        ("    ],\n    debug", "        accounts(User, access=everybody),\n"),
    ],
    "templates/base.html": [("    </nav>", '      {% include "accounts/nav.html" %}\n')],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A new project that has accounts."""
    root = tmp_path_factory.mktemp("accounts") / "site"
    create_project("site", root)
    for source in (file for file in FILES.rglob("*") if file.is_file()):
        target = root / str(source.relative_to(FILES)).removesuffix("-tpl")
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
    for name, edits in EDITS.items():
        text = (root / name).read_text()
        for there, new in edits:
            assert there in text
            text = text.replace(there, new + there, 1)
        (root / name).write_text(text)
    for command in (["migrate"], ["makemigrations", "-m", "accounts"]):
        run(root, "mtvgen", *command)
    return root


def run(root, *command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_that_come_with_accounts_hold(project):
    run(project, "pytest", "-q", "-p", "no:cacheprovider", "tests/test_accounts.py")


def test_the_files_are_as_ruff_writes_them(project):
    files = ["views/accounts.py", "models/user.py", "tests/test_accounts.py"]
    run(project, "ruff", "check", "-q", "--no-cache", *files)
    run(project, "ruff", "format", "-q", "--check", "--no-cache", *files)
