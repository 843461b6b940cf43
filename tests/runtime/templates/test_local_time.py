"""The filter localtime: a moment as the clocks of the site show it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from jinja2 import UndefinedError

from mtvgen.runtime import Application, Settings, Templates, path, render
from tests.support.wsgi_calls import call

WINTER = datetime(2026, 1, 2, 4, tzinfo=UTC)
SUMMER = datetime(2026, 7, 2, 22, 30, tzinfo=timezone(timedelta(hours=-8)))


@pytest.fixture
def shown(tmp_path):
    """What a template shows, with the settings of an application."""

    def show(template, values=(), templates=None, **options):
        (tmp_path / "page.html").write_text(template)
        site = Application(
            [path("/", lambda request: render(request, "page.html", **dict(values)))],
            templates=templates or tmp_path,
            **options,
        )
        answer = call(site, "GET", "/")
        if answer.exc_info:
            raise answer.exc_info[1]
        return answer.text

    return show


@pytest.mark.parametrize(
    ("zone", "moment", "text"),
    [
        ("UTC", WINTER, "2026-01-02 04:00:00+00:00"),
        ("Asia/Shanghai", WINTER, "2026-01-02 12:00:00+08:00"),
        ("Europe/Berlin", WINTER, "2026-01-02 05:00:00+01:00"),
        ("Europe/Berlin", SUMMER, "2026-07-03 08:30:00+02:00"),
    ],
)
def test_a_moment_is_shown_in_the_zone_of_the_site(shown, zone, moment, text):
    assert shown("{{ it|localtime }}", {"it": moment}, time_zone=zone) == text


def test_without_a_zone_it_is_utc(shown):
    assert shown("{{ it|localtime }}", {"it": SUMMER}) == "2026-07-03 06:30:00+00:00"


def test_a_format_makes_it_text(shown):
    template = '{{ it|localtime("%d.%m.%Y, %H:%M") }} {{ (it|localtime).hour }}'
    text = shown(template, {"it": SUMMER}, time_zone="Europe/Berlin")
    assert text == "03.07.2026, 08:30 8"


@pytest.mark.parametrize(
    ("value", "error", "why"),
    [
        (datetime(2026, 1, 2), ValueError, "has no time zone"),
        (date(2026, 1, 2), TypeError, r"datetime.date\(2026, 1, 2\) is not a datetime"),
        (None, TypeError, "None is not a datetime"),
        ("now", TypeError, "'now' is not a datetime"),
    ],
)
def test_what_is_no_moment_is_told(shown, value, error, why):
    with pytest.raises(error, match=f"^localtime takes a moment in time, and .*{why}"):
        shown("{{ it|localtime }}", {"it": value})


def test_a_name_that_was_not_passed_is_told_as_everywhere(shown):
    with pytest.raises(UndefinedError, match="'it' is undefined"):
        shown("{{ it|localtime }}")


def test_a_filter_of_the_projects_own_stays(shown, tmp_path):
    templates = Templates(tmp_path, filters={"localtime": lambda moment: "mine"})
    assert shown("{{ 1|localtime }}", templates=templates, time_zone="Asia/Shanghai") == "mine"


@pytest.mark.parametrize("name", ["Asia/Shangai", "Europe", "../etc/passwd", "", "/etc/passwd"])
def test_a_zone_that_is_none_is_refused_at_the_start(name):
    with pytest.raises(ValueError, match="is not a time zone"):
        Application([], time_zone=name)


def test_the_settings_say_which(shown, tmp_path):
    environ = {"SECRET_KEY": "x", "ALLOWED_HOSTS": "x", "TIME_ZONE": "Asia/Shanghai"}
    settings = Settings.from_environment(tmp_path, environ)
    text = shown('{{ it|localtime("%H:%M") }}', {"it": WINTER}, time_zone=settings.time_zone)
    assert text == "12:00"
