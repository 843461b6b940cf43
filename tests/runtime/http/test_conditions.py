"""Conditional and range requests: RFC 9110, sections 5.6.7, 8.8, 13 and 14."""

from __future__ import annotations

import locale
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.http.conditions import (
    format_http_date,
    is_valid_etag,
    parse_http_date,
    parse_range,
    precondition_status,
    range_applies,
    strongly_matches,
    weakly_matches,
)
from mtvgen.runtime.http.errors import RangeNotSatisfiable

MOMENT = 784111777  # the RFC's own example
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
A_SECOND_EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"

# 1. Dates


@pytest.mark.parametrize(
    "text", [DATE, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_a_date_is_read_in_all_three_forms(text):
    assert parse_http_date(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "0",
        "Sun, 06 Nov 99999999999999 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994  08:49:37 GMT",
        "Sun Nov 31 08:49:37 1994",
        "1994-11-06T08:49:37Z",
        DATE + "; length=1",
        DATE * 10_000,
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_http_date(text) is None


def test_the_earliest_year_is_a_date():
    assert parse_http_date("Mon, 01 Jan 0001 00:00:00 GMT") == -62135596800


def test_a_leap_second_is_the_second_before():
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == parse_http_date(
        "Sat, 31 Dec 2016 23:59:59 GMT"
    )


@pytest.mark.parametrize(
    ("two_digits", "year"), [("94", 1994), ("26", 2026), ("76", 2076), ("77", 1977)]
)
def test_a_year_of_two_digits_is_no_more_than_fifty_years_ahead(two_digits, year):
    now = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
    seconds = parse_http_date(f"Sunday, 06-Nov-{two_digits} 08:49:37 GMT", now)
    assert datetime.fromtimestamp(seconds, UTC).year == year


@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        MOMENT + 0.9,
        datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
        datetime(1994, 11, 6, 3, 49, 37, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_a_moment_is_written_in_the_form_that_the_rfc_wants(moment):
    assert format_http_date(moment) == DATE


def test_a_date_without_a_zone_is_refused():
    with pytest.raises(ValueError, match=r"has no time zone; write datetime\.now\(UTC\)"):
        format_http_date(datetime(1994, 11, 6))


@pytest.mark.parametrize("moment", [1e30, -1e30, float("inf"), float("nan"), 10**30])
def test_a_moment_beyond_the_calendar_is_refused(moment):
    with pytest.raises(ValueError):  # noqa: PT011  # the last is the standard library's own
        format_http_date(moment)


def test_a_date_is_written_in_english_whatever_the_locale_says():
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "")
        assert format_http_date(MOMENT) == DATE
    finally:
        locale.setlocale(locale.LC_TIME, before)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_date_comes_back_as_it_was(moment):
    text = format_http_date(moment)
    assert text == format_datetime(moment.replace(microsecond=0), usegmt=True)
    assert parse_http_date(text) == (moment.replace(microsecond=0) - EPOCH).total_seconds()


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.text() | st.text("SunNov, 0123456789:-GMT"))
def test_no_date_whatever_makes_it_fail(text):
    assert parse_http_date(text) is None or isinstance(parse_http_date(text), int)


# 2. Entity-tags


@pytest.mark.parametrize(
    ("header", "etag", "weakly", "strongly"),
    [
        # the table of RFC 9110, section 8.8.3.2
        ('W/"1"', 'W/"1"', True, False),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', True, False),
        ('"1"', '"1"', True, True),
        # lists, and what looks like one
        ('"xyzzy"', '"xyzzy"', True, True),
        ('"a", "b",W/"c"', '"b"', True, True),
        ('W/"x", W/"y"', 'W/"y"', True, False),
        ('"a,b"', '"a,b"', True, True),
        ('"a,b"', '"a"', False, False),
        ('""', '""', True, True),
        ("*", '"anything"', True, True),
        (" * ", 'W/"anything"', True, True),
        ("", '"xyzzy"', False, False),
        ("xyzzy", '"xyzzy"', False, False),
        ('"xyzzy', '"xyzzy"', False, False),
        ('w/"xyzzy"', '"xyzzy"', False, False),
        ('"XYZZY"', '"xyzzy"', False, False),
        ('"x y"', '"x y"', False, False),
        ('garbage, "xyzzy"', '"xyzzy"', True, True),
    ],
)
def test_a_tag_is_found_in_a_list(header, etag, weakly, strongly):
    assert weakly_matches(header, etag) is weakly
    assert strongly_matches(header, etag) is strongly


@pytest.mark.parametrize("text", ['"abc"', 'W/"abc"', '""', '"\xe9"', '"!#$,\\"'])
def test_what_an_entity_tag_is(text):
    assert is_valid_etag(text)


@pytest.mark.parametrize("text", ["", "abc", '"abc', 'w/"abc"', '"a"b"', '"a b"', '"a\n"', '"a"\n'])
def test_what_no_entity_tag_is(text):
    assert not is_valid_etag(text)


# 3. Preconditions

ETAG = '"v1"'


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, None),
        ("GET", {"If-None-Match": '"v1"'}, 304),
        ("HEAD", {"If-None-Match": 'W/"v1"'}, 304),
        ("GET", {"If-None-Match": "*"}, 304),
        ("GET", {"If-None-Match": '"v0"'}, None),
        ("PUT", {"If-None-Match": "*"}, 412),
        ("PUT", {"If-None-Match": '"v0"'}, None),
        ("GET", {"If-Modified-Since": DATE}, 304),
        ("GET", {"If-Modified-Since": A_SECOND_EARLIER}, None),
        ("GET", {"If-Modified-Since": "garbage"}, None),
        ("GET", {"If-Modified-Since": "Sun, 06 Nov 99999999999999 08:49:37 GMT"}, None),
        ("POST", {"If-Modified-Since": DATE}, None),
        # If-None-Match decides alone where both are there (RFC 9110, section 13.1.3)
        ("GET", {"If-None-Match": '"v0"', "If-Modified-Since": DATE}, None),
        ("GET", {"If-None-Match": '"v1"', "If-Modified-Since": A_SECOND_EARLIER}, 304),
        ("PUT", {"If-Match": '"v1"'}, None),
        ("PUT", {"If-Match": '"v0"'}, 412),
        ("PUT", {"If-Match": 'W/"v1"'}, 412),
        ("PUT", {"If-Match": "*"}, None),
        ("GET", {"If-Match": '"v0"'}, 412),
        ("PUT", {"If-Unmodified-Since": DATE}, None),
        ("PUT", {"If-Unmodified-Since": A_SECOND_EARLIER}, 412),
        ("PUT", {"If-Unmodified-Since": "garbage"}, None),
        # If-Match decides alone where both are there (RFC 9110, section 13.1.4)
        ("PUT", {"If-Match": '"v1"', "If-Unmodified-Since": A_SECOND_EARLIER}, None),
        # the first that fails decides (RFC 9110, section 13.2.2)
        ("GET", {"If-Match": '"v0"', "If-None-Match": '"v1"'}, 412),
        ("GET", {"If-Unmodified-Since": DATE, "If-None-Match": '"v1"'}, 304),
    ],
)
def test_conditions_are_judged_in_the_order_of_the_rfc(method, headers, status):
    assert precondition_status(method, headers, etag=ETAG, last_modified=MOMENT + 0.5) == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": '"v1"'}, None),
        ({"If-None-Match": "*"}, 304),
        ({"If-Modified-Since": DATE}, None),
        ({"If-Unmodified-Since": A_SECOND_EARLIER}, None),
        ({"If-Match": '"v1"'}, 412),
        ({"If-Match": "*"}, None),
    ],
)
def test_an_answer_without_validators_still_exists(headers, status):
    assert precondition_status("GET", headers) == status


# 4. Ranges


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-499", (0, 499)),
        ("bytes=500-999", (500, 999)),
        ("bytes=-500", (9500, 9999)),
        ("bytes=9500-", (9500, 9999)),
        ("bytes=0-0", (0, 0)),
        ("bytes=-1", (9999, 9999)),
        ("bytes=0-", (0, 9999)),
        ("bytes=0-99999", (0, 9999)),
        ("bytes=-99999", (0, 9999)),
        ("bytes=9999-9999", (9999, 9999)),
        ("BYTES=0-1", (0, 1)),
        ("bytes=,0-1,", (0, 1)),
        ("bytes=0000000000000000000000001-0000000000000000000000002", (1, 2)),
        ("bytes=0-" + "9" * 5_000, (0, 9999)),
        ("bytes=-" + "9" * 5_000, (0, 9999)),
    ],
)
def test_a_range_is_cut_to_what_is_there(header, span):
    assert parse_range(header, 10_000) == span


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=abc",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1.5-2",
        "bytes=2-1",
        "bytes=" + "9" * 5_000 + "-0",
        "bytes=0x1-0x2",
        "bytes=٣-٤",
        "lines=0-1",
        "bytes:0-1",
        "bytes=0-0,-1",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(1_000)),
    ],
)
def test_a_range_that_is_none_or_several_is_answered_with_the_whole(header):
    assert parse_range(header, 10_000) is None


@pytest.mark.parametrize("header", ["bytes=10000-", "bytes=99999-99999", "bytes=-0", "bytes=-000"])
def test_a_range_beyond_the_end_is_refused_with_the_length(header):
    with pytest.raises(RangeNotSatisfiable) as caught:
        parse_range(header, 10_000)
    assert caught.value.headers == (("Content-Range", "bytes */10000"),)


def test_an_absurd_beginning_is_beyond_the_end():
    with pytest.raises(RangeNotSatisfiable):
        parse_range("bytes=" + "9" * 5_000 + "-", 10_000)


def test_ranges_of_what_is_empty():
    assert parse_range("bytes=-5", 0) is None
    with pytest.raises(RangeNotSatisfiable):
        parse_range("bytes=0-", 0)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 15))
def test_a_range_is_what_python_slices(first, last, size):
    whole = bytes(range(size))
    try:
        span = parse_range(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first >= size
        return
    if span is None:
        assert last < first
    else:
        assert whole[span[0] : span[1] + 1] == whole[first : last + 1]


@given(st.text() | st.text("bytes=0123456789-, "), st.integers(0, 10**12))
def test_no_range_whatever_makes_it_fail(header, size):
    try:
        span = parse_range(header, size)
    except RangeNotSatisfiable:
        return
    assert span is None or 0 <= span[0] <= span[1] < size


@pytest.mark.parametrize(
    ("if_range", "applies"),
    [
        (None, True),
        ('"v1"', True),
        ('"v0"', False),
        ('W/"v1"', False),
        (DATE, True),
        (A_SECOND_EARLIER, False),
        ("Sun, 06 Nov 1994 08:49:38 GMT", False),  # exact match, not "since"
        ("garbage", False),
        ("", False),
    ],
)
def test_a_range_counts_when_its_condition_holds(if_range, applies):
    assert range_applies(if_range, etag=ETAG, last_modified=MOMENT + 0.5) is applies


def test_a_weak_tag_never_makes_a_range_count():
    assert range_applies('W/"v1"', etag='W/"v1"') is False
    assert range_applies('"v1"', etag='W/"v1"') is False
    assert range_applies(DATE) is False
