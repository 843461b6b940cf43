"""FreshDatabases: the migrations run once, each test has a database of its own, nothing is left."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text

from mtvgen.runtime.migrations import FreshDatabases, migration_state
from mtvgen.runtime.models import Database, DatabaseUnavailable

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


CREATES = """
from alembic import op
import sqlalchemy as sa

revision = "0001_notes"
down_revision = None


def upgrade():
    op.create_table("note", sa.Column("id", sa.Integer(), nullable=False))


def downgrade():
    op.drop_table("note")
"""


@pytest.fixture
def creating(directory, tmp_path, monkeypatch):
    """The databases of migrations that only create tables, where nothing can be done by Alembic."""
    for name in ("run", "compared"):
        monkeypatch.setitem(sys.modules, f"mtvgen.runtime.migrations.{name}", None)
    directory.mkdir()
    (directory / "0001_notes.py").write_text(CREATES)
    project = Database(tmp_path / "usual.sqlite3")
    with FreshDatabases(project, tmp_path / "test.sqlite3", directory) as databases:
        yield databases


MODELS = MetaData()
Table("note", MODELS, Column("id", Integer, nullable=False))


def test_migrations_that_only_create_tables_need_no_alembic(creating, directory):
    for _ in range(2):
        with creating.fresh() as database:
            assert count(database) == 0
            state = migration_state(database, directory, MODELS)
            assert (state.applied, state.messages) == (("0001_notes",), ())


@pytest.mark.parametrize(
    "done",
    [
        "CREATE INDEX i ON note (id)",
        "CREATE VIEW v AS SELECT id FROM note",
        "CREATE TRIGGER t AFTER INSERT ON note BEGIN SELECT 1; END",
        "ALTER TABLE note ADD COLUMN text",
        "DROP TABLE note",
    ],
)
def test_what_was_changed_past_the_migrations_is_compared_by_alembic(creating, directory, done):
    with creating.fresh() as database:
        with database.session() as db:
            db.execute(text(done))
        with pytest.raises(ImportError, match="compared"):
            migration_state(database, directory, MODELS)


def test_a_file_of_an_earlier_run_is_migrated_on(migrations, tmp_path):
    file = tmp_path / "test.sqlite3"
    (migrations / "0001_notes.py").write_text(CREATES)
    project = Database(tmp_path / "usual.sqlite3")
    with FreshDatabases(project, file, migrations):
        pass
    (migrations / "0002_other.py").write_text(
        CREATES.replace('revision = "0001_notes"', 'revision = "0002_other"')
        .replace("down_revision = None", 'down_revision = "0001_notes"')
        .replace('create_table("note"', 'create_table("other"')
    )
    with FreshDatabases(project, file, migrations) as databases, databases.fresh() as database:
        assert count(database) == 0
    with Database(file).session(read_only=True) as db:
        assert db.scalar(text("SELECT count(*) FROM other")) == 0


def test_the_garbage_collector_passes_over_what_the_first_test_has_imported(creating):
    before = gc.get_freeze_count()
    with creating.fresh():
        pass
    after = gc.get_freeze_count()
    assert after > before
    # What a later test leaves is still looked at, and is gone.
    with creating.fresh() as database:
        circle = Circle()
        circle.itself, seen = circle, weakref.ref(circle)
        del circle, database
    gc.collect()
    assert seen() is None
    assert gc.get_freeze_count() <= after


class Circle:
    itself: Circle


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


# --- SQLite: what is left of a test that did nothing unusual is its connection ---


def left_open(database):
    """A second connection, which does not come from the pool."""
    connection = sqlite3.connect(database.file)
    connection.execute("SELECT * FROM note").fetchall()
    return connection


def held(database):
    session = database.prompt_session()
    session.execute(COUNT)
    return session


def two_at_once(database):
    with database.session(read_only=True) as one, database.session(read_only=True) as two:
        one.execute(COUNT), two.execute(COUNT)


def done_by(statement):
    def do(database):
        driver_connection(database).execute(statement)

    return do


# What a test did -> whether the next one may have its connection.
LEFT = {
    "nothing": (lambda database: None, True),
    "a query": (count, True),
    "a row": (done_by("INSERT INTO note VALUES (2)"), True),
    "rows that are gone": (done_by("DELETE FROM note"), True),
    "another table": (done_by("CREATE TABLE other AS SELECT * FROM note"), True),
    "a table that is gone": (done_by("DROP TABLE note"), True),
    "a setting of the file": (done_by("PRAGMA user_version = 7"), False),
    "a setting of the connection": (done_by("PRAGMA foreign_keys = OFF"), False),
    "another mode": (done_by("PRAGMA journal_mode = DELETE"), False),
    "a table of the connection": (done_by("CREATE TEMP TABLE note (id INTEGER)"), False),
    "a view of the connection": (done_by("CREATE VIEW temp.other AS SELECT 1"), False),
    "a database next to it": (done_by("ATTACH ':memory:' AS other"), False),
    "a session": (held, False),
    "a connection": (left_open, False),
    "two connections": (two_at_once, False),
    "no file": (lambda database: database.file.unlink(), False),
    "another file": (
        lambda database: Path(shutil.copy(database.file, f"{database.file}2")).replace(
            database.file
        ),
        False,
    ),
}


@pytest.fixture
def databases(migrations, tmp_path):
    project = Database(tmp_path / "usual.sqlite3")
    with FreshDatabases(project, tmp_path / "test.sqlite3", migrations) as databases:
        yield databases


def driver_connection(database):
    with database.engine.connect() as connection:
        return connection.connection.driver_connection


@pytest.mark.parametrize("what", LEFT)
def test_a_test_gets_the_connection_of_the_one_before_if_nothing_else_is_left(databases, what):
    do, is_kept = LEFT[what]
    with databases.fresh() as database:
        before = driver_connection(database)
        tables = database.file.read_bytes()[100:]  # behind the header, which counts changes
        kept_alive = do(database)

    with databases.fresh() as database:
        assert database.file.read_bytes()[100:] == tables
        assert (driver_connection(database) is before) is is_kept
        assert count(database) == 1
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 0
            assert connection.exec_driver_sql("PRAGMA user_version").scalar() == 0
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            names = connection.exec_driver_sql("PRAGMA table_list").scalars().all()
            assert set(names) == {"main", "temp"}
            databases_of_it = connection.exec_driver_sql("PRAGMA database_list").all()
            assert {name for _, name, _ in databases_of_it} == {"main"}
        with database.session() as db:
            db.execute(INSERT)
    del kept_alive


def test_what_a_session_that_was_left_open_commits_is_not_the_next_ones(databases):
    with databases.fresh() as database:
        left = database.prompt_session()
        left.execute(INSERT)
    with databases.fresh() as database:
        left.commit()
        assert count(database) == 1
    left.close()


def test_a_session_that_was_left_open_after_a_write_keeps_no_test_from_writing(databases):
    lefts = []
    for _ in range(2):
        with databases.fresh() as database:
            with database.session() as db:
                db.execute(INSERT)
                assert db.scalar(COUNT) == 2
            lefts.append(database.prompt_session())
            lefts[-1].execute(text("INSERT INTO note VALUES (3)"))
            # Within one test it is still a mistake, and it is still reported.
            thread = pytest.raises(DatabaseUnavailable, match="by this very thread")
            with thread, database.session() as db:
                db.execute(INSERT)
    for left in lefts:
        left.close()


def test_a_test_that_reads_writes_nothing_for_the_next(databases):
    with databases.fresh() as database:
        assert count(database) == 1
        before = database.file.stat().st_mtime_ns
    for _ in range(2):
        with databases.fresh() as database:
            assert count(database) == 1
            assert database.file.stat().st_mtime_ns == before


def test_a_large_file_is_replaced_once_a_test_has_written_to_it(migrations, tmp_path):
    large = 'op.execute("CREATE TABLE large AS SELECT zeroblob(300000)")'
    file = migrations / "0001_notes.py"
    file.write_text(MIGRATION.replace("\n\n\ndef downgrade", f"\n    {large}\n\n\ndef downgrade"))
    project = Database(tmp_path / "usual.sqlite3")
    with FreshDatabases(project, tmp_path / "test.sqlite3", migrations) as databases:
        seen = []
        for is_written in (False, True, False):
            with databases.fresh() as database:
                assert count(database) == 1
                seen.append(driver_connection(database))
                if is_written:
                    with database.session() as db:
                        db.execute(INSERT)
    assert seen[0] is seen[1] is not seen[2]


def test_a_file_that_a_test_wrote_past_sqlite_is_made_again(databases):
    with databases.fresh() as database:
        tables = database.file.read_bytes()[100:]
        assert count(database) == 1
        database.file.write_bytes(b"not a database" * 1000)
    for _ in range(2):
        with databases.fresh() as database:
            assert database.file.read_bytes()[100:] == tables
            assert count(database) == 1


def test_threads_of_a_test_see_one_database_and_the_next_test_sees_none_of_it(databases):
    def write(number):
        with database.session() as db:
            db.execute(text(f"INSERT INTO note VALUES ({number})"))
            return db.scalar(COUNT)

    for _ in range(3):
        with databases.fresh() as database, ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(write, range(2, 10))) == list(range(2, 10))


def test_after_the_last_test_no_connection_is_open(databases):
    with databases.fresh() as database:
        before = driver_connection(database)
    databases.__exit__(None, None, None)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        before.execute("SELECT 1")
