"""Urlencoded text, as WHATWG URL, section 5.1, has it."""

from __future__ import annotations

from time import process_time
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.http.errors import ContentTooLarge
from mtvgen.runtime.http.multidict import MultiDict
from mtvgen.runtime.http.urlencoded import parse_urlencoded


def pairs_of(text, charset="utf-8"):
    return list(MultiDict(parse_urlencoded(text, charset)).pairs)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        # CPython, Lib/test/test_urlparse.py
        ("", []),
        ("&", []),
        ("&&", []),
        ("=", [("", "")]),
        ("=a", [("", "a")]),
        ("a", [("a", "")]),
        ("a=", [("a", "")]),
        ("&a=b", [("a", "b")]),
        ("a=b&", [("a", "b")]),
        ("a=1&&b=2", [("a", "1"), ("b", "2")]),
        ("a=1&a=2", [("a", "1"), ("a", "2")]),
        ("a%3Db=c", [("a=b", "c")]),
        ("a=b%26c=d", [("a", "b&c=d")]),
        ("a=a+b&b=b+c", [("a", "a b"), ("b", "b c")]),
        ("%C5%81=%C3%A9", [("Ł", "é")]),
        # Falcon, tests/test_utils.py
        ("b=%7B%22test1%22%3A%20%22data1%22%7D", [("b", '{"test1": "data1"}')]),
        ("e=a,,%26%3D%2C", [("e", "a,,&=,")]),
        ("%C3%A9=a%3Db", [("é", "a=b")]),
        # WHATWG URL
        ("a=b=c", [("a", "b=c")]),
        ("a=b=%63=", [("a", "b=c=")]),
        ("a=%2B+%20", [("a", "+  ")]),
        ("+=+", [(" ", " ")]),
        ("a=%F0%9F%98%80", [("a", "😀")]),
        ("a=%EF%BB%BFx", [("a", "\ufeffx")]),
        ("a[]=1&a[]=2", [("a[]", "1"), ("a[]", "2")]),
        ("a.b=1", [("a.b", "1")]),
        ("A=1&a=2", [("A", "1"), ("a", "2")]),
        ("a=1?b", [("a", "1?b")]),  # RFC 3986, section 3.4
        ("a=%00", [("a", "\0")]),
        ("a=%0D%0A", [("a", "\r\n")]),
    ],
)
def test_names_and_values_come_in_order(text, pairs):
    assert pairs_of(text) == pairs


@pytest.mark.parametrize(
    "lone", ["%", "%%", "%4", "%zz", "%4z", "%u0041", "%\n", "%\r\n41", "100%"]
)
def test_a_percent_sign_that_escapes_nothing_stays(lone):
    assert pairs_of(f"a={lone}") == [("a", lone)]
    assert pairs_of(f"a={lone}%41=") == [("a", f"{lone}A=")]


def test_a_semicolon_separates_nothing():
    assert pairs_of(";a=b;c=d") == [(";a", "b;c=d")]


def test_a_field_without_a_name_counts():
    text = "name_only&empty_value=&=empty_name"
    assert pairs_of(text) == [("name_only", ""), ("empty_value", ""), ("", "empty_name")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=%81", "\ufffd"),
        ("a=%ff%fe", "\ufffd\ufffd"),
        ("a=%C3", "\ufffd"),
        ("a=%ED%A0%80", "\ufffd" * 3),  # a surrogate, which UTF-8 has not
        ("a=%C0%AF", "\ufffd\ufffd"),  # "/" in two bytes, an old way around filters
    ],
)
def test_bytes_that_are_no_text_are_replaced(text, value):
    assert pairs_of(text) == [("a", value)]


def test_bytes_that_the_client_did_not_escape_count_too():
    as_wsgi_has_it = "q=Łódź".encode().decode("latin-1")
    assert pairs_of(as_wsgi_has_it) == [("q", "Łódź")]
    assert pairs_of("q=\xc3%A9") == [("q", "é")]


def test_a_form_with_too_many_fields_is_refused():
    assert parse_urlencoded("a=1&b=2", max_fields=2) == {"a": "1", "b": "2"}
    with pytest.raises(ContentTooLarge, match="the form has more than 2 fields"):
        parse_urlencoded("a=1&b=2&c=3", max_fields=2)


def test_another_charset_is_what_the_caller_says():
    assert pairs_of("a=%E9", "latin-1") == [("a", "é")]
    assert pairs_of("a=%E9", "ascii") == [("a", "\ufffd")]


@given(st.lists(st.tuples(st.text(), st.text())))
def test_what_urlencode_writes_is_read_as_the_standard_library_reads_it(pairs):
    text = urlencode(pairs)
    assert pairs_of(text) == parse_qsl(text, keep_blank_values=True) == pairs


@given(st.text(st.characters(max_codepoint=0x7F)) | st.text("%=\r\n+&4aZ"))
def test_an_ascii_text_is_read_as_the_standard_library_reads_it(text):
    value = text.replace("&", "")
    expected = unquote_to_bytes(value.replace("+", " ")).decode("utf-8", "replace")
    assert pairs_of("a=" + value) == [("a", expected)]


@given(st.text())
def test_no_text_whatever_makes_it_fail(text):
    for name, value in pairs_of(text):
        assert isinstance(name, str)
        assert isinstance(value, str)


@pytest.mark.parametrize("piece", ["a=1&", "%41", "%", "%zz", "=", "&", "a=%\r\n&", "é", "%e9=%"])
def test_the_work_grows_with_the_length_and_no_faster(piece):
    short, long = piece * 2_000, piece * 32_000
    # 16 times the text; quadratic work would take 256 times as long.
    assert seconds_for(long) < 100 * seconds_for(short)


def seconds_for(text):
    return min(timed(text) for _ in range(3))


def timed(text):
    start = process_time()
    parse_urlencoded(text)
    return process_time() - start
