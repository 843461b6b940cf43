"""What is secret is in no text that a developer is shown, however it is written there."""

from __future__ import annotations

import dataclasses
import time
from collections import OrderedDict, UserDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mtvgen.project.masking import Masker
from mtvgen.runtime import Settings
from mtvgen.runtime.settings.masking import MASK, is_secret_name

SECRET = "hunter2-of-the-site"


@dataclass
class Account:
    name: str = "ann"
    password: str = SECRET
    api_key: bytes = SECRET.encode()
    pin: int = 12345678


class Plain:
    def __repr__(self) -> str:
        return f"<Plain {SECRET}>"


# --- names ---


SECRET_NAMES = """
    password passwd db_password PGPASSWORD passphrase pwd db_pwd MYSQL_PWD SMTP_PASS
    secret SECRET_KEY client_secret secret_key
    key api_key apikey api-key X-Api-Key apiKey stripe_key STRIPE_KEY signing_keys AWS_ACCESS_KEY_ID
    token access_token refresh-token csrfmiddlewaretoken X-CSRF-Token xsrf accessToken authToken
    session sessionid session_id PHPSESSID connect.sid cookie Set-Cookie HTTP_COOKIE
    salt password_salt pin otp auth Authorization Proxy-Authorization bearer jwt
    credential credentials private_key signature dsn sentry_dsn database_url DATABASE_URL
"""
OTHER_NAMES = """
    name title text author authors user note id count spin opinion monkey keyword keyboard
    compass bypass passage passenger primary_key foreign_keys public_key KeyError TokenError
    session_days password_min_length token_lifetime cookie_age Accept Host Content-Type
"""


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_the_name_of_a_secret_is_known_in_every_spelling(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", OTHER_NAMES.split())
def test_the_name_of_something_else_is_not_a_secret_s(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize("name", ["stripe_key", "db_pwd", "session", "salt", "pin", "my_token"])
def test_settings_and_pages_have_one_list_of_names(name):
    kind = type("SiteSettings", (Settings,), {"__annotations__": {name: "str"}})
    settings = kind.from_environment(
        Path("/"), {"SECRET_KEY": "x" * 40, "ALLOWED_HOSTS": "a", name.upper(): "abc"}
    )

    assert f"{name}=..." in repr(settings)
    assert Masker().describe(name, "abc") == MASK


# --- values of objects ---


@pytest.mark.parametrize(
    "value",
    [
        Account(),
        [Account()],
        {"accounts": (Account(),)},
        {"password": SECRET, "name": "ann"},
        {"a": {"b": [{"c": {"token": SECRET}}]}},
        OrderedDict(password=SECRET),
        UserDict(password=SECRET),
        f"password={SECRET}",
        f"a note, token={SECRET}, more",
        f"https://example.com/?token={SECRET}&page=2",
        {"QUERY_STRING": f"page=2&token={SECRET}"},
        {"HTTP_REFERER": f"https://example.com/reset?token={SECRET}"},
        {"HTTP_COOKIE": f"theme=dark; session={SECRET}"},
        {"HTTP_AUTHORIZATION": f"Bearer {SECRET}"},
        {"HTTP_X_API_KEY": SECRET},
        f"theme={'x' * 300}; session={SECRET}; page={'y' * 300}",
        f"{'x' * 500} password={SECRET} {'y' * 500}",
        {"text": f"{'x' * 97}password={SECRET}{'y' * 500}"},
        f'{{"password": "{SECRET}", "name": "ann"}}',
        f'{{"password":"{SECRET}"}}',
        [f'{{"it\'s": 1, "password": "{SECRET}"}}'],
        ValueError(f"wrong password='{SECRET}'"),
        ("x", ValueError(f"wrong: password={SECRET}")),
        f"postgresql://app:{SECRET}@db/site",
        f"postgresql://app:{SECRET}:more@db/site",
        f"postgresql://app:p@{SECRET}@db/site",
        f"amqp://app:p/{SECRET}@queue/",
        f"see postgresql://app:{SECRET}@db/site?sslmode=require or else",
        f"host=db user=app password={SECRET} dbname=site",
        f"host=db user=app password='{SECRET}' dbname=site",
        f"Authorization: Bearer {SECRET}1",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
        f"('ann', '$scrypt$ln=14,r=8,p=5$c2FsdA${SECRET}')",
        f"args['token'] = '{SECRET}'",
        f"password='{SECRET}",
        f"password = '{SECRET}'",
        f"%74oken={SECRET}",
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_secret_is_masked_in_every_value(value):
    shown = Masker().describe("value", value)

    assert SECRET not in shown
    for part in ("hunter2", "of-the-site"):
        assert part not in shown
    assert SECRET not in Masker().scrubbed(str(value))


@pytest.mark.parametrize("length", range(150, 260, 3))
def test_no_half_of_a_secret_is_left_where_a_value_is_cut(length):
    """Wherever it stands in a text that is too long, and wherever that is cut."""
    masker = Masker({"HTTP_COOKIE": f"id={SECRET}"})
    text = "x" * length + SECRET + "y" * 300
    for value in (text, [text], {"note": text}, Plain, (text,) * 20):
        shown = masker.describe("value", value)
        assert not any(SECRET[begin : begin + 6] in shown for begin in range(len(SECRET) - 5))


def test_what_says_nothing_about_a_secret_is_shown():
    masker = Masker()

    assert masker.describe("password", None) == "None"
    assert masker.describe("is_private", True) == "True"
    assert masker.describe("key", "notes") == "'notes'"
    assert masker.describe("key", "x" * 40) == MASK
    assert (
        masker.describe("value", {"password": None, "key": "a"}) == "{'key': 'a', 'password': None}"
    )
    for text in (
        "token: expected a name, found ')'",
        "KeyError: 'password'",
        "session = request.session",
        "password=None",
        "http://localhost:8000/@me",
        "see https://example.com/a:b/c",
        "if token == stored:",
    ):
        assert masker.scrubbed(text) == text


def test_a_line_of_source_keeps_its_names_and_loses_its_texts():
    masker = Masker()

    assert masker.scrubbed_source("check(token=token)") == "check(token=token)"
    assert masker.scrubbed_source("password = read()") == "password = read()"
    assert masker.scrubbed_source('password: str = "hunter2"') == f'password: str = "{MASK}"'
    assert masker.scrubbed_source("db(password='hunter2')") == f"db(password='{MASK}')"


# --- values that are known ---


class SiteSettings(Settings):
    stripe_key: str = ""
    tokens: list[str] = field(default_factory=list)
    other: str = field(default="", repr=False)
    shop_name: str = ""


def settings(**values: str) -> SiteSettings:
    names = {name.upper(): value for name, value in values.items()}
    environ = {"SECRET_KEY": "the-key-of-the-site", "ALLOWED_HOSTS": "a", **names}
    return SiteSettings.from_environment(Path("/srv/site"), environ)


@pytest.mark.parametrize(
    ("values", "secret"),
    [
        ({}, "the-key-of-the-site"),
        ({"stripe_key": "sk_live_123"}, "sk_live_123"),
        ({"tokens": "first-one,second-one"}, "second-one"),
        ({"other": "not-by-its-name"}, "not-by-its-name"),
        ({"database_url": "postgresql://app:pa55word@db/site"}, "pa55word"),
        ({"database_url": "postgresql://app:pa55%20word@db/site"}, "pa55 word"),
        ({"stripe_key": "quo'te\"s & \\ more"}, "quo'te\"s & \\ more"),
    ],
)
def test_the_secrets_of_the_settings_are_masked_wherever_they_stand(values, secret):
    read = settings(**values)
    masker = Masker()
    texts: list[Any] = [secret, f"a {secret} b", [secret], {"note": secret}, (f"{secret!r}",)]
    texts += [f"https://example.com/{secret}", dataclasses.make_dataclass("Note", ["text"])(secret)]

    for text in texts:
        assert secret not in masker.describe("text", text)
        assert repr(secret)[1:-1] not in masker.describe("text", text)
    assert secret not in masker.scrubbed(f"ValueError: {secret}")
    assert repr(read)


def test_what_is_no_secret_of_the_settings_stays():
    read = settings(shop_name="The Old Bookshop", stripe_key="abc")

    assert Masker().scrubbed(
        "The Old Bookshop, abc, /srv/site, sqlite:////srv/site/db.sqlite3"
    ) == ("The Old Bookshop, abc, /srv/site, sqlite:////srv/site/db.sqlite3")
    assert read.stripe_key == "abc"


def test_a_secret_that_a_test_has_for_a_while_is_one_for_that_while():
    read = settings(stripe_key="sk_live_123")
    with read.temporarily(stripe_key="sk_test_456"):
        assert Masker().scrubbed("sk_test_456") == MASK
    assert Masker().scrubbed("sk_test_456") == "sk_test_456"


def test_the_environment_s_secrets_are_masked_and_a_desktop_s_are_none(monkeypatch):
    monkeypatch.setenv("STRIPE_KEY", "sk_live_123")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")

    assert Masker().scrubbed("sk_live_123 wayland") == f"{MASK} wayland"


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_COOKIE": f"theme=dark; id={SECRET}"},
        {"HTTP_COOKIE": f'theme=dark; id="{SECRET}"'},
        {"HTTP_AUTHORIZATION": f"Bearer {SECRET}"},
        {"HTTP_AUTHORIZATION": "Basic YW5uOmh1bnRlcjItb2YtdGhlLXNpdGU="},
        {"HTTP_X_API_KEY": SECRET},
        {"HTTP_X_CSRF_TOKEN": SECRET},
        {"QUERY_STRING": f"page=2&token={SECRET}"},
        {"QUERY_STRING": "%74oken=hunter2%2Dof-the-site"},
    ],
    ids=str,
)
def test_what_proves_who_asks_is_masked_wherever_it_stands(environ):
    assert Masker(environ).scrubbed(f"no user has {SECRET}.") == f"no user has {MASK}."


# --- time ---


@pytest.mark.parametrize(
    "piece",
    [
        "a", "a=", "a:", "token=", "'token': ", "token='", "://a:", "://a:b", "\\'", "'\\", "x.",
        "Bearer a", "$scrypt$", "-----BEGIN PRIVATE KEY-----", "-----BEGIN A", "%", "a: b, ",
        "password: str | ", "]", "key[",
    ],
)  # fmt: skip
def test_a_hostile_text_is_looked_through_in_linear_time(piece):
    masker = Masker({"HTTP_COOKIE": "id=abcdefgh"})

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        best = 10.0
        for _ in range(3):
            begun = time.process_time()
            masker.scrubbed(text)
            best = min(best, time.process_time() - begun)
        return best

    small, large = seconds(20_000), seconds(160_000)
    assert large < 8 * 4 * max(small, 0.001)


@pytest.mark.parametrize("name", ["PWD", "OLDPWD"])
def test_the_directory_that_a_shell_is_in_is_no_password(monkeypatch, name):
    """`PWD`: or each path of the project would be masked in its tracebacks."""
    monkeypatch.setenv(name, "/home/ada/sites/shop")
    assert Masker().scrubbed("/home/ada/sites/shop/models/note.py") == (
        "/home/ada/sites/shop/models/note.py"
    )
    monkeypatch.setenv("PWD_DB", "correct-horse")
    assert Masker().scrubbed("correct-horse") == MASK
