"""The router: methods, the final slash, and what a match costs."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from time import process_time
from urllib.parse import quote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import include, path


def view(request, **parameters):
    raise AssertionError("a router calls no view")


# Methods


METHODS = Router(
    [
        path("/func", view, name="show"),
        path("/func", view, name="show", methods=["POST"]),
        path("/only", view, name="only"),
        path("/any/<x>", view, name="any"),
        path("/any/put", view, name="put", methods=["PUT"]),
        path("/asks", view, name="asks", methods=["OPTIONS", "GET"]),
        path("/notes/<int:id>", view, name="note"),
        path("/notes/<int:pk>", view, name="change", methods=["POST", "DELETE"]),
        path("/notes/<int:id>.<ending>", view, name="as", methods=["GET"]),
        path("/notes/<path:rest>", view, name="rest", methods=["GET", "PUT"]),
        path("/dav", view, name="dav", methods=["PROPFIND"]),
    ]
)


@pytest.mark.parametrize(
    ("method", "address", "name", "params"),
    [
        ("GET", "/func", "show", {}),
        ("POST", "/func", "show", {}),
        ("HEAD", "/only", "only", {}),
        ("PUT", "/any/put", "put", {}),
        ("OPTIONS", "/asks", "asks", {}),
        ("PROPFIND", "/dav", "dav", {}),
        # The best match does not take the method, so the next is tried.
        ("GET", "/any/put", "any", {"x": "put"}),
        ("PUT", "/notes/7", "rest", {"rest": "7"}),
        ("PUT", "/notes/7.json", "rest", {"rest": "7.json"}),
        # One pattern, and each method's own name for its parameter.
        ("GET", "/notes/7", "note", {"id": 7}),
        ("DELETE", "/notes/7", "change", {"pk": 7}),
        ("HEAD", "/notes/7.json", "as", {"id": 7, "ending": "json"}),
    ],
)
def test_a_route_takes_its_methods(method, address, name, params):
    route, found = METHODS.match(method, address)
    assert (route.name, dict(found)) == (name, params)
    assert method in route.methods


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("PUT", "/func", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/only", {"GET", "HEAD", "OPTIONS"}),
        ("OPTIONS", "/only", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/any/put", {"GET", "HEAD", "OPTIONS", "PUT"}),
        ("PATCH", "/notes/7", {"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}),
        ("get", "/only", {"GET", "HEAD", "OPTIONS"}),
        ("", "/dav", {"OPTIONS", "PROPFIND"}),
        ("POST", "/nope", set()),
        ("GET", "", set()),
        ("OPTIONS", "*", set()),
    ],
)
def test_where_no_route_takes_the_method_the_others_are_known(method, address, allowed):
    assert METHODS.match(method, address) is None
    assert METHODS.allowed(address) == allowed


def test_none_asks_for_any_method():
    route, params = METHODS.match(None, "/any/put")
    assert (route.name, dict(params)) == ("put", {})
    assert METHODS.match(None, "/notes/7")[1] == {"id": 7}
    assert METHODS.match(None, "/nope") is None


# Paths


@pytest.mark.parametrize(
    "address",
    ["", "*", "notes/7", "http://host/notes/7", "//notes/7", "/notes/", "/notes//7", "/NOTES/7"],
)
def test_a_path_is_taken_to_the_letter(address):
    router = Router([path("/notes/<int:id>", view), path("/<path:p>x", view, name="x")])
    assert router.match("GET", address) is None


def test_a_router_without_routes_takes_nothing():
    router = Router([])
    assert router.match("GET", "/") is None
    assert router.allowed("/") == set()
    assert router.other_slash("GET", "/a/") is None
    assert router.routes == ()


def test_parameters_of_a_static_path_can_not_be_written_to():
    router = Router([path("/", view)])
    with pytest.raises(TypeError):
        router.match("GET", "/")[1]["id"] = 7
    router = Router([path("/<x>", view)])
    router.match("GET", "/a")[1]["y"] = 7
    assert router.match("GET", "/a")[1] == {"x": "a"}


@given(address=st.text(st.sampled_from("/ab7-.é\n\0%") | st.characters()), method=st.text())
def test_no_path_and_no_method_break_the_router(address, method):
    for prefix in ("", "/notes/", "/any/"):
        assert METHODS.match(method, prefix + address) is None or method in METHODS._methods
        METHODS.match("GET", prefix + address)
        METHODS.allowed(prefix + address)
        METHODS.other_slash("GET", prefix + address)


# The final slash


SLASHES = Router(
    [
        path("/", view, name="home"),
        path("/notes", view, name="notes"),
        path("/posts/", view, name="posts"),
        path("/posts/", view, name="posts", methods=["POST"]),
        path("/tags/<tag>/", view, name="tag"),
        path("/users/<name>", view, name="user"),
        path("/files/<path:name>", view, name="file"),
        path("/both", view, name="both"),
        path("/both/", view, name="both/"),
        path("/send", view, name="send", methods=["POST"]),
    ]
)


@pytest.mark.parametrize(
    ("method", "address", "other"),
    [
        ("GET", "/notes/", "/notes"),
        ("HEAD", "/notes/", "/notes"),
        ("GET", "/posts", "/posts/"),
        ("POST", "/posts", "/posts/"),
        ("GET", "/tags/a", "/tags/a/"),
        ("GET", "/users/a/", "/users/a"),
        ("GET", "/tags/瓶", "/tags/瓶/"),
        ("POST", "/send/", "/send"),
        # The other path does not take the method either.
        ("POST", "/notes/", None),
        ("GET", "/send/", None),
        ("PUT", "/posts", None),
        # It does not exist, or differs in more.
        ("GET", "/nope/", None),
        ("GET", "/nope", None),
        ("GET", "/notes//", None),
        ("GET", "/tags//", None),
        ("GET", "/files/", None),
        ("GET", "", "/"),
        # Never to another host.
        ("GET", "//evil.test/", None),
        ("GET", "//evil.test", None),
        ("GET", "///", None),
        ("GET", "//", "/"),
    ],
)
def test_a_path_that_differs_in_its_final_slash_alone_is_known(method, address, other):
    assert SLASHES.match(method, address) is None
    assert SLASHES.other_slash(method, address) == other


def test_no_slash_is_added_where_no_pattern_ends_in_one():
    router = Router([path("/<path:name>", view, name="file"), path("/a", view, name="a")])
    assert router.other_slash("GET", "/a/b") is None
    assert router.other_slash("GET", "/a/b/") == "/a/b"


HOSTILE = ["/", "\\", "//", "evil.test", "@", ":", ".", "..", "a", "\t", "%2F", "?"]


@pytest.mark.parametrize(
    "patterns",
    [
        ["/<a>", "/<a>/", "/<a>/<b>", "/<a>/<b>/"],
        ["/<path:p>", "/<path:p>/"],
        ["/<a>-<path:p>", "/a<path:p>/", "/<path:p>/<a>/"],
        ["/"],
    ],
)
def test_the_other_slash_never_leads_to_another_host(patterns):
    router = Router([path(pattern, view, name=pattern) for pattern in patterns])
    for parts in product(HOSTILE, repeat=4):
        address = "/" + "".join(parts)
        for other in (router.other_slash("GET", address), router.match("GET", address) and address):
            if other is not None:
                assert not other.startswith("//")
                target = quote(other, safe="/!$&'()*+,;=:@")
                assert urljoin("https://site.test/x", target).startswith("https://site.test/")


# What it costs


def work(router: Router, address: str) -> int:
    """How many functions, of Python and of C, a match runs."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        router.match("GET", address)
    finally:
        sys.setprofile(None)
    return count - 1  # the sys.setprofile() that ends it


SITES = {
    "a first segment for each": ("/section{}/<int:id>", "/section{}/7"),
    "a prefix for all": ("/api/v1/section{}/<int:id>", "/api/v1/section{}/7"),
    "a parameter in front": ("/<slug:lang>/section{}/<int:id>", "/en/section{}/7"),
    "no parameter": ("/section{}", "/section{}"),
    "a path at the end": ("/files{}/<path:name>", "/files{}/a/b"),
}


@pytest.mark.parametrize("site", SITES)
def test_a_match_does_the_same_work_among_ten_routes_and_ten_thousand(site):
    pattern, address = SITES[site]
    done = {}
    for size in (10, 10_000):
        router = Router([path(pattern.format(n), view, name=str(n)) for n in range(size)])
        found = [address.format(0), address.format(size - 1)]
        missed = ["/nope/7", address, found[0] + "x", found[0] + "/x"]
        done[size] = [work(router, a) for a in found + missed]
    assert done[10] == done[10_000]


def test_a_static_path_is_one_look_up():
    router = Router([path(f"/{n}", view, name=str(n)) for n in range(100)])
    assert work(router, "/50") == 3  # match(), find(), and the get() of a dict


def test_a_pattern_is_parsed_once_when_the_router_is_made():
    parsed = []

    def note(frame, event, _argument):
        if event == "call" and frame.f_code.co_name == "parse" and "text" in frame.f_locals:
            parsed.append(frame.f_locals["text"])

    posts = [path(f"/{n}/<int:id>", view, name=str(n)) for n in range(50)]
    routes = [*posts, include("/blog", posts, name="blog.")]
    sys.setprofile(note)
    try:
        Router(routes)
    finally:
        sys.setprofile(None)
    wanted = [f"/{n}/<int:id>" for n in range(50)]
    assert sorted(parsed) == sorted([*wanted, *[f"/blog{text}" for text in wanted], "/blog"])


@pytest.mark.parametrize(
    "unit",
    ["/", "/a", "a", "7", "-", "é", "%2F", "\n", "/-"],
)
def test_a_long_path_costs_no_more_than_its_length(unit):
    router = Router(
        [
            path("/<a>/<b>/<int:c>", view, name="abc"),
            path("/<int:n>", view, name="n"),
            path("/items/<x>-<y>-<z>.html", view, name="xyz"),
            path("/<path:p>/<x>-<y>.html", view, name="p"),
            path("/<path:p>/edit", view, name="edit"),
        ]
    )

    def seconds(length: int) -> float:
        address = "/items/" + unit * (length // len(unit)) + "!"
        started = process_time()
        assert router.match("GET", address) is None
        return process_time() - started

    short = min(seconds(2_000) for _ in range(5))
    long = min(seconds(32_000) for _ in range(3))
    assert long < 80 * short  # 16 times the length, and room for a busy machine; squared: 256


def test_sixteen_threads_get_their_own_parameters():
    router = Router(
        [
            path("/<slug:lang>/notes/<int:id>", view, name="note"),
            path("/<slug:lang>/<x>-<y>", view, name="pair"),
            path("/files/<path:name>", view, name="file"),
            path("/about", view, name="about"),
        ]
    )

    def ask(thread: int) -> bool:
        return all(
            router.match("GET", f"/l{thread}/notes/{n}")[1] == {"lang": f"l{thread}", "id": n}
            and router.match("GET", f"/l{thread}/{n}-{thread}")[1]["y"] == str(thread)
            and router.match("GET", f"/files/{thread}/{n}")[1] == {"name": f"{thread}/{n}"}
            and not router.match("GET", "/about")[1]
            and router.url_for("note", {"lang": thread, "id": n}) == f"/{thread}/notes/{n}"
            for n in range(300)
        )

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(16)))
