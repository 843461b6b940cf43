"""allowed_hosts(), same_origin(), security_headers() and safe_next()."""

from __future__ import annotations

import pytest

from mtvgen.runtime import (
    Application,
    Response,
    Templates,
    allowed_hosts,
    path,
    render,
    safe_next,
    same_origin,
    security_headers,
)
from tests.support.wsgi_calls import call


def page(request):
    return "page"


def site(*middleware, view=page, debug=False, **more):
    routes = [path("/", view), path("/form", view, name="form", methods=["POST", "PUT", "DELETE"])]
    return Application(routes, middleware=middleware, debug=debug, **more)


def host_status(named, hosts, *, debug=False, protocol="HTTP/1.1"):
    return call(
        site(allowed_hosts(hosts), debug=debug), HTTP_HOST=named, SERVER_PROTOCOL=protocol
    ).status


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("example.com", 200),
        ("EXAMPLE.com", 200),
        ("example.com.", 200),
        ("example.com:8000", 200),
        ("www.example.com", 400),
        ("evil-example.com", 400),
        ("example.com.evil.test", 400),
        ("sub.wild.test", 200),
        ("a.b.wild.test", 200),
        ("wild.test", 400),
        ("notwild.test", 400),
        ("203.0.113.7", 200),
        ("[2001:DB8:0::7]:80", 200),
        ("localhost", 400),
        ("127.0.0.1", 400),
        ("", 400),
    ],
)
def test_the_site_answers_for_its_own_names(named, status):
    hosts = ["example.com", "*.wild.test", "203.0.113.7", "2001:db8::7"]
    assert host_status(named, hosts) == status


def test_a_star_allows_any_host_of_good_syntax():
    assert host_status("anything.test", ["*"]) == 200
    assert host_status("any thing", ["*"]) == 400


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("localhost:8000", 200),
        ("blog.localhost", 200),
        ("127.0.0.1:8000", 200),
        ("127.1.2.3", 200),
        ("[::1]:8000", 200),
        ("localhost.evil.test", 400),
        ("127.0.0.1.evil.test", 400),
        ("0.0.0.0", 400),
        ("192.168.0.2", 400),
    ],
)
def test_while_developing_this_machine_is_allowed_under_its_own_names(named, status):
    assert host_status(named, [], debug=True) == status


def test_the_answer_names_the_host_and_the_log_the_setting(caplog):
    answer = call(site(allowed_hosts(["example.com"])), HTTP_HOST="new.example.com")
    assert "&#x27;new.example.com&#x27;" in answer.text
    assert "ALLOWED_HOSTS" not in answer.text
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("mtvgen", "WARNING")
    assert "'new.example.com', which is not in ALLOWED_HOSTS. ->" in record.getMessage()


def test_the_log_is_not_filled_by_made_up_hosts(caplog):
    application = site(allowed_hosts(["example.com"]))
    for number in range(300):
        call(application, HTTP_HOST=f"h{number}.evil.test")
        call(application, HTTP_HOST=f"h{number}.evil.test")
    assert len(caplog.records) == 100


ERROR_FIELDS = {
    "content-security-policy": (
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "DENY",
}


def boom(handler):
    def broken(request):
        raise ZeroDivisionError

    return broken


@pytest.mark.parametrize(
    ("layers", "extra", "status"),
    [
        ([allowed_hosts(["example.com"])], {"HTTP_HOST": "evil.test"}, 400),
        ([allowed_hosts(["example.com"])], {"HTTP_HOST": "a b"}, 400),
        (
            [allowed_hosts(["*"], ["10.0.0.1"])],
            {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_PROTO": "gopher"},
            400,
        ),
        ([same_origin()], {"REQUEST_METHOD": "POST", "HTTP_SEC_FETCH_SITE": "cross-site"}, 403),
        ([boom], {}, 500),
    ],
    ids=["another host", "no host", "a proxy", "another site", "a broken layer"],
)
@pytest.mark.parametrize("own", [False, True], ids=["plain", "template"])
def test_what_is_refused_above_the_security_headers_is_not_framed_or_sniffed(
    tmp_path, layers, extra, status, own
):
    if own:
        (tmp_path / f"{status}.html").write_text("ours", encoding="utf-8")
    application = site(*layers, security_headers(), templates=tmp_path)
    answer = call(application, **extra)
    assert (answer.status, answer.text == "ours") == (status, own)
    assert ERROR_FIELDS.items() <= answer.headers.items()


@pytest.mark.parametrize("status", [404, 500])
def test_below_the_security_headers_an_error_has_what_they_say_and_no_more(status):
    view = boom(None) if status == 500 else page
    headers = security_headers(
        content_security_policy="default-src 'none'", nosniff=False, frame_ancestors=None
    )
    answer = call(site(headers, view=view), url="/" if status == 500 else "/nowhere")
    assert answer.status == status
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert "x-content-type-options" not in answer.headers
    assert "x-frame-options" not in answer.headers


def test_http_1_0_knows_no_host():
    application = site(allowed_hosts(["example.com"]))
    assert call_without_host(application, "HTTP/1.0") == "200 OK"
    assert call_without_host(application, "HTTP/1.1") == "400 Bad Request"


def call_without_host(application, protocol):
    statuses = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_PROTOCOL": protocol}
    application(environ, lambda status, headers, exc_info=None: statuses.append(status))
    return statuses[0]


@pytest.mark.parametrize(
    "entry",
    ["https://example.com", "example.com:8000", "example.com/", "exam ple.com", "bücher.example",
     "", "*.", "**", "*example.com", "a.*.com"],
)  # fmt: skip
def test_an_entry_that_is_no_host_is_an_error_while_the_application_starts(entry):
    with pytest.raises(ValueError, match="write a name or an address alone"):
        allowed_hosts([entry])


def test_one_text_instead_of_a_list_is_an_error_while_the_application_starts():
    with pytest.raises(TypeError, match=r"write a list, \['example.com'\]"):
        allowed_hosts("example.com")


def test_made_up_names_below_a_wildcard_are_remembered_within_bounds():
    application = site(allowed_hosts(["*.example.com"]))
    statuses = {call(application, HTTP_HOST=f"h{n}.example.com").status for n in range(1_100)}
    assert statuses == {200}


SENT_FROM = [
    # Sec-Fetch-Site, Origin, status
    (None, None, 200),  # no browser
    ("same-origin", None, 200),
    ("same-origin", "https://example.com", 200),
    ("none", None, 200),
    ("same-site", "https://sub.example.com", 403),
    ("cross-site", "https://evil.test", 403),
    ("cross-site", None, 403),
    ("same-origin, cross-site", None, 403),
    ("SAME-ORIGIN", None, 403),
    ("nonsense", None, 403),
    (None, "https://example.com", 200),
    (None, "http://example.com", 200),
    (None, "HTTPS://EXAMPLE.COM", 200),
    (None, "https://example.com:8443", 403),
    (None, "https://evil.test", 403),
    (None, "https://example.com.evil.test", 403),
    (None, "https://example.com@evil.test", 403),
    (None, "null", 403),
    (None, "example.com", 403),
    (None, "//example.com", 403),
    (None, "https://", 403),
    (None, "https://example.com, https://evil.test", 403),
    ("cross-site", "https://pay.test", 200),  # trusted
    (None, "https://pay.test", 200),
    (None, "http://pay.test", 403),
    ("cross-site", "https://pay.test.evil.test", 403),
]


@pytest.mark.parametrize(("sec_fetch_site", "origin", "status"), SENT_FROM)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_another_site_makes_a_browser_send_is_refused(method, sec_fetch_site, origin, status):
    headers = {"Host": "example.com", "Sec-Fetch-Site": sec_fetch_site, "Origin": origin}
    sent = {name: value for name, value in headers.items() if value is not None}
    application = site(same_origin(trusted=["https://pay.test"]))
    assert call(application, method, "/form", headers=sent).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_any_site_may_link_here(method):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
    assert call(site(same_origin()), method, headers=headers).status in (200, 204)


@pytest.mark.parametrize(
    "origin",
    ["example.com", "https://", "https://example.com/", "https://example.com/path", "null", "*",
     "HTTPS://example.com", "https://Example.com", "ftp://example.com", "https://a b"],
)  # fmt: skip
def test_a_trusted_entry_that_is_no_origin_is_an_error_while_the_application_starts(origin):
    with pytest.raises(ValueError, match="an origin is scheme and host in lower case"):
        same_origin(trusted=[origin])


CSP = "content-security-policy"
START = "default-src 'self'; base-uri 'none'; form-action 'self'"


def headers_of(*args, https=False, view=page, url="/", **options):
    application = site(security_headers(*args, **options), view=view)
    return call(application, url=url, **{"wsgi.url_scheme": "https" if https else "http"}).headers


def test_every_page_gets_the_headers():
    headers = headers_of(https=True)
    assert {
        CSP: f"{START}; object-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "strict-transport-security": "max-age=31536000",
    }.items() <= headers.items()


def test_without_tls_there_is_no_strict_transport_security():
    assert "strict-transport-security" not in headers_of()


@pytest.mark.parametrize("url", ["/nowhere", "/broken"])
def test_error_pages_get_them_too(url):
    routes = [path("/broken", lambda request: 1 / 0, name="broken")]
    assert CSP in call(Application(routes, middleware=[security_headers()]), url=url).headers


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ("referrer_policy", "referrer-policy"),
        ("opener_policy", "cross-origin-opener-policy"),
        ("permissions_policy", "permissions-policy"),
        ("strict_transport_security", "strict-transport-security"),
    ],
)
def test_each_header_can_be_changed_or_turned_off(option, field):
    assert headers_of(https=True, **{option: "changed"})[field] == "changed"
    assert field not in headers_of(https=True, **{option: None})


def test_sniffing_can_be_allowed():
    assert "x-content-type-options" not in headers_of(nosniff=False)


@pytest.mark.parametrize(
    ("given", "part", "frame_options"),
    [
        ("'none'", "frame-ancestors 'none'", "DENY"),
        ("'self'", "frame-ancestors 'self'", "SAMEORIGIN"),
        ("https://portal.test", "frame-ancestors https://portal.test", None),
        (None, "object-src 'none'", None),
    ],
)
def test_both_headers_about_frames_say_the_same(given, part, frame_options):
    headers = headers_of(frame_ancestors=given)
    assert headers[CSP].endswith(part)
    assert headers.get("x-frame-options") == frame_options


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        (
            {"img-src": "'self' data:", "object-src": None},
            f"{START}; img-src 'self' data:; frame-ancestors 'none'",
        ),
        ("script-src 'self'", "script-src 'self'; frame-ancestors 'none'"),
        ("frame-ancestors 'self'", "frame-ancestors 'self'"),
        ("upgrade-insecure-requests;", "upgrade-insecure-requests; frame-ancestors 'none'"),
        (None, "frame-ancestors 'none'"),
    ],
)
def test_a_policy_is_changed_by_directives_or_as_a_whole(policy, sent):
    assert headers_of(content_security_policy=policy)[CSP] == sent


def test_no_policy_at_all_is_possible():
    assert CSP not in headers_of(content_security_policy=None, frame_ancestors=None)


@pytest.mark.parametrize("bad", ["a\r\nSet-Cookie: x=1", "a\nb", "a\0b", "ü"])
def test_a_value_that_can_not_be_sent_is_an_error_while_the_application_starts(bad):
    with pytest.raises(ValueError, match="header Referrer-Policy"):
        security_headers(referrer_policy=bad)
    with pytest.raises(ValueError, match="header Content-Security-Policy"):
        security_headers(content_security_policy={"img-src": bad})


@pytest.mark.parametrize("name", ["Content-Security-Policy", "content-security-policy"])
def test_what_a_view_has_set_itself_stays(name):
    def view(request):
        return Response("x", headers={name: "default-src 'none'"})

    answer = call(site(security_headers(), view=view))
    values = [value for field, value in answer.fields if field.lower() == CSP]
    assert values == ["default-src 'none'"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_response_that_a_view_keeps_has_each_header_once():
    kept = Response("the same for all")
    application = site(security_headers(), view=lambda request: kept)
    first, again = call(application), call(application)
    assert first.fields == again.fields
    assert [name.lower() for name, _ in again.fields].count(CSP) == 1


@pytest.fixture
def with_nonce(tmp_path):
    (tmp_path / "page.html").write_text(
        '<script nonce="{{ csp_nonce }}">go()</script><style nonce="{{ csp_nonce }}"></style>'
    )

    def view(request):
        return render(request, "page.html")

    def make(**options):
        return site(security_headers(**options), view=view, templates=Templates(tmp_path))

    return make


def nonce_of(answer):
    return answer.text.split('nonce="')[1].split('"')[0]


def test_a_nonce_that_a_page_uses_is_in_its_policy(with_nonce):
    answer = call(with_nonce())
    nonce = nonce_of(answer)
    assert f"script-src 'self' 'nonce-{nonce}'" in answer.headers[CSP]
    assert f"style-src 'self' 'nonce-{nonce}'" in answer.headers[CSP]
    assert answer.text.count(nonce) == 2


def test_each_page_has_a_nonce_of_its_own(with_nonce):
    application = with_nonce()
    assert nonce_of(call(application)) != nonce_of(call(application))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("script-src 'none'", "script-src 'nonce-{}'; frame-ancestors 'none'"),
        ("img-src 'self'", "img-src 'self'; frame-ancestors 'none'"),
    ],
)
def test_a_nonce_joins_what_the_policy_says_of_scripts(with_nonce, policy, expected):
    answer = call(with_nonce(content_security_policy=policy))
    assert answer.headers[CSP] == expected.format(nonce_of(answer))


def test_a_nonce_page_over_https_has_all_other_headers(with_nonce):
    headers = call(with_nonce(), **{"wsgi.url_scheme": "https"}).headers
    assert {"strict-transport-security", "x-frame-options", "referrer-policy"} <= headers.keys()


@pytest.mark.parametrize(
    "url",
    ["/", "/notes", "/notes?page=2", "/notes/7#end", "/a b", "/größe", "/%2e%2e/", "/x//y",
     "/?next=https://evil.test", "/a:b", "/@evil.test", "?page=2", "?next=//evil.test"],
)  # fmt: skip
def test_an_address_of_this_site_is_safe(url):
    assert next_of(url) == url


def test_an_address_with_this_host_becomes_its_path():
    assert next_of("http://example.com/notes?page=2") == "/notes?page=2"


def test_the_fallback_is_the_first_page_or_what_is_given():
    assert next_of("https://evil.test/") == "/"
    assert next_of(None) == "/"
    assert next_of("https://evil.test/", default="/welcome") == "/welcome"
    assert next_of("https://evil.test/", SCRIPT_NAME="/blog") == "/blog/"


def next_of(url, default=None, **environ):
    seen = []

    def view(request):
        seen.append(safe_next(request, url, default))
        return "x"

    call(site(view=view), HTTP_HOST="example.com", **environ)
    return seen[0]
