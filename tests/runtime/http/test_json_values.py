"""JSON as a request carries it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.http.json_values import decode_json


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"null", None),
        (b' {"a": [1, 2.5, true, "x"]}\n', {"a": [1, 2.5, True, "x"]}),
        ('"é😀"'.encode(), "é😀"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\\ud800"', r"\ud800"),
        (b"1e308", 1e308),
        (b"-0.0", -0.0),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_is_read(data, value):
    assert decode_json(data) == value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"[1,]", "Expecting value|Illegal trailing comma"),
        (b"1 2", "Extra data"),
        (b"{'a': 1}", "Expecting property name"),
        (b"NaN", "NaN is not a JSON number"),
        (b"[Infinity]", "Infinity is not a JSON number"),
        (b"-Infinity", "-Infinity is not a JSON number"),
        (b"1e999", "the number 1e999 is beyond what a float holds"),
        (b"9" * 5_000, "digits"),
        (rb'{"a": ["\ud800"]}', "surrogates not allowed"),
        (rb'{"\uDC00": 1}', "surrogates not allowed"),
        (b"\xff", "can't decode byte 0xff"),
        (b"\xed\xa0\x80", "can't decode byte 0xed"),
        (b"\xef\xbb\xbf1", "Expecting value"),
        ("1".encode("utf-16"), "can't decode byte 0xff"),
    ],
)
def test_what_is_no_json_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        decode_json(data)


def test_what_is_nested_too_deeply_is_refused():
    with pytest.raises(RecursionError):
        decode_json(b"[" * 200_000)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)


@given(values, st.booleans())
def test_every_value_comes_back_as_it_was(value, ascii_only):
    assert decode_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary() | st.text('[]{}",:0123456789.-+eE\\udDcC8 ntf').map(str.encode))
def test_what_is_read_can_be_written_and_all_else_is_refused(data):
    try:
        value = decode_json(data)
    except ValueError:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
