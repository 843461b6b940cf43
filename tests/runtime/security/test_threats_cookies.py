"""Forged and hostile cookies."""

from __future__ import annotations

import json
import pickle
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer, TimestampSigner, URLSafeTimedSerializer

from mtvgen.runtime import Application, Response, path, signed_sessions
from mtvgen.runtime.http.cookies import parse_cookies
from tests.support.browser import Browser
from tests.support.guarded_site import HOST, KEY, make_site
from tests.support.wsgi_calls import call

HTTPS = {"wsgi.url_scheme": "https"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("site"))


def session_of(site, cookie):
    """What the site takes a cookie for, and its whole answer."""
    answer = call(site, url="/session", headers={"Host": HOST, "Cookie": cookie})
    return json.loads(answer.body), answer


def good_cookie(site):
    browser = Browser(site)
    for _ in range(3):
        browser.get("/session", headers={"Host": HOST})
    return browser.cookies["session"]


def encoded(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


def test_forged_cookies_the_good_cookie_counts(site):
    session, _ = session_of(site, f"session={good_cookie(site)}")
    assert session == {"visits": 4}


def test_forged_cookies_any_change_to_any_character_makes_the_session_empty(site):
    cookie = good_cookie(site)
    for place in range(len(cookie)):
        for other in {"A", "B", ".", "-"} - {cookie[place]}:
            changed = cookie[:place] + other + cookie[place + 1 :]
            if equivalent(changed, cookie):
                continue
            assert session_of(site, f"session={changed}")[0] == {"visits": 1}, changed


def equivalent(changed, cookie):
    """Whether only the two bits of the last character were changed that base64 leaves unused."""
    return changed[:-1] == cookie[:-1]


@pytest.mark.parametrize("length", range(0, 60, 7))
def test_forged_cookies_a_cookie_cut_short_is_an_empty_session(site, length):
    assert session_of(site, f"session={good_cookie(site)[:length]}")[0] == {"visits": 1}


PAYLOAD = encoded(b'{"visits":999,"admin":true}')
NO_ALGORITHM = encoded(b'{"alg":"none"}')
BODY = f"{PAYLOAD}.1900000000.1900000000"
SALT = b"mtvgen.session.session"

FORGED = {
    "nothing": "",
    "unsigned": PAYLOAD,
    "no signature": f"{BODY}.",
    "made up": f"{BODY}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "the key as plain text": f"{BODY}.{KEY.replace(' ', '')}",
    "another key": Signer("another", salt=b"mtvgen.session.session")
    .sign(f"{PAYLOAD}.1900000000")
    .decode(),
    "another salt": Signer(KEY, salt=b"other").sign(BODY).decode(),
    "sha1": Signer(KEY, salt=b"mtvgen.session.session", key_derivation="hmac")
    .sign(PAYLOAD)
    .decode(),
    "Flask's": URLSafeTimedSerializer(
        KEY, salt="cookie-session", signer_kwargs={"key_derivation": "hmac"}
    ).dumps({"visits": 999}),
    "Django's": URLSafeTimedSerializer(KEY, salt="django.core.signing").dumps({"visits": 999}),
    "Starlette's": TimestampSigner(KEY).sign(PAYLOAD).decode(),
    "JWT without algorithm": f"{NO_ALGORITHM}.{PAYLOAD}.",
    "pickle": encoded(pickle.dumps({"visits": 999})),
    "dots": "." * 500,
    "very long": "A" * 4000,
    "not ASCII": "\xff\xfe\xfd",
    "controls": "a\x01b",
    "quotes": '"""',
    "JSON": '{"visits":999}',
    "compressed": "." + encoded(b"x\x9c\xabV*\xcb,\xceL)V\xb2\xb4\xb4\xac\x05\x00\x1e\xf2\x04?"),
}


@pytest.mark.parametrize("value", FORGED.values(), ids=FORGED)
def test_forged_cookies_a_cookie_that_was_not_signed_here_is_an_empty_session(site, value):
    session, answer = session_of(site, f"session={value}")
    assert (session, answer.status) == ({"visits": 1}, 200)


def signed(text, moment="1800000000", key=KEY):
    """A cookie as the site signs it, of something that the site never writes."""
    signer = Signer(key, salt=SALT, key_derivation="hmac", digest_method=sha256)
    return signer.sign(f"{text}.1800000000.{moment}").decode()


def test_forged_cookies_what_is_signed_as_the_site_signs_is_read():
    """Or the next test would prove nothing."""
    application = one_page(clock=lambda: 1_800_000_000)
    payload = encoded(b'{"visits":6}')
    cookie = f"session={signed(payload)}"
    assert call(application, headers={"Cookie": cookie}).text == '{"visits":7}'


@pytest.mark.parametrize(
    ("payload", "moment"),
    [
        (encoded(b"[1,2]"), "1800000000"),
        (encoded(b'"text"'), "1800000000"),
        (encoded(b"null"), "1800000000"),
        (encoded(b"{"), "1800000000"),
        (encoded(b"\xff\xff"), "1800000000"),
        (encoded(b"[" * 100_000), "1800000000"),
        (encoded(pickle.dumps({"a": 1})), "1800000000"),
        ("***", "1800000000"),
        (encoded(b'{"a":1}'), "now"),
        (encoded(b'{"a":1}'), ""),
        (encoded(b'{"a":1}'), "-1"),
        (encoded(b'{"a":1}'), "9" * 5000),
    ],
    ids=range(12),
)
def test_forged_cookies_even_with_the_right_key_only_our_own_form_is_read(payload, moment):
    application = Application(
        [path("/", lambda request: dict(request.session))],
        middleware=[signed_sessions(KEY, clock=lambda: 1_800_000_000)],
    )
    cookie = f"session={signed(payload, moment)}"
    answer = call(application, headers={"Cookie": cookie})
    assert (answer.status, answer.text) == (200, "{}")


def test_forged_cookies_a_bad_cookie_is_taken_off_the_browser():
    application = Application(
        [path("/", lambda request: dict(request.session))], middleware=[signed_sessions(KEY)]
    )
    answer = call(application, headers={"Cookie": "session=forged"})
    assert answer.headers["set-cookie"].startswith("session=; Max-Age=0; Path=/")


def test_forged_cookies_a_cookie_of_another_application_with_the_same_key_opens_nothing():
    def application(name):
        view = path("/", lambda request: request.session.setdefault("user", 1) and {})
        look = path("/look", lambda request: dict(request.session))
        return Application([view, look], middleware=[signed_sessions(KEY, cookie_name=name)])

    for extra in ({}, HTTPS):
        shop = Browser(application("shop"))
        shop.get("/", **extra)
        (value,) = shop.cookies.values()
        names = ["admin", "__Host-admin", "shop", "__Host-shop"]
        cookie = "; ".join(f"{name}={value}" for name in names)
        answer = call(application("admin"), url="/look", headers={"Cookie": cookie}, **extra)
        assert answer.text == "{}"


def test_forged_cookies_a_cookie_that_was_sent_over_http_opens_nothing_over_https_and_back():
    for sent, read, name in ([{}, HTTPS, "__Host-session"], [HTTPS, {}, "session"]):
        browser = Browser(one_page())
        browser.get("/", **sent)
        (value,) = browser.cookies.values()
        answer = call(one_page(), headers={"Cookie": f"{name}={value}"}, **read)
        assert answer.text == '{"visits":1}'


TOSSED = ["x", "", "forged.1.1.x", f"{'A' * 40}.1900000000.1900000000.{'A' * 43}"]


@pytest.mark.parametrize("tossed", TOSSED)
@pytest.mark.parametrize("extra", [{}, HTTPS], ids=["http", "https"])
def test_forged_cookies_a_cookie_that_a_subdomain_sets_logs_nobody_out(tossed, extra):
    browser = Browser(one_page())
    browser.get("/", **extra)
    ((name, good),) = browser.cookies.items()
    for cookie in (f"{name}={tossed}; {name}={good}", f"{name}={good}; {name}={tossed}"):
        answer = call(one_page(), headers={"Cookie": cookie}, **extra)
        assert answer.text == '{"visits":2}'


def test_forged_cookies_a_cookie_that_is_signed_and_too_old_hides_no_other():
    times = iter([1_800_000_000, 1_800_000_000 + 100 * 24 * 3600])
    old, new = (make_cookie(now) for now in times)
    application = one_page(clock=lambda: 1_800_000_000 + 100 * 24 * 3600)
    answer = call(application, headers={"Cookie": f"session={old}; session={new}"})
    assert answer.text == '{"visits":2}'


def test_forged_cookies_over_https_a_name_that_a_subdomain_can_set_is_not_read():
    # The attacker's own session is signed as well as any: what is set by another host has to be
    # kept out by the browser, which lets nobody else set a name with this prefix.
    attacker = Browser(one_page())
    attacker.get("/")
    victim = Browser(one_page())
    victim.get("/", **HTTPS)
    victim.get("/", **HTTPS)
    victim.cookies = {"session": attacker.cookies["session"], **victim.cookies}
    assert victim.get("/", **HTTPS).text == '{"visits":3}'


def test_forged_cookies_over_https_a_cookie_of_the_bare_name_is_left_alone():
    answer = call(one_page(), headers={"Cookie": "session=x"}, **HTTPS)
    assert answer.text == '{"visits":1}'
    assert [value for name, value in answer.fields if "session=;" in value] == []


@pytest.mark.parametrize("extra", [{}, HTTPS], ids=["http", "https"])
def test_forged_cookies_a_deletion_takes_the_cookie_that_was_set_off_the_browser(extra):
    def view(request):
        request.session.clear()
        return "cleared"

    application = Application([path("/", view)], middleware=[signed_sessions(KEY)])
    name = "__Host-session" if extra else "session"
    answer = call(application, headers={"Cookie": f"{name}=forged"}, **extra)
    secure = "Secure; " if extra else ""
    assert answer.headers["set-cookie"] == (
        f"{name}=; Max-Age=0; Path=/; {secure}HttpOnly; SameSite=Lax"
    )


def test_stolen_cookies_a_copy_ends_with_the_lifetime_of_its_session_however_used():
    now = 1_800_000_000
    clock = [now]
    thief = Browser(one_page(clock=lambda: clock[0]))
    thief.cookies = {"session": make_cookie(now)}
    visits = []
    for day in range(120):
        clock[0] = now + day * 24 * 3600
        visits.append(json.loads(thief.get("/").body)["visits"])
    assert visits[90] == 92
    assert visits[91] == 1


def one_page(**options):
    """A page that counts its visits in the session."""
    return Application([path("/", count)], middleware=[signed_sessions(KEY, **options)])


def count(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return dict(request.session)


def make_cookie(now):
    browser = Browser(one_page(clock=lambda: now))
    browser.get("/")
    return browser.cookies["session"]


def test_forged_cookies_a_key_that_is_no_longer_in_the_list_opens_nothing(tmp_path):
    def site(*keys):
        return Application(
            [path("/", lambda request: dict(request.session) or request.session.update(a=1) or {})],
            middleware=[signed_sessions(keys)],
        )

    browser = Browser(site("old"))
    browser.get("/")
    for keys, seen in [(["new", "old"], '{"a":1}'), (["new", "newer"], "{}")]:
        browser.application = site(*keys)
        assert browser.get("/").text == seen


def test_forged_cookies_a_response_that_a_view_keeps_carries_no_session_to_another_visitor():
    kept = Response("the same for all")

    def view(request):
        request.session["name"] = request.query["name"]
        return kept

    application = Application([path("/", view)], middleware=[signed_sessions(KEY)])
    ada, bob = Browser(application), Browser(application)
    for browser, name in [(ada, "Ada"), (bob, "Bob"), (ada, "Ada"), (bob, "Eve")]:
        assert browser.get(f"/?name={name}").status == 200
    assert ada.cookies != bob.cookies
    assert "Set-Cookie" not in kept.headers


HOSTILE_COOKIES = [
    "", ";", "=", "=x", "x", "; ; ;", "session", "session=", "a=b" * 2000, "=;" * 2000,
    "session=\"", "session=\"\\", "session=\"\\377\"", "session=\"\\999\"", "a=\x00", "a=\xff; b=1",
    "__proto__=1; constructor=2", "a=1, b=2", "a=1\tb=2", "$Version=1; session=x; $Path=/",
    "session=x" + "; session=x" * 500, "s\u00e9ssion=x".encode().decode("latin-1"),
    "\x85session=x", " session = x ", "session=a=b=c", "session=%00%0d%0a", "a" * 8000 + "=1",
]  # fmt: skip


@pytest.mark.parametrize("cookie", HOSTILE_COOKIES)
def test_forged_cookies_no_cookie_field_is_an_error(site, cookie):
    headers = {"Host": HOST, "Cookie": cookie}
    for url in ("/session", "/heard", "/show/x"):
        assert call(site, url=url, headers=headers).status == 200


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_forged_cookies_any_text_is_parsed_and_the_first_of_a_name_wins(text):
    cookies = parse_cookies(text)
    assert all(isinstance(value, str) and name for name, value in cookies.items())
    assert parse_cookies(f"first=1; {text}; first=2")["first"] == "1"
