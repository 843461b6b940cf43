"""What a worker of a new project has not loaded after its first pages, and so does not hold."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.support.live_site import environment

from mtvgen.startproject.create import create_project

# What no page of a new project needs -> what needs it, and what it would be in each worker.
UNNEEDED = {
    "alembic": "migrations: 7 MB",
    "asyncio": "asynchronous drivers, and a statement that fails: 1.5 MB with the next two",
    "concurrent.futures": "asyncio",
    "subprocess": "asyncio",
    "difflib": "names in error messages",
    "greenlet": "asynchronous sessions",
    "http.client": "requests to other servers",
    "logging.config": "logs that a site sets up",
    "mtvgen.checks": "mtvgen check",
    "mtvgen.cli": "the command",
    "mtvgen.devserver": "mtvgen runserver",
    "mtvgen.runtime.accounts": "accounts",
    "mtvgen.runtime.forms": "forms that are classes",
    "mtvgen.runtime.lists": "lists with pages",
    "mtvgen.runtime.mail": "mail",
    "mtvgen.runtime.migrations": "mtvgen migrate",
    "mtvgen.runtime.testing": "tests",
    "multiprocessing": "further processes",
    "psycopg": "PostgreSQL",
    "sqlalchemy.dialects.postgresql": "PostgreSQL",
    "sqlalchemy.ext": "SQLAlchemy's extensions",
    "ssl": "connections that a site opens",
    "unittest": "tests",
    "zoneinfo": "times of another zone than UTC",
}
FIRST_PAGES = """
import json, sys
from wsgiref.util import setup_testing_defaults
from wsgi import application

statuses = []
for path in ("/", "/notes", "/notes/1", "/static/style.css", "/missing"):
    environ = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    b"".join(application(environ, lambda status, headers, error=None: statuses.append(status[:3])))
print(json.dumps([statuses, [*sys.modules]]))
"""


def test_a_worker_holds_nothing_that_its_pages_do_not_need(tmp_path: Path) -> None:
    root = tmp_path / "mysite"
    create_project("mysite", str(root))
    with sqlite3.connect(root / "db.sqlite3") as connection:
        connection.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT, created TEXT)")
        connection.execute("INSERT INTO note VALUES (1, 'Buy milk', '2026-11-29 15:00:00.000000')")
    connection.close()

    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAGES],
        cwd=root,
        env={**environment(tmp_path), "ALLOWED_HOSTS": "127.0.0.1"},
        capture_output=True,
        check=True,
    )

    statuses, modules = json.loads(done.stdout)
    assert statuses == ["200", "200", "200", "200", "404"]
    assert {"sqlalchemy.orm", "jinja2", "mtvgen.runtime.models"} <= {*modules}
    assert {name: UNNEEDED[name] for name in UNNEEDED if name in modules} == {}
