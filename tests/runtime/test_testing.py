"""The client for a project's tests sends what a browser would."""

from __future__ import annotations

import gc
import warnings
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage
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
