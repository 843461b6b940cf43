"""A clock that is set, forwards or back, fails no request and loses no session that is not over."""

from __future__ import annotations

import pytest

from mtvgen.runtime import Application, path, security_headers, signed_sessions
from mtvgen.runtime.logs.access import access_log
from mtvgen.runtime.testing import Client

DAY = 24 * 60 * 60
NOW = 1_780_000_000.0


def count(request):
    request.session["count"] = request.session.get("count", 0) + 1
    return str(request.session["count"])


@pytest.mark.parametrize(
    ("jumps", "counted"),
    [
        ([0, -60, 60], ["1", "2", "3", "4"]),
        ([-3600, 3600], ["1", "2", "3"]),
        # Signed while the clock was a year behind, it is old when the clock is right again.
        ([-365 * DAY, 365 * DAY], ["1", "2", "1"]),
        ([-20_000 * DAY], ["1", "2"]),
        ([13 * DAY, 13 * DAY], ["1", "2", "3"]),
        ([365 * DAY], ["1", "1"]),
    ],
)
def test_a_session_goes_on_when_the_clock_is_set(jumps, counted):
    now = NOW
    application = Application(
        [path("/", count)],
        middleware=[
            access_log(),
            security_headers(),
            signed_sessions("a key", max_age=14 * DAY, clock=lambda: now),
        ],
    )
    browser = Client(application)

    seen = [browser.get("/").text]
    for jump in jumps:
        now += jump
        seen.append(browser.get("/").text)

    assert seen == counted
