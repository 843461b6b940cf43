"""Files: of which types and how large; no page can fill one in again."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated

import pytest

from mtvgen.runtime import UploadedFile
from mtvgen.runtime.forms import Form, accept

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


class PictureForm(Form):
    title: str
    photo: Annotated[UploadedFile, accept(["image/png", "text/csv"], size=2_000)]
    other: UploadedFile | None


def form_of(sent, data, name="me.exe", kind="application/x-msdownload", title="x"):
    return sent(PictureForm.read, data={"title": title, "photo": (BytesIO(data), name, kind)})


def test_a_file_has_the_type_that_its_bytes_say(sent):
    def read(request):
        form = PictureForm.read(request)
        return form.errors, form.value.photo.content_type, form.value.photo.file.read()

    data = {"title": "x", "photo": (BytesIO(PNG), "me.exe", "text/html")}
    assert sent(read, data=data) == ({}, "image/png", PNG)


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"<script>alert(1)</script>", "image/png", "image/png, text/csv"),
        (b"GIF89a", "image/png", "image/png, text/csv"),
        (b"<svg/>", "image/svg+xml", "image/png, text/csv"),
        (b"", "image/png", "image/png, text/csv"),
    ],
)
def test_a_file_of_another_type_is_refused(sent, data, kind, sentence):
    form = form_of(sent, data, kind=kind)

    assert form.errors == {"photo": f"Choose a file of another type: {sentence}."}


def test_a_type_that_has_no_beginning_is_what_the_browser_says(sent):
    assert form_of(sent, b"a,b", kind="text/csv; charset=utf-8").errors == {}


def test_a_file_that_is_too_large_is_refused(sent):
    form = form_of(sent, PNG + bytes(2_000))

    assert form.errors == {"photo": "Choose a smaller file: 1.95 kB at most."}


def test_no_file_is_a_mistake_where_one_is_needed(sent):
    for data in (
        {"title": "x"},
        {"title": "x", "photo": (BytesIO(), "")},
        {"title": "x", "photo": "t"},
    ):
        assert sent(PictureForm.read, data=data).errors == {"photo": "Choose a file."}


def test_a_file_is_asked_for_again_where_the_page_comes_back(sent):
    assert form_of(sent, PNG, title="").errors == {
        "title": "Fill this in.",
        "photo": "Choose the file again.",
    }
    form = form_of(sent, PNG)
    form.refuse("title", "No.")
    assert form.errors == {"title": "No.", "photo": "Choose the file again."}
    form = form_of(sent, PNG)
    form.refuse("photo", "There is no room.")
    assert form.errors == {"photo": "There is no room."}


def test_a_file_field_is_drawn_without_a_value(sent):
    form = sent(PictureForm.read, method="GET")

    assert form["photo"].attributes == (
        'id="photo" name="photo" type="file" accept="image/png,text/csv" required'
    )


def test_a_type_is_named_whole():
    with pytest.raises(ValueError, match=r"accept\('image/\*'\): name the types"):
        accept("image/*")
