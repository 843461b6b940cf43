"""Pages that a project has already: those of other models, to link to, and addresses taken."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from mtvgen.add.pages.described.fields import Pages
from mtvgen.runtime.lists import Listing
from mtvgen.runtime.routing.patterns import parse
from mtvgen.runtime.routing.routes import Route


def pages_there(routes: Iterable[Route]) -> dict[type, Pages]:
    """Return the pages of each model that has some, known by the Listing above their views.

    Args:
        routes: Those of the project, which is loaded.
    """
    by_name = {route.name: route for route in routes if route.name}
    found: dict[type, Pages] = {}
    for name, route in by_name.items():
        module = _module_of(route)
        index = by_name.get(f"{module}.index")
        if name != f"{module}.detail" or index is None or index.parsed.parameters:
            continue
        parameters = [parameter for parameter, _ in route.parsed.parameters]
        views = vars(sys.modules[f"views.{module}"])
        listings = [value for value in views.values() if isinstance(value, Listing)]
        if len(parameters) == 1 and len(listings) == 1:
            (listing,) = listings
            found.setdefault(listing.model, Pages(module, parameters[0], listing.parameters))
    return found


def route_in_the_way(
    routes: Iterable[Route], addresses: Sequence[str], module: str
) -> Route | None:
    """Return a route that has one of the addresses or names of pages, and is not theirs.

    Args:
        routes: Those of the project.
        addresses: The patterns of the pages.
        module: The module of their views: `books`.
    """
    taken = {parse(address).signature for address in addresses}
    for route in routes:
        is_named_so = (route.name or "").startswith(f"{module}.")
        if _module_of(route) != module and (is_named_so or route.parsed.signature in taken):
            return route
    return None


def _module_of(route: Route) -> str:
    """Return the module of a view below `views`; empty for one of elsewhere."""
    package, _, module = str(getattr(route.view, "__module__", "")).partition(".")
    return module if package == "views" else ""
