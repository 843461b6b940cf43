"""X-Forwarded-*: the word of the proxies that are named, and of nobody else."""

from __future__ import annotations

import json
from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import Application, BadRequest, allowed_hosts, path
from mtvgen.runtime.security.proxies import TrustedProxies
from tests.support.wsgi_calls import call

PROXY = "10.0.0.9"


def whereabouts(request):
    environ = request.environ
    return {
        "client": environ["REMOTE_ADDR"],
        "scheme": environ["wsgi.url_scheme"],
        "host": environ["HTTP_HOST"],
        "prefix": environ["SCRIPT_NAME"],
        "link": request.absolute_url(request.url_for("whereabouts")),
    }


def ask(*, peer=PROXY, trusted=("10.0.0.0/8", "2001:db8::/32"), status=200, **headers):
    application = Application(
        [path("/", whereabouts, name="whereabouts")],
        middleware=[allowed_hosts(["example.com", "10.0.0.9"], trusted_proxies=trusted)],
    )
    named = {f"X-Forwarded-{name.title()}": value for name, value in headers.items()}
    answer = call(application, headers={"Host": "10.0.0.9", **named}, REMOTE_ADDR=peer)
    assert answer.status == status
    return json.loads(answer.body) if status == 200 else answer.text


FORWARDED = {
    "for": "198.51.100.1",
    "proto": "https",
    "host": "example.com",
    "prefix": "/blog",
}


def test_a_trusted_proxy_tells_who_asked_for_what():
    assert ask(**FORWARDED) == {
        "client": "198.51.100.1",
        "scheme": "https",
        "host": "example.com",
        "prefix": "/blog",
        "link": "https://example.com/blog/",
    }


@pytest.mark.parametrize("peer", ["198.51.100.7", "11.0.0.9", "", "nonsense"])
def test_nobody_else_is_believed(peer):
    assert ask(peer=peer, **FORWARDED) == {
        "client": peer,
        "scheme": "http",
        "host": "10.0.0.9",
        "prefix": "",
        "link": "http://10.0.0.9/",
    }


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("6.6.6.6, 198.51.100.1", "198.51.100.1"),  # the first was written by the client
        ("6.6.6.6, 198.51.100.1, 10.0.0.3, 10.1.2.3", "198.51.100.1"),
        ("10.0.0.3", "10.0.0.3"),  # a client inside
        ("unknown, 10.0.0.3", "10.0.0.3"),
        ("unknown", PROXY),
        ("<script>", PROXY),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db9::5]:4711", "2001:db9::5"),
        ("2001:db9::5", "2001:db9::5"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("198.51.100.1,, ", PROXY),
        ("999.1.1.1", PROXY),
        ("fe80::1%eth0", "fe80::1"),
        ("2001:db9::5%<script>", "2001:db9::5"),  # a zone is any text
        ("[2001:db9::5%25x]:4711", "2001:db9::5"),
        ("6.6.6.6, 2001:db8::7%x", "6.6.6.6"),
        ("198.51.100.1%x", PROXY),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy_of_ours(forwarded, client):
    assert ask(**{"for": forwarded})["client"] == client


def test_of_several_values_the_nearest_proxys_counts():
    answer = ask(proto="http, https", host="evil.test, example.com", prefix="/evil, /blog")
    assert answer["link"] == "https://example.com/blog/"


@pytest.mark.parametrize("peer", ["::ffff:10.0.0.9", "2001:db8::1"], ids=["IPv4 in IPv6", "IPv6"])
def test_proxies_are_known_by_either_form_of_their_address(peer):
    assert ask(peer=peer, proto="https")["scheme"] == "https"


def test_a_proxy_on_a_unix_socket_has_no_address():
    assert ask(peer="", trusted=["unix"], **FORWARDED)["client"] == "198.51.100.1"


@pytest.mark.parametrize(
    ("header", "value", "message"),
    [
        ("proto", "gopher", "X-Forwarded-Proto"),
        ("proto", "https://", "X-Forwarded-Proto"),
        ("prefix", "//evil.test", "X-Forwarded-Prefix"),
        ("prefix", "blog", "X-Forwarded-Prefix"),
        ("prefix", "/a\\b", "X-Forwarded-Prefix"),
        ("prefix", "https://evil.test", "X-Forwarded-Prefix"),
        ("prefix", "/a?b", "X-Forwarded-Prefix"),
        ("prefix", "/a;b", "X-Forwarded-Prefix"),
        ("prefix", "/;", "X-Forwarded-Prefix"),
        ("prefix", "/..", "X-Forwarded-Prefix"),
        ("prefix", "/a/./b", "X-Forwarded-Prefix"),
        ("prefix", "/../a/", "X-Forwarded-Prefix"),
        ("host", "evil.test", "does not answer for"),
        ("host", "a b", "not a valid host"),
        ("host", "example.com/path", "not a valid host"),
    ],
)
def test_what_a_proxy_hands_on_is_checked_all_the_same(header, value, message):
    assert message in ask(status=400, **{header: value})


@pytest.mark.parametrize("prefix", ["/blog/", "/blog", "/a/b", "/", "/.a/..b/c.", "/~ada/v1.2"])
def test_a_prefix_may_end_in_a_slash(prefix):
    assert ask(prefix=prefix)["prefix"] == prefix.rstrip("/")


@pytest.mark.parametrize("entry", ["proxy.local", "10.0.0.0/33", "", "10.0.0.1/8"])
def test_an_entry_that_is_no_address_is_an_error_while_the_application_starts(entry):
    with pytest.raises(ValueError, match="is neither an IP address nor a network"):
        allowed_hosts(["example.com"], trusted_proxies=[entry])


def test_one_text_instead_of_a_list_is_an_error_while_the_application_starts():
    with pytest.raises(TypeError, match=r"write a list, \['10.0.0.1'\]"):
        allowed_hosts(["example.com"], trusted_proxies="10.0.0.1")


def test_made_up_clients_are_remembered_within_bounds():
    clients = {ask(**{"for": f"198.51.{n // 250}.{n % 250}"})["client"] for n in range(50)}
    assert len(clients) == 50


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_host_poisoning_no_list_of_clients_is_an_error(text):
    client = ask(**{"for": text})["client"]
    assert client == PROXY or ip_address(client)


@given(
    st.sampled_from(["proto", "host", "prefix"]),
    st.text(st.characters(max_codepoint=255), max_size=40),
)
def test_host_poisoning_what_a_proxy_says_is_understood_or_400(header, text):
    environ = {"REMOTE_ADDR": PROXY, "wsgi.url_scheme": "http", "HTTP_HOST": "example.com"}
    environ[f"HTTP_X_FORWARDED_{header.upper()}"] = text
    with suppress(BadRequest):
        TrustedProxies([PROXY]).rewrite(environ)
        assert environ["wsgi.url_scheme"] in ("http", "https")
        assert not environ.get("SCRIPT_NAME", "").startswith("//")
