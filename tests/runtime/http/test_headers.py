"""RequestHeaders and ResponseHeaders."""

from __future__ import annotations

import string
from collections.abc import MutableMapping
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from mtvgen.runtime.http.headers import RequestHeaders, ResponseHeaders

# 1. RequestHeaders

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "HTTP_HOST": "example.com",
    "HTTP_X_REQUEST_ID": "7",
    "HTTP_X_EMPTY": "",
    "CONTENT_TYPE": "text/plain",
    "CONTENT_LENGTH": "",
    "wsgi.input": None,
}


@pytest.mark.parametrize("name", ["X-Request-Id", "x-request-id", "X-REQUEST-ID"])
def test_a_request_header_is_found_whatever_its_case(name):
    headers = RequestHeaders(ENVIRON)
    assert headers[name] == "7"
    assert headers.get(name) == "7"
    assert name in headers


def test_the_content_headers_are_headers_too():
    headers = RequestHeaders(ENVIRON)
    assert headers["Content-Type"] == "text/plain"
    # A server may leave the variable empty where there was no such field (PEP 3333).
    assert "Content-Length" not in headers
    assert headers.get("Content-Length", "none") == "none"


def test_a_header_that_was_sent_empty_is_there():
    headers = RequestHeaders(ENVIRON)
    assert headers["X-Empty"] == ""
    assert headers.get("X-Empty", "default") == ""
    assert "X-Empty" in headers


@pytest.mark.parametrize("name", ["Accept", "Request-Method", "wsgi.input", "Content-Length", ""])
def test_what_is_no_header_is_not_found(name):
    headers = RequestHeaders(ENVIRON)
    assert name not in headers
    assert headers.get(name) is None
    with pytest.raises(KeyError, match=f"'{name}'"):
        headers[name]


def test_request_headers_are_a_mapping_without_the_rest_of_the_environ():
    headers = RequestHeaders({**ENVIRON, "HTTP_CONTENT_TYPE": "text/plain"})
    assert dict(headers) == {
        "Host": "example.com",
        "X-Request-Id": "7",
        "X-Empty": "",
        "Content-Type": "text/plain",
    }
    assert len(headers) == 4
    assert 3 not in headers


def test_request_headers_show_no_values():
    headers = RequestHeaders({"HTTP_COOKIE": "session=secret", "HTTP_AUTHORIZATION": "Basic x"})
    assert repr(headers) == "<RequestHeaders Cookie, Authorization>"


# 2. ResponseHeaders


def headers_of(*fields):
    return ResponseHeaders(list(fields))


def test_a_response_header_is_found_whatever_its_case():
    headers = headers_of(("Content-Type", "text/html"))
    assert headers["content-type"] == headers["CONTENT-TYPE"] == "text/html"
    assert "CONTENT-type" in headers
    assert 3 not in headers


def test_a_response_header_is_set_in_its_place_and_its_repeats_go():
    fields = [("A", "1"), ("Vary", "Cookie"), ("B", "2"), ("vary", "Accept"), ("C", "3")]
    ResponseHeaders(fields)["VARY"] = "*"
    assert fields == [("A", "1"), ("VARY", "*"), ("B", "2"), ("C", "3")]


def test_a_response_header_is_added_beside_others():
    fields = [("Set-Cookie", "a=1")]
    ResponseHeaders(fields).add("set-cookie", "b=2")
    assert fields == [("Set-Cookie", "a=1"), ("set-cookie", "b=2")]
    assert ResponseHeaders(fields).getlist("SET-COOKIE") == ["a=1", "b=2"]
    assert ResponseHeaders(fields).getlist("Vary") == []


def test_a_response_header_is_deleted_with_its_repeats():
    fields = [("A", "1"), ("B", "2"), ("a", "3")]
    del ResponseHeaders(fields)["A"]
    assert fields == [("B", "2")]
    with pytest.raises(KeyError, match="'A'"):
        del ResponseHeaders(fields)["A"]
    with pytest.raises(KeyError, match="'A'"):
        ResponseHeaders(fields)["A"]


def test_response_headers_are_a_mutable_mapping():
    headers = headers_of(("A", "1"), ("B", "2"), ("a", "3"))
    assert isinstance(headers, MutableMapping)
    assert list(headers) == ["A", "B"]
    assert len(headers) == 2
    assert headers.setdefault("a", "9") == "1"
    assert headers.pop("B") == "2"
    headers.update({"D": "4"})
    assert dict(headers) == {"A": "1", "D": "4"}
    assert headers == {"A": "1", "D": "4"}
    assert repr(headers) == "ResponseHeaders([('A', '1'), ('a', '3'), ('D', '4')])"
    headers.clear()
    assert not headers


class Directive(StrEnum):
    NO_STORE = "no-store"


@pytest.mark.parametrize("value", [Markup("no-store"), Directive.NO_STORE])
def test_a_special_str_goes_out_as_a_plain_one_which_is_all_that_wsgi_takes(value):
    fields = []
    ResponseHeaders(fields)["Cache-Control"] = value
    ResponseHeaders(fields).add("Other", value)
    assert [(type(value), value) for _, value in fields] == [(str, "no-store")] * 2


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a\r\nSet-Cookie: evil=1", r"header Location: .* holds '\\r', which is a control"),
        ("a\nb", r"holds '\\n', which is a control character"),
        ("a\0", r"holds '\\x00', which is a control character"),
        ("a\tb", r"holds '\\t', which is a control character"),
        ("a\x7f", r"holds '\\x7f', which is a control character"),
        ("é", "header Location: 'é' holds 'é', which is beyond ASCII"),
        ("\u2028", r"holds '\\u2028', which is beyond ASCII"),
        ("嘊嘍Set-Cookie: evil=1", "which is beyond ASCII"),  # its UTF-16 ends in CR, LF
        (Markup("a\nb"), "which is a control character"),
    ],
)
@pytest.mark.parametrize("put", [ResponseHeaders.__setitem__, ResponseHeaders.add])
def test_a_value_that_is_not_printable_ascii_is_refused(put, value, message):
    fields = []
    with pytest.raises(ValueError, match=message):
        put(ResponseHeaders(fields), "Location", value)
    assert fields == []


@pytest.mark.parametrize("value", [None, 3, b"x"])
def test_a_value_that_is_no_text_is_refused(value):
    with pytest.raises(
        TypeError, match=r"header Age: .* is not a str; write str\(\.\.\.\) around it"
    ):
        headers_of()["Age"] = value


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\nB", "A\n", "é", "(A)", "A\0"])
@pytest.mark.parametrize("put", [ResponseHeaders.__setitem__, ResponseHeaders.add])
def test_a_name_that_is_no_token_is_refused(put, name):
    fields = []
    with pytest.raises(ValueError, match=r"is not a token \(RFC 9110, section 5\.6\.2\)"):
        put(ResponseHeaders(fields), name, "x")
    assert fields == []


@pytest.mark.parametrize("name", ["Connection", "transfer-encoding", "Upgrade", "Status"])
@pytest.mark.parametrize("put", [ResponseHeaders.__setitem__, ResponseHeaders.add])
def test_a_name_that_is_the_servers_own_is_refused(put, name):
    with pytest.raises(ValueError, match=f"header {name} is the server's to send"):
        put(headers_of(), name, "x")


@given(st.text() | st.text(string.printable), st.text() | st.text(string.printable))
def test_nothing_that_ends_a_header_section_leaves_through_a_header(name, value):
    fields = []
    try:
        ResponseHeaders(fields)[name] = value
    except ValueError:
        assert fields == []
    else:
        assert fields == [(name, value)]
        assert (name + value).isascii()
        assert (name + value).isprintable()
