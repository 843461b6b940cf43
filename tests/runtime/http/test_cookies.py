"""Cookie and Set-Cookie, as RFC 6265 and its successor's draft have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from http.cookies import SimpleCookie
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.http.cookies import (
    MAX_COOKIE_SIZE,
    cookie_values,
    format_set_cookie,
    parse_cookies,
)

# 1. The request's field


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("SID=31d4d96e407aad42; lang=en-US", {"SID": "31d4d96e407aad42", "lang": "en-US"}),
        ("dismiss-top=6;", {"dismiss-top": "6"}),
        ("a=b;c=d", {"a": "b", "c": "d"}),
        (" a = b ; c=d ", {"a": "b", "c": "d"}),
        ("a=\tb\t;\tc=d", {"a": "b", "c": "d"}),
        ("a=", {"a": ""}),
        ("a=b=c==", {"a": "b=c=="}),
        ("a==b", {"a": "=b"}),
        ("fo234{=bar;blub=Blah", {"fo234{": "bar", "blub": "Blah"}),
        ("Secure=true; Path=/x; a=1", {"Secure": "true", "Path": "/x", "a": "1"}),
        ("$Version=1; a=b; $Path=/", {"$Version": "1", "a": "b", "$Path": "/"}),
        ('a={"x":1,"y":[2]}', {"a": '{"x":1,"y":[2]}'}),
        ("A=1; a=2", {"A": "1", "a": "2"}),
    ],
)
def test_a_cookie_is_a_name_and_a_value(header, cookies):
    assert parse_cookies(header) == cookies


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("=b", {}),
        ("b", {}),
        ("; ;;", {}),
        ("good=1; ; bad; other=2", {"good": "1", "other": "2"}),
        ('a="unterminated; b=2', {"a": '"unterminated', "b": "2"}),
        ("a:=b; a:=c; good_cookie=yes", {"a:": "b", "good_cookie": "yes"}),
        *[
            (f"good=foo;bad{sign}cookie=bar", {"good": "foo", f"bad{sign}cookie": "bar"})
            for sign in ')}]>,:\\({[<@?/ "\t\0'
        ],
    ],
)
def test_a_pair_that_is_none_disturbs_no_other(header, cookies):
    assert parse_cookies(header) == cookies


@pytest.mark.parametrize("value", ["a\0", r'"\000"', r'"a\000b"', r'"\"\000"', '"\0"'])
def test_a_value_with_nul_is_no_cookie_and_disturbs_no_other(value):
    assert parse_cookies(f"a={value}; b=2") == {"b": "2"}
    assert parse_cookies(f"a={value}; a=1") == parse_cookies(f"a=1; a={value}") == {"a": "1"}
    assert cookie_values(f"a=1; a={value}; a=2", "a") == ["1", "2"]


@pytest.mark.parametrize(
    ("sent", "value"), [(r"\000", r"\000"), (r'"\\000"', r"\000"), ("%00", "%00"), ('"0"', "0")]
)
def test_a_value_that_only_looks_like_nul_is_kept(sent, value):
    assert parse_cookies(f"a={sent}") == {"a": value}


def test_the_first_of_two_cookies_with_one_name_wins():
    assert parse_cookies("x=1;bad{cookie=bar; x=2;x=3 ; x=4;")["x"] == "1"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ('a="b"', "b"),
        ('a=""', ""),
        ('a="', '"'),
        (r'a="say \"hi\""', 'say "hi"'),
        (r'a="back\\slash"', "back\\slash"),
        (r'a="\073\054"', ";,"),
        (r'a="\303\251"', "é"),
        (r'a="\351"', "\ufffd"),  # no UTF-8
        (r'a="\400\9"', "4009"),  # no byte: the backslash goes, as in any quoted pair
        (r"a=\073", r"\073"),  # without quotes a backslash is a backslash
    ],
)
def test_quotes_and_their_escapes_are_undone(header, value):
    assert parse_cookies(header) == {"a": value}


@pytest.mark.parametrize("space", ["\u2000", "\x85", "\xa0", "\x1c", "\x0b", "\x0c"])
def test_a_prefix_can_not_be_forged_with_a_space_that_browsers_keep(space):
    as_wsgi_has_it = f"{space}__Host-session=evil; __Host-session=good".encode().decode("latin-1")
    assert parse_cookies(as_wsgi_has_it)["__Host-session"] == "good"


def test_a_prefix_can_not_be_forged_without_a_name():
    assert parse_cookies("==__Host-eq=bad;__Host-eq=good;")["__Host-eq"] == "good"


def test_a_value_ends_at_the_semicolon_whatever_quotes_stand_around_it():
    """Else a script could wrap the cookie that it may not read into one of its own."""
    header = 'a="start; session=secret; b=end"'
    assert parse_cookies(header) == {"a": '"start', "session": "secret", "b": 'end"'}


def test_text_beyond_ascii_is_utf_8():
    assert parse_cookies("é=ü; ok=1".encode().decode("latin-1")) == {"é": "ü", "ok": "1"}
    assert parse_cookies("a=\xff; ok=1") == {"a": "\ufffd", "ok": "1"}


def test_many_cookies_are_read():
    header = "; ".join(f"c{number}={number}" for number in range(200))
    assert parse_cookies(header) == {f"c{number}": str(number) for number in range(200)}


@given(st.text())
def test_no_header_whatever_makes_it_fail(header):
    for name, value in parse_cookies(header).items():
        assert name
        assert isinstance(value, str)


@pytest.mark.parametrize(
    "piece", ["a=b; ", ";", "=", '"', '\\"', '"a="\\"', "a=\\073", "é", " ", "\t"]
)
def test_the_work_grows_with_the_length_and_no_faster(piece):
    short, long = f'a="{piece * 1_000}"', f'a="{piece * 16_000}"'
    # 16 times the text; quadratic work would take 256 times as long.
    assert seconds_for(long) < 100 * seconds_for(short)


def seconds_for(header):
    return min(timed(header) for _ in range(3))


def timed(header):
    start = process_time()
    parse_cookies(header)
    return process_time() - start


# 2. The answer's field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "a=b; Path=/; HttpOnly; SameSite=Lax"),
        ({"httponly": False, "samesite": None}, "a=b; Path=/"),
        ({"secure": True}, "a=b; Path=/; Secure; HttpOnly; SameSite=Lax"),
        ({"samesite": "strict"}, "a=b; Path=/; HttpOnly; SameSite=Strict"),
        (
            {"samesite": "None", "secure": True},
            "a=b; Path=/; Secure; HttpOnly; SameSite=None",
        ),
        ({"max_age": 3600}, "a=b; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax"),
        ({"max_age": 0}, "a=b; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"),
        ({"max_age": -1}, "a=b; Max-Age=-1; Path=/; HttpOnly; SameSite=Lax"),
        (
            {"expires": 784111777},
            "a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/; HttpOnly; SameSite=Lax",
        ),
        (
            {"expires": datetime(1994, 11, 6, 9, 49, 37, tzinfo=timezone(timedelta(hours=1)))},
            "a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/; HttpOnly; SameSite=Lax",
        ),
        ({"domain": "Example.com"}, "a=b; Domain=example.com; Path=/; HttpOnly; SameSite=Lax"),
        ({"domain": ".example.com"}, "a=b; Domain=example.com; Path=/; HttpOnly; SameSite=Lax"),
        ({"path": "/shop"}, "a=b; Path=/shop; HttpOnly; SameSite=Lax"),
        ({"path": "/caf\xe9 x"}, "a=b; Path=/caf%C3%A9%20x; HttpOnly; SameSite=Lax"),
        (
            {"secure": True, "partitioned": True},
            "a=b; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned",
        ),
    ],
)
def test_the_attributes_of_a_cookie(options, field):
    assert format_set_cookie("a", "b", **options) == field


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", ""),
        ("31d4d96e407aad42", "31d4d96e407aad42"),
        (
            "eyJhIjoxfQ.aR3x.s_-=/+:@!#$%&'()*<>?[]^`{|}~",
            "eyJhIjoxfQ.aR3x.s_-=/+:@!#$%&'()*<>?[]^`{|}~",
        ),
        ("two words", '"two words"'),
        ("a;b,c", r'"a\073b\054c"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("é", r'"\303\251"'),
        ("\r\nSet-Cookie: evil=1", r'"\015\012Set-Cookie: evil=1"'),
        ("\x01", r'"\001"'),
    ],
)
def test_what_a_cookie_may_not_hold_is_quoted_as_http_cookies_does(value, written):
    assert format_set_cookie("a", value).partition("; ")[0] == f"a={written}"
    assert SimpleCookie(f"a={written}")["a"].value.encode("latin-1").decode() == value


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "cookie name '' is not a token"),
        ({"name": "a b"}, "cookie name 'a b' is not a token"),
        ({"name": "a="}, "cookie name 'a=' is not a token"),
        ({"name": "a;"}, "cookie name 'a;' is not a token"),
        ({"name": "a\n"}, r"cookie name 'a\\n' is not a token"),
        ({"name": "é"}, "cookie name 'é' is not a token"),
        ({"value": "\ud800"}, "has half of a surrogate pair"),
        ({"value": "a\0b"}, "has NUL, and is not read as a cookie"),
        ({"path": ""}, "path='' must start with '/'"),
        ({"path": "shop"}, "path='shop' must start with '/'"),
        ({"path": "/; Domain=evil.test"}, "holds ';' or a control character"),
        ({"path": "/\r\nX: y"}, "holds ';' or a control character"),
        ({"domain": "a.test; Path=/"}, "is not a host name"),
        ({"domain": "a.test\r\n"}, "is not a host name"),
        ({"domain": "a.test:80"}, "is not a host name"),
        ({"domain": ""}, "is not a host name"),
        ({"domain": "bücher.test"}, "is not a host name in ASCII"),
        ({"samesite": "Lax; Secure"}, 'is not "Strict", "Lax" or "None"'),
        ({"samesite": ""}, 'is not "Strict", "Lax" or "None"'),
        ({"max_age": 1.5}, "max_age=1.5 is not a whole number of seconds"),
        ({"max_age": "1; Secure"}, "is not a whole number of seconds"),
        ({"expires": datetime(2030, 1, 1)}, "has no time zone"),
        ({"expires": 1e30}, "beyond the calendar"),
        ({"expires": "tomorrow"}, "is neither a datetime nor seconds since 1970"),
        ({"name": 1}, "cookie name 1 is not a token"),
        ({"path": None}, "cookie a: path=None is not a str"),
        ({"domain": 5}, "cookie a: domain=5 is not a str"),
        ({"samesite": True}, "cookie a: samesite=True is not a str"),
        ({"samesite": "None"}, "browsers drop SameSite=None without secure=True"),
        ({"partitioned": True}, "browsers drop Partitioned without secure=True"),
        ({"name": "__Secure-a"}, "without secure=True"),
        ({"name": "__Host-a"}, "without secure=True"),
        ({"name": "__host-a", "secure": True, "path": "/x"}, 'asks for path="/" and no domain'),
        ({"name": "__Host-a", "secure": True, "domain": "a.test"}, "and no domain"),
        ({"name": "__Http-a", "secure": True, "httponly": False}, "asks for httponly=True"),
        ({"name": "__Host-Http-a", "secure": True, "httponly": False}, "asks for httponly=True"),
    ],
)
def test_what_a_browser_would_misread_or_drop_is_refused(arguments, message):
    name, value = arguments.pop("name", "a"), arguments.pop("value", "b")
    with pytest.raises((ValueError, TypeError), match=message):
        format_set_cookie(name, value, **arguments)


def test_a_cookie_is_refused_past_what_a_browser_must_keep():
    rest = len(format_set_cookie("a", ""))
    assert len(format_set_cookie("a", "x" * (MAX_COOKIE_SIZE - rest))) == 4096
    with pytest.raises(ValueError, match="cookie a: 4,097 bytes; browsers need to keep no more"):
        format_set_cookie("a", "x" * (MAX_COOKIE_SIZE - rest + 1))


def test_a_prefixed_cookie_with_all_that_it_needs_is_written():
    field = format_set_cookie("__Host-session", "x", secure=True)
    assert field == "__Host-session=x; Path=/; Secure; HttpOnly; SameSite=Lax"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=600))
def test_every_value_comes_back_as_it_was(value):
    pair = format_set_cookie("a", value).partition("; Path=")[0]
    assert pair.isascii()
    assert pair.isprintable()
    assert parse_cookies(f"first=1; {pair}; last=2") == {"first": "1", "a": value, "last": "2"}


@given(
    st.text(),
    st.text(),
    st.fixed_dictionaries(
        {},
        optional={
            "path": st.text(),
            "domain": st.text(),
            "samesite": st.text(),
            "max_age": st.integers() | st.text(),
            "expires": st.floats() | st.datetimes() | st.datetimes(timezones=st.just(UTC)),
            "secure": st.booleans(),
        },
    ),
)
def test_nothing_that_ends_a_header_leaves_through_a_cookie(name, value, options):
    try:
        field = format_set_cookie(name, value, **options)
    except ValueError:
        return
    assert field.isascii()
    assert field.isprintable()
    allowed = {"Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite"}
    assert {part.partition("=")[0] for part in field.split("; ")[1:]} <= allowed
