"""What visitors send leaves nothing behind in the process."""

from __future__ import annotations

import sys

import pytest

from tests.support.guarded_site import HOST, make_site
from tests.support.wsgi_calls import environ_for

FORM = "application/x-www-form-urlencoded"
UPLOAD = (
    b'--X\r\nContent-Disposition: form-data; name="NAME"; filename="folder/NAME.txt"\r\n'
    b"Content-Type: text/NAME\r\nX-NAME: NAME\r\n\r\nNAME\r\n--X--\r\n"
)

# Each with NAME where a visitor may write what they like.
REQUESTS = {
    "a path": {"url": "/show/NAME/and/NAME"},
    "a path that is not there": {"url": "/NAME/nowhere/NAME"},
    "a static file": {"url": "/static/NAME/NAME.css"},
    "a static file with a fingerprint": {"url": "/static/NAME/NAME.0123456789ab.css"},
    "a query": {"url": "/echo?NAME=NAME&text=NAME"},
    "a redirect": {"url": "/go?to=/NAME"},
    "an address after the login": {"url": "/next?next=/NAME/NAME"},
    "cookies": {"url": "/session", "headers": {"Cookie": "NAME=NAME; session=NAME"}},
    "header fields": {
        "headers": {"X-NAME": "NAME", "Accept": "text/NAME", "If-None-Match": "NAME"}
    },
    "a host": {"headers": {"Host": "NAME.example.net"}},
    "a method": {"method": "NAME"},
    "a form": {
        "method": "POST",
        "url": "/form",
        "body": b"NAME=NAME&text=NAME",
        "headers": {"Content-Type": FORM},
    },
    "a file": {
        "method": "POST",
        "url": "/form",
        "body": UPLOAD,
        "headers": {"Content-Type": "multipart/form-data; boundary=X"},
    },
    "JSON": {
        "method": "POST",
        "url": "/json",
        "body": b'{"NAME": {"NAME": ["NAME"]}}',
        "headers": {"Content-Type": "application/json"},
    },
}


def with_name(value, name):
    """The request with a name in the place of NAME."""
    if isinstance(value, dict):
        return {with_name(key, name): with_name(part, name) for key, part in value.items()}
    return (
        value.replace(b"NAME", name.encode())
        if isinstance(value, bytes)
        else value.replace("NAME", name)
    )


@pytest.mark.parametrize("what", REQUESTS)
def test_memory_can_not_be_filled_by_names_that_python_keeps_for_good(tmp_path, what):
    # Python 3.12 before 3.12.6 never frees a text that was given to sys.intern(), which is what
    # pathlib does with each part of a path.
    site, interned = make_site(tmp_path), []

    def answer(name):
        request = with_name({"headers": {}, **REQUESTS[what]}, name)
        request["headers"] = {"Host": HOST, **request["headers"]}
        result = site(environ_for(**request), lambda status, headers, exc_info=None: None)
        b"".join(result)
        if close := getattr(result, "close", None):
            close()

    def note_intern(frame, event, called):
        if event == "c_call" and called is sys.intern:
            interned.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")

    answer("warm")  # what is imported on first use
    sys.setprofile(note_intern)
    try:
        answer("visitor")
    finally:
        sys.setprofile(None)
    assert interned == []
