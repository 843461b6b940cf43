"""What path() and include() record."""

from __future__ import annotations

import functools
import inspect
import sys
from types import ModuleType

import pytest

from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import Include, Route, URLPattern, include, path


def index(request):
    return "x"


def in_module(name: str, source: str) -> object:
    """The `view` that a module of that name defines."""
    module = ModuleType(name)
    exec(source, module.__dict__)
    return module.view


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("views", "view"),
        ("views.notes", "notes.view"),
        ("views.blog.posts", "blog.posts.view"),
        ("blog.views", "blog.view"),
        ("blog.views.posts", "blog.posts.view"),
        ("reviews", "reviews.view"),
        ("__main__", "__main__.view"),
    ],
)
def test_a_route_is_named_after_its_view_below_views(module, name):
    assert path("/", in_module(module, "def view(request): ...")).name == name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("view = lambda request: 'x'", None),
        ("import functools\nview = functools.partial(print)", None),
        ("class Page:\n def __call__(self, request): ...\nview = Page()", None),
        ("class Page:\n def show(self, request): ...\nview = Page().show", "notes.Page.show"),
        (
            "def bare(f):\n def wrapper(request): ...\n return wrapper\n@bare\ndef view(r): ...",
            None,
        ),
        (
            (
                "import functools\n"
                "def polite(f):\n @functools.wraps(f)\n def wrapper(r): ...\n return wrapper\n"
                "@polite\ndef view(r): ..."
            ),
            "notes.view",
        ),
    ],
    ids=["lambda", "partial", "instance", "method", "closure", "functools.wraps"],
)
def test_what_has_no_lasting_name_gives_none(source, name):
    assert path("/", in_module("views.notes", source)).name == name


def test_a_name_of_its_own_goes_before_the_views():
    assert path("/", index, name="front").name == "front"
    assert path("/", lambda request: "x", name="front").name == "front"


@pytest.mark.parametrize(
    ("given", "methods"),
    [
        (["GET"], ("GET", "HEAD")),
        (["POST"], ("POST",)),
        (["POST", "GET"], ("POST", "GET", "HEAD")),
        (["HEAD", "GET"], ("HEAD", "GET")),
        (["GET", "GET"], ("GET", "HEAD")),
        ({"PUT"}, ("PUT",)),
        ((method for method in ("PUT", "PATCH")), ("PUT", "PATCH")),
    ],
)
def test_get_brings_head(given, methods):
    assert path("/", index, methods=given).methods == methods


def test_a_route_answers_get_unless_it_says_otherwise():
    assert path("/", index).methods == ("GET", "HEAD")


def test_a_route_knows_where_it_was_written():
    route = path("/", index); line = inspect.currentframe().f_lineno  # fmt: skip  # noqa: E702
    assert route.location == (__file__, line)


def test_an_include_knows_where_it_was_written():
    group = include("/blog", []); line = inspect.currentframe().f_lineno  # fmt: skip  # noqa: E702
    assert group.location == (__file__, line)


def test_includes_put_prefixes_before_patterns_and_names():
    posts = [path("/", index, name="index"), path("/<int:id>", index, name="detail")]
    blog = [include("/posts", posts, name="posts."), path("/about", lambda request: "x")]
    router = Router([path("/", index), include("/<slug:lang>/blog", blog, name="blog.")])
    assert [(route.pattern, route.name) for route in router.routes] == [
        ("/", f"{__name__}.index"),
        ("/<slug:lang>/blog/posts/", "blog.posts.index"),
        ("/<slug:lang>/blog/posts/<int:id>", "blog.posts.detail"),
        ("/<slug:lang>/blog/about", None),
    ]
    assert [route.location for route in router.routes[1:3]] == [post.location for post in posts]
    assert router.match("GET", "/en/blog/posts/7")[1] == {"lang": "en", "id": 7}


def test_an_empty_pattern_is_the_address_of_its_include():
    router = Router([include("/blog", [path("", index, name="blog")])])
    assert router.url_for("blog", {}) == "/blog"


def test_one_list_makes_many_routers():
    urlpatterns = [path("/", index), include("/a", [path("/b", index, name="b")])]
    first, second = Router(urlpatterns), Router(urlpatterns)
    assert [r.pattern for r in first.routes] == [r.pattern for r in second.routes] == ["/", "/a/b"]


def test_a_list_of_routes_and_includes_has_one_type():
    assert URLPattern.__subclasses__() == [Route, Include]


def test_a_parsed_pattern_tells_its_segments_and_parameters():
    pattern = path("/notes/<int:id>/a-<x>.html", index).parsed
    assert [segment.text for segment in pattern.segments] == ["notes", "<int:id>", "a-<x>.html"]
    assert [(name, converter.name) for name, converter in pattern.parameters] == [
        ("id", "int"),
        ("x", "str"),
    ]
    before, parameter, behind = pattern.segments[2].parts
    assert (before, parameter.name, parameter.converter.label, behind) == (
        "a-",
        "x",
        "a str",
        ".html",
    )


def test_a_pattern_is_read_once():
    route = path("/notes/<int:id>", index)
    assert route.parsed is route.parsed
    assert Router([route]).routes[0].parsed is route.parsed


def test_recording_ten_thousand_routes_parses_none():
    parsed = []
    trace = functools.partial(_note_calls, parsed, "parse")
    sys.setprofile(trace)
    try:
        routes = [path(f"/{n}/<int:id>", index, name=str(n)) for n in range(100)]
    finally:
        sys.setprofile(None)
    assert len(routes) == 100
    assert parsed == []


def _note_calls(noted, name, frame, event, _argument):
    if event == "call" and frame.f_code.co_name == name:
        noted.append(frame.f_code)
