"""One shape of middleware, composed once, every layer guarded."""

from __future__ import annotations

import pytest

from mtvgen.runtime import (
    Application,
    NotFound,
    Response,
    allowed_hosts,
    path,
    same_origin,
    security_headers,
    signed_sessions,
)
from mtvgen.runtime.logs.access import access_log
from mtvgen.runtime.middleware import compose, guards_itself
from mtvgen.runtime.models import database_session
from tests.support.wsgi_calls import call


def marking(name, seen):
    """A middleware that notes what passes through it, on the way down and on the way up."""

    def middleware(handler):
        def marked(request):
            seen.append(f"{name} down")
            response = handler(request)
            seen.append(f"{name} up {response.status}")
            return response

        return marked

    return middleware


def missing(request):
    raise NotFound("no such note")


def broken(request):
    return 1 / 0


def site(*middleware, routes=()):
    routes = [
        *routes,
        path("/", lambda request: "home"),
        path("/missing", missing),
        path("/broken", broken),
        path("/slash", lambda request: "x", name="slash"),
    ]
    return Application(routes, middleware=middleware)


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/missing", 404),
        ("GET", "/broken", 500),
        ("GET", "/slash/", 308),
        ("DELETE", "/", 405),
        ("OPTIONS", "/", 204),
        ("GET", "/%ff", 400),
    ],
)
def test_the_request_goes_down_the_list_and_every_answer_comes_back_up(method, url, status):
    seen = []
    call(site(marking("outer", seen), marking("inner", seen)), method, url)
    assert seen == ["outer down", "inner down", f"inner up {status}", f"outer up {status}"]


def test_a_middleware_that_raises_is_an_answer_for_the_one_above():
    def raising(handler):
        def raised(request):
            handler(request)
            raise NotFound("after all")

        return raised

    seen = []
    assert call(site(marking("outer", seen), raising), "GET", "/").status == 404
    assert seen == ["outer down", "outer up 404"]


def test_the_list_is_composed_once():
    made = []

    def counting(handler):
        made.append(handler)
        return handler

    application = site(counting)
    for _ in range(3):
        call(application, "GET", "/")
    assert len(made) == 1


@pytest.mark.parametrize(
    ("middleware", "message"),
    [
        ("security", r"'security' is not a middleware, which is a function"),
        (lambda handler: None, r"returned None instead of a handler. Is its 'return' missing"),
    ],
)
def test_what_is_no_middleware_is_refused_when_the_application_is_made(middleware, message):
    with pytest.raises(TypeError, match=message):
        site(middleware)


def named(name="a"):
    return lambda handler: handler


def limited(*, requests):
    return lambda handler: handler


class Layer:
    def __init__(self, *, name=""):
        self.name = name


@pytest.mark.parametrize(
    ("entry", "cure"),
    [
        (same_origin, r"same_origin\(\)"),
        (security_headers, r"security_headers\(\)"),
        (allowed_hosts, r"allowed_hosts\(\.\.\.\)"),
        (signed_sessions, r"signed_sessions\(\.\.\.\)"),
        (database_session, r"database_session\(\.\.\.\)"),
        (access_log, r"access_log\(\)"),
        (limited, r"limited\(\.\.\.\)"),
        (Layer, r"Layer\(\)"),
    ],
)
def test_an_entry_without_its_brackets_is_told_with_the_cure(entry, cure):
    with pytest.raises(
        TypeError, match=rf"not a middleware, .* Are its brackets missing: {cure}\?"
    ):
        site(named(), entry)


def test_a_mistake_inside_a_middleware_is_its_own():
    def mistaken(handler):
        return len(1)

    with pytest.raises(TypeError, match=r"^object of type 'int' has no len\(\)$"):
        site(mistaken)


def test_a_middleware_that_returns_no_response_is_named():
    def forgetful(handler):
        def forgets(request):
            handler(request)

        return forgets

    got = call(site(forgetful), "GET", "/")
    assert got.status == 500
    with pytest.raises(TypeError, match="forgets returned None instead of a Response"):
        raise got.exc_info[1]


def test_state_carries_what_middleware_leaves_for_views():
    def knowing(handler):
        def known(request):
            request.state.user = "Ada"
            return handler(request)

        return known

    application = Application(
        [path("/", lambda request: Response(request.state.user))], middleware=[knowing]
    )
    assert call(application, "GET", "/").text == "Ada"


HOST = {"Host": "example.com"}


def overfill(request):
    request.session["large"] = "x" * 5000
    return "x"


@pytest.mark.parametrize(
    ("layer", "status", "sent"),
    [
        (allowed_hosts(["example.com"]), 400, {"headers": {"Host": "evil.test"}}),
        (allowed_hosts(["example.com"]), 404, {"headers": HOST}),
        (
            allowed_hosts(["example.com"], trusted_proxies=["127.0.0.1"]),
            400,
            {"headers": {**HOST, "X-Forwarded-Proto": "gopher"}, "REMOTE_ADDR": "127.0.0.1"},
        ),
        (same_origin(), 403, {"method": "POST", "headers": {"Sec-Fetch-Site": "cross-site"}}),
        (security_headers(), 500, {"url": "/broken"}),
        (signed_sessions("a key"), 500, {"url": "/overfill"}),
    ],
)
def test_what_goes_wrong_in_a_layer_of_the_runtime_is_an_answer_to_the_one_above(
    layer, status, sent
):
    seen = []
    sent = {"method": "GET", "url": "/nowhere", **sent}
    application = site(marking("outer", seen), layer, routes=[path("/overfill", overfill)])
    assert call(application, **sent).status == status
    assert seen == ["outer down", f"outer up {status}"]


def test_a_layer_that_guards_itself_gets_no_guard():
    def handler(request):
        return Response("x")

    @guards_itself
    def trusted(handler):
        return handler

    def boundary(request, error):
        return Response("answered")

    assert compose(handler, [trusted, trusted], boundary) is handler
    assert compose(handler, [trusted, lambda handler: handler], boundary) is not handler


def test_the_first_layer_is_guarded_by_the_application():
    def handler(request):
        return Response("x")

    def boundary(request, error):
        return Response("answered")

    assert compose(handler, [lambda handler: handler], boundary) is handler
