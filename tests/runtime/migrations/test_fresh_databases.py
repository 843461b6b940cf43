"""FreshDatabases: the migrations run once, each test has a database of its own, nothing is left."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest
from sqlalchemy import text

from mtvgen.runtime.migrations import FreshDatabases
from mtvgen.runtime.models import Database

MIGRATION = """
from alembic import op
import sqlalchemy as sa
from pathlib import Path

revision = "0001_notes"
down_revision = None


def upgrade():
    with (Path(__file__).parent / "runs.txt").open("a") as runs:
        runs.write("x")
    op.create_table("note", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO note VALUES (1)")


def downgrade():
    op.drop_table("note")
"""
COUNT, INSERT = text("SELECT count(*) FROM note"), text("INSERT INTO note VALUES (2)")


@pytest.fixture
def migrations(directory):
    directory.mkdir()
    (directory / "0001_notes.py").write_text(MIGRATION)
    return directory


def count(database):
    with database.session(read_only=True) as db:
        return db.scalar(COUNT)


def test_each_block_begins_with_what_the_migrations_leave_and_they_run_once(
    url, migrations, tmp_path
):
    project = Database(tmp_path / "usual.sqlite3")
    with FreshDatabases(project, url, migrations) as databases:
        runs = (migrations / "runs.txt").read_text()
        for _ in range(3):
            with databases.fresh() as database:
                assert database is project
                assert count(database) == 1
                with database.session() as db:
                    db.execute(INSERT)
                assert count(database) == 2

    assert (migrations / "runs.txt").read_text() == runs
    assert str(project.file) == str(tmp_path / "usual.sqlite3")
    assert not (tmp_path / "usual.sqlite3").exists()


def test_a_connection_that_a_test_left_open_is_not_the_next_ones(url, migrations, tmp_path):
    project = Database(tmp_path / "usual.sqlite3")
    with FreshDatabases(project, url, migrations) as databases:
        with databases.fresh() as database:
            left = database.prompt_session()
            left.execute(INSERT)
        with databases.fresh() as database:
            assert count(database) == 1
        left.invalidate()


def test_a_project_without_migrations_has_a_database_without_tables(url, directory, tmp_path):
    directory.mkdir()
    with FreshDatabases(Database(tmp_path / "usual.sqlite3"), url, directory) as databases:
        for _ in range(2):
            with databases.fresh() as database, database.session() as db:
                db.execute(text("CREATE TABLE note (id INTEGER)"))


def test_a_database_in_memory_is_refused(tmp_path, migrations):
    with pytest.raises(ValueError, match=r"can't be copied. -> tmp_path"):
        FreshDatabases(Database(tmp_path / "usual.sqlite3"), "sqlite://", migrations)


def names(url):
    with Database(url).session(read_only=True) as db:
        return set(db.scalars(text("SELECT datname FROM pg_database")))


def test_the_server_is_left_as_it_was_and_a_killed_run_is_cleared_by_the_next(
    postgresql_url, migrations, tmp_path
):
    before = names(postgresql_url)
    project = Database(tmp_path / "usual.sqlite3")
    killed = dedent(f"""
        import os, signal
        from pathlib import Path
        from mtvgen.runtime.migrations import FreshDatabases
        from mtvgen.runtime.models import Database
        project = Database(Path({str(tmp_path / "usual.sqlite3")!r}))
        with FreshDatabases(project, {postgresql_url!r}, Path({str(migrations)!r})) as databases:
            with databases.fresh():
                os.kill(os.getpid(), signal.SIGKILL)
    """)
    # Another run is under way meanwhile, as with pytest-xdist: neither takes the other's away.
    with FreshDatabases(project, postgresql_url, migrations) as databases, databases.fresh():
        subprocess.run([sys.executable, "-c", killed], check=False)
        assert len(names(postgresql_url) - before) == 4
        with FreshDatabases(Database("sqlite://"), postgresql_url, migrations) as others:
            assert len(names(postgresql_url) - before) == 3
            with others.fresh() as other:
                assert count(other) == 1
        assert count(project) == 1

    assert names(postgresql_url) == before


def test_the_tests_wait_for_no_write_of_the_disk(migrations, tmp_path):
    project = Database(tmp_path / "usual.sqlite3")
    with FreshDatabases(project, tmp_path / "test.sqlite3", migrations) as databases:
        for _ in range(2):
            with databases.fresh() as database, database.session() as db:
                assert db.scalar(text("PRAGMA synchronous")) == 0
