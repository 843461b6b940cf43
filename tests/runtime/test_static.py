"""Static files: the route that serves them, and static() for templates."""

from __future__ import annotations

import gzip
import hashlib
import os
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime import Application, Request, path, render
from mtvgen.runtime.http.media_types import accepted_encodings, content_type_of
from mtvgen.runtime.responses.files import BLOCK
from mtvgen.runtime.static import StaticFiles
from tests.support.trees import deep_directory
from tests.support.wsgi_calls import call, environ_for

CSS = b"body { color: green }\n"
MOMENT = 1_750_000_000  # when every file of these tests was written, in seconds since 1970


def write(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (MOMENT, MOMENT))
    return file


@pytest.fixture
def root(tmp_path):
    static = tmp_path / "static"
    write(static / "style.css", CSS)
    write(static / "css/print.min.css", b"p { color: black }")
    write(static / "LICENSE", b"Free.")
    write(static / "letters", b"abcdefghij")
    write(static / "größe 1.txt", "groß".encode())
    write(static / "empty.txt", b"")
    write(static / "large.bin", os.urandom(3 * BLOCK + 7))
    return static


@pytest.fixture
def site(root):
    return Application([], static=root)


@pytest.fixture
def address(root, tmp_path):
    """What `{{ static(name) }}` writes."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text("{{ static(name) }}")

    def view(request):
        return render(request, "page.html", name=request.query["name"])

    applications = {
        debug: Application(
            [path("/", view, name="home")],
            templates=tmp_path / "templates",
            static=root,
            debug=debug,
        )
        for debug in (False, True)
    }

    def ask(name, *, debug=False, **environ):
        answer = call(applications[debug], url=f"/?name={quote(name)}", **environ)
        if answer.exc_info:
            raise answer.exc_info[1]
        return answer.text

    return ask


def fingerprint(content):
    return hashlib.sha256(content).hexdigest()[:12]


def test_a_file_is_served_with_its_type_and_length(site):
    answer = call(site, url="/static/style.css")
    assert answer.status == 200
    assert answer.body == CSS
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-length"] == str(len(CSS))
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_plain_name_is_asked_for_again_each_time(site):
    headers = call(site, url="/static/style.css").headers
    assert headers["cache-control"] == "no-cache"
    assert headers["etag"].startswith('"')
    assert headers["last-modified"] == formatdate(MOMENT, usegmt=True)


@pytest.mark.parametrize("name", ["letters", "large.bin", "empty.txt", "gr%C3%B6%C3%9Fe%201.txt"])
def test_head_says_what_get_would(site, name):
    get, head = (call(site, method, f"/static/{name}") for method in ("GET", "HEAD"))
    assert head.body == b""
    assert sorted(head.fields) == sorted(get.fields)


def test_a_large_file_comes_in_blocks_and_whole(site, root):
    assert call(site, url="/static/large.bin").body == (root / "large.bin").read_bytes()


def test_a_large_file_is_closed_also_when_nobody_reads_it(site, root):
    before = open_files()
    result = site(environ_for(url="/static/large.bin"), lambda *answer: None)
    assert open_files() == before + 1
    result.close()
    assert open_files() == before


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_get_and_head_are_taken(site, method):
    answer = call(site, method, "/static/style.css")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("style.css", f"/static/style.{fingerprint(CSS)}.css"),
        ("css/print.min.css", f"/static/css/print.min.{fingerprint(b'p { color: black }')}.css"),
        ("LICENSE", f"/static/LICENSE.{fingerprint(b'Free.')}"),
        ("größe 1.txt", f"/static/gr%C3%B6%C3%9Fe%201.{fingerprint('groß'.encode())}.txt"),
    ],
)
def test_in_production_the_address_holds_a_fingerprint(address, site, name, expected):
    assert address(name) == expected
    answer = call(site, url=expected)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_while_developing_the_address_is_plain(address):
    assert address("style.css", debug=True) == "/static/style.css"


@pytest.mark.parametrize("debug", [False, True])
def test_below_a_prefix_the_address_begins_with_it(address, debug):
    assert address("style.css", debug=debug, SCRIPT_NAME="/blog").startswith("/blog/static/style.")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stile.css", r"static\('stile.css'\): no such file in static/. Did you mean 'style.c"),
        ("css", r"static\('css'\): no such file"),
        ("../settings.py", "no such file in static/"),
        ("/style.css", "no such file in static/"),
    ],
)
def test_a_file_that_is_not_there_is_an_error_with_the_name_meant(address, name, message, debug):
    with pytest.raises(FileNotFoundError, match=message):
        address(name, debug=debug)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_told_so(address, root, make):
    make(root / "pipe.css")
    with pytest.raises(
        FileNotFoundError, match=r"static/pipe\.css is not a file, or leads outside"
    ):
        address("pipe.css")


def test_the_name_meant_is_found_a_thousand_directories_deep(address, root):
    with deep_directory(root) as innermost:
        (innermost / "first.css").write_text("a {}")
        name = (innermost / "first.css").relative_to(root).as_posix()
        with pytest.raises(FileNotFoundError, match=r"Did you mean '(d/)+first\.css'"):
            address(name.replace("first", "furst"))


class Clock:
    """Seconds, as a test wants them."""

    now = 1000.0

    def __call__(self):
        return self.now


def test_a_file_that_changes_has_a_new_address_and_the_old_one_is_not_kept(site, root):
    clock = Clock()
    static, request = StaticFiles(root, clock=clock), Request(environ_for(), site)
    old = static.url(request, "style.css")
    write(root / "style.css", b"body { color: red; }\n")
    clock.now += 1
    new = static.url(request, "style.css")
    assert new != old
    answer = call(site, url=old)
    assert answer.body == b"body { color: red; }\n"
    assert answer.headers["cache-control"] == "no-cache"
    assert "immutable" in call(site, url=new).headers["cache-control"]


def test_within_a_second_an_address_costs_no_look_at_the_disk(site, root):
    static, request = StaticFiles(root, clock=Clock()), Request(environ_for(), site)
    address = static.url(request, "style.css")
    (root / "style.css").unlink()
    assert static.url(request, "style.css") == address


def test_a_file_replaced_while_it_is_served_is_never_mixed(site, root):
    call(site, url="/static/letters")
    write(root / "letters", b"a longer content than before")
    answer = call(site, url="/static/letters")
    assert answer.body == b"a longer content than before"
    assert answer.headers["content-length"] == "28"


def test_a_real_name_that_looks_like_a_fingerprint_is_that_file(site, root):
    write(root / "style.0123456789ab.css", b"built elsewhere")
    assert call(site, url="/static/style.0123456789ab.css").body == b"built elsewhere"


@pytest.mark.parametrize(
    "name",
    ["style.0123456789.css", "style.0123456789AB.css", "none.0123456789ab.css", "0123456789ab.css",
     ".0123456789ab", "css.0123456789ab"],
)  # fmt: skip
def test_what_is_no_fingerprint_of_a_file_is_not_found(site, name):
    assert call(site, url=f"/static/{name}").status == 404


def test_while_developing_files_are_always_fresh(root):
    site = Application([], static=root, debug=True)
    first = call(site, url="/static/style.css")
    assert first.headers["cache-control"] == "no-cache"
    assert "etag" not in first.headers
    conditions = {
        "If-None-Match": "*",
        "If-Modified-Since": formatdate(MOMENT, usegmt=True),
    }
    (root / "style.css").write_bytes(CSS[::-1])  # the same size, at the same time
    os.utime(root / "style.css", (MOMENT, MOMENT))
    answer = call(site, url="/static/style.css", headers=conditions)
    assert (answer.status, answer.body) == (200, CSS[::-1])


@pytest.mark.parametrize(
    ("condition", "status"),
    [({}, 206), ({"If-Range": '"x"'}, 200), ({"If-Range": "nonsense"}, 200)],
)
def test_while_developing_a_film_can_be_wound_forward(root, condition, status):
    site = Application([], static=root, debug=True)
    answer = call(site, url="/static/letters", headers={"Range": "bytes=2-4", **condition})
    assert (answer.status, answer.body) == (status, b"cde" if status == 206 else b"abcdefghij")


class TestCompressed:
    @pytest.fixture(autouse=True)
    def _variants(self, root):
        write(root / "style.css.gz", gzip.compress(CSS))
        write(root / "style.css.br", b"brotli it is")

    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("GZIP;q=0.5", "gzip"),
            ("gzip;q=0, br;q=0", None),
            ("br;q=0.000,gzip;q=0.001", "gzip"),
            ("", None),
            ("identity", None),
            ("*", None),
            ("x-gzip, brotli", None),
            ("gzip;q=nonsense", None),
        ],
    )
    def test_what_the_browser_takes_is_sent(self, site, accepted, encoding):
        answer = call(site, url="/static/style.css", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.headers["vary"] == "Accept-Encoding"
        body = {None: CSS, "gzip": gzip.compress(CSS), "br": b"brotli it is"}[encoding]
        assert len(answer.body) == len(body)

    def test_each_encoding_has_a_tag_of_its_own(self, site):
        tags = {
            call(site, url="/static/style.css", headers={"Accept-Encoding": e}).headers["etag"]
            for e in ("", "gzip", "br")
        }
        assert len(tags) == 3

    def test_one_that_is_older_than_its_file_is_left_alone(self, site, root):
        os.utime(root / "style.css", (MOMENT + 1, MOMENT + 1))
        answer = call(site, url="/static/style.css", headers={"Accept-Encoding": "gzip, br"})
        assert answer.body == CSS
        assert "vary" not in answer.headers

    def test_a_fingerprinted_address_is_negotiated_too(self, site):
        answer = call(
            site,
            url=f"/static/style.{fingerprint(CSS)}.css",
            headers={"Accept-Encoding": "gzip"},
        )
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body) == CSS

    def test_asked_for_by_its_own_name_it_is_an_archive(self, site):
        answer = call(site, url="/static/style.css.gz", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-type"] == "application/gzip"
        assert "content-encoding" not in answer.headers

    def test_while_developing_the_plain_file_is_sent(self, root):
        site = Application([], static=root, debug=True)
        answer = call(site, url="/static/style.css", headers={"Accept-Encoding": "gzip, br"})
        assert answer.body == CSS


def test_a_known_file_is_looked_up_once(site):
    call(site, url="/static/letters")
    assert site.static._find("letters") is site.static._find("letters")


def test_a_name_that_anybody_may_send_is_not_kept(site):
    for number in range(100):
        call(site, url=f"/static/never-heard-of-{number}.css")
    assert site.static._files == {}


def test_a_directory_that_is_not_there_is_an_error_while_the_application_starts(tmp_path):
    with pytest.raises(NotADirectoryError, match="is not a directory"):
        Application([], static=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.css", "text/css; charset=utf-8"),
        ("a.JS", "text/javascript; charset=utf-8"),
        ("a.min.mjs", "text/javascript; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.json", "application/json"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.woff2", "font/woff2"),
        ("a.png", "image/png"),
        ("a.pdf", "application/pdf"),
        ("a.tar.gz", "application/gzip"),
        ("LICENSE", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("dir.css/file", "application/octet-stream"),
    ],
)
def test_a_type_comes_from_the_name_and_never_from_the_machine(name, expected):
    assert content_type_of(name) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip, br", {"gzip", "br"}),
        ("gzip;q=1.0, br ; q=0.5", {"gzip", "br"}),
        ("gzip;q=0", set()),
        (",,, gzip,", {"gzip"}),
        ("gzip;level=9", set()),
        ("gzip;q=2", set()),
        ("gzip;q=-1", set()),
        ("g zip", set()),
        ("a" * 10_000, {"a" * 10_000}),
    ],
)
def test_encodings_are_those_named_and_not_refused(header, expected):
    assert accepted_encodings(header) == expected


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_accept_encoding_is_an_error(header):
    assert all(coding.isascii() for coding in accepted_encodings(header))


@pytest.mark.parametrize("name", ["trailing.", "plain", "two.dots.", "a.tar.gz"])
def test_every_address_that_static_gives_leads_to_its_file(address, site, root, name):
    write(root / name, b"content")
    assert call(site, url=address(name)).body == b"content"
