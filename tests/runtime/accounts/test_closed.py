"""Closed is closed: each way around the guard that is known, tried on a site that is closed."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from mtvgen.runtime import Application, Response, path, signed_sessions
from mtvgen.runtime.accounts import accounts, everybody, role, signed_in
from mtvgen.runtime.models import Database, database_session
from mtvgen.runtime.responses.conditional import conditional
from mtvgen.runtime.testing import Client
from tests.support.members_site import User, closed_routes, members_site, text

HTML = {"Accept": "text/html"}
ADA, GRACE = "ada@example.com", "grace@example.com"


def tagged(request):
    return conditional(request, Response("mine"), etag="v1")


def for_one_cache(request):
    fields = {request.query["name"]: "max-age=60"}
    return Response("mine", headers=fields)


class Broken:
    who = "nobody knows"

    def allows(self, account):
        raise LookupError("the office is closed")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    more = [
        path("/tagged", tagged),
        path("/for-one-cache", for_one_cache),
        path("/broken", text, name="broken", access=Broken()),
    ]
    return members_site(tmp_path_factory.mktemp("closed"), routes=[*closed_routes(), *more])


def signed_in_as(site, email):
    client = Client(site)
    client.post("/login", data={"email": email})
    return client


# As PATH_INFO: decoded once, by the server.
SPELLINGS = [
    *(
        "/mine",
        "mine",
        "//mine",
        "/./mine",
        "/mine/.",
        "/x/../mine",
        "/mine;x",
        "/mine;/",
        "/mine/",
    ),
    *("/mine//", "/%6dine", "/mine%2f", "/mine%00", "\\mine", "/MINE", "/mine ", "*", "/mine?x"),
    *("http://localhost/mine", "/static/../mine", "/static/%2e%2e/mine", "/static;/../mine"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_an_address_opens_it(site, spelling):
    answer = Client(site).get("/", headers=HTML, environ_overrides={"PATH_INFO": spelling})
    is_static = spelling.startswith("/static/")
    assert answer.status_code == (404 if is_static else 303), spelling
    assert "here" not in answer.text


@pytest.mark.parametrize(
    "fields",
    [
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"},
        {"X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"},
        {"X-Original-URL": "/", "X-Rewrite-URL": "/", "X-Forwarded-Prefix": "/static"},
        {"X-Remote-User": "ada@example.com", "Remote-User": "ada@example.com"},
        {"If-None-Match": "*"},
        {"If-None-Match": '"v1"'},
        {"If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
        {"Range": "bytes=0-0", "If-Range": '"v1"'},
        {"Host": "evil.test"},
        {"Purpose": "prefetch", "Sec-Purpose": "prefetch"},
        {"Access-Control-Request-Method": "GET", "Origin": "http://localhost"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_no_header_field_opens_an_address_or_says_that_it_is_there(site, fields):
    client = Client(site)
    for method in ("GET", "HEAD", "OPTIONS"):
        there = client.open("/tagged", method=method, headers={**HTML, **fields})
        missing = client.open("/nowhere", method=method, headers={**HTML, **fields})
        assert there.status_code == missing.status_code == 303
        assert sorted(there.headers.keys()) == sorted(missing.headers.keys())
        assert "ETag" not in there.headers


@pytest.mark.parametrize("method", ["get", "Get", "TRACE", "CONNECT", "PRI", ""])
def test_no_method_opens_an_address(site, method):
    assert Client(site).open("/mine", method=method, headers=HTML).status_code == 303


def test_a_tag_is_answered_with_304_only_to_who_may_see_the_page(site):
    ada = signed_in_as(site, ADA)
    tag = ada.get("/tagged").headers["ETag"]
    assert ada.get("/tagged", headers={"If-None-Match": tag}).status_code == 304
    ada.post("/logout")
    assert ada.get("/tagged", headers={"If-None-Match": tag}).status_code == 401


@pytest.mark.parametrize(
    "name",
    ["CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control", "X-Accel-Expires"],
)
def test_no_field_for_one_kind_of_cache_lets_a_closed_page_into_it(site, name):
    answer = signed_in_as(site, ADA).get("/for-one-cache", query_string={"name": name})
    assert name not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_an_error_on_the_way_closes(site, tmp_path):
    ada = signed_in_as(site, ADA)
    with pytest.raises(LookupError):  # which a server answers with 500
        ada.get("/broken")
    lost = Database(f"sqlite:///{tmp_path / 'lost.sqlite3'}")  # without tables
    layers = [database_session(lost), signed_sessions("a secret key for the tests alone")]
    routes = [path("/", text, access=signed_in)]
    broken = Application(routes, middleware=[*layers, accounts(User, log_in=None)])
    thief = Client(broken)
    thief.set_cookie("session", ada.get_cookie("session").value)
    with pytest.raises(OperationalError):
        thief.get("/")


def in_english(handler):
    """A middleware that takes the language off the address, as WSGI middleware would."""

    def handle(request):
        if request.path.startswith("/en/"):
            request.environ["PATH_INFO"] = request.path.removeprefix("/en")
        return handler(request)

    return handle


@pytest.mark.parametrize("access", [everybody, signed_in], ids=lambda rule: rule.who)
def test_a_middleware_that_changes_the_path_is_guarded_by_what_it_makes_of_it(tmp_path, access):
    routes = [
        path("/open", text, name="open", access=everybody),
        path("/staff", text, name="staff", access=role("staff")),
    ]
    layers = [
        database_session(Database(tmp_path / "a.sqlite3")),
        signed_sessions("key"),
        accounts(User, access=access, log_in=None),
        in_english,
    ]
    client = Client(Application(routes, middleware=layers))
    assert client.get("/en/open").text == "here"
    assert client.get("/en/staff").status_code == 401
