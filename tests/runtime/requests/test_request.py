"""Request: what came in, read on first use."""

from __future__ import annotations

import io

import pytest

from mtvgen.runtime import (
    Application,
    BadRequest,
    MissingField,
    Request,
    UnsupportedMediaType,
    URLBuildError,
    path,
)
from mtvgen.runtime.requests.environ import host, script_name
from tests.support.wsgi_calls import call, environ_for


def nothing(request, **params):
    return ""


APPLICATION = Application([path("/notes/<int:id>", nothing, name="note")])


def request_for(*args, **kwargs):
    return Request(environ_for(*args, **kwargs), APPLICATION)


class Unreadable(io.BytesIO):
    """A body that nobody may touch."""

    def read(self, *args):
        raise AssertionError("the body was read")


def test_nothing_is_read_before_it_is_asked_for():
    environ = environ_for("POST", "/notes/1?a=1", headers={"Cookie": "a=b"})
    environ["wsgi.input"] = Unreadable()
    request = Request(environ, APPLICATION)
    assert (request.method, request.path, request.query["a"]) == ("POST", "/notes/1", "1")
    assert request.cookies == {"a": "b"}


def test_what_was_read_once_is_kept():
    request = request_for("GET", "/?a=1&a=2", headers={"Cookie": "a=b", "X-A": "1"})
    for name in ("query", "cookies", "form", "files", "body", "state"):
        assert getattr(request, name) is getattr(request, name), name


@pytest.mark.parametrize(
    ("read", "place"),
    [(lambda r: r.query["text"], "the query"), (lambda r: r.form["text"], "the form")],
)
def test_a_missing_field_is_a_400_that_names_it_and_a_key_error(read, place):
    request = request_for()
    with pytest.raises(KeyError):
        read(request)
    with pytest.raises(MissingField, match=f"^{place} has no field 'text'$") as caught:
        read(request)
    assert (caught.value.status, caught.value.place, caught.value.name) == (400, place, "text")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=X"}
PARTS = (
    b'--X\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xc3\xa9\r\n'
    b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n--X--\r\n"
)


def test_an_urlencoded_form_leaves_the_body_readable():
    request = request_for("POST", body=b"text=%C3%A9", headers=FORM)
    assert request.form["text"] == "é"
    assert request.body == b"text=%C3%A9"


def test_a_form_is_read_after_the_body():
    request = request_for("POST", body=PARTS, headers=MULTIPART)
    assert request.body == PARTS
    assert (request.form["text"], request.files["file"].file.read()) == ("é", b"hello")


def test_a_multipart_body_comes_once():
    request = request_for("POST", body=PARTS, headers=MULTIPART)
    assert request.form["text"] == "é"
    with pytest.raises(RuntimeError, match=r"request\.form has read it"):
        _ = request.body


def test_files_are_closed_when_the_answer_has_been_sent():
    kept = []

    def upload(request):
        kept.append(request.files["file"].file)
        return "kept"

    application = Application([path("/", upload, methods=["POST"])])
    assert call(application, "POST", "/", body=PARTS, headers=MULTIPART).status == 200
    assert kept[0].closed


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json; charset=utf-8"])
def test_json(kind):
    request = request_for("POST", body='{"a":"é"}'.encode(), headers={"Content-Type": kind})
    assert request.json() == {"a": "é"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_a_400(body):
    request = request_for("POST", body=body, headers={"Content-Type": "application/json"})
    with pytest.raises(BadRequest, match="is not JSON"):
        request.json()


def test_json_of_another_type_is_a_415():
    with pytest.raises(UnsupportedMediaType, match="not 'text/plain'"):
        request_for("POST", body=b"{}", headers={"Content-Type": "text/plain"}).json()


@pytest.mark.parametrize(
    ("use", "line"),
    [
        (lambda r: r.session, r"signed_sessions\(settings\.secret_key\) goes into middleware"),
        (lambda r: r.db, r"database_session\(database\) goes into middleware"),
    ],
    ids=["session", "db"],
)
def test_what_needs_its_middleware_names_the_line_to_add(use, line):
    with pytest.raises(RuntimeError, match=rf"in wsgi\.py, {line}"):
        use(request_for())


@pytest.mark.parametrize(("prefix", "expected"), [("", ""), ("/app", "/app"), ("/é", "/%C3%A9")])
def test_links_stand_below_the_prefix(prefix, expected):
    script = prefix.encode().decode("latin-1")
    request = request_for(SCRIPT_NAME=script)
    assert request.url_for("note", id=7, page=2) == f"{expected}/notes/7?page=2"


def test_a_parameter_may_be_called_name():
    application = Application([path("/<name>", nothing, name="n")])
    assert Request(environ_for(), application).url_for("n", name="x") == "/x"


def test_a_link_to_nowhere_names_the_route_that_was_meant():
    with pytest.raises(URLBuildError, match=r"no route has that name\. Did you mean 'note'"):
        request_for().url_for("not", id=1)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"HTTP_HOST": "example.com:8000"}, "http://example.com:8000/a%20b/%C3%A9?x=%20"),
        (
            {"HTTP_HOST": "example.com", "wsgi.url_scheme": "https"},
            "https://example.com/a%20b/%C3%A9?x=%20",
        ),
        ({"SERVER_NAME": "box", "SERVER_PORT": "80"}, "http://box/a%20b/%C3%A9?x=%20"),
        ({"SERVER_NAME": "box", "SERVER_PORT": "81"}, "http://box:81/a%20b/%C3%A9?x=%20"),
    ],
    ids=["host", "https", "no host", "no host, own port"],
)
def test_the_whole_address(extra, expected):
    environ = environ_for("GET", "/%C3%A9?x=%20", SCRIPT_NAME="/a b", **extra)
    if "HTTP_HOST" not in extra:
        del environ["HTTP_HOST"]
    request = Request(environ, APPLICATION)
    assert request.absolute_url() == expected
    assert request.absolute_url("/x").endswith("/x")


def test_optional_keys_of_the_environ_may_be_absent():
    required = {"REQUEST_METHOD": "GET", "SERVER_NAME": "x", "SERVER_PORT": "80"}
    environ = {**required, "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}
    request = Request(environ, APPLICATION)
    assert (request.path, dict(request.query), request.cookies, request.body) == ("/", {}, {}, b"")
    assert (dict(request.form), dict(request.headers)) == ({}, {})
    assert request.absolute_url() == "http://x/"


@pytest.mark.parametrize("body", [b"NaN", b"[1e999]", rb'"\ud800"'])
def test_json_that_could_not_be_sent_back_is_a_400(body):
    request = request_for("POST", body=body, headers={"Content-Type": "application/json"})
    with pytest.raises(BadRequest, match="The body is not JSON"):
        request.json()


def test_a_query_that_the_client_did_not_encode_is_encoded_once():
    request = request_for("GET", "/?q=\xc3\xa9&r=a%20b\r\n")
    assert request.absolute_url().endswith("/?q=%C3%A9&r=a%20b%0D%0A")


@pytest.mark.parametrize("prefix", ["/shop", "//shop", "/shop/", "///shop"])
def test_a_prefix_never_makes_a_link_to_another_host(prefix):
    request = request_for("GET", "/", SCRIPT_NAME=prefix)
    assert request.absolute_url("/").startswith("http://")
    assert script_name(request.environ) == "/shop"


def test_the_address_of_a_server_is_bracketed_where_it_is_ipv6():
    environ = {"SERVER_NAME": "::1", "SERVER_PORT": "8000", "wsgi.url_scheme": "http"}
    assert host(environ) == "[::1]:8000"


@pytest.mark.parametrize("url", ["", "notes", "@evil.test/", ".evil.test", "https://evil.test"])
def test_an_absolute_url_is_one_of_this_site(url):
    with pytest.raises(ValueError, match="a path begins with '/'"):
        request_for().absolute_url(url)


def test_the_media_type_that_the_client_likes_best():
    def accepted(accept):
        headers = {} if accept is None else {"Accept": accept}
        return request_for(headers=headers).accepts("text/html", "application/json")

    assert accepted("application/json, text/html;q=0.9") == "application/json"
    assert accepted("*/*") == accepted(None) == "text/html"
    assert accepted("image/png") is None
