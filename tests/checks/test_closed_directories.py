"""A directory that this user can't read is left out, and reported where it matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.seed_project import write_project

NOBODY = 65534
pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path.resolve()


def close(directory: Path, mode: int = 0) -> None:
    """A directory of somebody else's, with a template and a module that nobody can check."""
    directory.mkdir()
    (directory / "page.html").write_text("{{ nobody_passes_this }}")
    (directory / "code.py").write_text("def (")
    if os.geteuid() == 0:
        os.chown(directory, NOBODY, NOBODY)
    directory.chmod(mode)


# Root may read everything: before the command starts, it gives up the two capabilities that let
# it (capabilities(7)), and keeps the others, so that its own interpreter can still be read.
WITHOUT_RIGHTS = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
if os.geteuid() == 0:
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", "mtvgen", *sys.argv[1:]])
"""


def check(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`mtvgen check` as a user who is not root."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_RIGHTS, "check", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        ("pgdata", 0o000),
        ("static/private", 0o000),
        ("templates/private", 0o444),  # its names can be listed, and its files not be asked for
        ("views/own", 0o444),
        ("views/own", 0o111),
    ],
)
def test_a_closed_directory_is_no_problem(root, place, mode):
    close(root / place, mode)

    result = check(root)
    assert "This is a bug" not in result.stdout + result.stderr
    assert "nothing renders this" not in result.stdout
    assert "1 directory not checked: this user can't read it." in result.stdout
    assert result.stdout.splitlines()[-1].endswith(": no problems."), result
    assert result.returncode == 0


def test_it_is_named_where_one_asks_for_what_was_left_alone(root):
    close(root / "pgdata")

    assert (
        "pgdata/:1:1: directory not checked: this user can't read it"
        in check(root, "--verbose").stdout.splitlines()
    )
    (unchecked,) = json.loads(check(root, "--json").stdout)["unchecked"]
    assert (unchecked["file"], unchecked["line"]) == ("pgdata/", 1)
    assert (unchecked["what"], unchecked["why"]) == ("directory", "this user can't read it")


def test_a_template_in_it_that_a_view_renders_is_a_problem(root):
    close(root / "templates/private")
    view = root / "views/home.py"
    view.write_text(view.read_text().replace('"about.html"', '"private/page.html"'))

    result = check(root)
    assert "templates/private/page.html:1:1: can't be read: Permission denied." in result.stdout
    assert result.returncode == 1


def test_a_static_file_in_it_is_not_found(root):
    close(root / "static/private")
    (root / "templates/about.html").write_text('{{ static("private/logo.png") }}')

    result = check(root)
    assert "static('private/logo.png'): no such file in static/." in result.stdout
    assert result.returncode == 1
