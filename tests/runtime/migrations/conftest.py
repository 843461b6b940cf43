"""Databases with nothing in them, and a place for migrations."""

from __future__ import annotations

import pytest

from mtvgen.runtime.models import Database


@pytest.fixture
def database(url):
    """One for each kind of database."""
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_url):
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def postgresql(postgresql_url):
    database = Database(postgresql_url)
    yield database
    database.close()


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "migrations"
