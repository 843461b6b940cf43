"""Hostile paths, queries, bodies and charsets."""

from __future__ import annotations

import json
import time
import zlib
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import Limits
from tests.support.guarded_site import HOST, make_site
from tests.support.wsgi_calls import call


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("site"))


def ask(site, method="GET", url="/", **more):
    headers = {"Host": HOST, **more.pop("headers", {})}
    return call(site, method, url, headers=headers, **more)


# Decoded once, strictly. From RFC 3629 (section 10), Unicode's corrigendum 1 and the list of
# overlong forms in OWASP's testing guide.
BAD_PATHS = {
    "CR": "/show/a%0db",
    "LF": "/show/a%0ab",
    "CRLF and a header": "/show/%0d%0aSet-Cookie:%20x=1",
    "NUL": "/show/a%00b",
    "NUL before a suffix": "/static/style.css%00.png",
    "tab": "/show/a%09b",
    "escape": "/show/%1b%5b31m",
    "delete": "/show/a%7fb",
    "lone continuation": "/show/%80",
    "lone start": "/show/%c3",
    "cut short": "/show/%e2%82",
    "overlong slash": "/show/%c0%af",
    "overlong dot": "/show/%c0%ae%c0%ae/",
    "overlong in three": "/show/%e0%80%af",
    "overlong in four": "/show/%f0%80%80%af",
    "overlong NUL": "/show/%c0%80",
    "surrogate": "/show/%ed%a0%80",
    "surrogate pair": "/show/%ed%a0%80%ed%b0%80",
    "beyond Unicode": "/show/%f4%90%80%80",
    "five bytes": "/show/%f8%88%80%80%80",
    "no byte of UTF-8": "/show/%ff",
    "latin-1": "/show/caf%e9",
    "UTF-16": "/show/%fe%ff%00a",
}


@pytest.mark.parametrize("url", BAD_PATHS.values(), ids=BAD_PATHS)
def test_hostile_paths_a_path_that_is_no_text_is_400(site, url):
    assert ask(site, url=url).status == 400


GOOD_PATHS = {
    "/show/caf%C3%A9": "café",
    "/show/%F0%9F%94%91": "🔑",
    "/show/a%252Fb": "a%2Fb",  # decoded once
    "/show/%2525": "%25",
    "/show/a%2Fb": "a/b",
    "/show/a+b": "a+b",
    "/show/%20": " ",
    "/show/a;b=1": "a;b=1",
    "/show/..%2f..": "../..",
    "/show/%EF%BB%BF": "\ufeff",
    "/show/%C2%A0": "\xa0",
    "/show/%E2%80%AE": "\u202e",
}


@pytest.mark.parametrize(("url", "rest"), GOOD_PATHS.items(), ids=GOOD_PATHS)
def test_hostile_paths_a_path_is_decoded_once(site, url, rest):
    assert json.loads(ask(site, url=url).body)["rest"] == rest


@given(st.binary(max_size=40))
def test_hostile_paths_any_bytes_in_a_path_are_text_or_400(tmp_path_factory, data):
    answer = ask(shared(tmp_path_factory), url="/show/x" + "".join(f"%{b:02x}" for b in data))
    try:
        text = data.decode()
        clean = all(char >= " " and char != "\x7f" for char in text)
    except UnicodeDecodeError:
        clean = False
    assert answer.status == (200 if clean else 400)


_site = []


def shared(tmp_path_factory):
    """One site for all examples of hypothesis, which makes no fixture anew for each."""
    if not _site:
        _site.append(make_site(tmp_path_factory.mktemp("shared")))
    return _site[0]


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("a=%ff", [["a", "\ufffd"]]),
        ("a=%c0%af", [["a", "\ufffd\ufffd"]]),
        ("a=%", [["a", "%"]]),
        ("a=%zz", [["a", "%zz"]]),
        ("a=%0d%0a%1b", [["a", "\r\n\x1b"]]),
        ("a=%2500", [["a", "%00"]]),
        ("a=1;b=2", [["a", "1;b=2"]]),
        ("=", [["", ""]]),
        ("&&&", []),
        ("a", [["a", ""]]),
        ("a=1&a=2", [["a", "1"], ["a", "2"]]),
        ("%61=%31", [["a", "1"]]),
        ("a=\xff", [["a", "\ufffd"]]),
    ],
)
def test_hostile_paths_a_query_is_replaced_and_never_an_error(site, query, pairs):
    answer = ask(site, url=f"/show/x?{query}")
    assert json.loads(answer.body)["query"] == pairs


@given(st.binary(max_size=60) | st.text(st.sampled_from("%025\0a=&+")).map(str.encode))
def test_hostile_paths_no_query_is_an_error_but_one_with_nul(tmp_path_factory, data):
    url = "/show/x?" + data.decode("latin-1")
    answer = ask(shared(tmp_path_factory), url=url)
    assert answer.status == (400 if b"\0" in unquote_to_bytes(data) else 200)


# NUL is in no text: PostgreSQL refuses it, C takes it for the end of the text, and editors, logs
# and other programs each see another one.
MULTIPART = {"Content-Type": "multipart/form-data; boundary=X"}
NUL = {
    "a query's value": {"url": "/show/x?a=%00"},
    "a query's name": {"url": "/show/x?a%00b=1"},
    "a query's second value": {"url": "/show/x?a=1&a=x%00"},
    "a query, unescaped": {"url": "/show/x?a=\0"},
    "a query, behind a percent sign": {"url": "/show/x?a=%%00"},
    "a path": {"url": "/show/a%00"},
    "a form's value": {"url": "/form", "body": b"text=%00"},
    "a form's name": {"url": "/form", "body": b"te%00xt=1"},
    "a form, unescaped": {"url": "/form", "body": b"text=a\0b"},
    "a form in latin-1": {
        "url": "/form",
        "body": b"text=%00",
        "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=latin-1"},
    },
    "a form that was read as bytes before": {"url": "/raw-and-form", "body": b"text=%00"},
    "a multipart field": {
        "url": "/form",
        "body": b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\0\r\n--X--\r\n',
        "headers": MULTIPART,
    },
    "a multipart name": {
        "url": "/form",
        "body": b'--X\r\nContent-Disposition: form-data; name="a\0"\r\n\r\nx\r\n--X--\r\n',
        "headers": MULTIPART,
    },
    "JSON's text": {"url": "/json", "body": rb'{"a": "x\u0000"}'},
    "JSON's text, behind a backslash": {"url": "/json", "body": rb'["\\\u0000"]'},
    "JSON's key": {"url": "/json", "body": rb'{"a": {"\u0000": 1}}'},
    "JSON that is a text": {"url": "/json", "body": rb'"\u0000"'},
    "JSON, unescaped": {"url": "/json", "body": b'"\0"'},
}


@pytest.mark.parametrize("what", NUL)
def test_hostile_text_with_nul_is_400(site, what, caplog):
    more = dict(NUL[what])
    kind = "application/json" if more["url"] == "/json" else URLENCODED
    more["headers"] = {"Content-Type": kind, **more.get("headers", {})}
    answer = ask(site, "POST" if "body" in more else "GET", **more)
    assert answer.status == 400
    assert caplog.records == []


@pytest.mark.parametrize("body", [rb'["\\u0000"]', rb'{"\\\\u0000": 1}', b'"%00"', b"[0]"])
def test_hostile_text_that_only_looks_like_nul_is_taken(site, body):
    headers = {"Content-Type": "application/json"}
    answer = ask(site, "POST", "/json", body=body, headers=headers)
    assert json.loads(answer.body) == {"json": json.loads(body)}


odd_text = st.text(st.sampled_from("\0\\u0a"))


@given(
    st.recursive(
        odd_text | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=2),
        max_leaves=5,
    )
)
def test_hostile_text_in_json_with_nul_is_400_and_any_other_is_taken(tmp_path_factory, value):
    headers = {"Content-Type": "application/json"}
    body = json.dumps(value).encode()
    answer = ask(shared(tmp_path_factory), "POST", "/json", body=body, headers=headers)
    assert answer.status == (400 if has_nul(value) else 200)


def has_nul(value):
    if isinstance(value, dict):
        return any(has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(has_nul, value))
    return isinstance(value, str) and "\0" in value


def test_hostile_text_is_for_texts_alone_a_file_may_hold_nul(site):
    body, kind = multipart(file(b"a.bin", b"\0\0"))
    assert post(site, "/form", body, kind).status == 200


def test_hostile_text_that_the_page_of_its_error_shows_makes_that_page_the_plain_one(
    tmp_path, caplog
):
    (tmp_path / "templates").mkdir()
    for status in (400, 404):
        page = tmp_path / "templates" / f"{status}.html"
        page.write_text("ours {{ request.query.get('q') }}", encoding="utf-8")
    site = make_site(tmp_path)
    for url, status in (("/echo?q=%00&text=%00", 400), ("/nowhere?q=%00", 404)):
        answer = ask(site, url=url)
        assert (answer.status, "ours" in answer.text) == (status, False)
    assert "ours x" in ask(site, url="/nowhere?q=x").text
    assert caplog.records == []


# Every limit is a 413, at its edge and one beyond.
SMALL = Limits(
    max_body_size=10_000,
    max_memory_size=4_000,
    max_form_size=1_000,
    max_fields=10,
    max_files=3,
    max_part_header_size=300,
)
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("small"), limits=SMALL)


def post(site, url, body, content_type, **headers):
    return ask(site, "POST", url, body=body, headers={"Content-Type": content_type, **headers})


def multipart(*parts):
    """Parts as (header lines, content), and their Content-Type."""
    body = (
        b"".join(b"--X\r\n%b\r\n\r\n%b\r\n" % (head, data) for head, data in parts) + b"--X--\r\n"
    )
    return body, "multipart/form-data; boundary=X"


def field(name, value=b""):
    return b'Content-Disposition: form-data; name="%b"' % name, value


def file(name, value=b""):
    return b'Content-Disposition: form-data; name="f"; filename="%b"' % name, value


@pytest.mark.parametrize(
    ("url", "body", "content_type", "status"),
    [
        ("/raw", b"x" * 4_000, "text/plain", 200),
        ("/raw", b"x" * 4_001, "text/plain", 413),
        ("/raw", b"x" * 10_001, "text/plain", 413),
        ("/json", b'"' + b"x" * 3_998 + b'"', "application/json", 200),
        ("/json", b'"' + b"x" * 3_999 + b'"', "application/json", 413),
        ("/form", b"a=" + b"x" * 998, URLENCODED, 200),
        ("/form", b"a=" + b"x" * 999, URLENCODED, 413),
        ("/form", b"&".join([b"a=1"] * 10), URLENCODED, 200),
        ("/form", b"&".join([b"a=1"] * 11), URLENCODED, 413),
        ("/form", *multipart(*[field(b"a", b"1")] * 10), 200),
        ("/form", *multipart(*[field(b"a", b"1")] * 11), 413),
        ("/form", *multipart(field(b"a", b"x" * 1_100)), 413),
        ("/form", *multipart(*[file(b"a.txt", b"1")] * 3), 200),
        ("/form", *multipart(*[file(b"a.txt", b"1")] * 4), 413),
        ("/form", *multipart(file(b"a.txt", b"x" * 9_000)), 200),
        ("/form", *multipart(file(b"a.txt", b"x" * 10_000)), 413),
        ("/form", *multipart(field(b"a" * 400, b"1")), 413),
    ],
)
def test_large_bodies_every_limit_is_a_413_one_beyond_its_edge(
    small, url, body, content_type, status
):
    assert post(small, url, body, content_type).status == status


def test_large_bodies_the_limits_of_a_new_application_are_the_promised_ones():
    mebibyte = 1024 * 1024
    assert Limits() == Limits(
        max_body_size=32 * mebibyte,
        max_memory_size=int(2.5 * mebibyte),
        max_form_size=mebibyte,
        max_fields=1_000,
        max_files=100,
        max_part_header_size=16 * 1024,
    )


@pytest.mark.parametrize("url", ["/raw", "/form", "/json"])
def test_large_bodies_a_length_above_the_limit_is_refused_before_the_body_is_read(small, url):
    class Unreadable:
        def read(self, *size):
            raise AssertionError("the body was read")

        readline = readlines = __iter__ = read

    headers = {"Content-Length": "10001", "Content-Type": URLENCODED}
    if url == "/json":
        headers["Content-Type"] = "application/json"
    answer = ask(small, "POST", url, headers=headers, **{"wsgi.input": Unreadable()})
    assert answer.status == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-gzip", "gzip, gzip"])
@pytest.mark.parametrize("url", ["/raw", "/form"])
def test_large_bodies_a_compressed_body_is_never_unpacked(small, url, encoding):
    bomb = zlib.compress(b"\0" * 1_000_000)
    headers = {"Content-Encoding": encoding}
    answer = post(small, url, bomb, URLENCODED, **headers)
    assert answer.status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 3_900,
        b'{"a":' * 700,
        b"1" * 3_900,
        b'"' + b"\\u0000" * 600 + b'"',
        b"{" + b'"a":1,' * 600 + b'"a":1}',
    ],
    ids=["brackets", "braces", "digits", "escapes", "one key many times"],
)
def test_large_bodies_nested_and_swollen_json_is_an_answer_below_500(small, body):
    assert post(small, "/json", body, "application/json").status in (200, 400)


# A quadratic parser takes 100 times as long for ten times as much; a linear one 10 times.
LINEAR = {
    "ampersands": lambda n: (b"&" * n, URLENCODED),
    "equal signs": lambda n: (b"=" * n, URLENCODED),
    "percent signs": lambda n: (b"%" * n, URLENCODED),
    "escapes": lambda n: (b"%41" * (n // 3), URLENCODED),
    "dashes in a part": lambda n: multipart(file(b"a", b"-" * n)),
    "line ends in a part": lambda n: multipart(file(b"a", b"\r\n" * (n // 2))),
    "almost boundaries": lambda n: multipart(file(b"a", b"\r\n--" * (n // 4))),
    "never a boundary": lambda n: (b"-" * n, "multipart/form-data; boundary=X"),
}


@pytest.mark.parametrize("make", LINEAR.values(), ids=LINEAR)
def test_large_bodies_a_body_is_parsed_in_linear_time(site, make):
    small, large = (seconds(site, *make(size)) for size in (60_000, 600_000))
    assert large < small * 40


def seconds(site, body, content_type):
    times = []
    for _ in range(3):
        begun = time.process_time()  # of this process alone: others may be busy
        post(site, "/form", body, content_type)
        times.append(time.process_time() - begun)
    return max(min(times), 0.001)


# utf-8, us-ascii and latin-1, else 400.
@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", b"caf%C3%A9", "café"),
        ("UTF-8", b"caf%C3%A9", "café"),
        ('"utf-8"', b"caf%C3%A9", "café"),
        ("us-ascii", b"cafe", "cafe"),
        ("iso-8859-1", b"caf%E9", "café"),
        ("latin-1", b"caf%E9", "café"),
    ],
)
def test_charset_tricks_three_charsets_are_read(site, charset, data, text):
    answer = post(site, "/form", b"a=" + data, f"{URLENCODED}; charset={charset}")
    assert json.loads(answer.body)["fields"] == [["a", text]]


@pytest.mark.parametrize(
    "charset",
    ["utf-7", "utf-16", "utf-16le", "utf-32", "utf-8-sig", "punycode", "idna", "unicode_escape",
     "raw_unicode_escape", "rot13", "base64", "zlib", "hex", "bz2", "cp037", "ibm1026", "shift_jis",
     "iso-2022-jp", "hz", "mbcs", "undefined", "nonsense", "../../etc/passwd", "utf_8\\0"],
)  # fmt: skip
def test_charset_tricks_every_other_charset_is_400(site, charset):
    answer = post(site, "/form", b"a=%2BADw-script", f"{URLENCODED}; charset={charset}")
    assert answer.status == 400


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "rot13", "zlib"])
def test_charset_tricks_a_form_may_not_choose_another_charset_in_its_fields(site, charset):
    body = b"_charset_=" + charset.encode() + b"&a=%2BADw-script%2BAD4-"
    fields = json.loads(post(site, "/form", body, URLENCODED).body)["fields"]
    assert ["a", "+ADw-script+AD4-"] in fields


def test_charset_tricks_pages_say_their_charset(site):
    assert ask(site, url="/echo").headers["content-type"] == "text/html; charset=utf-8"
    assert ask(site, url="/nowhere").headers["content-type"] == "text/html; charset=utf-8"
