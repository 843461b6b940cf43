"""What a database can refuse: one clear line with the cure, other pages live, and recovery."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from mtvgen.runtime import path
from mtvgen.runtime.models import (
    Database,
    DatabaseLimits,
    DatabaseUnavailable,
    DatabaseURLError,
    SchemaMismatch,
)
from tests.support.library import Author, Shelf, library, names
from tests.support.postgresql import running_server
from tests.support.wsgi_calls import call

QUICK = DatabaseLimits(
    pool_timeout=0.2, connect_timeout=2, busy_timeout=0.1, statement_timeout=0.2, ping_after=0
)


def post(site, name="Ada"):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return call(site, "POST", "/authors", body=f"name={name}".encode(), headers=headers)


@pytest.fixture
def quick():
    """Makes a Database with short time-outs, with tables or without, and closes it."""
    with ExitStack() as stack:

        def made(url, *, tables=True, **limits):
            database = Database(url, limits=replace(QUICK, **limits))
            stack.callback(database.close)
            if tables:
                Shelf.metadata.create_all(database.engine)
            return database

        yield made


def with_front_page(database):
    """A site whose front page needs no database."""
    return library(database, path("/", lambda request: "home"))


def refusal(answer):
    """The one line of the error behind a 500."""
    assert answer.status == 500
    line = str(answer.exc_info[1])
    assert "\n" not in line
    return line


# --- URLs


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", r"^'' is not a database URL\. -> sqlite:///db\.sqlite3, or postgresql://"),
        ("db.sqlite3", r"^'db\.sqlite3' is not a database URL"),
        ("postgresql://u:secret@host:port/name", r"^'postgresql://\*\*\*@host:port/name' is no"),
        ("sqlite:///db.sqlite3", r"relative to the current directory.+-> read it with Settings"),
        ("mysql://u:secret@host/name", r"^'mysql' is not supported: SQLite is, and PostgreSQL"),
        ("postgresql+asyncpg://host/name", r"^'postgresql\+asyncpg' is not supported"),
        (
            "sqlite:////srv/what?/x.db",
            r"what follows the \? is not an option.+-> write %3F for a \?",
        ),
        ("sqlite:////srv/x.db?mode=ro", r"what follows the \? is not an option of SQLite"),
        ("sqlite://x.db", r"names a host\. -> a file has three slashes"),
        (Path("x.db"), r"relative to the current directory"),
    ],
)
def test_a_url_that_can_not_be_used_is_refused_at_the_start(url, message):
    with pytest.raises(DatabaseURLError, match=message) as raised:
        Database(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://u@host/name", "postgresql+psycopg"),
        ("postgresql://u@host/name", "postgresql+psycopg"),
        ("postgresql+psycopg://u@host/name", "postgresql+psycopg"),
        ("sqlite:////tmp/x.sqlite3", "sqlite+pysqlite"),
        ("sqlite://", "sqlite+pysqlite"),
    ],
)
def test_the_driver_belongs_to_the_recipe(url, driver):
    assert Database(url).url.drivername == driver


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://u:secret@db.example.com/blog", "postgresql blog at db.example.com"),
        ("postgres://u:secret@localhost:5433/blog", "postgresql blog at localhost:5433"),
        ("sqlite:////srv/blog.sqlite3", "sqlite /srv/blog.sqlite3"),
        ("sqlite://", "sqlite in memory"),
    ],
)
def test_a_database_says_where_it_is_and_never_its_password(url, words):
    assert str(Database(url)) == words
    assert "secret" not in repr(Database(url)) + str(Database(url).url)


@pytest.mark.parametrize("name", ["what?", "a%2Fb", "C#", "中文 x", "file:x", "a@b:c", ":memory:"])
def test_a_path_is_a_path(tmp_path, name):
    file = tmp_path / name
    database = Database(file)
    assert database.file == file
    with database.engine.connect():
        assert [entry.name for entry in tmp_path.iterdir()] == [name]
    database.close()
    with Database("sqlite://").temporarily(file) as other:
        assert other.file == file


def test_a_missing_driver_is_named_with_the_command_that_installs_it():
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from mtvgen.runtime.models import Database\n"
        "Database('postgresql://localhost/x')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.endswith(
        'PostgreSQL needs its driver, psycopg 3. -> pip install "mtvgen[postgresql]"\n'
    )


# --- SQLite


def test_a_locked_file_fails_that_request_alone(quick, sqlite_url):
    database = quick(sqlite_url)
    site = library(database)
    post(site, "Grace")
    with closing(sqlite3.connect(database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        line = refusal(post(site))
        assert "test.sqlite3 is locked: another process or thread kept writing" in line
        assert call(site, "GET", "/authors").body == b'["Grace"]'
        other.execute("ROLLBACK")
    assert post(site).status == 200
    assert names(database) == ["Ada", "Grace"]


def test_a_full_disk_writes_nothing_and_the_next_request_finds_room_again(quick, sqlite_url):
    database = quick(sqlite_url)
    site = library(database)
    limit = [20]  # pages; SQLite's own way to say how large a file may get
    database.close()
    event.listen(
        database.engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA max_page_count = {limit[0]}"),
    )
    assert post(site).status == 200
    line = refusal(post(site, "x" * 200_000))
    assert line.endswith("the disk is full. Nothing was written. -> make room (df -h)")
    assert call(site, "GET", "/authors").body == b'["Ada"]'
    limit[0] = 1000
    database.engine.dispose()
    assert post(site, "x" * 200_000).status == 200


READ_ONLY = """
import os, sys, tempfile
sys.path.insert(0, sys.argv[1])
from tests.support.library import Shelf, library
from tests.support.wsgi_calls import call
from mtvgen.runtime.models import Database

directory = tempfile.mkdtemp()
database = Database(f"sqlite:///{directory}/test.sqlite3")
Shelf.metadata.create_all(database.engine)
site = library(database)
form = {"Content-Type": "application/x-www-form-urlencoded"}
call(site, "POST", "/authors", body=b"name=Ada", headers=form)
database.close()
os.chmod(database.file, 0o444)
os.chmod(directory, 0o777)
if os.geteuid() == 0:  # whom no permission stops
    os.seteuid(65534)
print(call(site, "GET", "/authors").text)
print(call(site, "POST", "/authors", body=b"name=Grace", headers=form).exc_info[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
def test_a_read_only_file_can_be_read():
    command = [sys.executable, "-c", READ_ONLY, str(Path(__file__).parents[3])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.splitlines()[0] == '["Ada"]', done.stderr
    assert done.stdout.endswith(
        "test.sqlite3 is read-only for this process. "
        "-> let its user write the file and the directory around it\n"
    )


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (
            lambda file: None,
            r"can't be opened\. -> make its directory, and let this process's user read and write",
        ),
        (
            lambda file: (file.parent.mkdir(), file.write_bytes(b"no database " * 1000)),
            r"is not a SQLite database\. -> set DATABASE_URL to another file$",
        ),
    ],
    ids=["no directory", "another kind of file"],
)
def test_a_file_that_can_not_be_used(quick, tmp_path, prepare, message):
    file = tmp_path / "below" / "test.sqlite3"
    prepare(file)
    site = with_front_page(quick(f"sqlite:///{file}", tables=False))
    with pytest.raises(DatabaseUnavailable, match=message):
        raise call(site, "GET", "/authors").exc_info[1]
    assert call(site, "GET", "/").text == "home"


def test_tables_that_are_not_there_yet_name_the_command(database):
    Shelf.metadata.drop_all(database.engine)
    with pytest.raises(SchemaMismatch, match=r"author.+ -> mtvgen migrate"):
        raise call(library(database), "GET", "/authors").exc_info[1]


def test_a_constraint_that_is_violated_is_sqlalchemys_own_error(database):
    site = library(database)
    post(site)
    assert isinstance(post(site).exc_info[1], IntegrityError)


def test_the_refusals_are_sqlalchemys_errors_too(quick, tmp_path):
    database = quick(f"sqlite:///{tmp_path}/below/test.sqlite3", tables=False)
    with pytest.raises(OperationalError) as raised:
        database.engine.connect()
    assert isinstance(raised.value.orig, sqlite3.OperationalError)


# --- PostgreSQL


@pytest.fixture(scope="module")
def own_server(postgresql_server):
    """A server that the tests of this page stop and start."""
    with running_server() as server:
        yield server


def test_a_server_that_is_down_at_the_start_may_come_later(quick, own_server):
    own_server.stop()
    site = with_front_page(quick(own_server.url, tables=False))
    line = refusal(call(site, "GET", "/authors"))
    assert line.startswith(f"postgresql postgres at 127.0.0.1:{own_server.port} does not answer: ")
    assert line.endswith("Connection refused. -> start it, or correct DATABASE_URL")
    assert call(site, "GET", "/").text == "home"
    own_server.start()
    quick(own_server.empty_database())
    assert post(site).status == 200


def test_a_server_that_went_away_and_came_back_costs_no_request(quick, own_server):
    database = quick(own_server.empty_database())
    site = library(database)
    assert post(site).status == 200
    own_server.stop()
    own_server.start()
    assert call(site, "GET", "/authors").body == b'["Ada"]'
    assert post(site, "Grace").status == 200


def test_a_server_that_was_restarted_a_moment_ago_costs_no_request_either(quick, own_server):
    database = quick(own_server.empty_database(), ping_after=60)
    site = library(database)
    with database.session(read_only=True) as one, database.session(read_only=True) as other:
        for session in (one, other):  # two connections lie in the pool then
            session.execute(text("SELECT 1"))
    own_server.stop()
    own_server.start()
    assert post(site).status == 200
    assert call(site, "GET", "/authors").body == b'["Ada"]'
    with database.session(read_only=True) as one, database.session() as other:
        for session in (one, other):
            session.execute(text("SELECT 1"))


def test_a_connection_that_the_server_ends_costs_no_request(quick, own_server):
    database = quick(own_server.empty_database(), ping_after=60)
    site = library(database)
    for name in ("Ada", "Grace", "Hedy"):
        assert post(site, name).status == 200
        own_server.cut_connections()
        assert call(site, "GET", "/authors").status == 200
        own_server.cut_connections()


def test_a_server_that_goes_away_within_a_request_costs_that_one(quick, own_server):
    database = quick(own_server.empty_database(), ping_after=60)

    def restarted(request):
        request.db.execute(text("SELECT 1"))
        own_server.stop()
        own_server.start()
        request.db.execute(text("SELECT 1"))

    site = library(database, path("/restarted", restarted))
    call(site, "GET", "/authors")
    line = refusal(call(site, "GET", "/restarted"))
    assert line.startswith(f"postgresql postgres at 127.0.0.1:{own_server.port} ")
    # The pool has not been told to test connections, but knows of the loss.
    assert post(site).status == 200


@pytest.mark.parametrize(
    ("user", "name", "words"),
    [
        (
            "nobody",
            "postgres",
            r'refuses the user: role "nobody" does not exist\. -> correct user and password in',
        ),
        (
            "mtvgen",
            "x",
            r": the server has no such database\. -> createdb x .+, then: mtvgen migrate",
        ),
    ],
)
def test_a_server_that_refuses_is_told_with_what_to_type(
    quick, postgresql_server, user, name, words
):
    url = f"postgresql://{user}:secret@127.0.0.1:{postgresql_server.port}/{name}"
    line = refusal(call(library(quick(url, tables=False)), "GET", "/authors"))
    assert re.search(words, line)
    assert "secret" not in line


@pytest.mark.parametrize("right", ["", "; GRANT USAGE ON SCHEMA public TO guest"])
def test_a_user_who_may_not_make_tables_is_told_whom_to_ask(quick, postgresql_server, right):
    url = postgresql_server.empty_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE guest LOGIN{right}")
    database = quick(url.replace("mtvgen@", "guest@"), tables=False)
    with pytest.raises(DatabaseUnavailable, match=r"may not do that \(.+\)\. -> as "):
        Shelf.metadata.create_all(database.engine)
    database.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY guest; DROP ROLE guest")


def test_a_statement_that_takes_too_long_is_ended(quick, postgresql_url):
    database = quick(postgresql_url)
    site = library(database, path("/slow", lambda request: request.db.execute(SLEEP) and "slept"))
    assert "a statement took longer than the time-out" in refusal(call(site, "GET", "/slow"))
    assert call(site, "GET", "/authors").status == 200
    with database.session() as db:  # work outside requests may take its time
        db.execute(text("SELECT pg_sleep(0.3)"))


SLEEP = text("SELECT pg_sleep(30)")


def test_a_row_that_is_locked_for_long_fails_that_request_alone(quick, postgresql_url):
    database = quick(postgresql_url)
    rename = text("UPDATE author SET name = 'Grace'")

    def locked(request):
        request.db.execute(rename)
        return "renamed"

    site = library(database, path("/rename", locked, methods=["POST"]))
    post(site)
    with database.session() as db:
        db.execute(rename)
        assert "waited that long for a lock" in refusal(call(site, "POST", "/rename"))
        assert call(site, "GET", "/authors").body == b'["Ada"]'
    assert call(site, "POST", "/rename").status == 200


def test_a_deadlock_says_so(quick, postgresql_url):
    database = quick(postgresql_url)
    with database.session() as db:
        db.add_all([Author(name="Ada"), Author(name="Grace")])
    first_locked = threading.Barrier(2)
    seen = []

    def cross(first, second):
        try:
            with database.session() as db:
                db.execute(text(f"SELECT * FROM author WHERE id = {first} FOR UPDATE"))
                first_locked.wait(10)
                db.execute(text(f"SELECT * FROM author WHERE id = {second} FOR UPDATE"))
        except DatabaseUnavailable as error:
            seen.append(str(error))

    threads = [threading.Thread(target=cross, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1
    assert "a deadlock" in seen[0]


def test_a_pool_without_a_free_connection_fails_after_its_time_out(quick, url):
    database = quick(url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    site = library(database)
    with database.session(read_only=True) as db:
        db.execute(text("SELECT 1"))
        line = refusal(call(site, "GET", "/authors"))
    assert line == (
        "All 1 connections of this process to the database are taken, and none became free within "
        "0.1 seconds. -> shorten what holds them, or raise pool_size in DatabaseLimits"
    )
    assert call(site, "GET", "/authors").status == 200


def test_an_isolation_level_asked_for_by_hand_holds_and_ends(quick, postgresql_url):
    database = quick(postgresql_url)
    level = text("SELECT current_setting('transaction_isolation')")
    with database.engine.connect() as connection:
        strict = connection.execution_options(isolation_level="SERIALIZABLE")
        assert strict.scalar(level) == "serializable"
    with database.engine.connect() as connection:
        assert connection.scalar(level) == "read committed"
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("VACUUM pg_namespace")  # which no transaction may hold, and which is small
        )
    with database.session(read_only=True) as db:
        assert db.scalar(text("SELECT current_setting('transaction_read_only')")) == "on"
