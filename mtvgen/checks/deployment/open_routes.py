"""Routes that write and are open to everybody, on a site with accounts."""

from __future__ import annotations

from collections.abc import Iterator

from mtvgen.checks.python.written import place_of_argument
from mtvgen.checks.report import Problem, arrow
from mtvgen.runtime.http.grammar import SAFE_METHODS
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import Route

KIND = "project.open-write"
_CURE = f"access=signed_in, or accept it: # mtvgen: ignore[{KIND}]"


def open_writes(router: Router) -> Iterator[Problem]:
    """Yield each route that everybody may write by.

    A note, and also where `access=everybody` is written: the list is what somebody reads before a
    site goes out, and a comment at a route, or at a list of them, says that it was read.

    Args:
        router: The site's routes.
    """
    if router.access is None:  # a site without accounts is open, and means it
        return
    for route in router.routes:
        writing = [method for method in route.methods if method not in SAFE_METHODS]
        if writing and _lets_in_visitors(route):
            message = f"{', '.join(writing)} {route.pattern} is open to everybody."
            place = place_of_argument(route.location, "access", route.pattern)
            yield Problem(KIND, place, message, arrow(_CURE), "note")


def _lets_in_visitors(route: Route) -> bool:
    try:
        return route.access is not None and route.access.allows(None)
    except Exception:  # a rule of the project's own; its fault is not of this kind
        return False
