"""Addresses that are written out, asked of a router like the site's own."""

from __future__ import annotations

from collections.abc import Iterable

from mtvgen.checks.facts import RouteFact
from mtvgen.runtime.routing.errors import RoutingErrors
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import Route
from mtvgen.runtime.support.locations import Location


def router_of(routes: Iterable[RouteFact]) -> Router | None:
    """Return a router with the patterns of a site, whose views do nothing; None if it has none."""
    own = [
        Route(route.pattern, _nothing, None, route.methods, Location(route.file, route.line))
        for route in routes
    ]
    try:
        return Router(own) if own else None
    except RoutingErrors:
        return None


def takes(router: Router, path: str) -> bool:
    """Return whether a path leads to a route, whatever the method; a final `/` may differ."""
    methods = {method for route in router.routes for method in route.methods}
    return router.match(None, path) is not None or any(
        router.other_slash(method, path) is not None for method in methods
    )


def _nothing(*_: object) -> None:
    """Stands in for a view: what it answers is not asked."""
