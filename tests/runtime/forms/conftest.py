"""A shop on SQLite and on PostgreSQL, and one request at a time to a form of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mtvgen.runtime import Application, path
from mtvgen.runtime.models import Database, database_session
from mtvgen.runtime.testing import Client
from tests.support import shop


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept_database(request, tmp_path_factory) -> Iterator[Database]:
    """One database for a module: tables take longer to make than all that a test does."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('shop')}/shop.sqlite3"
    else:
        url = request.getfixturevalue("postgresql_server").empty_database()
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def database(kept_database) -> Database:
    """The shop's database, with three makers and two tags; each test runs on both kinds."""
    shop.empty(kept_database)
    shop.fill(kept_database)
    return kept_database


@pytest.fixture(scope="module")
def memory() -> Iterator[Database]:
    """A shop in memory, for tests that write nothing."""
    database = Database("sqlite://")
    shop.fill(database)
    yield database
    database.close()


@pytest.fixture
def sent() -> Callable:
    """Return what a function makes of one request: `sent(read, data={...})`."""

    def send(function, /, database=None, **request):
        results = []

        def view(request):
            results.append(function(request))
            return "", getattr(results[-1], "status", 200)

        def answer(request):
            view(request)
            return "done"

        middleware = [database_session(database)] if database is not None else []
        method = request.pop("method", "POST")
        options = request.pop("options", {})
        site = Application(
            [path("/", answer, methods=["GET", "POST"], name="form")],
            middleware=middleware,
            **options,
        )
        Client(site).open("/", method=method, **request)
        return results[0]

    return send


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that is sent from now on."""
    from sqlalchemy import Engine, event

    seen: list[str] = []

    def remember(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", remember)
    yield seen
    event.remove(Engine, "before_cursor_execute", remember)
