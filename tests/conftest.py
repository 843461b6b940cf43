"""Fixtures that tests of several directories share."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

from mtvgen.runtime.models import Database
from tests.support.chromium import axe, browser
from tests.support.library import Shelf
from tests.support.postgresql import postgresql_server, postgresql_url

# A shell that starts the tests in the background has them ignore some signals, and what they
# start would ignore them too.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

__all__ = ["axe", "browser", "postgresql_server", "postgresql_url"]

# The same examples in every run, and none fails because the machine was busy.
settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Neighbours stay together, so that what a module's tests share is made by one worker.

    Each worker has one stretch of the tests, and takes from another's when it is through. Where
    --dist names a way, it is that.
    """
    if config.option.dist != "load":  # which is what -n alone stands for
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture
def sqlite_url(tmp_path):
    """The URL of a SQLite database for one test, whose file is not there yet."""
    return f"sqlite:///{tmp_path}/test.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """An empty database for one test: each test runs on SQLite and on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def database(url):
    """A Database with the tables of tests/support/library.py."""
    database = Database(url)
    Shelf.metadata.create_all(database.engine)
    yield database
    database.close()


def pytest_terminal_summary(terminalreporter):
    """One row for each server that tests/servers/ has asked, and whether all its answers agree."""
    asked: dict[str, list[str]] = {}
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            if server := dict(getattr(report, "user_properties", ())).get("server"):
                asked.setdefault(server, []).append(outcome)
    if asked:
        terminalreporter.section("the same answers under each server")
    for server, outcomes in asked.items():
        right = outcomes.count("passed")
        verdict = "ok" if right == len(outcomes) else "WRONG"
        terminalreporter.write_line(f"{server:20} {right:3} of {len(outcomes):3}  {verdict}")
