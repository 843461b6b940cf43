"""One shape of middleware, composed once, every layer guarded."""

from __future__ import annotations

import pytest
from wsgi_calls import call

from mtvgen.runtime import Application, NotFound, Response, path
from mtvgen.runtime.middleware import hands_on


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


def site(*middleware):
    routes = [
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
        ("security", r"'security' is no middleware, which is a function"),
        (lambda handler: None, r"returned None instead of a handler. Is its 'return' missing"),
    ],
)
def test_what_is_no_middleware_is_refused_when_the_application_is_made(middleware, message):
    with pytest.raises(TypeError, match=message):
        site(middleware)


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


@hands_on
def looking(handler):
    """A middleware that does nothing with the answer but hand it up."""

    def look(request):
        return handler(request)

    return look


@pytest.mark.parametrize("url", ["/broken", "/missing", "/nowhere"])
def test_above_a_layer_that_hands_answers_on_there_is_a_response_too(url):
    seen = []
    application = site(marking("outer", seen), looking, looking, marking("inner", seen))
    status = call(application, url=url).status
    assert seen == ["outer down", "inner down", f"inner up {status}", f"outer up {status}"]


def test_a_layer_that_hands_answers_on_is_not_blamed_for_them():
    def forgetful(handler):
        def forget(request):
            handler(request)

        return forget

    answer = call(site(looking, forgetful))
    with pytest.raises(TypeError, match=r"forgetful.<locals>.forget returned None"):
        raise answer.exc_info[1]


def test_what_a_layer_that_hands_answers_on_raises_is_an_answer():
    @hands_on
    def refusing(handler):
        def refuse(request):
            raise NotFound("not here")

        return refuse

    assert call(site(refusing)).status == 404
