"""The syntax of a host (RFC 9112, section 3.2; RFC 3986, section 3.2.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.http.hosts import is_valid_host, split_host


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("example.com", "example.com", None),
        ("example.com:8000", "example.com", 8000),
        ("EXAMPLE.com.", "example.com", None),
        ("example.com.:80", "example.com", 80),
        ("example.com:", "example.com", None),  # RFC 3986: an empty port is allowed
        ("localhost", "localhost", None),
        ("my_app-1:00080", "my_app-1", 80),
        ("xn--4ca9at.com", "xn--4ca9at.com", None),
        ("12.34.56.78:443", "12.34.56.78", 443),
        ("[::1]", "[::1]", None),
        ("[::1]:65535", "[::1]", 65535),
        ("[2001:19f0:feee::dead:BEEF:cafe]:8080", "[2001:19f0:feee::dead:beef:cafe]", 8080),
        ("[0:0:0:0:0:0:0:1]", "[::1]", None),
        (".".join(["x" * 63] * 3) + ".com", ".".join(["x" * 63] * 3) + ".com", None),
    ],
)
def test_a_host_is_a_name_or_an_address_and_a_port(text, host, port):
    assert split_host(text) == (host, port)
    assert is_valid_host(text)


def test_an_address_may_end_in_one_of_ipv4():
    assert is_valid_host("[::ffff:169.254.169.254]")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":80",
        ".",
        "..",
        "a..b",
        ".a",
        "a b",
        " a",
        "a ",
        "a\n",
        "a\r\nb",
        "a\0",
        "a<b",
        "a\\b",
        "a'b",
        'a"b',
        "a,b",
        "a;b",
        "a%41",
        "-a",
        "a-",
        "a-.b",
        "é.com",
        "a.com\u3002",
        "insecure.com/evil",
        "example.com?x",
        "example.com#x",
        "example.com:80:90",
        "example.com:80/badpath",
        "example.com: recovermypassword.com",
        "example.com:dr.frankenstein@evil.tld",  # CVE-2012-4520
        "example.com:dr.frankenstein@evil.tld:80",
        "example.com@evil.tld",
        "example.com:65536",
        "example.com:-1",
        "example.com:+80",
        "example.com:8\u0660",
        "example.com:000080",
        "::1",
        "[::1",
        "::1]",
        "[]",
        "[:]",
        "[::g]",
        "[1:2]",
        "[::1]]",
        "[::1]x",
        "[::1%25eth0]",
        "[fe80::1%eth0]",
        "[v1.x]",
        "[127.0.0.1]",
        "http://example.com",
        "//example.com",
        "x" * 64 + ".com",
        ".".join(["x" * 63] * 4) + ".com",
        "a." * 5_000,
        "a" * 100_000,
    ],
)
def test_what_is_no_host(text):
    assert split_host(text) is None
    assert not is_valid_host(text)


@given(st.text() | st.text("ab.-_:[]0189@/%\\ "))
def test_no_text_whatever_makes_it_fail(text):
    split = split_host(text)
    if split is not None:
        host, port = split
        assert split_host(host) == (host, None)
        assert port is None or 0 <= port <= 65_535
        assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_:[]")
