"""Fixtures of the tests of features."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.checks.checker import Checker
from tests.checks.seed_project import write_project
from tests.support.language_client import Client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that knows a project; each test leaves what it has opened as it was."""
    root = tmp_path_factory.mktemp("site").resolve()
    write_project(root)
    client = Client(root)
    client.start()
    wait_for_models(client)
    yield client
    assert client.stop() == 0
    assert client.errors == ""


def wait_for_models(client: Client) -> None:
    """Read until the project is imported.

    Names of views are known before that, and columns are not.
    """
    detail = client.open(client.directory / "templates/notes/detail.html")
    client.replace(detail, "note.title", "note.titel")
    client.wait_until(bool, "the misspelt column")
    client.close_document(detail)
    client.wait_for_problems()


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    """A process that checks projects."""
    checker = Checker()
    yield checker
    checker.close()
