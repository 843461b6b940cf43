"""Hosts, header injection, open redirects, other sites."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import Application, Response, path, redirect, safe_next, same_origin
from mtvgen.runtime.http.hosts import split_host
from tests.support.guarded_site import HOST, make_site
from tests.support.wsgi_calls import call


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("site"))


def ask(site, method="GET", url="/", host=HOST, **more):
    headers = {"Host": host, **more.pop("headers", {})}
    return call(site, method, url, headers=headers, **more)


# From PortSwigger's and OWASP's lists of Host header attacks, and RFC 3986's grammar.
BAD_HOSTS = [
    "", " ", "evil.test", "example.com.evil.test", "evilexample.com", "example.com evil.test",
    "example.com, evil.test", "evil.test, example.com", "example.com\tevil.test",
    "example.com@evil.test", "evil.test@example.com", "user:password@example.com",
    "example.com:80@evil.test", "example.com:abc", "example.com:80abc", "example.com:-1",
    "example.com:65536", "example.com:999999", "example.com:80:80", "example.com/", "/example.com",
    "example.com/evil", "example.com?x", "example.com#x", "example.com\\evil", "http://example.com",
    "//example.com", "example.com%00", "%65xample.com", "example.com%2eevil.test", "example..com",
    ".example.com", "-.example.net", "example.com..", "*.example.net", "*", "example.net",
    "a" * 64 + ".example.net", ("a" * 60 + ".") * 5 + "example.net", "exämple.com", "[::1",
    "::1", "[::1]evil.test", "[::1]:80:80", "[::zz]", "[1.2.3.4]", "127.0.0.1", "localhost",
    "0x7f000001", "2130706433", "127.1", "<script>", "'\"", "${jndi:ldap://x}", "{{7*7}}",
]  # fmt: skip


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_host_poisoning_a_host_that_is_not_ours_is_400_before_anything_reads_it(site, host):
    for url in ("/", "/nowhere", "/slash", "/static/style.css", "/session"):
        answer = ask(site, url=url, host=host)
        assert answer.status == 400
        assert not {"location", "set-cookie"} & answer.headers.keys()


@given(st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=30))
def test_host_poisoning_a_host_of_any_characters_is_split_or_refused(text):
    split = split_host(text)
    if split is not None:
        host, port = split
        assert urlsplit(f"//{host}").hostname == host.strip("[]")
        assert port is None or 0 <= port <= 65_535


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-HTTP-Host-Override", "Forwarded",
     "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Scheme", "X-Forwarded-Prefix", "Base-URL"],
)  # fmt: skip
def test_host_poisoning_no_other_field_says_where_we_are(site, header):
    value = "host=evil.test" if header == "Forwarded" else "evil.test"
    answer = ask(site, url="/slash", headers={header: value})
    assert answer.headers["location"] == "/slash/"
    assert "evil" not in repr(answer)


def test_host_poisoning_redirects_are_relative(site):
    assert ask(site, url="/slash?a=1").headers["location"] == "/slash/?a=1"


# CR, LF and NUL as themselves, and as what has been folded into them elsewhere.
INJECTIONS = [
    "a\r\nSet-Cookie: x=1", "a\nSet-Cookie: x=1", "a\rSet-Cookie: x=1", "a\0b", "\r\n\r\n<script>",
    "a\x0bb", "a\x0cb", "a\x85b", "a\u2028b", "a\u2029b", "a\u560a\u560d", "a\x7fb", "a\tb",
    "\x1b[31m",
]  # fmt: skip


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize("url", ["/header?value=", "/cookie?value=", "/go?to="])
def test_header_injection_no_input_becomes_a_header_of_its_own(site, url, value):
    answer = ask(site, url=url + quote(value))
    names = {name for name, _ in answer.fields}
    assert names <= EXPECTED_FIELDS
    for name, content in answer.fields:
        assert content.isascii(), name
        assert content.isprintable(), name


EXPECTED_FIELDS = {
    "Content-Type", "Content-Length", "X-Echo", "Set-Cookie", "Location", "Content-Security-Policy",
    "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Cross-Origin-Opener-Policy",
    "Permissions-Policy", "Cache-Control",
}  # fmt: skip


@pytest.mark.parametrize("value", INJECTIONS)
def test_header_injection_a_header_value_is_refused_and_a_redirect_encoded(value):
    with pytest.raises(ValueError, match="holds"):
        Response("x", headers={"X-Echo": value})
    with pytest.raises(ValueError, match="header"):
        Response("x", headers={value: "x"})
    with pytest.raises(ValueError, match="holds"):
        Response("x", content_type=value)
    assert redirect(value).headers["Location"] == quote(value, safe="%:/?#[]@!$&'()*+,;=~")


@given(st.text(max_size=40))
def test_header_injection_no_text_at_all_breaks_out_of_a_location(text):
    location = redirect(text.encode("utf-8", "replace").decode()).headers["Location"]
    assert location.isascii()
    assert location.isprintable()
    assert " " not in location
    assert "\\" not in location


@pytest.mark.parametrize("part", ["name", "path", "domain", "samesite"])
@pytest.mark.parametrize("value", ["a\r\nX: 1", "a;b", "a\0b", "a; Domain=evil.test"])
def test_header_injection_no_part_of_a_cookie_ends_it(part, value):
    options = {"name": "n", part: ("/" if part == "path" else "") + value}
    with pytest.raises(ValueError, match="cookie"):
        Response().set_cookie(options.pop("name"), "v", **options)


# OWASP's cheat sheet on unvalidated redirects, and the public lists of payloads.
HOSTILE_NEXT = [
    "https://evil.test", "http://evil.test/", "//evil.test", "///evil.test", "////evil.test",
    "/\\evil.test", "\\\\evil.test", "\\/evil.test", "/\\/evil.test", "//\\evil.test",
    "/\t/evil.test", "/\n/evil.test", "/\r/evil.test", "\t//evil.test", "\n//evil.test",
    " //evil.test", "\0//evil.test", "\x0b//evil.test", "/\0/evil.test", "\x1f//evil.test",
    "https:evil.test", "https:/evil.test", "https:\\\\evil.test", "HTTPS://evil.test",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
    "vbscript:x", "file:///etc/passwd", "ftp://evil.test", "mailto:a@evil.test", "blob:x",
    "evil.test", "evil.test/path", "www.evil.test", "#x", "..//evil.test",
    "http://example.com@evil.test/", "http://example.com.evil.test/", "http://example.com:80@evil/",
    "http://evil.test#http://example.com/", "http://evil.test?http://example.com/",
    "http://evil.test\\@example.com/", "http://example.com\\.evil.test/", "//example.com@evil.test",
    "http://example.com//evil.test", "http://example.com/\\evil.test", "https://example.com/",
    "http://[::1]/", "//[", "http://example.com:8080/", "@evil.test", "%2f%2fevil.test", "",
]  # fmt: skip


def next_of(url):
    seen = []

    def view(request):
        seen.append(safe_next(request, url, "/fallback"))
        return "x"

    call(Application([path("/", view)]), HTTP_HOST=HOST)
    return seen[0]


@pytest.mark.parametrize("url", HOSTILE_NEXT)
def test_open_redirects_a_next_that_leads_elsewhere_is_not_followed(url):
    assert next_of(url) == "/fallback"


def as_a_browser_resolves(location):
    """The host that a browser goes to (WHATWG URL, section 4.4): slashes are slashes."""
    cleaned = location.strip("".join(map(chr, range(33)))).translate(dict.fromkeys(b"\t\r\n"))
    return urlsplit(urljoin(f"http://{HOST}/login", cleaned.replace("\\", "/"))).netloc


@given(st.text(st.sampled_from("/\\:@?#.%ehtps \t\r\n\0[]"), max_size=12))
def test_open_redirects_no_next_of_any_form_leaves_the_host(text):
    assert as_a_browser_resolves(next_of(text + "evil.test")) == HOST


@pytest.mark.parametrize(
    "url",
    ["//evil.test/", "//evil.test", "/%2fevil.test", "/%2f%2fevil.test/", "/%5cevil.test",
     "/\\evil.test/", "/%5c%5cevil.test/", "//tail/x", "/tail//evil.test", "/tail/%5cevil.test",
     "///tail/x", "/tail/x?next=//evil.test", "/.//evil.test"],
)  # fmt: skip
def test_open_redirects_the_redirect_for_a_final_slash_never_leaves_the_host(site, url):
    answer = ask(site, url=url)
    location = answer.headers.get("location", "/")
    assert as_a_browser_resolves(location) == HOST


@given(st.text(st.sampled_from("/\\.@:%?#ab"), max_size=10))
def test_open_redirects_no_path_makes_that_redirect_leave_the_host(text):
    routes = [path("/tail/<path:rest>/", lambda request, rest: "x", name="tail")]
    slash = [path("/<a>/", lambda request, a: "x", name="a")]
    for routed in (routes, slash):
        answer = call(Application(routed), url="/" + quote(text, safe="/\\"))
        assert as_a_browser_resolves(answer.headers.get("location", "/")) == HOST


# What a page of another site can make a visitor's browser send.
@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://sub.example.com"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://example.com"}, 403),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://example.com.evil.test"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://example.com"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://example.com"}, 200),
        ({}, 200),
    ],
)
def test_cross_origin_forms_a_form_of_another_site_is_403(site, method, headers, status):
    assert ask(site, method, "/form", headers=headers).status == status


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                     "application/json", ""]
)  # fmt: skip
def test_cross_origin_forms_no_content_type_gets_past(site, content_type):
    headers = {"Sec-Fetch-Site": "cross-site", "Content-Type": content_type}
    assert ask(site, "POST", "/form", headers=headers).status == 403


@pytest.mark.parametrize(
    "headers", [{"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "PUT"}]
)
def test_cross_origin_forms_a_link_can_not_pass_for_a_form(site, headers):
    headers = {**headers, "Sec-Fetch-Site": "cross-site"}
    assert ask(site, "GET", "/form?_method=POST", headers=headers).text.startswith('{"fields":[]')


def test_cross_origin_forms_a_refused_form_changes_nothing(site):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert "set-cookie" not in ask(site, "POST", "/form", headers=headers).headers


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/", 200),
        ("/api/notes", 200),
        ("/api", 403),
        ("/apis", 403),
        ("/hook", 200),
        ("/hook/7", 200),
        ("/hooks", 403),
        ("/", 403),
    ],
)
def test_only_the_paths_that_are_named_may_be_sent_to_from_other_sites(url, status):
    site = Application(
        [
            path("/api/", lambda r: "ok", methods=["POST"], name="api"),
            path("/api/<path:rest>", lambda r, rest: "ok", methods=["POST"], name="below_api"),
            path("/hook/<path:rest>", lambda r, rest: "ok", methods=["POST"], name="below_hook"),
            path("/<path:rest>", lambda r, rest: "ok", methods=["POST"], name="rest"),
        ],
        middleware=[same_origin(except_for=["/api/", "/hook"])],
    )
    asked = call(site, "POST", url, headers={"Sec-Fetch-Site": "cross-site"})
    assert asked.status == status


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/login", 403),
        ("/api/login/", 308),
        ("/api/gr%C3%B6%C3%9Fe", 403),
        ("/api/../login", 403),
        ("/api/notes", 200),
        ("/api/nothing/here", 404),
        ("/api/%ff", 400),
        ("/hooks/stripe", 200),
        ("/hooks/paypal", 403),
    ],
)
def test_cross_origin_forms_reach_no_parameter_that_takes_an_open_path(url, status):
    site = Application(
        [
            path("/api/notes", lambda r: "ok", methods=["POST"], name="notes"),
            path("/<str:language>/login", lambda r, language: "in", methods=["POST"], name="login"),
            path("/<str:language>/größe", lambda r, language: "in", methods=["POST"], name="size"),
            path("/<str:a>/<str:b>/login", lambda r, a, b: "in", methods=["POST"], name="two"),
            path("/hooks/<slug:who>", lambda r, who: "ok", methods=["POST"], name="hook"),
        ],
        middleware=[same_origin(except_for=["/api/", "/hooks/stripe"])],
    )
    asked = call(site, "POST", url, headers={"Sec-Fetch-Site": "cross-site"})
    assert asked.status == status


@pytest.mark.parametrize("entry", ["", "/", "api", "//", "https://a.test/", "/\u00e9"])
def test_an_exception_that_is_not_a_path_below_the_first_page_is_refused(entry):
    with pytest.raises(ValueError, match=r"same_origin\(except_for=\["):
        same_origin(except_for=[entry])
