"""Whatever ends a migration, and wherever: the database is as before it or as after it."""

from __future__ import annotations

import os
import re
import resource
import signal
import sqlite3
from contextlib import closing, suppress

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event

from mtvgen.runtime.migrations import MigrationError, migrate
from mtvgen.runtime.models import Database, DatabaseFault

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001_first"
down_revision = None


def upgrade():
    op.create_table("thing", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("a", sa.Text), sa.Column("b", sa.Text))
    op.create_table("old", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("old")
    op.drop_table("thing")
"""

# Something of everything: a table made again, indexes, a type that changes, data, a table dropped.
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002_second"
down_revision = "0001_first"


def upgrade():
    op.create_table("new", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("colour", sa.Enum("red", "green", name="colour")))
    with op.batch_alter_table("thing") as batch_op:
        batch_op.alter_column("a", existing_type=sa.Text(), type_=sa.Integer())
        batch_op.drop_column("b")
        batch_op.create_unique_constraint("uq_thing_a", ["a"])
    op.create_index("ix_thing_a", "thing", ["a"])
    op.execute("UPDATE thing SET a = a + 1000")
    op.drop_table("old")


def downgrade():
    pass
"""


@pytest.fixture
def directory(tmp_path):
    directory = tmp_path / "migrations"
    directory.mkdir()
    (directory / "0001_first.py").write_text(FIRST)
    (directory / "0002_second.py").write_text(SECOND)
    return directory


@pytest.fixture
def database(url, directory):
    """A database at the first migration, with rows."""
    database = Database(url)
    begin(database, directory)
    yield database
    database.close()


def begin(database, directory):
    migrate(database, directory, "0001")
    with database.engine.begin() as connection:
        for number in range(1, 51):
            row = f"({number}, '{number}', 'b{number}')"
            connection.exec_driver_sql(f"INSERT INTO thing VALUES {row}")
    database.close()


def held(database):
    """All that the database holds, in a form that can be compared."""
    with database.engine.connect() as connection:
        inspector = sa.inspect(connection)
        tables = sorted(inspector.get_table_names())
        rows = {
            name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")))
            for name in tables
        }
        columns = {n: [c["name"] for c in inspector.get_columns(n)] for n in tables}
        indexes = {n: [i["name"] for i in inspector.get_indexes(n)] for n in tables}
    database.close()
    return rows, columns, indexes


def in_a_process(work):
    """Run something in a process of its own; its exit code, negative for a signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except (MigrationError, DatabaseFault):
            code = 3
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def go(database, directory, **options):
    migrate(database, directory, accept_losses=True, **options)


def at_statement(number, work):
    """Do something when the migration sends its statement of a number, or commits."""
    seen = 0

    def count(connection, *_):
        nonlocal seen
        seen += 1
        if seen == number:
            work(connection)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    return count


def stop_counting(listener):
    for name in ("before_cursor_execute", "commit"):
        event.remove(Engine, name, listener)


def error_at(number, work, database, directory):
    """What goes wrong where something is done at a statement; nothing where it is not reached."""
    listener = at_statement(number, work)
    try:
        go(database, directory)
    except Exception as error:  # a driver's own too, out of the test's own cursor
        return f"{type(error).__name__}: {error}"
    finally:
        stop_counting(listener)
    return ""


def every_statement(attempt, *, step=1):
    """Attempts with 1, 2, 3 ... until one comes through; how many did not."""
    number = 1
    while attempt(number):
        number += step
        assert number < 500
    return (number - 1) // step


def test_a_process_that_is_killed_at_any_statement(database, directory):
    before = held(database)

    def attempt(number):
        def work():
            at_statement(number, lambda _: os.kill(os.getpid(), signal.SIGKILL))
            go(database, directory)

        code = in_a_process(work)
        if code != 0:
            assert code == -signal.SIGKILL
            assert held(database) == before
        return code

    assert every_statement(attempt) > 15
    assert sorted(held(database)[0]) == ["alembic_version", "new", "thing"]


def test_a_connection_that_is_lost_at_any_statement(postgresql_server, directory):
    database = Database(postgresql_server.empty_database())
    begin(database, directory)
    before = held(database)
    killer = Database(postgresql_server.url)

    def cut(connection):
        pid = connection.connection.dbapi_connection.info.backend_pid
        with killer.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")

    def attempt(number):
        said = error_at(number, cut, database, directory)
        if said:
            assert re.search("closed the connection|terminating connection", said), said
            assert held(database) == before
        return said

    # The killer's own statements are counted too, and do no harm.
    assert every_statement(attempt, step=2) > 15
    assert sorted(held(database)[0]) == ["alembic_version", "new", "thing"]
    killer.close()


def test_a_statement_that_takes_too_long_at_any_place(postgresql_url, directory):
    database = Database(postgresql_url)
    begin(database, directory)
    before = held(database)

    def sleep(connection):
        with connection.connection.dbapi_connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(5)")

    def attempt(number):
        said = error_at(number, sleep, database, directory)
        if said:
            assert re.search("timeout|time-out", said), said
            assert held(database) == before
        return said

    assert every_statement(attempt, step=3) > 8
    assert sorted(held(database)[0]) == ["alembic_version", "new", "thing"]


@pytest.mark.parametrize("backup", [True, False])
def test_a_disk_that_is_full_at_any_size(sqlite_url, directory, tmp_path, backup):
    database = Database(sqlite_url)
    begin(database, directory)
    with closing(sqlite3.connect(database.file)) as connection:
        # Larger than SQLite keeps in memory until the commit.
        connection.execute("UPDATE thing SET b = hex(randomblob(20000))")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = held(database)

    def attempt(limit):
        def work():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            go(database, directory, backup=backup)

        code = in_a_process(work)
        if code != 0:
            assert code == 3
            assert held(database) == before
            with closing(sqlite3.connect(database.file)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return code

    failed = 0
    for limit in range(0, 8_000_000, 100_000):
        if attempt(limit) == 0:
            break
        failed += 1
    assert failed > 3
    assert sorted(held(database)[0]) == ["alembic_version", "new", "thing"]
    assert not list(tmp_path.glob("*.part"))


def test_of_several_that_go_different_ways_each_finds_a_whole_database(url, directory):
    database = Database(url)
    begin(database, directory)
    children = []
    for target in ("head", "0001", "head", "0001", "head"):
        child = os.fork()
        if child == 0:
            code = 1
            with suppress(Exception):
                migrate(database, directory, target, accept_losses=True)
                code = 0
            os._exit(code)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    # The way back does nothing, so a second way there may meet what is there already.
    assert set(codes) <= {0, 1}
    tables = sorted(held(database)[0])
    assert tables == ["alembic_version", "new", "thing"]
