"""`mtvgen check --deploy`: the database, the disk below it, the repository around the project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mtvgen.checks.deployment.machine import file_system_of
from tests.support.forked_commands import mtvgen
from tests.support.live_site import BIN, make_project
from tests.support.postgresql import _ordinary_user

SETTINGS = {
    "SECRET_KEY": "k9sJ2mQ8wZ4rT6vX1cB3nL5pD7fG0hYa-Q",
    "ALLOWED_HOSTS": "example.com",
}
MOUNTS = """\
22 27 0:21 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /srv rw shared:2 - nfs4 server:/export rw
31 30 0:26 / /srv/local\\040disk rw - xfs /dev/sdb1 rw
32 22 0:27 / /srvx rw - tmpfs tmpfs rw
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A generated project that is ready for production."""
    root = make_project(tmp_path_factory.mktemp("made"))
    run(root, "migrate")
    return root


@pytest.fixture
def project(made, tmp_path):
    """A copy of it for one test."""
    subprocess.run(["cp", "-r", made, tmp_path / "mysite"], check=True)
    return tmp_path / "mysite"


def run(root, *command, **environ):
    """What a command of mtvgen prints in a project."""
    everything = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(root.parent)}
    done = mtvgen(*command, cwd=root, env={**everything, **SETTINGS, **environ})
    return done.stdout + done.stderr


def test_a_project_that_is_ready_is_no_problem(project):
    assert "no problems" in run(project, "check", "--deploy")


def test_a_database_that_is_not_there_or_lacks_a_migration(project):
    (project / "migrations" / "0002_tag.py").write_text(
        '"""Nothing."""\n\nrevision = "0002_tag"\ndown_revision = "0001_notes"\n\n\n'
        "def upgrade() -> None: ...\n\n\ndef downgrade() -> None: ...\n"
    )
    lacking = run(project, "check", "--deploy")
    (project / "db.sqlite3").unlink()
    missing = run(project, "check", "--deploy")

    assert lacking == (
        "migrations/0002_tag.py:1:1: The database lacks migration 0002_tag. "
        "-> mtvgen migrate [models.behind]\n"
        "1 problem.\n"
    )
    assert "the database db.sqlite3 does not exist. -> mtvgen migrate" in missing


def test_a_chain_of_migrations_that_is_broken_is_told_once(project):
    migration = project / "migrations" / "0001_notes.py"
    migration.write_text(migration.read_text().replace("= None", '= "0000_gone"'))
    lines = run(project, "check", "--deploy").splitlines()

    assert lines[0].startswith("migrations/0001_notes.py:")
    assert lines[1:] == ["1 problem."]


def test_a_server_that_does_not_answer(project):
    said = run(
        project, "check", "--deploy", DATABASE_URL="postgresql://site:secret@127.0.0.1:9/site"
    )

    assert "postgresql site at 127.0.0.1:9 does not answer: Connection refused." in said
    assert "secret" not in said


@pytest.mark.skipif(_ordinary_user() is not None, reason="root may write everywhere")
def test_a_directory_that_can_not_be_written(project):
    project.chmod(0o555)
    said = run(project, "check", "--deploy")
    project.chmod(0o755)

    assert "is read-only for this user" in said


def test_a_directory_that_is_not_there(project):
    said = run(project, "check", "--deploy", DATABASE_URL="sqlite:////no/such/place/db.sqlite3")

    assert "the database /no/such/place/db.sqlite3 can't be written" in said
    assert "/no/such/place does not exist." in said


def test_an_env_that_git_tracks(project):
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=project, check=True)
    ignored = run(project, "check", "--deploy")
    subprocess.run(["git", "add", "-f", ".env"], cwd=project, check=True)
    tracked = run(project, "check", "--deploy")

    assert "no problems" in ignored
    assert ".env:1:1: git tracks this file" in tracked


def test_https_that_is_switched_off(project):
    wsgi = project / "wsgi.py"
    off = "security_headers(strict_transport_security=None)"
    wsgi.write_text(wsgi.read_text().replace("security_headers()", off))

    assert "Strict-Transport-Security is off" in run(project, "check", "--deploy")


def test_without_deploy_nothing_of_it_is_asked(project):
    (project / "db.sqlite3").unlink()

    assert "no problems" in run(project, "check")


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/", "ext4"),
        ("/home/site", "ext4"),
        ("/srv", "nfs4"),
        ("/srv/site/data", "nfs4"),
        ("/srv/local disk/data", "xfs"),
        ("/srvx", "tmpfs"),
    ],
)
def test_the_file_system_of_a_directory_is_that_of_the_nearest_mount(tmp_path, directory, kind):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)

    assert file_system_of(Path(directory), mounts) == kind


def test_a_system_that_does_not_list_its_mounts_says_nothing(tmp_path):
    assert file_system_of(Path("/srv"), tmp_path / "missing") is None
