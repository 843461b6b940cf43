"""The generated project with its own tests, and the same site with the same tests elsewhere.

Each is a directory in which pytest runs as its user would start it: Django with pytest-django,
which migrates once and rolls each test back; Flask with a file and create_all() for each test.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.benchmarks.production_sites import make_sites

TIMES = 4  # how often a suite holds the project's own tests
# The generated tests/test_site.py holds two tests of the project itself, and no visitor.
OF_THE_PROJECT = ("test_the_migrations_hold", "test_models_templates_views")

TESTS = """
import pytest


def test_a_note_is_saved_listed_and_has_a_page(client):
    post(client, "Buy milk")
    assert "Saved." in text(client.get("/notes"))
    assert "Buy milk" in text(client.get("/notes"))
    assert "Buy milk" in text(client.get("/notes/1"))


def test_the_message_is_shown_once(client):
    post(client, "Buy milk")
    client.get("/notes")
    assert "Saved." not in text(client.get("/notes"))


def test_a_note_without_text_or_with_too_much_is_not_saved(client):
    for wrong in ["  ", "x" * 501]:
        post(client, wrong)
        page = text(client.get("/notes"))
        assert "A note has 1 to 500 characters." in page
        assert "Nothing yet." in page


def test_each_test_begins_without_notes(client):
    assert "Nothing yet." in text(client.get("/notes"))
    assert "holds 0 notes" in text(client.get("/"))


def test_a_note_is_text_and_never_html(client):
    post(client, "<b>loud</b>")
    assert "<b>" not in text(client.get("/notes"))


@pytest.mark.parametrize("address", ["/notes/1", "/notes/9223372036854775807", "/notes/one"])
def test_a_note_that_is_not_there_is_a_404(client, address):
    assert client.get(address).status_code == 404


def test_the_home_page_answers(client):
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_an_unknown_address_gets_the_page_for_it(client):
    assert client.get("/no/such/page").status_code == 404


def test_an_address_without_a_view_is_a_404(client):  # in place of the test of a static file
    assert client.get("/no/such/style.css").status_code == 404
"""
FLASK_HELPERS = """
def post(client, note):
    assert client.post("/notes", data={"text": note}).status_code == 303


def text(response):
    return response.text
"""
DJANGO_HELPERS = """
def post(client, note):
    assert client.post("/notes", {"text": note}).status_code == 302


def text(response):
    return response.content.decode()
"""
FLASK_CONFTEST = """
import os

import pytest

os.environ["SECRET_KEY"] = "a key for the tests alone"
os.environ.setdefault("DATABASE_URL", "sqlite://")


@pytest.fixture
def client(tmp_path):
    from wsgi import create_application, db

    application = create_application(f"sqlite:///{tmp_path}/test.sqlite3")
    with application.app_context():
        db.create_all()
    yield application.test_client()
    with application.app_context():
        db.engine.dispose()
"""
DJANGO_CONFTEST = """
import os
import sys
from pathlib import Path

import pytest

os.environ["SECRET_KEY"] = "a key for the tests alone"
os.environ["DATABASE_URL"] = "sqlite:///db.sqlite3"
sys.path.insert(0, str(Path(__file__).parents[1]))


def pytest_configure():
    import wsgi  # its settings


@pytest.fixture
def client(db):
    from django.test import Client

    return Client(headers={"Host": "localhost"})
"""
PYTEST = """
[pytest]
pythonpath = .
testpaths = tests
"""


def make_tested_sites(directory: Path) -> dict[str, Path]:
    """Write the three projects, by the framework's name."""
    sites = make_sites(directory)
    own = sites["mtvgen"] / "tests"
    for name in ("test_notes", "test_site"):
        _repeat(own / f"{name}.py")
    _peer(sites["Flask"], FLASK_CONFTEST, FLASK_HELPERS)
    _peer(sites["Django"], DJANGO_CONFTEST, DJANGO_HELPERS)
    return sites


def _peer(root: Path, conftest: str, helpers: str) -> None:
    tests = root / "tests"
    tests.mkdir()
    (root / "pytest.ini").write_text(PYTEST, encoding="utf-8")
    (tests / "conftest.py").write_text(conftest, encoding="utf-8")
    (tests / "test_notes.py").write_text(TESTS + helpers, encoding="utf-8")
    _repeat(tests / "test_notes.py")


def _repeat(file: Path) -> None:
    for number in range(1, TIMES):
        shutil.copy(file, file.with_name(f"{file.stem}_{number}.py"))
