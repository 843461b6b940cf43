"""The client for a project's tests sends what a browser would."""

from __future__ import annotations

import gc
import warnings
from io import BytesIO

import pytest
import werkzeug.test
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import EnvironBuilder

from mtvgen.runtime import Application, path, redirect
from mtvgen.runtime.testing import Client


def told(request):
    """What came: fields, and files with their names, types and sizes."""
    files = [(name, f.filename, f.content_type, f.size) for name, f in request.files.pairs]
    return {"form": request.form.pairs, "files": files}


def sent(request):
    return request.body.decode()


client = Client(
    Application(
        [
            path("/told", told, methods=["GET", "POST"]),
            path("/sent", sent, methods=["POST"]),
            path("/moved", lambda request: redirect("/told", 307), methods=["POST"]),
        ]
    )
)


@pytest.mark.parametrize(
    ("data", "form", "files"),
    [
        ({"f": (BytesIO(b"x"), "a.jpg")}, [], [["f", "a.jpg", "image/jpeg", 1]]),
        ({"f": (BytesIO(b""), "")}, [], []),
        ({"f": (BytesIO(b""), "a.txt")}, [], [["f", "a.txt", "text/plain", 0]]),
        (
            {"f": (BytesIO(b"x"), "a", "image/x-own"), "text": ""},
            [["text", ""]],
            [["f", "a", "image/x-own", 1]],
        ),
        (
            {"f": (BytesIO(b"x\r\n"), "é.bin"), "n": 7, "tag": ["a", "b"]},
            [["n", "7"], ["tag", "a"], ["tag", "b"]],
            [["f", "é.bin", "application/octet-stream", 3]],
        ),
        (
            {"f": [(BytesIO(b"x"), "a.txt"), FileStorage(BytesIO(b"yy"), "b.txt")]},
            [],
            [["f", "a.txt", "text/plain", 1], ["f", "b.txt", "text/plain", 2]],
        ),
        (
            {'say "hi"\n': (BytesIO(b"x"), "a")},
            [],
            [['say "hi"\n', "a", "application/octet-stream", 1]],
        ),
    ],
)
def test_a_form_with_files_arrives_as_it_was_given(data, form, files):
    answer = client.post("/told", data=data)
    assert answer.json == {"form": form, "files": files}


def test_a_form_without_files_may_be_multipart():
    data = {"a": "", "b": "é"}
    answer = client.post("/told", data=data, content_type="multipart/form-data")
    assert answer.json == {"form": [["a", ""], ["b", "é"]], "files": []}


def test_a_part_is_written_as_browsers_write_it():
    text = client.post("/sent", data={"f": (BytesIO(b""), "")}).text
    boundary = text.partition("\r\n")[0]
    assert text == (
        f'{boundary}\r\nContent-Disposition: form-data; name="f"; filename=""\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n\r\n{boundary}--\r\n"
    )


def test_a_large_upload_leaves_nothing_open():
    file = BytesIO(b"x" * 600_000)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        answer = client.post("/told", data={"f": (file, "a")})
        assert answer.json["files"] == [["f", "a", "application/octet-stream", 600_000]]
        del answer
        gc.collect()
    assert warned == []
    assert file.closed


def test_a_redirect_that_keeps_the_form_is_followed_with_it():
    answer = client.post("/moved", data={"f": (BytesIO(b"x"), "a.txt")}, follow_redirects=True)
    assert answer.json["files"] == [["f", "a.txt", "text/plain", 1]]
    assert [each.status_code for each in answer.history] == [307]


def test_a_request_may_be_made_before():
    assert client.open(EnvironBuilder("/told")).json == {"form": [], "files": []}


# --- What is sent is what werkzeug's own client sends

CALLS = [
    ("/", {}),
    ("/notes", {"method": "GET"}),
    ("/notes/1.html", {"method": "HEAD"}),
    ("/a~b_c-d/", {"method": "PURGE"}),
    ("/a?b=1&c=2+3%20", {"method": "GET"}),
    ("/a?", {"method": "GET"}),
    ("/a?b=1?c", {}),
    ("//host/path", {}),
    ("/a//b/../c", {}),
    ("/a%20b", {}),
    ("/é", {}),
    ("/a b", {}),
    ("/a;b", {}),
    ("/a#b", {}),
    ("/a?b#c", {}),
    ("a", {}),
    ("", {}),
    ("http://localhost/a", {}),
    ("/a\n", {}),
    ("/notes", {"method": "POST"}),
    ("/notes", {"method": "POST", "data": {}}),
    ("/notes", {"method": "POST", "data": {"text": "Buy milk"}}),
    ("/notes?a=b", {"method": "POST", "data": {"é &=+": "ü\r\n!$'()*,/:;?@~", "b": ""}}),
    ("/notes", {"method": "GET", "data": {"a": "b"}}),
    ("/notes", {"method": "POST", "data": {"n": 7, "tag": ["a", "b"]}}),
    ("/notes", {"method": "POST", "data": MultiDict([("a", "b"), ("a", "c")])}),
    ("/notes", {"method": "POST", "data": "a=b"}),
    ("/notes", {"method": "POST", "data": b"a=b", "content_type": "text/plain"}),
    ("/notes", {"method": "POST", "data": {"a": "b"}, "content_type": "text/plain"}),
    ("/notes", {"method": "POST", "json": {"a": 1}}),
    ("/notes", {"query_string": {"a": "b c"}}),
    ("/notes", {"headers": {"Accept-Language": "zh"}}),
    ("/notes", {"base_url": "https://example.com/root"}),
    ("/notes", {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}),
    ("/notes", {"auth": ("ada", "secret")}),
]


def plain_values(environ):
    """An environ with the body that is read, and without the request that was made of it."""
    own = {name: value for name, value in environ.items() if name != "werkzeug.request"}
    return own | {"wsgi.input": environ["wsgi.input"].read()}


@pytest.mark.parametrize(("address", "arguments"), CALLS)
def test_a_request_is_what_werkzeug_makes_of_it(address, arguments):
    received = []

    def site(environ, start_response):
        received.append(plain_values(environ))
        start_response("200 OK", [])
        return []

    for make in (Client, werkzeug.test.Client):
        make(site).open(address, **arguments)
    assert received[0] == received[1]


def test_most_requests_are_made_without_the_builder(monkeypatch):
    monkeypatch.setattr("mtvgen.runtime.testing.client.Builder", None)
    client.get("/told?page=2")
    client.post("/told", data={"text": "Buy milk"})
