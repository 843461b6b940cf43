"""What docs/deployment.md has a machine or a container keep apart from the rest."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.support.pages import DOCS, examples

UNITS = [
    one.text
    for page in ("deployment.md", "howto/background-job.md")
    for one in examples(DOCS / page)
    if "[Service]" in one.text
]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.splitlines()[0].rpartition("/")[2])
def test_a_unit_for_systemd_has_no_word_that_systemd_does_not_know(unit, tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("not installed: apt-get install systemd")
    name = unit.splitlines()[0].rpartition("/")[2]
    # The programs are not on this machine; all else is as it is printed.
    (tmp_path / name).write_text(re.sub(r"/srv/mysite/\S+", "/bin/true", unit))
    done = subprocess.run(
        [program, "verify", tmp_path / name], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.splitlines()[0].rpartition("/")[2])
def test_a_broken_in_service_can_not_write_to_its_own_code(unit):
    settings = dict(
        line.split("=", 1) for line in unit.splitlines() if re.match(r"[A-Z]\w+=", line)
    )
    assert settings["ProtectSystem"] == "strict"
    assert settings["NoNewPrivileges"] == "yes"
    assert settings["StateDirectory"] == "mysite"
    assert "ReadWritePaths" not in settings


KEPT_OUT = [
    ".env", ".env.production", "deploy/.env", ".git/config", ".venv/bin/python", "db.sqlite3",
    "db.sqlite3-wal", "data/copy.sqlite3", "views/__pycache__/home.pyc", "uploads/photo.png",
]  # fmt: skip
TAKEN = [".env.example", "deploy/.env.example", "wsgi.py", "views/home.py", "static/style.css"]


@pytest.mark.parametrize("name", KEPT_OUT)
def test_secrets_and_data_stay_out_of_a_container(name):
    assert is_ignored(name)


@pytest.mark.parametrize("name", TAKEN)
def test_the_site_itself_goes_into_a_container(name):
    assert not is_ignored(name)


def is_ignored(name):
    """What Docker does with a path: the last line that matches it, or a folder above, decides."""
    (text,) = [one.text for one in examples(DOCS / "deployment.md") if one.file == ".dockerignore"]
    ignored = False
    for line in text.splitlines():
        if re.fullmatch(pattern(line.removeprefix("!")), name):
            ignored = not line.startswith("!")
    return ignored


def pattern(line):
    """A line of .dockerignore as a regular expression; `**/` stands for any folders."""
    parts = {"**/": "(?:.*/)?", "*": "[^/]*"}
    words = re.split(r"(\*\*/|\*)", line)
    return "".join(parts.get(word, re.escape(word)) for word in words) + "(?:/.*)?"
