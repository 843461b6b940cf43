"""The fixtures that the tests share."""

import os
from collections.abc import Iterator

import pytest
from mtvgen.runtime.migrations import FreshDatabases
from mtvgen.runtime.testing import Client

# The environment wins over .env, so the tests are the same on every machine.
os.environ["SECRET_KEY"] = "a key for the tests alone"
os.environ["ALLOWED_HOSTS"] = "localhost"


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreshDatabases]:
    """All tables and no rows, made once by the migrations; each test gets a copy."""
    from models import database
    from settings import settings

    file = tmp_path_factory.mktemp("database") / "test.sqlite3"
    with FreshDatabases(database, file, settings.root / "migrations") as databases:
        yield databases


@pytest.fixture
def client(databases: FreshDatabases) -> Iterator[Client]:
    """A browser without a screen: client.get("/"), client.post("/", data={...}).

    Each test has a database of its own, with all tables and no rows.
    """
    from wsgi import application

    with databases.fresh():
        yield Client(application)
