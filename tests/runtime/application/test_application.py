"""From the environ to start_response: dispatch, methods, redirects, answers of views."""

from __future__ import annotations

from functools import partial, wraps

import pytest

from mtvgen.runtime import Application, Request, Response, RoutingErrors, path, redirect
from tests.support.wsgi_calls import call


def home(request):
    return "home"


def site(*routes, **options):
    return Application([path("/", home), *routes], **options)


class Text(str):
    """A subclass, as markupsafe.Markup is one."""


@pytest.mark.parametrize(
    ("answer", "content_type", "body"),
    [
        ("<p>é</p>", "text/html; charset=utf-8", "<p>é</p>".encode()),
        (Text("<p>"), "text/html; charset=utf-8", b"<p>"),
        ({"a": "é", "b": [1, None]}, "application/json", '{"a":"é","b":[1,null]}'.encode()),
        ([1, 2], "application/json", b"[1,2]"),
        (b"\x00\xff", "application/octet-stream", b"\x00\xff"),
        (Response("x", content_type="text/plain"), "text/plain", b"x"),
    ],
    ids=["str", "str subclass", "dict", "list", "bytes", "Response"],
)
def test_a_view_may_return(answer, content_type, body):
    got = call(site(path("/x", lambda request: answer)), "GET", "/x")
    assert (got.status, got.reason) == (200, "OK")
    assert got.fields == [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    assert got.body == body


async def waits(request):
    return "never"


def forgets(request):
    "no return here"


def streams(request):
    yield b"x"


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (forgets, r"test_application.forgets returned None \(.*:\d+\)\..*Is a 'return' missing\?"),
        (waits, r"test_application.waits returned a coroutine .*'def', not 'async def'"),
        (streams, r"test_application.streams returned <generator.*To stream a generator: Response"),
        (lambda request: 7, r"returned 7 .* text or a dict\.$"),
        (lambda request: ({"x": 1}, 201), r"With a status: .*json_response\(value, 201\)"),
    ],
    ids=["None", "coroutine", "generator", "int", "tuple"],
)
def test_what_no_view_may_return_is_an_error_that_names_the_view(view, message, caplog):
    got = call(site(path("/x", view)), "GET", "/x")
    assert got.status == 500
    with pytest.raises(TypeError, match=message):
        raise got.exc_info[1]


def lists(request):
    return {"events": [1, {"owner": {2}}]}


def test_json_of_a_view_that_can_not_be_written_names_the_place_and_the_view():
    message = (
        r"^\{2\} \(set\) can't be written as JSON\. It is events\[1\]\.owner in the value\. "
        r"Write a list of it\. .*test_application\.lists returned it \(.*:\d+\)\.$"
    )
    got = call(site(path("/x", lists)), "GET", "/x")
    with pytest.raises(TypeError, match=message):
        raise got.exc_info[1]


def test_text_of_a_view_that_no_encoding_has_stays_the_error_that_it_is():
    got = call(site(path("/x", lambda request: "\ud800")), "GET", "/x")
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        raise got.exc_info[1]


def test_the_parameters_of_the_route_are_passed_converted():
    def detail(request, id, name):
        return {"id": id, "params": dict(request.params), "route": request.route.name}

    got = call(site(path("/notes/<int:id>/<name>", detail, name="note")), "GET", "/notes/7/a%20b")
    expected = '{"id":7,"params":{"id":7,"name":"a b"},"route":"note"}'
    assert got.text == expected


def by_position(request, id, other="default"):
    return f"{id!r} {other}"


def by_another_place(request, other="default", id=None):
    return f"{id!r} {other}"


def by_keyword(request, *, id):
    return f"{id!r} default"


@wraps(by_position)
def wrapped(request, **params):
    return by_position(request, **params)


class Views:
    def method(self, request, id):
        return f"{id!r} default"


@pytest.mark.parametrize(
    "view",
    [by_position, by_another_place, by_keyword, wrapped, Views().method, partial(by_position)],
    ids=["position", "another place", "keyword", "wrapped", "method", "partial"],
)
def test_a_parameter_reaches_the_argument_of_its_name(view):
    assert call(site(path("/x/<int:id>", view, name="x")), "GET", "/x/7").body == b"7 default"


def test_head_is_get_without_the_body():
    got, head = (call(site(), method, "/") for method in ("GET", "HEAD"))
    assert (head.status, head.fields, head.body) == (got.status, got.fields, b"")


def test_head_closes_the_stream_that_it_does_not_send():
    closed = []

    class Stream:
        def __iter__(self):
            return iter([b"x"])

        def close(self):
            closed.append(True)

    application = site(path("/x", lambda request: Response(Stream())))
    assert call(application, "HEAD", "/x").body == b""
    assert closed == [True]


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_has_none(status):
    got = call(site(path("/x", lambda request: Response("text", status))), "GET", "/x")
    assert (got.status, got.fields, got.body) == (status, [], b"")


def test_a_reset_has_an_empty_body():
    got = call(site(path("/x", lambda request: Response("text", 205))), "GET", "/x")
    assert (got.status, got.headers["content-length"], got.body) == (205, "0", b"")


def create(request):
    return "created"


def test_options_tells_the_methods():
    application = site(path("/x", home, name="x"), path("/x", create, name="x", methods=["POST"]))
    got = call(application, "OPTIONS", "/x")
    assert (got.status, got.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize("method", ["DELETE", "BREW", "get"])
def test_another_method_is_405_with_allow(method, recwarn):
    got = call(site(), method, "/")
    assert (got.status, got.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_path_that_no_route_has_is_404_and_marked_for_the_development_server():
    environ = {}
    assert call(site(), "GET", "/nots").status == 404

    def application(environ_, start_response):
        environ.update(environ_)
        body = site()(environ_, start_response)
        environ.update(environ_)
        return body

    call(application, "GET", "/nots")
    assert environ["mtvgen.unmatched"] is True


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/notes/", "/notes"),
        ("/notes/?a=1&b=%20", "/notes?a=1&b=%20"),
        ("/blog", "/blog/"),
        ("/%E9%A6%96%E9%A1%B5/", "/%E9%A6%96%E9%A1%B5"),
    ],
)
def test_a_path_that_differs_by_its_final_slash_is_redirected(asked, target):
    application = site(
        path("/notes", home, name="n"),
        path("/blog/", home, name="b"),
        path("/首页", home, name="s"),
    )
    got = call(application, "GET", asked)
    assert (got.status, got.headers["location"]) == (308, target)
    below = call(application, "GET", asked, SCRIPT_NAME="/a b")
    assert below.headers["location"] == "/a%20b" + target


def test_the_redirect_is_temporary_while_developing():
    got = call(site(path("/notes", home, name="n"), debug=True), "GET", "/notes/")
    assert (got.status, got.headers["cache-control"]) == (307, "no-store")


def test_the_redirect_keeps_to_routes_that_take_the_method():
    assert call(site(path("/notes", home, name="n")), "POST", "/notes/").status == 404


@pytest.mark.parametrize("asked", ["//evil.test/", "//evil.test/notes/", "/%5Cevil.test/"])
def test_the_redirect_never_leaves_the_host(asked):
    application = site(path("/<path:p>", home, name="p"), path("/notes", home, name="n"))
    got = call(application, "GET", asked)
    assert not got.headers.get("location", "/x").startswith(("//", "/\\"))


@pytest.mark.parametrize("asked", ["/%ff", "/a%00b", "/a%0d%0ab", "/%C2%80%7f", "/%C0%AF"])
def test_a_path_that_is_no_text_is_400(asked):
    application = site(path("/<path:p>", home, name="p"))
    assert call(application, "GET", asked).status == 400


def test_all_mistakes_of_the_routes_are_told_together_when_the_application_is_made():
    with pytest.raises(RoutingErrors) as caught:
        Application([path("/a", home), path("/<itn:x>", home, name="b"), path("/c", home)])
    assert len(caught.value.errors) == 2
    assert "test_application.py:" in str(caught.value)


def keeping(response):
    def ping(request):
        return response

    return path("/ping", ping, name="ping")


def test_a_response_may_be_kept_and_returned_each_time():
    application = site(keeping(Response("pong")))
    first, head, again = (call(application, method, "/ping") for method in ("GET", "HEAD", "GET"))
    assert (again.text, again.fields) == (first.text, first.fields) == ("pong", head.fields)


def test_a_kept_response_never_takes_one_visitors_cookie_to_another():
    def remembering(handler):
        def remember(request):
            response = handler(request)
            response.set_cookie("visitor", request.query["name"])
            return response

        return remember

    application = site(keeping(Response("pong")), middleware=[remembering])
    for name in ("Ada", "Bob"):
        got = call(application, "GET", f"/ping?name={name}")
        assert [field for field in got.fields if field[0] == "Set-Cookie"] == [
            ("Set-Cookie", f"visitor={name}; Path=/; HttpOnly; SameSite=Lax")
        ]


def test_a_kept_response_that_sets_a_cookie_itself_is_refused_the_second_time():
    kept = Response("pong")
    kept.set_cookie("visitor", "Ada")
    application = site(keeping(kept))
    assert call(application, "GET", "/ping").status == 200
    got = call(application, "GET", "/ping")
    assert (got.status, "set-cookie" in got.headers) == (500, False)
    with pytest.raises(RuntimeError, match=r"ping returned .* sent before, and it sets a cookie"):
        raise got.exc_info[1]


def test_what_waits_for_the_end_of_the_request_is_called_when_the_body_is_closed():
    order = []

    def view(request):
        request.on_close(lambda: order.append("closed"))
        return Response(stream())

    def stream():
        try:
            yield b"a"
        finally:
            order.append("streamed")

    assert call(site(path("/x", view)), "GET", "/x").body == b"a"
    assert order == ["streamed", "closed"]


def test_every_closer_is_called_whatever_another_raised():
    order = []

    def view(request):
        request.on_close(lambda: order.append("first"))
        request.on_close(lambda: 1 / 0)
        request.on_close(lambda: order.append("last"))
        return "x"

    with pytest.raises(ZeroDivisionError):
        call(site(path("/x", view)), "GET", "/x")
    assert sorted(order) == ["first", "last"]


def test_url_for_knows_the_prefix_inside_a_request_only():
    application = site(
        path("/notes/<int:id>", home, name="note"), path("/u", lambda r: r.url_for("note", id=1))
    )
    assert call(application, "GET", "/u", SCRIPT_NAME="/app").text == "/app/notes/1"
    assert application.url_for("note", id=1, page=2) == "/notes/1?page=2"


def test_the_path_is_the_root_where_the_server_hands_none_over():
    environ = {"REQUEST_METHOD": "GET"}
    assert Request(environ, site()).path == "/"


def test_redirect_is_303_and_sends_nothing_that_an_address_may_not_hold():
    got = call(site(path("/x", lambda r: redirect("/a\r\nX: y\\é?q=ü#f"))), "GET", "/x")
    assert (got.status, got.headers["location"]) == (303, "/a%0D%0AX:%20y%5C%C3%A9?q=%C3%BC#f")


def test_redirect_takes_a_status_of_a_redirect_alone():
    with pytest.raises(ValueError, match="200 is not a redirect"):
        redirect("/", 200)


@pytest.mark.parametrize(
    ("answer", "cure"),
    [
        ((Response("no"), 422), "render(..., status_code=422), or response.status = 422"),
        (({"error": "no"}, 400), "json_response(value, 400)"),
        (("no", 409), "Response(text, 409)"),
        ((), "Response(text, 201)"),
    ],
)
def test_an_answer_and_a_status_as_flask_has_them_is_told_with_what_to_write(answer, cure):
    got = call(site(path("/x", lambda request: answer)), "GET", "/x")
    assert str(got.exc_info[1]).endswith(f"With a status: {cure}.")
