"""request.db: opened on first use, settled before a byte is sent, closed always."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from wsgiref.util import FileWrapper

import pytest
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from mtvgen.runtime import Application, BadRequest, NotFound, Response, path, redirect
from mtvgen.runtime.models import Database, Model, ReadOnlyTransaction, database_session
from mtvgen.runtime.sessions import signed_sessions
from tests.support.library import Author, Book, library, names
from tests.support.wsgi_calls import call, environ_for


def post(application, url="/authors", body=b"name=Ada"):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return call(application, "POST", url, body=body, headers=headers)


def in_use(database):
    return database.engine.pool.checkedout()


def adding(answer):
    """A view that adds an author and then answers, or raises, as told."""

    def view(request):
        request.db.add(Author(name="Ada"))
        request.db.flush()
        made = answer()
        if isinstance(made, Exception):
            raise made
        return made

    return view


# --- Committed, rolled back, closed


def test_what_a_view_wrote_is_there_for_the_next_request(database):
    site = library(database)
    assert post(site).text == "saved"
    assert call(site, "GET", "/authors").body == b'["Ada"]'
    assert call(site, "GET", "/authors/1").text == "Ada"
    assert in_use(database) == 0


@pytest.mark.parametrize(
    ("answer", "status", "kept"),
    [
        (lambda: "saved", 200, True),
        (lambda: redirect("/"), 303, True),
        (lambda: Response("no", 399), 399, True),
        (lambda: Response("no", 400), 400, False),
        (lambda: Response("no", 500), 500, False),
        (lambda: BadRequest("no"), 400, False),
        (lambda: NotFound(), 404, False),
        (lambda: ZeroDivisionError("no"), 500, False),
        (lambda: None, 500, False),
    ],
)
def test_a_status_below_400_commits_and_all_else_rolls_back(database, answer, status, kept):
    site = library(database, path("/add", adding(answer), methods=["POST"]))
    assert post(site, "/add").status == status
    assert names(database) == (["Ada"] if kept else [])
    assert in_use(database) == 0


def test_an_exception_rolls_back_also_where_an_error_handler_redirects(database):
    site = library(
        database,
        path("/add", adding(ZeroDivisionError), methods=["POST"]),
        error_handlers={ZeroDivisionError: lambda request, error: redirect("/")},
    )
    assert post(site, "/add").status == 303
    assert names(database) == []


def test_a_commit_that_fails_is_a_500_and_nothing_is_half_sent(database):
    site = library(database)
    post(site)
    answer = post(site)  # the name is unique, and the view has not flushed
    assert answer.status == 500
    assert answer.text != "saved"
    assert names(database) == ["Ada"]
    assert in_use(database) == 0


def test_the_commit_stands_before_start_response(database):
    site = library(database)
    seen = []

    def start_response(status, headers, exc_info=None):
        seen.append(names(database))
        return lambda data: None

    environ = environ_for(
        "POST",
        "/authors",
        body=b"name=Ada",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    site(environ, start_response)
    assert seen == [["Ada"]]


def test_an_interrupt_in_a_view_closes_the_session(database):
    def interrupted(request):
        request.db.add(Author(name="Ada"))
        request.db.flush()
        raise KeyboardInterrupt

    site = library(database, path("/add", interrupted, methods=["POST"]))
    with pytest.raises(KeyboardInterrupt):
        post(site, "/add")
    assert names(database) == []
    assert in_use(database) == 0


def test_a_request_that_asks_for_nothing_opens_nothing(database):
    def opened(request):
        return str(request.opened_db)

    assert call(library(database, path("/x", opened)), "GET", "/x").text == "None"


def test_a_session_that_somebody_kept_can_not_be_used_again(database):
    kept = []

    def keep(request):
        request.db.execute(text("SELECT 1"))
        kept.append(request.db)
        return "kept"

    call(library(database, path("/keep", keep)), "GET", "/keep")
    with pytest.raises(InvalidRequestError, match="permanently closed"):
        kept[0].execute(text("SELECT 1"))


def test_a_listener_to_one_session_hears_nothing_of_the_next_request(database):
    heard = []

    def listening(request):
        event.listen(request.db, "after_commit", lambda _session: heard.append("commit"))
        return "listening"

    site = library(database, path("/listen", listening, methods=["POST"]))
    post(site, "/listen")
    assert heard == ["commit"]
    post(site)
    assert heard == ["commit"]


def test_a_listener_to_all_sessions_hears_of_each_request(database):
    heard = []

    def hear(session):
        heard.append(type(session).__name__)

    event.listen(Session, "after_commit", hear)
    try:
        post(library(database))
    finally:
        event.remove(Session, "after_commit", hear)
    post(library(database), body=b"name=Grace")
    assert heard == ["CheckedSession"]


def test_request_db_without_its_middleware_names_the_line_to_add():
    site = Application([path("/x", lambda request: str(request.db))])
    with pytest.raises(RuntimeError, match=r"in wsgi\.py, database_session\(database\)"):
        raise call(site, "GET", "/x").exc_info[1]


@pytest.mark.parametrize("moment", ["down", "up"])
def test_a_middleware_above_has_no_session(database, moment):
    def above(handler):
        def asking(request):
            if moment == "down":
                request.db  # noqa: B018
            response = handler(request)
            request.db  # noqa: B018
            return response

        return asking

    answer = call(library(database, above=[above]), "GET", "/authors")
    assert answer.status == 500
    with pytest.raises(RuntimeError, match=r"wsgi\.py"):
        raise answer.exc_info[1]


def test_a_browser_session_that_can_not_be_saved_undoes_what_the_view_wrote(database):
    def too_much(request):
        request.db.add(Author(name="Ada"))
        request.session["all"] = "x" * 5000
        return "saved"

    site = library(
        database,
        path("/add", too_much, methods=["POST"]),
        below=[signed_sessions("a key for this test")],
    )
    assert post(site, "/add").status == 500
    assert names(database) == []


# --- Streamed bodies


def exported(request):
    found = request.db.scalars(select(Author).order_by(Author.id))
    return Response(author.name.encode() for author in found)


def asked_late(request):
    def body():
        for author in request.db.scalars(select(Author).order_by(Author.id)):
            yield author.name.encode()

    return Response(body())


@pytest.mark.parametrize("view", [exported, asked_late])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_streamed_body_reads_while_it_is_sent(database, view, method):
    site = library(database, path("/all", view, methods=["GET", "POST"]))
    post(site)
    post(site, body=b"name=Grace")
    assert call(site, method, "/all").body == b"AdaGrace"
    assert in_use(database) == 0


def test_a_file_goes_out_by_the_servers_own_wrapper(tmp_path):
    (tmp_path / "film.bin").write_bytes(bytes(1_000_000))
    site = library(Database("sqlite://"), static=tmp_path)
    environ = environ_for("GET", "/static/film.bin", **{"wsgi.file_wrapper": FileWrapper})
    body = site(environ, lambda *more: None)
    assert isinstance(body, FileWrapper)
    body.close()


def test_what_a_view_wrote_is_committed_before_its_body_is_streamed(database):
    def view(request):
        request.db.add(Author(name="Ada"))
        return Response(name.encode() for name in (yield_names()))

    def yield_names():
        yield from names(database)

    site = library(database, path("/add", view, methods=["POST"]))
    assert post(site, "/add").body == b"Ada"


def test_objects_stay_readable_in_a_streamed_body(database):
    def view(request):
        book = Book(title="Notes", author=Author(name="Ada"))
        request.db.add(book)
        request.db.commit()
        request.db.expire(book)
        return Response(part.encode() for part in parts(book))

    def parts(book):
        yield book.title
        yield book.author.name

    site = library(database, path("/add", view, methods=["POST"]))
    assert post(site, "/add").body == b"NotesAda"
    assert in_use(database) == 0


@pytest.mark.parametrize("view", [exported, asked_late])
def test_a_body_that_the_client_leaves_behind_closes_the_session(database, view):
    site = library(database, path("/all", view))
    post(site)
    post(site, body=b"name=Grace")
    body = site(environ_for("GET", "/all"), lambda *more: None)
    assert next(iter(body)) == b"Ada"
    assert in_use(database) == 1
    body.close()
    assert in_use(database) == 0


def test_a_streamed_body_that_writes_is_told_so(database):
    def view(request):
        def body():
            request.db.add(Author(name="Ada"))
            request.db.flush()
            yield b"saved"

        return Response(body())

    site = library(database, path("/add", view, methods=["POST"]))
    with pytest.raises(Exception, match=r"the streamed body of POST /add writes to the database"):
        post(site, "/add")
    assert names(database) == []
    assert in_use(database) == 0


def test_a_commit_that_fails_closes_the_body_that_is_never_streamed(database):
    closed = []

    class Body:
        def __iter__(self):
            return iter([b"x"])

        def close(self):
            closed.append(True)

    def view(request):
        request.db.add(Author(name="Ada"))
        return Response(Body())

    site = library(database, path("/add", view, methods=["POST"]))
    post(site)
    assert post(site, "/add").status == 500
    assert closed == [True]
    assert in_use(database) == 0


# --- Reading methods only read


WAYS_TO_WRITE = {
    "add": lambda db: db.add(Author(name="Ada")),
    "insert": lambda db: db.execute(insert(Author).values(name="Ada")),
    "update": lambda db: db.execute(update(Author).values(name="Ada")),
    "text": lambda db: db.execute(text("DELETE FROM author")),
    "table": lambda db: db.execute(text("CREATE TABLE other (id INTEGER)")),
    "driver": lambda db: db.connection().exec_driver_sql("DELETE FROM author"),
}


@pytest.mark.parametrize("way", WAYS_TO_WRITE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_a_safe_method_that_writes_fails_always_and_names_the_cures(database, method, way):
    def view(request):
        WAYS_TO_WRITE[way](request.db)
        return "written"

    site = library(database, path("/add", view, methods=["GET", "HEAD", "OPTIONS", "TRACE"]))
    post(site, body=b"name=Grace")
    answer = call(site, method, "/add")
    assert answer.status == 500
    with pytest.raises(
        Exception,
        match=rf"^{method} /add writes to the database \(.+\), and may only read\. "
        r'-> take methods=\["POST"\] in urls\.py, or write inside "with database\.session\(\)',
    ):
        raise answer.exc_info[1]
    assert names(database) == ["Grace"]


def test_a_connection_that_served_a_get_serves_a_post_again(database):
    site = library(database)
    for number in range(5):
        assert call(site, "GET", "/authors").status == 200
        assert post(site, body=f"name={number}".encode()).status == 200
    assert database.engine.pool.checkedin() == 1


def test_the_cure_works_inside_a_get(database):
    def view(request):
        request.db.scalars(select(Author)).all()
        with database.session() as db:
            db.add(Author(name="counted"))
        return "seen"

    assert call(library(database, path("/seen", view)), "GET", "/seen").text == "seen"
    assert names(database) == ["counted"]


# --- Outside requests


def test_a_session_block_commits_at_its_end(database):
    with database.session() as db:
        db.add(Author(name="Ada"))
    assert names(database) == ["Ada"]


def test_a_session_block_that_raises_rolls_back(database):
    with suppress(ZeroDivisionError), database.session() as db:
        db.add(Author(name="Ada"))
        db.flush()
        raise ZeroDivisionError
    assert names(database) == []
    assert in_use(database) == 0


def test_a_session_block_may_be_read_only(database):
    message = r"^database\.session\(read_only=True\) writes to the database \(INSERT INTO author\)"
    with pytest.raises(ReadOnlyTransaction, match=message), database.session(read_only=True) as db:
        db.add(Author(name="Ada"))
    assert names(database) == []


def test_for_a_test_the_database_is_another_one_for_a_while(database, tmp_path):
    site = library(database)
    with database.temporarily(f"sqlite:///{tmp_path}/other.sqlite3") as other:
        assert other is database
        Author.metadata.create_all(database.engine)
        post(site)
        assert names(database) == ["Ada"]
    assert names(database) == []


def test_a_database_in_memory_is_one_for_all_threads():
    database = Database("sqlite://")
    Author.metadata.create_all(database.engine)
    site = library(database)
    with ThreadPoolExecutor(4) as pool:
        statuses = pool.map(lambda n: post(site, body=f"name={n}".encode()).status, range(20))
        assert set(statuses) == {200}
    assert len(names(database)) == 20
    database.close()


# --- Many at once


def run_at_once(threads, times, work):
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(times)))


def test_the_connections_of_eight_threads_stay_open(database):
    """The threads of a worker in docs/deployment.md; to open one costs more than a page."""
    everybody = threading.Barrier(8, timeout=20)

    def meet(request):
        request.db.scalars(select(Author)).all()
        everybody.wait()
        return "met"

    site = library(database, path("/meet", meet))
    assert run_at_once(8, 8, lambda _: call(site, "GET", "/meet").status) == [200] * 8
    assert database.engine.pool.checkedin() == 8


def test_300_writes_from_16_threads_are_all_there(database):
    def count(request):
        request.db.add(Author(name=request.form["name"]))
        request.db.execute(update(Book).values(copies=Book.copies + 1))
        return "counted"

    with database.session() as db:
        db.add(Book(title="Notes"))
    site = library(database, path("/count", count, methods=["POST"]))
    answers = run_at_once(16, 300, lambda n: post(site, "/count", f"name={n}".encode()).status)
    assert answers == [200] * 300
    assert len(names(database)) == 300
    with database.session() as db:
        assert db.scalars(select(Book.copies)).one() == 300


def test_what_sqlite_readers_read_before_they_write_is_still_so_when_they_write(sqlite_url):
    database = Database(sqlite_url)
    Book.metadata.create_all(database.engine)
    with database.session() as db:
        db.add(Book(title="Notes"))

    def one_more(request):
        book = request.db.scalars(select(Book)).one()
        book.copies += 1
        return "counted"

    site = library(database, path("/count", one_more, methods=["POST"]))
    assert run_at_once(8, 160, lambda n: post(site, "/count").status) == [200] * 160
    with database.session() as db:
        assert db.scalars(select(Book.copies)).one() == 160
    database.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
def test_a_child_process_has_an_engine_of_its_own(database):
    with database.session() as db:
        db.add(Author(name="Ada"))
    parents = database.engine
    child = os.fork()
    if child == 0:
        ok = database.engine is not parents and database.engine.pool.checkedin() == 0
        ok = ok and names(database) == ["Ada"]
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert database.engine is parents
    assert names(database) == ["Ada"]


# --- The rest


def test_the_settings_of_an_sqlite_connection(sqlite_url):
    database = Database(sqlite_url)
    with database.session() as db:
        connection = db.connection()
        values = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    database.close()


def test_every_constraint_of_a_model_has_a_name():
    tables = Author.metadata.tables
    assert {c.name for c in tables["book"].constraints} == {"pk_book", "fk_book_author_id_author"}
    assert {c.name for c in tables["author"].constraints} == {"pk_author", "uq_author_name"}
    assert {index.name for index in tables["book"].indexes} == {"ix_book_title"}


def test_an_object_says_what_it_is(database):
    with database.session() as db:
        ada = Author(name="Ada")
        assert repr(ada) == "<Author not saved>"
        db.add(ada)
        db.flush()
        assert repr(ada) == "<Author 1>"


def test_a_site_without_a_database_never_imports_sqlalchemy():
    code = (
        "import sys; from mtvgen.runtime import Application, get_or_404, path\n"
        "site = Application([path('/', lambda request: 'home')])\n"
        "print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_model_needs_nothing_but_the_public_names():
    assert Model.metadata.naming_convention["pk"] == "pk_%(table_name)s"
    assert callable(database_session(Database("sqlite://")))


# --- What PostgreSQL is asked


def has_begun(db):
    status = db.connection().connection.dbapi_connection.info.transaction_status
    return status.name == "INTRANS"


@pytest.mark.parametrize(
    ("work", "begins"),
    [
        (lambda db: db.scalars(select(Author)).all(), False),
        (lambda db: db.get(Author, 1), False),
        (lambda db: db.execute(text("SELECT 1")), True),
        (lambda db: db.scalar(select(func.set_config("app.user", "7", True))), True),
        (lambda db: db.begin_nested(), True),
        (lambda db: db.scalars(select(Author).execution_options(yield_per=1)).all(), True),
    ],
    ids=["select", "get", "text", "function", "savepoint", "server-side cursor"],
)
def test_a_get_on_postgresql_begins_no_transaction_for_a_plain_select(postgresql_url, work, begins):
    def view(request):
        work(request.db)
        return str(has_begun(request.db))

    database = Database(postgresql_url)
    Author.metadata.create_all(database.engine)
    site = library(database, path("/work", view))
    post(site)
    for _ in range(2):  # the second time on a connection that has been used
        assert call(site, "GET", "/work").text == str(begins)
        assert post(site, body=f"name={os.urandom(4).hex()}".encode()).status == 200
    database.close()


def test_rows_are_streamed_from_the_server(database):
    def view(request):
        statement = select(Author).order_by(Author.id).execution_options(yield_per=1)
        return Response(author.name.encode() for author in request.db.scalars(statement))

    site = library(database, path("/all", view))
    post(site)
    post(site, body=b"name=Grace")
    assert call(site, "GET", "/all").body == b"AdaGrace"
    assert in_use(database) == 0


_SCRIPT = """
import logging
import sys
import threading
from sqlalchemy import text
from sqlalchemy.event import listen
from mtvgen.runtime.models import Database

logging.basicConfig(level=logging.INFO)  # as docs/logging.md has it
database = Database(sys.argv[1])
listen(database.engine, "close", lambda connection, record: print("closed"))
with database.session() as db:
    db.execute(text("SELECT 1"))
"""


def test_a_script_leaves_no_connection_open(url):
    done = subprocess.run([sys.executable, "-c", _SCRIPT, url], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("closed\n", "")
