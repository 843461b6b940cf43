"""Who may use the routes of a site, as a table for its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtvgen.runtime.application.application import Application


def who_may_use(application: Application) -> dict[str, str]:
    """Return who may use each route of a site, in words, so that a test can hold the whole table.

        assert who_may_use(application)["POST /notes"] == "signed in"

    Args:
        application: The one of `wsgi.py`; not a WSGI middleware around it.

    Returns:
        `{"GET /notes/<int:id>": "signed in"}`: one entry for each method of a route, in the order
        of `urlpatterns`, the static files last. HEAD goes with GET. What says nothing, on a site
        without accounts, is for `everybody`.
    """
    routes = sorted(application.router.routes, key=lambda route: route.is_built_in)
    return {
        f"{method} {route.pattern}": route.who or "everybody"
        for route in routes
        for method in route.methods
        if method != "HEAD" or "GET" not in route.methods
    }
