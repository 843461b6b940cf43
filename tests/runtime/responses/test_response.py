"""Response: its body, its header fields, its cookies."""

from __future__ import annotations

import datetime
import decimal
import uuid
from http import HTTPStatus

import pytest

from mtvgen.runtime import Application, Response, path
from tests.support.wsgi_calls import call


def sent(response):
    return call(Application([path("/", lambda request: response)]), "GET", "/")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("é", "é".encode()),
        (b"\xff", b"\xff"),
        (bytearray(b"ab"), b"ab"),
        ([b"a", b"b"], b"ab"),
        (iter([b"a", b"", b"b"]), b"ab"),
        ("", b""),
    ],
    ids=["text", "bytes", "bytearray", "list", "iterator", "empty"],
)
def test_a_body_is_text_bytes_or_an_iterable_of_bytes(body, expected):
    assert sent(Response(body)).body == expected


@pytest.mark.parametrize("body", [None, 3, {"a": 1}, ["text"]])
def test_another_body_is_refused(body):
    with pytest.raises(TypeError, match="body is text, bytes or an iterable of bytes, not"):
        Response(body)


def test_the_length_is_known_where_the_body_is_whole():
    response = Response("é")
    assert response.headers["Content-Length"] == "2"
    response.body = b"abc"
    assert response.headers["Content-Length"] == "3"
    response.body = iter([b"abc"])
    assert "Content-Length" not in response.headers


@pytest.mark.parametrize("status", [404, HTTPStatus.NOT_FOUND])
def test_a_status_is_a_number_with_its_phrase(status):
    got = sent(Response(status=status))
    assert (got.status, got.reason) == (404, "Not Found")


def test_a_status_that_no_standard_names_is_sent_all_the_same():
    assert sent(Response(status=599)).reason == "Unknown"
    response = Response()
    response.status = 598
    assert sent(response).reason == "Unknown"


@pytest.mark.parametrize("status", [0, 99, 100, 1000, "200", None])
def test_what_is_no_status_is_refused(status):
    with pytest.raises(ValueError, match=r"is not a response status: an int from 200 to 999"):
        Response(status=status)
    with pytest.raises(ValueError, match=r"is not a response status"):
        Response().status = status


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-A": "1"}, [("X-A", "1")]),
        ([("Link", "<a>"), ("Link", "<b>")], [("Link", "<a>"), ("Link", "<b>")]),
        ({"content-type": "text/csv"}, []),
    ],
    ids=["mapping", "pairs that repeat", "replaces"],
)
def test_headers_are_given_as_a_mapping_or_as_pairs(headers, expected):
    fields = sent(Response("x", headers=headers)).fields
    assert [f for f in fields if f[0].lower() not in ("content-type", "content-length")] == expected
    assert len([f for f in fields if f[0].lower() == "content-type"]) == 1


@pytest.mark.parametrize("evil", ["a\r\nX: y", "a\nb", "a\x00b", "a\x7f", "é"])
def test_nothing_but_printable_ascii_leaves_through_a_header(evil):
    with pytest.raises(ValueError, match="header"):
        Response(headers={"X-A": evil})
    with pytest.raises(ValueError, match="header"):
        Response(headers={evil: "x"})
    with pytest.raises(ValueError, match="header"):
        Response(content_type=evil)


def test_cookies_are_set_one_beside_the_other_and_safe_by_default():
    response = Response()
    response.set_cookie("a", "1")
    response.set_cookie("b", "2", max_age=60, secure=True, samesite="None", httponly=False)
    assert response.headers.getlist("Set-Cookie") == [
        "a=1; Path=/; HttpOnly; SameSite=Lax",
        "b=2; Max-Age=60; Path=/; Secure; SameSite=None",
    ]


@pytest.mark.parametrize(
    "moment", [784111777, datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=datetime.UTC)]
)
def test_a_cookie_may_expire_at_a_moment(moment):
    response = Response()
    response.set_cookie("a", "1", expires=moment)
    assert "; Expires=Sun, 06 Nov 1994 08:49:37 GMT;" in response.headers["Set-Cookie"]


def test_a_cookie_is_taken_back():
    response = Response()
    response.delete_cookie("a", path="/x")
    assert "Max-Age=0; Path=/x" in response.headers["Set-Cookie"]


def test_json_knows_dates_times_uuids_and_decimals():
    value = {
        "date": datetime.date(2026, 1, 2),
        "time": datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC),
        "id": uuid.UUID(int=7),
        "price": decimal.Decimal("1.10"),
    }
    assert sent(value).text == (
        '{"date":"2026-01-02","time":"2026-01-02T03:04:00+00:00",'
        '"id":"00000000-0000-0000-0000-000000000007","price":"1.10"}'
    )


@pytest.mark.parametrize(
    ("value", "error"), [({"x": float("nan")}, ValueError), ([object()], TypeError)]
)
def test_what_json_can_not_hold_is_an_error_not_a_guess(value, error):
    got = sent(value)
    assert got.status == 500
    assert got.exc_info[0] is error


def test_a_cookie_with_a_prefix_can_be_deleted():
    response = Response()
    response.delete_cookie("__Host-id")
    assert "Max-Age=0; Path=/; Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"samesite": "None"}, "a=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=None"),
        ({"samesite": "Strict"}, "a=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"),
        (
            {"samesite": "None", "partitioned": True},
            "a=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
        ),
    ],
)
def test_a_cookie_of_a_frame_is_forgotten_with_what_it_was_set_with(given, sent):
    response = Response()
    response.delete_cookie("a", **given)
    assert response.headers["Set-Cookie"] == sent


@pytest.mark.parametrize("value", [5, None, b"x"])
def test_a_cookie_whose_value_is_not_text_is_named(value):
    with pytest.raises(TypeError, match=r"cookie seen: its value is .* -> str\(\.\.\.\)"):
        Response().set_cookie("seen", value)
