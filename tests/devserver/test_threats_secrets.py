"""What is secret is on no page of `mtvgen runserver`, and in no line of its terminal."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.devserver.running import SITE, Running, runserver

KEY = "the-key-of-the-site-in-its-env"
STRIPE = "sk_live_51H8x"
DATABASE = "pa55:word"
SECRETS = (KEY, STRIPE, DATABASE, "hunter2", "in-the-cookie", "in-the-field", "in-the-query")

SITE_WITH_SECRETS = {
    **SITE,
    ".env": f"""\
SECRET_KEY={KEY}
ALLOWED_HOSTS=localhost
STRIPE_KEY={STRIPE}
DATABASE_URL=postgresql://app:{DATABASE}@db/site
""",
    "settings.py": """
from pathlib import Path
from mtvgen.runtime import Settings
class SiteSettings(Settings):
    stripe_key: str
settings = SiteSettings.from_environment(Path(__file__).parent)
""",
    "urls.py": """
from mtvgen.runtime import path
from views import home
urlpatterns = [
    path("/", home.index), path("/text", home.text), path("/objects", home.objects),
    path("/request", home.request), path("/warns", home.warns), path("/chained", home.chained),
    path("/group", home.group), path("/missing", home.missing),
]
""",
    "views/home.py": """
import logging
from dataclasses import dataclass
from mtvgen.runtime import NotFound
from settings import settings

@dataclass
class Account:
    name: str
    password: str

given = "hunter2"

def index(request):
    return "first"

def text(request):
    raise RuntimeError(f"the key is {settings.secret_key}, and {settings.stripe_key}")

def chained(request):
    try:
        raise ValueError(f"can't connect to {settings.database_url}")
    except ValueError as error:
        raise RuntimeError("no database") from error

def group(request):
    noted = ValueError(f"no {settings.stripe_key}")
    noted.add_note(f"with {settings.secret_key}")
    raise ExceptionGroup(f"password={given}", [noted, RuntimeError(settings.database_url)])

def missing(request):
    raise NotFound(f"no user has {request.headers['X-Api-Key']}")

def objects(request):
    key = settings.secret_key
    other = ["x" * 90 + settings.stripe_key + "y" * 300]
    account = Account("ann", given)
    address = settings.database_url
    environ = request.environ
    raise RuntimeError(account)

def request(request):
    cookie = request.headers["Cookie"]
    asked = request.environ["QUERY_STRING"]
    raise RuntimeError(f"{cookie} {asked} {request.headers['X-Api-Key']}")

def warns(request):
    logging.getLogger("mtvgen").warning("the key is %s", settings.secret_key)
    return "warned"
""",
}


@pytest.fixture(scope="module", params=["", "--traceback", "--no-reload"])
def server(request, tmp_path_factory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("secrets") / "site"
    options = [request.param] if request.param else []
    with runserver(root, *options, "0", site=SITE_WITH_SECRETS) as running:
        yield running


def ask(server: Running, path: str, accept: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    fields = {
        "Accept": accept,
        "Cookie": f"theme=dark; id=in-the-cookie; long={'x' * 500}; session=in-the-cookie",
        "X-Api-Key": "in-the-field",
        "Authorization": "Bearer in-the-field",
        "Referer": "http://localhost/reset?token=in-the-query",
    }
    with closing(connection):
        connection.request("GET", f"{path}?page=2&token=in-the-query", headers=fields)
        return connection.getresponse().read().decode()


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
@pytest.mark.parametrize("path", ["/text", "/chained", "/objects", "/request", "/group"])
def test_the_error_page_and_its_text_show_no_secret(server, path, accept):
    page = ask(server, path, accept)

    assert "RuntimeError" in page or "ExceptionGroup" in page
    assert "********" in page
    for secret in SECRETS:
        assert secret not in page


def test_the_terminal_shows_no_secret(server):
    for path in ("/text", "/chained", "/objects", "/request", "/group", "/missing", "/warns"):
        ask(server, path, "*/*")
    server.wait_for_line(r"/warns +200")

    terminal = server.terminal()
    assert "RuntimeError: the key is ********, and ********" in terminal
    assert "warning: the key is ********" in terminal
    for secret in SECRETS:
        assert secret not in terminal


def test_a_project_that_can_not_be_loaded_shows_no_secret_either(tmp_path):
    site = {**SITE_WITH_SECRETS}
    site["wsgi.py"] = (
        'from settings import settings\nraise RuntimeError(f"no {settings.secret_key}")\n'
    )
    with runserver(tmp_path / "site", site=site) as server:
        server.wait_for_line(r"wsgi\.py:2: RuntimeError: no \*{8}")
        page = server.get("/")

        assert "no ********" in page.text
        assert re.search(r"raise RuntimeError", page.text)
        for secret in SECRETS:
            assert secret not in page.text + server.terminal()
