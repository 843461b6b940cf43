"""Which media type a client would rather have (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.http.negotiation import preferred_type

HTML, JSON, XML = "text/html", "application/json", "application/xml"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "offered", "best"),
    [
        # Django, tests/requests_tests/test_accept_header.py
        ("text/html,application/xml;q=0.9,*/*;q=0.1,text/*;q=0.5", [HTML, XML], HTML),
        ("text/html,application/xml;q=0.9,*/*;q=0.1,text/*;q=0.5", [XML, HTML], HTML),
        ("text/html,application/xml;q=0.9,*/*;q=0.1,text/*;q=0.5", [JSON], JSON),
        ("text/html,application/xml;q=0.9,*/*;q=0.1,text/*;q=0.5", ["text/css", XML], XML),
        ("text/html", [JSON], None),
        ("", [JSON], None),
        ("text/html;q=0", [HTML], None),
        ("*/*", [JSON, HTML], JSON),
        # RFC 9110, section 12.5.1
        ("audio/*;q=0.2, audio/basic", ["audio/mpeg", "audio/basic"], "audio/basic"),
        ("text/*;q=0.3, text/plain;q=0.7, */*;q=0.5", ["text/csv", "image/png"], "image/png"),
        ("text/html, text/plain;format=flowed, */*;q=0.1", ["text/plain"], "text/plain"),
        # our own
        (None, [HTML, JSON], HTML),
        (BROWSER, [JSON, HTML], HTML),
        (BROWSER, [JSON], JSON),
        ("TEXT/HTML", [HTML], HTML),
        ("application/json, text/html", [HTML, JSON], JSON),
        ("text/html;q=0, */*", [HTML, JSON], JSON),
        ("text/html;q=0, */*", [HTML], None),
        ("text/html;level=1", [HTML], None),
        ("text/html;level=1", ["text/html;level=1"], "text/html;level=1"),
        ("text/html;q=0.4, text/html;level=1", [HTML, "text/html; Level=1"], "text/html; Level=1"),
        (HTML, [], None),
    ],
)
def test_the_type_that_the_client_likes_best_is_chosen(accept, offered, best):
    assert preferred_type(accept, offered) == best


@pytest.mark.parametrize(
    "weight", ["", "abc", "-1", "1e9", "nan", "0.0000001", "\u0660", "1_0", "9"]
)
def test_a_weight_that_is_none_counts_as_one(weight):
    assert preferred_type(f"text/html;q={weight}, application/json;q=0.9", [JSON, HTML]) == HTML


@pytest.mark.parametrize("broken", [",", "text", "/", "*/html", "text/", ";q=1", "text/html;;;=,"])
def test_a_broken_range_disturbs_no_other(broken):
    assert preferred_type(f"{broken},application/json", [JSON]) == JSON


@given(st.text() | st.text("text/html*;q=01.,"), st.lists(st.text() | st.just(HTML)))
def test_no_header_whatever_makes_it_fail(accept, offered):
    assert preferred_type(accept, offered) in [None, *offered]
