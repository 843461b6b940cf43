"""`mtvgen check --deploy`: what production asks of the settings."""

from __future__ import annotations

from types import ModuleType

import pytest

from mtvgen.checks.deployment.mail import mail_problems
from mtvgen.checks.deployment.settings import setting_problem, settings_problems
from mtvgen.runtime.settings.missing import missing_setting
from mtvgen.runtime.support.faults import Fault
from mtvgen.runtime.support.locations import Location
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
def test_a_setting_that_production_must_not_have(name, value, kind, message, tmp_path):
    settings = type("Site", (Settings,), {name: value})()

    (problem,) = settings_problems(settings, [], tmp_path)
    assert problem.id == kind
    assert message in problem.message
    assert problem.hint


def test_good_settings_are_no_problem(tmp_path):
    assert settings_problems(Settings(), [], tmp_path) == []


def test_settings_that_are_missing_are_named_with_what_to_type(tmp_path):
    found = settings_problems(None, [missing_setting("ALLOWED_HOSTS")], tmp_path)

    cure = "-> export ALLOWED_HOSTS=example.com,www.example.com [project.allowed-hosts]"
    assert [str(one) for one in found] == [f"settings.py:1:1: ALLOWED_HOSTS is not set. {cure}"]


FILE = "/srv/site/.env"


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (Fault("line", "m.", "c", "DEBUG", Location(FILE, 3)), ".env:3:1: m. -> c"),
        (Fault("file", "can't be read.", "c", "", Location(FILE, 0)), ".env:1:1: can't be read."),
        (Fault("wrong", "PAGES is wrong: '.env x'.", "", "PAGES"), "settings.py:1:1: PAGES is wr"),
    ],
)
def test_what_is_wrong_in_the_file_has_one_place_there(fault, shown, tmp_path):
    assert str(setting_problem(fault, tmp_path)).startswith(shown)
    assert str(setting_problem(fault, tmp_path)).endswith(" [project.settings]")


def test_the_command_asks_for_the_environment_as_it_is(tmp_path, checker):
    write_project(tmp_path)

    found = checker.check(tmp_path.resolve(), deploy=True).errors

    assert [problem.id for problem in found] == [
        "project.not-migrated",
        "project.allowed-hosts",
        "project.secret-key",
    ]
    assert "does not exist" in found[0].message
    assert "ALLOWED_HOSTS is not set" in found[1].message
    assert "SECRET_KEY is not set" in found[2].message


SENDS = """from mtvgen.runtime.mail import send


def invite(request):
    send(request, to="ada@example.com", subject="Hello", text="Hello")
    return "sent"
"""
MAILER = """from mtvgen.runtime.mail import Mailer

newsletter = Mailer("smtps://news.example.com", "News <news@example.com>")
"""


@pytest.mark.parametrize(
    ("views", "mail_url", "is_reported"),
    [
        (SENDS, "", True),
        (SENDS, "smtp://mail.example.com", False),
        (SENDS.replace("send", "send_now"), "", True),
        (MAILER, "", False),
        ("", "", False),
    ],
    ids=["sends", "has a server", "sends at once", "a server of its own", "sends nothing"],
)
def test_a_site_that_sends_mail_needs_a_server(views, mail_url, is_reported):
    module = ModuleType("views.invitations")
    exec(views, vars(module))

    problems = [str(one) for one in mail_problems([module], mail_url)]

    assert [problem.partition(" -> ")[0] for problem in problems] == (
        ["settings.py:1:1: MAIL_URL is not set, and views/invitations.py sends email."]
        if is_reported
        else []
    )


def test_the_command_asks_for_the_server_of_a_site_that_sends_mail(tmp_path, checker):
    write_project(tmp_path)
    (tmp_path / "views" / "invitations.py").write_text(SENDS)
    wsgi = tmp_path / "wsgi.py"
    wsgi.write_text(f"import views.invitations\n{wsgi.read_text()}")

    found = checker.check(tmp_path.resolve(), deploy=True).errors

    assert "project.mail-server" in [problem.id for problem in found]
