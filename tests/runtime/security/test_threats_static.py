"""Nothing outside the root, conditional and range requests by the letter."""

from __future__ import annotations

import os
from email.utils import formatdate
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import Application, NotFound
from tests.support.wsgi_calls import call

MOMENT = 1_750_000_000  # seconds since 1970
TEXT = b"0123456789"


def make_site(directory):
    """A static root with a secret beside it, and every kind of link into and out of it."""
    root = directory / "static"
    (root / "css").mkdir(parents=True)
    (root / "file.txt").write_bytes(TEXT)
    (root / "css/style.css").write_text("body {}")
    (root / ".hidden").write_text("hidden")
    (root / ".git").mkdir()
    (root / ".git/config").write_text("hidden")
    (directory / "secret.txt").write_text("secret")
    (directory / "outside").mkdir()
    (directory / "outside/secret.txt").write_text("secret")
    (directory / "static-secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(directory / "secret.txt")
    (root / "relative.txt").symlink_to("../secret.txt")
    (root / "out").symlink_to(directory / "outside")
    (root / "up").symlink_to("..")
    (root / "loop").symlink_to("loop")
    (root / "ping").symlink_to("pong")
    (root / "pong").symlink_to("ping")
    (root / "round").symlink_to(".")
    (root / "dangling").symlink_to("nowhere")
    (root / "passwd").symlink_to("/etc/passwd")
    (root / "null").symlink_to("/dev/null")
    (root / "zero").symlink_to("/dev/zero")
    (root / "inside.txt").symlink_to("file.txt")
    os.mkfifo(root / "pipe")
    os.utime(root / "file.txt", (MOMENT, MOMENT))
    return Application([], static=root)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("static"))


def get(site, name, method="GET", **headers):
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return call(site, method, f"/static/{name}", headers=named)


# OWASP's path traversal page and the usual lists, each against the file beside the root.
UPWARDS = ["..", "%2e%2e", "%2e.", ".%2e", "..%00", "%00..", "...", "....", "..;", "..%20",
           "%20..", "..%09", "%c0%ae%c0%ae", "%252e%252e", "%uff0e%uff0e",
           "%ef%bc%8e%ef%bc%8e", "~"]  # fmt: skip
SLASHES = ["/", "//", "%2f", "%5c", "\\", "/./", "%2f%2f", "%252f", "%255c", "%c0%af", "%ef%bc%8f"]


@pytest.mark.parametrize("slash", SLASHES)
@pytest.mark.parametrize("up", UPWARDS)
def test_static_files_no_spelling_of_dots_and_slashes_leads_out(site, up, slash):
    for depth in range(1, 4):
        for start in ("", "css" + slash, slash):
            answer = get(site, start + (up + slash) * depth + "secret.txt")
            assert answer.status in (400, 404)
            assert b"secret" not in answer.body


@pytest.mark.parametrize(
    "name",
    ["link.txt", "relative.txt", "out/secret.txt", "up/secret.txt", "up/static/file.txt/../x",
     "loop", "loop/x", "ping", "dangling", "passwd", "null", "zero", "pipe",
     "up/static/link.txt", "round/link.txt", "round/round/up/secret.txt"],
)  # fmt: skip
def test_static_files_no_link_leads_out_and_only_regular_files_are_served(site, name):
    answer = get(site, name)
    assert answer.status == 404
    assert b"secret" not in answer.body


@pytest.mark.parametrize("name", ["inside.txt", "round/file.txt", "up/static/file.txt"])
def test_static_files_a_link_that_stays_inside_is_followed(site, name):
    assert get(site, name).body == TEXT


@pytest.mark.parametrize(
    "name",
    ["", "/", ".", "..", "css", "css/", "css//style.css", "/css/style.css", "./file.txt",
     "css/../file.txt", "file.txt/", "file.txt/x", "file.txt%00", "file.txt%00.png", "file.txt.",
     "file.txt::$DATA", "C:/Windows/win.ini", "C:%5cWindows%5cwin.ini", "file.txt%0a",
     "css%5cstyle.css", ".hidden", ".git/config", "css/.hidden", "FILE.txt", "file.txt%20",
     "a" * 5000, "a/" * 2000, "%7e/.ssh/id_rsa", "../../../../../../etc/passwd", "%2fetc%2fpasswd",
     "file:///etc/passwd", "http://evil.test/", "proc/self/environ"],
)  # fmt: skip
def test_static_files_what_is_no_plain_name_of_a_file_is_not_found(site, name):
    assert get(site, name).status in (400, 404)


@given(st.text(st.sampled_from("./\\%2eEfF5cC0: ~\0"), max_size=16))
def test_static_files_no_name_at_all_reads_the_secret(tmp_path_factory, text):
    answer = get(shared(tmp_path_factory), quote(text, safe="./\\%:~ ") + "secret.txt")
    assert answer.status in (400, 404)


_sites = []


def shared(tmp_path_factory):
    """One site for all examples of hypothesis."""
    if not _sites:
        _sites.append(make_site(tmp_path_factory.mktemp("shared")))
    return _sites[0]


def test_static_files_a_file_that_becomes_a_link_out_is_gone(tmp_path):
    site = make_site(tmp_path)
    file = tmp_path / "static/file.txt"
    assert get(site, "file.txt").status == 200
    file.unlink()
    file.symlink_to(tmp_path / "secret.txt")
    assert get(site, "file.txt").status == 404


def test_static_files_a_folder_that_becomes_a_link_out_is_gone(tmp_path):
    site = make_site(tmp_path)
    folder = tmp_path / "static/css"
    (tmp_path / "outside/style.css").write_text("secret")
    assert get(site, "css/style.css").status == 200
    folder.rename(tmp_path / "static/moved")
    folder.symlink_to(tmp_path / "outside")
    assert get(site, "css/style.css").status == 404


def test_static_files_a_root_that_is_a_link_itself_is_served(tmp_path):
    make_site(tmp_path)
    (tmp_path / "current").symlink_to("static")
    assert get(Application([], static=tmp_path / "current"), "file.txt").body == TEXT


@pytest.mark.parametrize("suffix", [".gz", ".br"])
def test_static_files_a_compressed_variant_may_not_be_a_link_out(tmp_path, suffix):
    site = make_site(tmp_path)
    (tmp_path / f"static/file.txt{suffix}").symlink_to(tmp_path / "secret.txt")
    assert get(site, "file.txt", Accept_Encoding="gzip, br").body == TEXT


def test_static_files_a_file_that_goes_between_look_and_open_is_not_found(tmp_path):
    site = make_site(tmp_path)
    file = site.static._find("file.txt")
    (tmp_path / "static/file.txt").unlink()
    with pytest.raises(NotFound):
        file.open()


def test_static_files_every_answer_with_a_file_says_nosniff(site):
    assert get(site, "file.txt").headers["x-content-type-options"] == "nosniff"


# RFC 9110, sections 13 and 14.
def state(site):
    headers = get(site, "file.txt").headers
    return headers["etag"], headers["last-modified"]


EARLIER, LATER = (formatdate(MOMENT + delta, usegmt=True) for delta in (-60, 60))
SAME = formatdate(MOMENT, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "ETAG"}, 304),
        ({"If-None-Match": "W/ETAG"}, 304),
        ({"If-None-Match": '"x", ETAG , "y"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-None-Match": ""}, 200),
        ({"If-None-Match": "nonsense"}, 200),
        ({"If-Modified-Since": SAME}, 304),
        ({"If-Modified-Since": LATER}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": SAME}, 200),
        ({"If-None-Match": "ETAG", "If-Modified-Since": EARLIER}, 304),
        ({"If-Match": "ETAG"}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": "W/ETAG"}, 412),
        ({"If-Match": '"x"'}, 412),
        ({"If-Match": '"x"', "If-None-Match": "ETAG"}, 412),
        ({"If-Unmodified-Since": EARLIER}, 412),
        ({"If-Unmodified-Since": SAME}, 200),
        ({"If-Match": "ETAG", "If-Unmodified-Since": EARLIER}, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_and_ranges_conditions_are_weighed_in_the_order_of_the_standard(
    site, method, headers, status
):
    etag, _ = state(site)
    sent = {name: value.replace("ETAG", etag) for name, value in headers.items()}
    assert call(site, method, "/static/file.txt", headers=sent).status == status


def test_conditions_and_ranges_a_304_has_what_a_cache_needs_and_no_content(site):
    etag, _ = state(site)
    answer = get(site, "file.txt", If_None_Match=etag)
    assert answer.body == b""
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == "no-cache"
    assert not {"content-length", "content-type"} & answer.headers.keys()


ABSURD_DATES = [
    "", "0", "now", "yesterday", "-1", "99999999999999999999", "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 PST", "Sun, 99 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 0000 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT",
    "Sun, 31 Feb 2025 08:49:37 GMT", "Sun, 06 Nov 1994 25:61:61 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT; length=10", "Sun, 06 Nov -1994 08:49:37 GMT", "Sun Nov  6 1994",
    "\xff\xfe", "%s%s%s%n", "Sun, 06 Nov \xd9\xa2\xd9\xa0 08:49:37 GMT",
    "Mon, 01 Jan 9999 00:00:00 GMT" * 50, "Sun, 06 Nov 1994 08:49:37 +9999", "1994-11-06T08:49:37Z",
]  # fmt: skip


@pytest.mark.parametrize("date", ABSURD_DATES)
@pytest.mark.parametrize("field", ["If-Modified-Since", "If-Unmodified-Since", "If-Range"])
def test_conditions_and_ranges_an_absurd_date_is_ignored(site, field, date):
    headers = {field: date, "Range": "bytes=0-1"} if field == "If-Range" else {field: date}
    answer = call(site, url="/static/file.txt", headers=headers)
    assert (answer.status, answer.body) == (200, TEXT)


@pytest.mark.parametrize("moment", [0, -1, 1, 2**31, 2**33, -(2**31)])
def test_conditions_and_ranges_a_file_from_any_time_is_served(tmp_path, moment):
    (tmp_path / "a.txt").write_bytes(TEXT)
    os.utime(tmp_path / "a.txt", (moment, moment))
    site = Application([], static=tmp_path)
    answer = get(site, "a.txt")
    assert answer.status == 200
    assert get(site, "a.txt", If_Modified_Since=answer.headers["last-modified"]).status == 304


RANGES = [
    # RFC 9110, section 14.1.2, with ten bytes instead of 10,000
    ("bytes=0-4", b"01234"), ("bytes=5-9", b"56789"), ("bytes=-5", b"56789"),
    ("bytes=5-", b"56789"), ("bytes=0-0", b"0"), ("bytes=9-9", b"9"), ("bytes=-1", b"9"),
    ("bytes=0-", TEXT), ("bytes=0-9", TEXT), ("bytes=0-99", TEXT), ("bytes=-99", TEXT),
    ("bytes=9-99999999999999999999999999", b"9"), ("Bytes=0-1", b"01"),
    ("bytes=-" + "9" * 5000, TEXT), ("bytes=0-" + "9" * 5000, TEXT), ("bytes= 0-1 ", b"01"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "content"), RANGES)
def test_conditions_and_ranges_a_range_is_that_part(site, header, content):
    answer = get(site, "file.txt", Range=header)
    assert (answer.status, answer.body) == (206, content)
    first = TEXT.index(content)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(content) - 1}/10"
    assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize(
    "header", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=" + "9" * 5000 + "-"]
)
def test_conditions_and_ranges_a_range_beyond_the_end_is_416_and_tells_the_length(site, header):
    answer = get(site, "file.txt", Range=header)
    assert answer.status == 416
    assert answer.headers["content-range"] == "bytes */10"


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=--5", "bytes=5-2", "bytes=a-b", "bytes=0-1,2-3",
     "bytes=" + "0-," * 1300 + "0-1", "lines=0-1", "bytes=0x0-0x5", "bytes=+1-2", "bytes=1.5-2",
     "bytes=1-2;q=1", "bytes: 0-1", "bytes=\xd9\xa0-\xd9\xa1", "bytes=-5-", "0-1",
     "none", "bytes=0 - 1", "bytes=0-1 2-3", "bytes=\xff-1", "bytes=0-1\t2"],
)  # fmt: skip
def test_conditions_and_ranges_a_range_that_can_not_be_understood_is_ignored(site, header):
    answer = get(site, "file.txt", Range=header)
    assert (answer.status, answer.body) == (200, TEXT)


@given(st.text(st.sampled_from("bytes=0123456789-, "), max_size=20))
def test_conditions_and_ranges_no_range_at_all_is_a_500(tmp_path_factory, text):
    site = shared(tmp_path_factory)
    for header in (text, "bytes=" + text):
        answer = get(site, "file.txt", Range=header)
        assert answer.status in (200, 206, 416)
        if answer.status == 206:
            first, _, last = answer.headers["content-range"][6:].partition("/")[0].partition("-")
            assert answer.body == TEXT[int(first) : int(last) + 1]


def test_conditions_and_ranges_if_range_guards_the_range(site):
    etag, modified = state(site)
    for condition, status in [
        (etag, 206), ("W/" + etag, 200), ('"x"', 200),
        (modified, 206), (LATER, 200), (EARLIER, 200),
    ]:  # fmt: skip
        assert get(site, "file.txt", Range="bytes=0-1", If_Range=condition).status == status


def test_conditions_and_ranges_head_takes_no_range(site):
    answer = get(site, "file.txt", "HEAD", Range="bytes=0-1")
    assert answer.status == 200
    assert answer.headers["content-length"] == "10"


def test_conditions_and_ranges_an_empty_file_has_no_range(tmp_path):
    (tmp_path / "empty").touch()
    site = Application([], static=tmp_path)
    assert get(site, "empty").status == 200
    assert get(site, "empty", Range="bytes=0-0").status == 416
