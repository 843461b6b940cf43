"""send_file(): a file on the disk as an answer."""

from __future__ import annotations

from wsgiref.util import FileWrapper

import pytest

from mtvgen.runtime import Application, path, send_file
from tests.support.wsgi_calls import call, environ_for

CONTENT = bytes(range(256)) * 1024  # more than is read at once


@pytest.fixture
def report(tmp_path):
    file = tmp_path / "report.csv"
    file.write_bytes(CONTENT)
    return file


def site(file, **options):
    return Application([path("/", lambda request: send_file(request, file, **options))])


def test_a_file_is_sent_with_its_type_length_tag_and_date(report):
    got = call(site(report))
    assert (got.status, got.body) == (200, CONTENT)
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    assert got.headers["content-length"] == str(len(CONTENT))
    assert {"etag", "last-modified", "accept-ranges"} <= got.headers.keys()


@pytest.mark.parametrize(
    ("asked", "content_range", "body"),
    [
        ("bytes=0-4", f"bytes 0-4/{len(CONTENT)}", CONTENT[:5]),
        ("bytes=100000-", f"bytes 100000-{len(CONTENT) - 1}/{len(CONTENT)}", CONTENT[100_000:]),
        ("bytes=10-200000", f"bytes 10-200000/{len(CONTENT)}", CONTENT[10:200_001]),
        ("bytes=-3", f"bytes 262141-262143/{len(CONTENT)}", CONTENT[-3:]),
    ],
)
def test_a_part_of_a_file(report, asked, content_range, body):
    got = call(site(report), headers={"Range": asked})
    assert (got.status, got.headers["content-range"], got.body) == (206, content_range, body)
    assert got.headers["content-length"] == str(len(body))


def test_a_part_beyond_the_end_is_416(report):
    got = call(site(report), headers={"Range": "bytes=999999-"})
    assert (got.status, got.headers["content-range"]) == (416, f"bytes */{len(CONTENT)}")


def test_what_the_browser_has_is_not_sent_again(report):
    tag = call(site(report)).headers["etag"]
    assert call(site(report), headers={"If-None-Match": tag}).status == 304


@pytest.mark.parametrize(
    ("asked", "wrapped"),
    [({}, True), ({"Range": "bytes=5-"}, True), ({"Range": "bytes=5-99999"}, False)],
)
def test_the_servers_own_means_are_used_for_what_reaches_the_end(report, asked, wrapped):
    environ = environ_for(headers=asked, **{"wsgi.file_wrapper": FileWrapper})
    body = site(report)(environ, lambda *start: None)
    try:
        assert isinstance(body, FileWrapper) is wrapped
    finally:
        body.close()


@pytest.mark.parametrize("name", ["nope.csv", "."])
def test_what_is_no_file_is_404(tmp_path, name):
    assert call(site(tmp_path / name)).status == 404


def test_a_download_has_its_name_in_ascii_and_as_it_is(report):
    got = call(site(report, download_as='Bericht "Mai" für 100 %.csv'))
    assert got.headers["content-disposition"] == (
        'attachment; filename="Bericht _Mai_ f_r 100 _.csv"; '
        "filename*=UTF-8''Bericht%20%22Mai%22%20f%C3%BCr%20100%20%25.csv"
    )


def test_the_file_is_closed_where_nobody_reads_it(report):
    body = site(report)(environ_for(), lambda *start: None)
    body.close()
    with pytest.raises(ValueError, match="closed file"):
        next(iter(body))
