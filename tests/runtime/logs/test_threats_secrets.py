"""What is secret in the settings, or by its name, is in no log."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest

from mtvgen.runtime import Application, Settings, path
from mtvgen.runtime.logs import JSONFormatter
from mtvgen.runtime.testing import Client

KEY = 'the-key-of-the-"site"-\u00e9'


class SiteSettings(Settings):
    stripe_key: str = ""


@pytest.fixture
def settings() -> SiteSettings:
    return SiteSettings.from_environment(
        Path("/srv/site"),
        {
            "SECRET_KEY": KEY,
            "ALLOWED_HOSTS": "a",
            "STRIPE_KEY": "sk_live_123",
            "DATABASE_URL": "postgresql://app:pa55word@db/site",
        },
    )


@pytest.fixture(params=["plain", "json"])
def log(request):
    """What the logger `mtvgen` writes, as text and as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter() if request.param == "json" else None)
    logger = logging.getLogger("mtvgen")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def test_the_secrets_of_the_settings_are_in_no_logged_exception(settings, log):
    def fails(request):
        try:
            raise ValueError(f"can't reach {settings.database_url}")
        except ValueError as error:
            raise RuntimeError(f"{settings.secret_key} {settings.stripe_key}") from error

    application = Application([path("/", fails)])
    with pytest.raises(RuntimeError):
        Client(application).get("/")

    for secret in (KEY, json.dumps(KEY)[1:-1], "sk_live_123", "pa55word"):
        assert secret not in log.getvalue()
    assert "RuntimeError: ******** ********" in log.getvalue()
    assert "ValueError" in log.getvalue()
    assert "in fails" in log.getvalue()


def test_nor_in_a_logged_sentence(settings, log):
    logging.getLogger("mtvgen").error("the key is %s", settings.stripe_key)

    assert "the key is ********" in log.getvalue()


def test_a_record_without_secrets_is_left_to_its_formatter(settings, log):
    def fails(request):
        raise RuntimeError("nothing secret")

    with pytest.raises(RuntimeError):
        Client(Application([path("/", fails)])).get("/")

    assert "nothing secret" in log.getvalue()
    assert "********" not in log.getvalue()
    assert settings.secret_key == KEY


def test_a_field_of_a_record_that_is_called_like_a_secret_is_masked_in_json():
    record = logging.makeLogRecord(
        {
            "msg": "login",
            "user": "ann",
            "password": "hunter2",
            "X-Api-Key": 12345,
            "form": {"name": "ann", "token": "abc", "items": [{"pin": 1}, ("a", {"salt": "b"})]},
        }
    )

    line = json.loads(JSONFormatter().format(record))

    assert line["user"] == "ann"
    assert line["password"] == line["X-Api-Key"] == "********"
    assert line["form"] == {
        "name": "ann",
        "token": "********",
        "items": [{"pin": "********"}, ["a", {"salt": "********"}]],
    }
