"""Which routes come nearest to a path that none takes, and what keeps them apart."""

from __future__ import annotations

import pytest

from mtvgen.checks.routes.nearest import FAR, closest_routes
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import path


def view(request, **params):
    return ""


ROUTER = Router(
    [
        path("/", view, name="home"),
        path("/notes", view, name="notes"),
        path("/notes", view, name="notes", methods=["POST"]),
        path("/notes/<int:id>", view, name="note"),
        path("/about/", view, name="about"),
        path("/a-<int:x>.html", view, name="page"),
        path("/files/<path:name>", view, name="file"),
    ]
)


@pytest.mark.parametrize(
    ("method", "url", "pattern", "reason"),
    [
        ("GET", "/notes/abc", "/notes/<int:id>", "'abc' is not an int"),
        ("GET", "/nots", "/notes", "'nots' is not 'notes'"),
        ("GET", "/nots/7", "/notes/<int:id>", "'nots' is not 'notes'"),
        ("GET", "/NOTES", "/notes", "'NOTES' is not 'notes': upper and lower case differ"),
        ("DELETE", "/notes/7", "/notes/<int:id>", "exists for GET"),
        ("GET", "/about", "/about/", "differs only by the final /"),
        ("POST", "/about", "/about/", "exists for GET, and differs by the final /"),
        ("GET", "/notes/7/edit", "/notes/<int:id>", "has no 'edit'"),
        ("GET", "/a-x.html", "/a-<int:x>.html", "'a-x.html' is not 'a-<int:x>.html'"),
        ("GET", "/file/a/b", "/files/<path:name>", "'file' is not 'files'"),
        ("GET", "/files", "/files/<path:name>", "goes on with '<path:name>'"),
    ],
)
def test_the_nearest_route_comes_first_with_its_reason(method, url, pattern, reason):
    nearest = closest_routes(ROUTER, method, url)[0]

    assert (nearest.route.pattern, nearest.reason) == (pattern, reason)
    assert nearest.distance < FAR


def test_every_route_that_does_not_take_the_path_is_there_from_near_to_far():
    found = closest_routes(ROUTER, "GET", "/notes/abc")

    assert len(found) == len(ROUTER.routes)
    assert [one.distance for one in found] == sorted(one.distance for one in found)


def test_a_route_that_takes_the_path_is_no_candidate():
    assert "home" not in [one.route.name for one in closest_routes(ROUTER, "GET", "/")]


def test_nothing_is_near_to_what_has_nothing_in_common():
    assert closest_routes(ROUTER, "GET", "/xyz/uvw/rst")[0].distance >= FAR


@pytest.mark.parametrize("url", ["", "//", "/" * 50, "/\x00", "/%", "no-slash"])
def test_any_path_is_explained(url):
    assert closest_routes(ROUTER, "GET", url)
