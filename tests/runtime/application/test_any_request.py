"""Any request whatever is answered, and no input of a client is an error of ours."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from mtvgen.runtime import Application, Limits, path
from tests.support.wsgi_calls import environ_for


def read_everything(request):
    read = [list(request.query.pairs), request.cookies, dict(request.headers)]
    read += [list(request.form.pairs), [file.filename for _, file in request.files.pairs]]
    read += [request.absolute_url(), request.method, request.path]
    if request.headers.get("Content-Type", "").startswith("application/json"):
        read.append(request.json())
    return read  # as JSON, so that it must be possible to send it too


ROUTES = [
    path("/", read_everything, methods=["GET", "POST"]),
    path("/<path:rest>", lambda request, rest: read_everything(request), methods=["GET", "POST"]),
]
APPLICATION = Application(ROUTES, limits=Limits(max_form_size=200, max_fields=5, max_files=2))

# What a server hands over: bytes as latin-1 text.
texts = st.text(st.characters(max_codepoint=0xFF))
bodies = st.binary() | st.sampled_from(
    [
        b"a=1&b=%C3%A9",
        b'{"a": ["\\ud83d\\ude00", 1e5]}',
        b'"\\udead"',
        b"[NaN, 1e999]",
        b"--e\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n\xff\r\n--e--",
    ]
)
types = texts | st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-16",
        "multipart/form-data; boundary=e",
        "multipart/form-data; boundary=",
        "application/json",
        "application/json; charset=latin-1",
    ]
)


@settings(max_examples=400)
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "BREW"]),
    body=bodies,
    extra=st.fixed_dictionaries(
        {},
        optional={
            "PATH_INFO": texts.map("/{}".format),
            "QUERY_STRING": texts,
            "SCRIPT_NAME": texts,
            "CONTENT_TYPE": types,
            "CONTENT_LENGTH": st.integers(-2, 400).map(str) | texts,
            "HTTP_COOKIE": texts,
            "HTTP_HOST": texts,
            "HTTP_CONTENT_ENCODING": texts,
            "HTTP_TRANSFER_ENCODING": texts,
            "wsgi.input_terminated": st.booleans(),
        },
    ),
)
def test_no_request_whatever_is_an_error_of_ours(method, body, extra):
    environ = environ_for(method, body=body) | {"wsgi.input": io.BytesIO(body)} | extra
    started = []
    answer = APPLICATION(environ, lambda status, headers, exc_info=None: started.append(status))
    content = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    assert int(started[-1][:3]) in (200, 204, 308, 400, 404, 405, 411, 413, 415), started
    assert not (method == "HEAD" and content)
