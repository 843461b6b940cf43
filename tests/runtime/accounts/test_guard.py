"""The guard: what visitors, members and staff get from each route, and from what is not one."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import Engine, event
from sqlalchemy import text as sql

from mtvgen.runtime import Application, path
from mtvgen.runtime.accounts import everybody
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.testing import Client
from tests.support.members_site import User, members_site, text

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADA, GRACE = "ada@example.com", "grace@example.com"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return members_site(tmp_path_factory.mktemp("members"))


def signed_in_as(site, email):
    client = Client(site)
    assert client.post("/login", data={"email": email}).status_code == 303
    return client


def essence(answer):
    """What a visitor could tell two answers by, but for the address that was asked for."""
    fields = sorted((n, v) for n, v in answer.headers if n not in ("Location", "Content-Length"))
    return answer.status_code, fields, answer.headers.get("Location", "").partition("?")[0]


def test_a_browser_is_led_to_the_login_page_and_back(site):
    client = Client(site)
    answer = client.get("/mine?page=2&q=a%20b", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=/mine?page%3D2%26q%3Da%2520b"
    back = client.post(answer.headers["Location"], data={"email": ADA})
    assert back.headers["Location"] == "/mine?page=2&q=a%20b"
    assert client.get(back.headers["Location"]).text == "here"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "*/*"},
        {"Accept": "application/json"},
        {"Accept": "application/json, text/plain, */*"},
        {**HTML, "Authorization": "Bearer x"},
    ],
)
def test_a_program_is_answered_with_401_and_how_to_sign_in(site, headers):
    answer = Client(site).get("/mine", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Cookie form-action="/login"'


def test_a_form_of_a_visitor_leads_back_to_its_page(site):
    client = Client(site)
    from_page = client.post("/mine", headers={**HTML, "Referer": "http://localhost/mixed?a=1"})
    assert from_page.headers["Location"] == "/login?next=/mixed?a%3D1"
    for referer in ("https://evil.test/x", "//evil.test", ""):
        answer = client.post("/mine", headers={**HTML, "Referer": referer})
        assert answer.headers["Location"] == "/login"


def test_a_person_without_the_role_is_refused(site):
    assert signed_in_as(site, ADA).get("/staff", headers=HTML).status_code == 403
    assert signed_in_as(site, ADA).get("/staff/desk").status_code == 200
    assert signed_in_as(site, GRACE).get("/staff").status_code == 200


def test_below_a_prefix_the_way_back_has_it_too(site):
    answer = Client(site).get("/mine", headers=HTML, environ_overrides={"SCRIPT_NAME": "/app"})
    assert answer.headers["Location"] == "/app/login?next=/app/mine"


PATHS = [
    *("/mine", "/mine/", "/folder", "/folder/", "/post-only", "/post-only/", "/staff", "/staff/"),
    *("/staff/desk", "/logout", "/MINE", "/m%C3%AFne", "/static", "/%2e%2e/mine"),
]


@pytest.mark.parametrize("headers", [HTML, {}], ids=["browser", "program"])
def test_a_visitor_can_not_tell_a_closed_address_from_one_that_does_not_exist(site, headers):
    client = Client(site)
    for method, address in product(METHODS, PATHS):
        missing = client.open("/no/such/page", method=method, headers=headers)
        answer = client.open(address, method=method, headers=headers)
        assert essence(answer) == essence(missing), (method, address)
        assert answer.status_code == (303 if headers else 401)


def test_a_visitor_can_not_tell_the_closed_methods_of_an_open_address(site):
    client = Client(site)
    for method in ("POST", "DELETE", "PUT", "PROPFIND"):
        assert client.open("/mixed", method=method).status_code == 401, method
    assert client.options("/mixed").headers["Allow"] == "GET, HEAD, OPTIONS"
    staff = signed_in_as(site, GRACE)
    assert staff.options("/mixed").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST"
    assert staff.put("/mixed").status_code == 405
    assert signed_in_as(site, ADA).put("/mixed").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_what_is_open_answers_as_on_any_site(site):
    client = Client(site)
    assert client.get("/").text == "here"
    assert client.head("/").status_code == 200
    assert client.get("/static/style.css").text == "body {}"
    assert client.get("/open-folder").headers["Location"] == "/open-folder/"
    assert client.get("/static/none.css").status_code == 404
    assert signed_in_as(site, ADA).get("/no/such/page").status_code == 404
    assert signed_in_as(site, ADA).get("/folder").headers["Location"] == "/folder/"


def test_where_routes_are_open_by_default_a_closed_one_says_no_more_than_itself(tmp_path):
    client = Client(members_site(tmp_path, access=everybody))
    assert client.get("/no/such/page").status_code == 404
    assert client.options("/staff").status_code == 401
    assert client.put("/staff").headers.get("Allow") is None
    assert client.get("/staff/").status_code == 401
    assert client.put("/mine").status_code == 405


def test_answers_of_closed_routes_are_kept_out_of_shared_caches(site):
    ada = signed_in_as(site, ADA)
    answer = ada.get("/mine")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]
    for given, sent in {
        "max-age=60": "private, max-age=60",
        "public, max-age=60": "private, max-age=60",
        "s-maxage=5, max-age=1": "private, max-age=1",
        "no-store": "no-store",
    }.items():
        answer = ada.get("/shared", query_string={"control": given})
        assert answer.headers["Cache-Control"] == sent
    refusal = Client(site).get("/mine", headers=HTML)
    assert refusal.headers["Cache-Control"] == "no-store"
    assert refusal.headers["Vary"] == "Accept, Authorization, Cookie"
    assert "Vary" not in ada.get("/").headers


def test_templates_have_the_user_also_on_error_pages(site):
    ada = signed_in_as(site, ADA)
    assert ada.get("/hello").text == ADA
    assert ada.get("/by-macro").text == ADA
    assert ada.get("/gone").text == f"404 for {ADA}"
    assert ada.get("/staff").text == f"403 for {ADA}"
    assert Client(site).get("/hello").text == "a visitor"
    assert Client(site).get("/gone").text == "404 for a visitor"


def queries_of(action):
    seen = []

    def note(connection, cursor, statement, *_):
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        action()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def test_a_page_with_the_user_costs_one_query_more_and_a_login_one(site):
    ada = signed_in_as(site, ADA)
    ada.post("/login", data={"email": ADA})  # last seen just now
    assert queries_of(lambda: ada.get("/quiet")) == 0
    assert queries_of(lambda: ada.get("/hello")) == 1
    assert queries_of(lambda: ada.get("/mine")) == 1
    assert queries_of(lambda: Client(site).get("/hello")) == 0
    assert queries_of(lambda: Client(site).get("/mine")) == 0
    assert queries_of(lambda: Client(site).post("/login", data={"email": ADA})) == 1


def test_a_route_is_looked_up_once(tmp_path, monkeypatch):
    looked_up = []
    find = Router.find
    monkeypatch.setattr(Router, "find", lambda *asked: looked_up.append(asked[2]) or find(*asked))
    site = members_site(tmp_path)
    ada = signed_in_as(site, ADA)
    looked_up.clear()
    for address in ("/", "/mine", "/static/style.css"):
        assert ada.get(address).status_code == 200
    assert looked_up == ["/", "/mine", "/static/style.css"]


def test_reading_writes_nothing_and_sending_notes_the_visit_once_an_hour(site):
    ada = signed_in_as(site, ADA)
    old = "UPDATE user SET last_seen = '2020-01-01 00:00:00.000000' WHERE email = :email"
    with site.database.session() as db:
        db.execute(sql(old), {"email": ADA})
    assert ada.get("/mine").status_code == 200
    assert last_seen(site).year == 2020
    assert ada.post("/mine").status_code == 200
    first = last_seen(site)
    assert first.year > 2020
    assert ada.post("/mine").status_code == 200
    assert last_seen(site) == first


def last_seen(site):
    with site.database.session(read_only=True) as db:
        return db.query(User).filter_by(email=ADA).one().last_seen


def test_request_user_without_accounts_is_an_error_that_says_what_to_add():
    def who(request):
        return str(request.user)

    with pytest.raises(RuntimeError, match=r"accounts\(User\) goes into"):
        Client(Application([path("/", who)])).get("/")


def test_a_middleware_that_changes_the_request_is_guarded_by_what_it_makes_of_it(tmp_path):
    from mtvgen.runtime import signed_sessions
    from mtvgen.runtime.accounts import accounts, role
    from mtvgen.runtime.models import Database, database_session

    def as_delete(handler):
        def change(request):
            request.method = request.query.get("method", request.method)
            return handler(request)

        return change

    routes = [
        path("/", text, access=everybody),
        path("/", text, methods=["DELETE"], access=role("staff")),
        path("/login", text, name="accounts.log_in", access=everybody),
    ]
    layers = [
        database_session(Database(tmp_path / "a.sqlite3")),
        signed_sessions("key"),
        accounts(User),
        as_delete,
    ]
    client = Client(Application(routes, middleware=layers))
    assert client.post("/?method=GET").status_code == 200
    assert client.post("/?method=DELETE").status_code == 401
