"""Connections that requests use one after the other, with all that SQLAlchemy makes around them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.util import immutabledict

from mtvgen.runtime import path
from mtvgen.runtime.models import Database, DatabaseLimits
from tests.support.library import Author, Book, library, names
from tests.support.wsgi_calls import call


@pytest.fixture
def counted(database):
    """How often a connection was opened, taken from the pool, and given back to it."""
    return count(database)


def count(database):
    counts = {"connect": 0, "checkout": 0, "checkin": 0}

    def counting(name):
        def listener(*_):
            counts[name] += 1

        return listener

    for name in counts:
        event.listen(database.engine, name, counting(name))
    return counts


def site_of(database, **views):
    return library(database, *(path(f"/{name}", view) for name, view in views.items()))


def test_requests_use_one_connection_without_asking_the_pool(database, counted):
    site = library(database)
    for number in range(5):
        assert call(site, "GET", "/authors").status == 200
        body = f"name={number}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert call(site, "POST", "/authors", body=body, headers=headers).status == 200
    assert counted["checkout"] <= 1
    assert counted["checkin"] == 0
    assert (database.engine.pool.checkedin(), database.engine.pool.checkedout()) == (1, 0)


def test_whoever_asks_the_pool_gets_what_a_request_has_left(database, counted):
    assert call(library(database), "GET", "/authors").status == 200
    counted["connect"] = 0
    assert names(database) == []
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    assert counted["connect"] == 0


def option(request):
    """Answer with the option that another request has set, on a connection that was used."""
    request.db.execute(text("SELECT 1"))
    return str(request.db.connection().get_execution_options().get("mine"))


def test_what_a_request_sets_on_its_connection_is_not_there_for_the_next(database):
    seen = []

    def setting(request):
        connection = request.db.connection(execution_options={"mine": "one"})
        event.listen(connection, "before_cursor_execute", lambda *_: seen.append("statement"))
        request.db.execute(text("SELECT 1"))
        return "set"

    site = site_of(database, set=setting, ask=option)
    assert call(site, "GET", "/set").text == "set"
    seen.clear()
    assert call(site, "GET", "/ask").text == "None"
    assert seen == []


def test_options_of_a_session_are_not_there_for_the_next_request(database):
    def setting(request):
        request.db.execution_options = immutabledict(mine="one")
        request.db.execute(text("SELECT 1"))
        return "set"

    site = site_of(database, set=setting, ask=option)
    assert call(site, "GET", "/set").text == "set"
    assert call(site, "GET", "/ask").text == "None"


def test_a_connection_that_somebody_holds_is_not_the_next_requests(database):
    held = []

    def hold(request):
        held.append(request.db.connection())
        return "held"

    site = site_of(database, hold=hold)
    call(site, "GET", "/hold")
    call(site, "GET", "/authors")
    assert held[0].closed


def test_a_commit_that_fails_leaves_no_transaction_to_the_next_request(sqlite_url):
    database = Database(sqlite_url)
    Author.metadata.create_all(database.engine)

    def promise(request):
        request.db.execute(text("PRAGMA defer_foreign_keys = ON"))
        request.db.add(Book(title="Notes", author_id=99))
        return "promised"

    site = library(database, path("/promise", promise, methods=["POST"]))
    assert call(site, "POST", "/promise").status == 500
    assert call(site, "GET", "/authors").status == 200
    assert call(site, "POST", "/promise").status == 500
    with database.session(read_only=True) as db:
        assert db.scalars(select(Book)).all() == []
    database.close()


def test_after_a_rush_as_many_stay_open_as_the_pool_has_places(sqlite_url):
    database = Database(sqlite_url, limits=DatabaseLimits(pool_size=2, max_overflow=4))
    Author.metadata.create_all(database.engine)
    everybody = threading.Barrier(6, timeout=20)

    def meet(request):
        request.db.scalars(select(Author)).all()
        everybody.wait()
        return "met"

    site = site_of(database, meet=meet)
    with ThreadPoolExecutor(6) as pool:
        assert [*pool.map(lambda _: call(site, "GET", "/meet").status, range(6))] == [200] * 6
    assert (database.engine.pool.checkedin(), database.engine.pool.checkedout()) == (2, 0)
    database.close()
    assert database.engine.pool.checkedin() == 0


def test_closing_a_database_closes_what_requests_have_left(database):
    closed = []
    event.listen(database.engine, "close", lambda *_: closed.append("closed"))
    call(library(database), "GET", "/authors")
    database.close()
    assert closed == ["closed"]


def test_a_pool_without_overflow_lets_those_who_wait_have_the_connection(sqlite_url):
    limits = DatabaseLimits(pool_size=1, max_overflow=0, pool_timeout=20)
    database = Database(sqlite_url, limits=limits)
    Author.metadata.create_all(database.engine)
    site = library(database)
    with ThreadPoolExecutor(4) as pool:
        statuses = pool.map(lambda _: call(site, "GET", "/authors").status, range(40))
        assert set(statuses) == {200}
    database.close()


def test_a_request_that_loses_the_server_gives_up_what_others_have_left(postgresql_url):
    database = Database(postgresql_url)
    counts = count(database)
    both = threading.Barrier(2, timeout=20)

    def meet(request):
        request.db.execute(text("SELECT 1"))
        both.wait()
        return "met"

    def lose(request):
        request.db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "lost"

    def ask(request):
        request.db.execute(text("SELECT 1"))
        return "asked"

    site = site_of(database, meet=meet, lose=lose, ask=ask)
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(lambda _: call(site, "GET", "/meet").status, range(2))] == [200] * 2
    assert counts["connect"] == 2
    assert call(site, "GET", "/lose").status >= 500
    assert call(site, "GET", "/ask").status == 200
    assert counts["connect"] == 3
    database.close()
