from __future__ import annotations

import pytest

from mtvgen.runtime.exceptions import RoutingErrors, URLBuildError
from mtvgen.runtime.routing import Router, include, path


def view(request, **parameters):
    return "x"


def test_a_route_is_found_and_leads_back():
    router = Router([path("/notes/<int:id>", view, name="note")])
    route, params = router.match("GET", "/notes/7")
    assert (route.name, params) == ("note", {"id": 7})
    assert router.url_for("note", {"id": 7, "page": 2}) == "/notes/7?page=2"


def test_all_mistakes_come_together():
    with pytest.raises(RoutingErrors, match=r"no converter 'itn'. Did you mean 'int'") as caught:
        Router([path("/<itn:id>", view), path("x", view), include("/blog/", [])])
    assert len(caught.value.errors) == 3


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(URLBuildError, match=r"no route has that name. Did you mean 'note'\?"):
        Router([path("/notes/<int:id>", view, name="note")]).url_for("nots", {})
