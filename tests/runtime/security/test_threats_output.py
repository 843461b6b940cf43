"""Scripts in pages, lines in logs, and what may leave the process."""

from __future__ import annotations

import json
import logging
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mtvgen
from mtvgen.runtime import Application, Settings, path
from tests.support.browser import Browser
from tests.support.guarded_site import HOST, KEY, make_site
from tests.support.wsgi_calls import call


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("site"))


def ask(site, method="GET", url="/", **more):
    headers = {"Host": HOST, **more.pop("headers", {})}
    return call(site, method, url, headers=headers, **more)


# From OWASP's XSS filter evasion cheat sheet, and the classic template probes.
SCRIPTS = [
    "<script>alert(1)</script>", "<ScRiPt>alert(1)</sCrIpT>", "</title><script>alert(1)</script>",
    '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    '" onmouseover="alert(1)', "' onmouseover='alert(1)", "<img src=\"javascript:alert(1)\">",
    "<<script>alert(1)//<</script>", "<iframe src=//evil.test>", "<body onload=alert(1)>",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">", "<a href=\"java\tscript:alert(1)\">x</a>",
    "<style>@import'//evil.test';</style>", "<meta http-equiv=refresh content=0;url=//evil.test>",
    "<base href=//evil.test>", "]]><script>alert(1)</script>", "\u2028<script>", "+ADw-script+AD4-",
    "{{7*7}}", "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}", "${7*7}",
    "<%= 7*7 %>",
    "&lt;script&gt;", "&#60;script&#62;", "\x00<script>", "<script\x0b>", "\"'`<>&",
]  # fmt: skip


class Elements(HTMLParser):
    """The elements and attributes of a page, as a browser sees them."""

    def __init__(self, text):
        super().__init__()
        self.seen = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, tuple(name for name, _ in attributes)))


PLACES = {
    "a template": "/echo?text={}",
    "a 404 with a detail": "/missing?text={}",
    "a 400 with a detail": "/refused?text={}",
    "a 500": "/broken?text={}",
    "the path": "/nowhere/{}",
    "the query of a 404": "/nowhere?{}",
    "a converter": "/static/{}",
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("url", PLACES.values(), ids=PLACES)
def test_injected_markup_no_input_becomes_an_element_or_an_attribute(site, url, script):
    harmless = Elements(ask(site, url=url.format("text")).text).seen
    answer = ask(site, url=url.format(quote(script)))
    if answer.status != 400:  # a control character in the path
        assert Elements(answer.text).seen == harmless
    assert "49" not in re.sub(r"nonce-\S+", "", answer.text)


# NUL is a 400, and its page shows nothing of what was sent.
@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=40))
def test_injected_markup_no_text_at_all_becomes_an_element(tmp_path_factory, text):
    site = shared(tmp_path_factory)
    text = text.encode("utf-8", "replace").decode()
    for url in ("/echo?text=", "/missing?text="):
        harmless = Elements(ask(site, url=url + "text").text).seen
        assert Elements(ask(site, url=url + quote(text)).text).seen == harmless


_sites = []


def shared(tmp_path_factory):
    """One site for all examples of hypothesis."""
    if not _sites:
        _sites.append(make_site(tmp_path_factory.mktemp("shared")))
    return _sites[0]


@pytest.mark.parametrize("script", [script for script in SCRIPTS if "\0" not in script])
def test_injected_markup_a_flash_is_escaped_where_it_is_shown(site, script):
    browser = Browser(site)
    browser.get("/say?text=text", headers={"Host": HOST})
    harmless = Elements(browser.get("/echo", headers={"Host": HOST}).text).seen
    browser.get(f"/say?text={quote(script)}", headers={"Host": HOST})
    assert Elements(browser.get("/echo", headers={"Host": HOST}).text).seen == harmless


@pytest.mark.parametrize("name", ["X-Evil", "Referer", "User-Agent", "Host"])
def test_injected_markup_no_header_shows_up_in_a_page(site, name):
    for url in ("/nowhere", "/broken"):
        assert "<b>" not in ask(site, url=url, headers={name: "<b>evil.test"}).text


LINES = [
    "a\nERROR root: fake",
    "a\r\nfake",
    "a\x1b[2Jb",
    "a\x00b",
    "a\x85b",
    "a\u2028b",
    "a\x9b31mb",
]


@pytest.mark.parametrize("text", LINES)
def test_injected_markup_a_log_line_is_one_line_without_controls(site, caplog, text):
    data = text.encode().decode("latin-1")
    with caplog.at_level(logging.DEBUG):
        call(
            site,
            url="/broken",
            HTTP_HOST=HOST,
            PATH_INFO="/broken",
            REQUEST_METHOD="GET",
            HTTP_USER_AGENT=data,
        )
        for method, path in (("GET", "/broken"), ("GET", f"/nowhere/{data}"), (data, "/broken")):
            site_call(site, method, path)
    for record in caplog.records:
        assert record.getMessage().isprintable()


def site_call(site, method, path):
    """A call that wsgiref.validate would refuse before the application sees it."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_HOST": HOST,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
    }
    for _ in site(environ, lambda status, headers, exc_info=None: None):
        pass


# Without debug, nothing about the inside leaves the process.
URLS = [
    "/", "/nowhere", "/broken", "/broken?text=x", "/missing", "/refused", "/slash", "/static/",
    "/static/nothing.css", "/static/style.css", "/echo", "/form", "/session", "/json", "/%ff",
    "/header", "/go", "/cookie",
]  # fmt: skip


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "TRACE"])
def test_disclosure_no_path_traceback_secret_or_version_is_in_any_answer(tmp_path, method, debug):
    site = make_site(tmp_path, debug=debug)
    secrets = [
        "Traceback", "ZeroDivisionError", "hunter2", KEY, str(tmp_path), "guarded_site", ".py",
        "site-packages", f"mtvgen/{mtvgen.__version__}", "Jinja", "Python", "Werkzeug", "WSGI",
    ]  # fmt: skip
    for url in URLS:
        answer = ask(site, method, url)
        everything = repr(answer.fields) + answer.body.decode("latin-1")
        assert [secret for secret in secrets if secret in everything] == []
        assert not {"server", "x-powered-by"} & answer.headers.keys()


def test_disclosure_the_cause_of_a_500_is_in_the_log_and_nowhere_else(site, caplog):
    answer = ask(site, url="/broken")
    assert answer.status == 500
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in answer.text


def test_disclosure_what_a_session_holds_is_not_hidden_and_its_key_is(site):
    answer = ask(site, url="/session")
    assert KEY not in repr(answer)
    assert json.loads(answer.body) == {"visits": 1}


def test_disclosure_a_repr_of_what_holds_secrets_shows_none(tmp_path):
    settings = Settings.from_environment(
        tmp_path,
        {
            "SECRET_KEY": KEY,
            "ALLOWED_HOSTS": HOST,
            "DATABASE_URL": "postgresql://ada:hunter2@localhost/notes",
        },
    )
    assert KEY not in repr(settings)
    assert "hunter2" not in f"{settings} {settings!r} {[settings]}"


def test_disclosure_a_request_shows_no_cookie_and_no_authorization(site):
    shown = []

    def look(handler):
        def looking(request):
            shown.append(f"{request!r} {request.headers!r}")
            return handler(request)

        return looking

    application = Application([path("/", lambda request: "x")], middleware=[look])
    call(application, headers={"Cookie": "session=hunter2", "Authorization": "Bearer hunter2"})
    assert "hunter2" not in shown[0]
