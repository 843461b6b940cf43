"""The fixture that the tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from mtvgen.runtime.migrations import migrate
from mtvgen.runtime.testing import Client

# The environment wins over .env, so the tests are the same on every machine.
os.environ["SECRET_KEY"] = "a key for the tests alone"
os.environ["ALLOWED_HOSTS"] = "localhost"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A browser without a screen: client.get("/"), client.post("/", data={...}).

    Each test has a database of its own, with all tables and no rows.
    """
    from models import database
    from settings import settings
    from wsgi import application

    with database.temporarily(tmp_path / "test.sqlite3"):
        migrate(database, settings.root / "migrations")
        yield Client(application)
