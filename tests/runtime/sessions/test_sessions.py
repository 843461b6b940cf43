"""request.session in a signed cookie, and flash messages."""

from __future__ import annotations

import json
import re
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import (
    Application,
    Forbidden,
    Response,
    flash,
    get_flashed_messages,
    path,
    send_file,
    signed_sessions,
)
from mtvgen.runtime.sessions import MAX_AGE, MAX_LIFETIME
from tests.support.browser import Browser
from tests.support.wsgi_calls import call

KEY = "a secret key for the tests alone"
HOUR = 3600
DAY = 24 * HOUR
HTTPS = {"wsgi.url_scheme": "https"}


class Clock:
    """Seconds since 1970, as a test wants them."""

    def __init__(self, now=1_800_000_000):
        self.now = now

    def __call__(self):
        return self.now


def site(*routes, key=KEY, clock=None, **options):
    return Application(routes, middleware=[signed_sessions(key, clock=clock or Clock(), **options)])


def remember(request):
    request.session["name"] = request.query.get("name", "Ada")
    return "remembered"


def recall(request):
    return dict(request.session)


def idle(request):
    return "the session was not touched"


def clear(request):
    request.session.clear()
    return "cleared"


def append(request):
    request.session.setdefault("cart", {"items": []})["items"].append("tea")
    return "put into the cart"


ROUTES = [
    path("/remember", remember),
    path("/recall", recall),
    path("/idle", idle),
    path("/clear", clear),
    path("/append", append),
]


def test_a_session_comes_back_with_the_next_request():
    browser = Browser(site(*ROUTES))
    browser.get("/remember?name=Grace")
    assert json.loads(browser.get("/recall").body) == {"name": "Grace"}


def test_a_session_that_nobody_touches_costs_no_header():
    answer = call(site(*ROUTES), url="/idle")
    assert "set-cookie" not in answer.headers
    assert "vary" not in answer.headers


def test_an_untouched_cookie_is_not_even_parsed():
    seen = []

    def look(request):
        seen.append(request._cookies)
        return "x"

    browser = Browser(site(*ROUTES, path("/look", look)))
    browser.get("/remember")
    browser.get("/look")
    assert seen == [None]


def test_reading_makes_the_page_vary_and_sends_nothing():
    browser = Browser(site(*ROUTES))
    browser.get("/remember")
    answer = browser.get("/recall")
    assert answer.headers["vary"] == "Cookie"
    assert "set-cookie" not in answer.headers


def test_reading_an_empty_session_makes_the_page_vary_too():
    assert call(site(*ROUTES), url="/recall").headers["vary"] == "Cookie"


@pytest.mark.parametrize(
    ("own", "sent"),
    [
        ("Accept-Encoding", "Accept-Encoding, Cookie"),
        ("cookie", "cookie"),
        ("Accept, Cookie", "Accept, Cookie"),
        ("*", "*"),
    ],
)
def test_the_vary_of_a_view_is_kept(own, sent):
    from mtvgen.runtime import Response

    def view(request):
        request.session.get("name")
        return Response("x", headers={"Vary": own})

    assert call(site(path("/", view))).headers["vary"] == sent


@pytest.mark.parametrize("url", ["/remember", "/recall", "/append", "/clear"])
def test_a_page_that_looked_at_the_session_is_kept_by_no_shared_cache(url):
    browser = Browser(site(*ROUTES))
    assert browser.get(url).headers["cache-control"] == "private, no-cache"
    assert browser.get(url).headers["cache-control"] == "private, no-cache"


def test_a_page_that_left_the_session_alone_says_nothing_about_caches():
    browser = Browser(site(*ROUTES))
    browser.get("/remember")
    assert "cache-control" not in browser.get("/idle").headers


def test_a_file_for_members_is_kept_by_no_shared_cache(tmp_path):
    """send_file() says `no-cache`, which lets a shared cache keep the file and ask again."""
    (tmp_path / "bill.txt").write_text("500")

    def bill(request):
        assert request.session["name"] == "Ada"
        return send_file(request, tmp_path / "bill.txt")

    browser = Browser(site(*ROUTES, path("/bill", bill)))
    browser.get("/remember")
    answer = browser.get("/bill")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Cookie"


@pytest.mark.parametrize("own", ["no-store", "public, max-age=60"])
def test_the_cache_control_of_a_view_is_kept(own):
    from mtvgen.runtime import Response

    def view(request):
        request.session["a"] = 1
        return Response("x", headers={"Cache-Control": own})

    answer = call(site(path("/", view)))
    assert [value for name, value in answer.fields if name == "Cache-Control"] == [own]


def test_a_change_deep_inside_is_saved():
    browser = Browser(site(*ROUTES))
    browser.get("/append")
    browser.get("/append")
    assert json.loads(browser.get("/recall").body) == {"cart": {"items": ["tea", "tea"]}}


def test_the_cookie_is_hidden_from_scripts_and_from_other_sites():
    answer = call(site(*ROUTES), url="/remember")
    attributes = answer.headers["set-cookie"].split("; ")[1:]
    assert attributes == [f"Max-Age={MAX_AGE}", "Path=/", "HttpOnly", "SameSite=Lax"]


def test_over_https_the_cookie_is_sent_over_https_alone_and_set_by_no_other_host():
    answer = call(site(*ROUTES), url="/remember", **HTTPS)
    name, *attributes = re.split("=[^;]*; |; ", answer.headers["set-cookie"], maxsplit=1)
    assert name == "__Host-session"
    assert attributes == [f"Max-Age={MAX_AGE}; Path=/; Secure; HttpOnly; SameSite=Lax"]


def test_below_a_prefix_the_cookie_belongs_to_the_prefix():
    answer = call(site(*ROUTES), url="/remember", SCRIPT_NAME="/shop")
    assert "; Path=/shop;" in answer.headers["set-cookie"]


@pytest.mark.parametrize("prefix", ["/a;b", "/;", "/shop;v=1/en"])
def test_below_a_prefix_that_no_cookie_can_name_it_belongs_to_the_host(prefix):
    browser = Browser(site(*ROUTES))
    answer = browser.get("/remember", SCRIPT_NAME=prefix)
    assert "; Path=/; HttpOnly" in answer.headers["set-cookie"]
    browser.get("/clear", SCRIPT_NAME=prefix)
    assert browser.cookies == {}


def test_over_https_the_cookie_belongs_to_the_host_as_its_prefix_asks():
    answer = call(site(*ROUTES), url="/remember", SCRIPT_NAME="/shop", **HTTPS)
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert "; Path=/; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("secure", "scheme", "name"),
    [
        (None, "http", "session"),
        (None, "https", "__Host-session"),
        (True, "http", "__Host-session"),
        (True, "https", "__Host-session"),
        (False, "http", "session"),
        (False, "https", "session"),
    ],
)
def test_secure_goes_by_the_scheme_unless_it_is_told(secure, scheme, name):
    extra = {"wsgi.url_scheme": scheme}
    browser = Browser(site(*ROUTES, secure=secure))
    answer = browser.get("/remember", **extra)
    assert browser.cookies.keys() == {name}
    assert ("; Secure" in answer.headers["set-cookie"]) is name.startswith("__Host-")
    assert browser.get("/recall", **extra).text == '{"name":"Ada"}'
    browser.get("/clear", **extra)
    assert browser.cookies == {}


@pytest.mark.parametrize("name", ["session", "__Host-session"])
def test_a_name_with_the_prefix_means_the_same_as_without(name):
    browser = Browser(site(*ROUTES, cookie_name=name))
    browser.get("/remember", **HTTPS)
    browser.get("/remember")
    assert browser.cookies.keys() == {"session", "__Host-session"}


@pytest.mark.parametrize("name", ["__Secure-session", "__Host-__Secure-x", "__http-session"])
def test_another_prefix_is_refused_with_what_to_write(name):
    with pytest.raises(ValueError, match="write the name without its prefix"):
        signed_sessions(KEY, cookie_name=name)


@pytest.mark.parametrize(
    "options", [{"cookie_name": "__Host-session", "secure": False}, {"samesite": "None"}]
)
def test_a_cookie_that_browsers_would_drop_is_an_error_while_the_application_starts(options):
    with pytest.raises(ValueError, match="without secure=True"):
        signed_sessions(KEY, **options)


def test_a_session_for_pages_in_frames_of_other_sites_needs_https():
    browser = Browser(site(*ROUTES, samesite="None", secure=True))
    assert browser.get("/remember", **HTTPS).headers["set-cookie"].endswith("; SameSite=None")
    # Browsers delete it only where all its attributes are as they were.
    deleted = browser.get("/clear", **HTTPS).headers["set-cookie"]
    assert deleted == ("__Host-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=None")


def test_an_emptied_session_deletes_its_cookie():
    browser = Browser(site(*ROUTES))
    browser.get("/remember")
    answer = browser.get("/clear")
    assert answer.headers["set-cookie"].startswith("session=; Max-Age=0; Path=/")
    assert browser.cookies == {}


def test_a_session_ends_when_it_has_not_been_used_for_its_maximum_age():
    clock = Clock()
    browser = Browser(site(*ROUTES, clock=clock, max_age=HOUR))
    browser.get("/remember")
    clock.now += HOUR
    assert browser.get("/recall").text == '{"name":"Ada"}'
    clock.now += HOUR + 1
    assert browser.get("/recall").text == "{}"


def test_a_session_in_use_is_renewed_once_a_day():
    clock = Clock()
    browser = Browser(site(*ROUTES, clock=clock))
    browser.get("/remember")
    clock.now += DAY
    assert "set-cookie" not in browser.get("/recall").headers
    clock.now += 1
    assert "set-cookie" in browser.get("/recall").headers


@pytest.mark.parametrize("day", range(14))
def test_a_session_lives_for_13_days_without_a_request_whenever_the_last_one_was(day):
    clock = Clock()
    browser = Browser(site(*ROUTES, clock=clock))
    browser.get("/remember")
    clock.now += day * DAY
    browser.get("/recall")
    clock.now += 13 * DAY
    assert browser.get("/recall").text == '{"name":"Ada"}'


def test_a_session_that_is_used_each_day_ends_after_its_lifetime():
    clock = Clock()
    browser = Browser(site(*ROUTES, clock=clock))
    begun = clock.now
    browser.get("/remember")
    while clock.now < begun + MAX_LIFETIME:
        assert browser.get("/append").status == 200
        assert json.loads(browser.get("/recall").body)["name"] == "Ada"
        clock.now += DAY
    assert json.loads(browser.get("/recall").body)["name"] == "Ada"
    clock.now += 1
    assert browser.get("/recall").text == "{}"
    assert browser.cookies == {}


def test_browsers_forget_the_cookie_when_the_session_ends():
    clock = Clock()
    browser = Browser(site(*ROUTES, clock=clock, max_age=DAY, max_lifetime=2 * DAY))
    assert f"; Max-Age={DAY};" in browser.get("/remember").headers["set-cookie"]
    clock.now += DAY
    assert f"; Max-Age={DAY};" in browser.get("/append").headers["set-cookie"]
    clock.now += 23 * HOUR
    assert f"; Max-Age={HOUR};" in browser.get("/append").headers["set-cookie"]


def test_a_login_that_clears_the_session_begins_a_new_lifetime():
    def log_in(request):
        request.session.clear()
        request.session["user"] = 7

    clock = Clock()
    routes = [*ROUTES, path("/login", lambda request: log_in(request) or "in")]
    browser = Browser(site(*routes, clock=clock, max_lifetime=10 * DAY))
    browser.get("/remember")
    clock.now += 9 * DAY
    browser.get("/login")
    clock.now += 9 * DAY
    assert browser.get("/recall").text == '{"user":7}'
    browser.get("/login")  # the same user again: a copied cookie gains nothing by it
    clock.now += DAY + 1
    assert browser.get("/recall").text == "{}"


def fail(request):
    request.session["user"] = 8
    raise RuntimeError("after the login")


def test_an_error_of_ours_leaves_the_session_as_it_was():
    """What the view wrote to the database is rolled back: the number 8 will be somebody else's."""
    for status, view in [
        (500, fail),
        (503, lambda request: request.session.update(user=8) or Response("no", 503)),
        (500, lambda request: request.session.clear() or 1 / 0),
    ]:
        browser = Browser(site(*ROUTES, path("/fail", view, name="fail")))
        browser.get("/remember")
        answer = browser.get("/fail")
        assert answer.status == status
        assert "set-cookie" not in answer.headers
        assert answer.headers["vary"] == "Cookie"
        assert browser.get("/recall").text == '{"name":"Ada"}'


def test_a_mistake_of_the_visitor_s_keeps_what_the_session_learned_from_it():
    def guess(request):
        request.session["guesses"] = request.session.get("guesses", 0) + 1
        raise Forbidden("Wrong.")

    browser = Browser(site(*ROUTES, path("/guess", guess)))
    assert browser.get("/guess").status == browser.get("/guess").status == 403
    assert browser.get("/recall").text == '{"guesses":2}'


@pytest.mark.parametrize("seconds", [0, -1, 1.5, "60", None, True])
@pytest.mark.parametrize("argument", ["max_age", "max_lifetime"])
def test_a_time_that_is_not_whole_seconds_is_an_error_while_the_application_starts(
    argument, seconds
):
    with pytest.raises(ValueError, match=rf"{argument}={seconds!r}\): write whole seconds"):
        signed_sessions(KEY, **{argument: seconds})


def test_keys_rotate_with_the_newest_first():
    old = Browser(site(*ROUTES, key="the old key"))
    old.get("/remember?name=Ada")

    between = Browser(site(*ROUTES, key=["the new key", "the old key"]))
    between.cookies = old.cookies
    assert between.get("/recall").text == '{"name":"Ada"}'
    between.get("/append")

    new = Browser(site(*ROUTES, key="the new key"))
    new.cookies = between.cookies
    assert json.loads(new.get("/recall").body)["name"] == "Ada"


@pytest.mark.parametrize("key", ["", "  ", [], [""], ["new", ""], [None]])
def test_a_missing_key_is_an_error_while_the_application_starts(key):
    with pytest.raises(ValueError, match="needs a secret key"):
        signed_sessions(key)


@pytest.mark.parametrize("name", ["a b", "a;b", "", "sessión"])
def test_a_cookie_name_that_browsers_refuse_is_an_error_while_the_application_starts(name):
    with pytest.raises(ValueError, match="is not a token"):
        signed_sessions(KEY, cookie_name=name)


def test_without_the_middleware_the_error_names_the_line_to_add():
    answer = call(Application([path("/", recall)]))
    assert answer.status == 500
    with pytest.raises(RuntimeError, match=r"signed_sessions\(settings.secret_key\)"):
        raise answer.exc_info[1]


def error_of(view):
    return call(site(path("/", view))).exc_info[1]


def test_a_session_above_4_kilobytes_is_an_error_that_names_the_keys():
    def view(request):
        request.session["small"] = 1
        request.session["large"] = "x" * 4000
        return "too much"

    with pytest.raises(Exception, match=r"4,096.*'large' \(4,002\), 'small' \(1\)"):
        raise error_of(view)


def test_the_size_that_is_named_is_the_one_that_passes_the_limit():
    def view(request):
        request.session["large"] = "x" * 2985  # the value fits, and its attributes do not
        return "too much"

    error = error_of(view)
    assert int(re.search(r"has ([\d,]+) bytes", str(error))[1].replace(",", "")) > 4096


def test_a_session_that_can_not_be_saved_is_the_500_page_without_a_cookie():
    def view(request):
        request.session["large"] = "x" * 4000
        return "too much"

    answer = call(site(path("/", view)))
    assert answer.status == 500
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, float("nan"), {("a", "b"): 1}])
def test_what_is_no_json_is_an_error_that_names_the_key(value):
    def view(request):
        request.session["fine"] = 1
        request.session["user"] = value
        return "x"

    with pytest.raises(Exception, match=r"request.session\['user'\] is not JSON"):
        raise error_of(view)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(
        string.printable, max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text(string.printable, min_size=1, max_size=8), json_values, max_size=4))
def test_any_json_comes_back_as_it_was_and_is_written_once(value):
    def store(request):
        request.session.update(value)
        return "x"

    def fetch(request):
        seen.append(dict(request.session))
        return "x"

    seen = []
    browser = Browser(site(path("/store", store), path("/fetch", fetch)))
    browser.get("/store")
    assert "set-cookie" not in browser.get("/fetch").headers
    assert seen == [value]


def say(request):
    flash(request, request.query.get("text", "Saved."))
    return "said"


def hear(request):
    return get_flashed_messages(request)


FLASHES = [path("/say", say), path("/hear", hear), path("/idle", idle)]


def test_a_flash_is_shown_once_by_the_next_page_that_asks():
    browser = Browser(site(*FLASHES))
    browser.get("/say?text=Saved.")
    browser.get("/idle")
    assert browser.get("/hear").text == '["Saved."]'
    assert browser.get("/hear").text == "[]"


def test_a_flash_waits_for_a_page_that_somebody_sees():
    browser = Browser(site(*FLASHES))
    browser.get("/say?text=Saved.")
    assert browser.request("HEAD", "/hear").body == b""
    assert browser.get("/hear").text == '["Saved."]'


def test_flashes_queue_up_in_order():
    browser = Browser(site(*FLASHES))
    browser.get("/say?text=one")
    browser.get("/say?text=two")
    assert browser.get("/hear").text == '["one","two"]'


def test_flashes_that_nobody_looks_at_do_not_fill_the_cookie():
    """A program that sends forms never asks for a page; each answer would be a 500 one day."""
    browser = Browser(site(*FLASHES))
    for number in range(500):
        assert browser.get(f"/say?text=Saved+number+{number}.").status == 200
    told = json.loads(browser.get("/hear").body)
    assert told[-1] == "Saved number 499."
    assert told == [f"Saved number {n}." for n in range(500 - len(told), 500)]
    assert len(told) >= 20


@pytest.mark.parametrize(
    "text", ["x" * 7_000, "茶" * 2_000, "\x01" * 2_000, "🍵" * 1_500, '"' * 3_000]
)
def test_a_flash_that_is_too_long_is_cut_and_takes_no_page_with_it(text):
    browser = Browser(site(*FLASHES))
    assert browser.get(f"/say?text={quote(text)}").status == 200
    assert browser.get("/say?text=Saved.").status == 200
    cut, after = json.loads(browser.get("/hear").body)
    assert text.startswith(cut.removesuffix("..."))
    assert len(cut) > 100
    assert after == "Saved."


def test_the_cookie_goes_with_the_last_flash():
    browser = Browser(site(*FLASHES))
    browser.get("/say")
    browser.get("/hear")
    assert browser.cookies == {}


def test_where_there_is_no_session_there_are_no_flashes():
    assert call(Application([path("/", hear)])).text == "[]"


def test_asking_for_flashes_makes_the_page_vary_also_where_there_are_none():
    assert call(site(*FLASHES), url="/hear").headers["vary"] == "Cookie"


def test_a_flash_without_the_middleware_names_the_line_to_add():
    with pytest.raises(RuntimeError, match="signed_sessions"):
        raise call(Application([path("/", say)])).exc_info[1]
