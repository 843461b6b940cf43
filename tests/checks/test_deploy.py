"""`mtvgen check --deploy`: what production asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.deployment.middleware import middleware_problems
from mtvgen.checks.deployment.settings import (
    setting_problem,
    settings_problems,
)
from mtvgen.checks.python.sources import Sources
from tests.checks.seed_project import write_project


class Settings:
    """Settings as production would have them."""

    debug = False
    secret_key = "k9sJ2mQ8wZ4rT6vX1cB3nL5pD7fG0hYa-Q"
    allowed_hosts = ("example.com",)


@pytest.mark.parametrize(
    ("name", "value", "kind", "message"),
    [
        ("secret_key", "short", "project.secret-key", "SECRET_KEY is weak: 5 characters"),
        ("secret_key", "a" * 60, "project.secret-key", "1 of them different"),
        ("allowed_hosts", ["*"], "project.allowed-hosts", "answers for any host"),
        ("allowed_hosts", ["localhost", "127.0.0.1"], "project.allowed-hosts", "nobody elsewhere"),
        ("allowed_hosts", [], "project.allowed-hosts", "names nothing"),
        ("debug", True, "project.debug", "DEBUG is set"),
    ],
)
def test_a_setting_that_production_must_not_have(name, value, kind, message):
    settings = type("Site", (Settings,), {name: value})()

    (problem,) = settings_problems(settings, [])
    assert problem.id == kind
    assert message in problem.message
    assert problem.hint


def test_good_settings_are_no_problem():
    assert settings_problems(Settings(), []) == []


def test_settings_that_are_missing_are_named_with_what_to_type():
    found = settings_problems(None, ["SECRET_KEY is not set. -> export SECRET_KEY=..."])

    assert [str(one) for one in found] == [
        "settings.py:1: SECRET_KEY is not set. -> export SECRET_KEY=..."
    ]


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            "/srv/site/.env:3: DEBUG has no place here. -> remove the line",
            ".env:3: DEBUG has no place here. -> remove the line",
        ),
        (".env:4: this line is no NAME=value.", ".env:4: this line is no NAME=value."),
        (
            ".env can't be read: Permission denied. -> let this user read it",
            ".env:1: can't be read: Permission denied. -> let this user read it",
        ),
        (
            "PAGES is wrong: '.env x' is no int.",
            "settings.py:1: PAGES is wrong: '.env x' is no int.",
        ),
    ],
)
def test_what_is_wrong_in_the_file_has_one_place_there(sentence, shown):
    assert str(setting_problem(sentence)) == shown


HOSTS, HEADERS, ORIGIN, DATABASE, SESSIONS = (
    "allowed_hosts(settings.allowed_hosts)",
    "security_headers()",
    "same_origin()",
    "database_session(database)",
    "signed_sessions(settings.secret_key)",
)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([HOSTS, HEADERS, ORIGIN, DATABASE, SESSIONS], []),
        ([HOSTS, HEADERS, ORIGIN], []),
        ([HOSTS, "mine()", HEADERS, ORIGIN, SESSIONS, DATABASE], []),
        ([HEADERS, ORIGIN], ["the middleware allowed_hosts() is missing"]),
        ([HOSTS, ORIGIN], ["the middleware security_headers() is missing"]),
        ([HOSTS, HEADERS, DATABASE], ["the middleware same_origin() is missing"]),
        ([HEADERS, HOSTS, ORIGIN], ["allowed_hosts() stands behind security_headers()"]),
        ([HOSTS, HEADERS, DATABASE, ORIGIN], ["same_origin() stands behind database_session()"]),
        ([HOSTS, HEADERS, SESSIONS, ORIGIN], ["same_origin() stands behind signed_sessions()"]),
        ([HOSTS, ORIGIN, HEADERS], ["security_headers() stands behind same_origin()"]),
    ],
    ids=lambda value: ", ".join(one.split("(")[0] for one in value) or "no problem",
)
def test_the_middleware_is_there_and_in_order(tmp_path, listed, expected):
    found = problems_of_middleware(tmp_path, f"[{', '.join(listed)}]")

    assert len(found) == len(expected)
    assert all(one in problem.message for one, problem in zip(expected, found, strict=True))
    assert all(problem.file == "wsgi.py" for problem in found)


def test_a_site_without_any_middleware_lacks_all_that_protects(tmp_path):
    assert len(problems_of_middleware(tmp_path, None)) == 3


def test_a_computed_list_is_left_alone_and_counted(tmp_path):
    (unchecked,) = problems_of_middleware(tmp_path, "usual()")

    assert str(unchecked).endswith("middleware not checked: its list is computed")


def problems_of_middleware(root: Path, listed: str | None) -> list:
    write_project(root)
    wsgi = root / "wsgi.py"
    before, rest = wsgi.read_text().split("    middleware=[", 1)
    after = rest.split("    ],\n", 1)[1]
    line = f"    middleware={listed},\n" if listed is not None else ""
    wsgi.write_text(f"{before}{line}{after}")
    sources = Sources(root)
    sources.refresh()
    return list(middleware_problems(sources.modules["wsgi"], sources.resolve))


def test_the_command_asks_for_the_environment_as_it_is(tmp_path, checker):
    write_project(tmp_path)

    found = checker.check(tmp_path.resolve(), deploy=True).errors

    assert [problem.id for problem in found] == [
        "project.allowed-hosts",
        "project.not-migrated",
        "project.secret-key",
    ]
    assert "ALLOWED_HOSTS is not set" in found[0].message
    assert "does not exist" in found[1].message
    assert "SECRET_KEY is not set" in found[2].message
