"""Who shows what: the routes of a view, the views of a template."""

from __future__ import annotations

from collections.abc import Iterator

from mtvgen.checks.python.top_names import Function
from mtvgen.checks.views.calls import RenderCall
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.written_routes import WrittenRoute


def routes_of(here: Here, dotted: str) -> list[WrittenRoute]:
    """Return the routes whose view is a function."""
    return [route for route in here.routes if route.view == dotted]


def address(route: WrittenRoute) -> str:
    """Return a route as people write it: `GET /notes`."""
    return f"{', '.join(route.methods)} {route.pattern}"


def views_of(here: Here, template: str) -> Iterator[tuple[RenderCall, list[str]]]:
    """Yield the calls that render a template itself, each with the addresses of its view."""
    for call in here.engine.cache.renders:
        if call.template == template and call.place is not None:
            dotted = _function_around(here, call)
            yield call, [address(route) for route in routes_of(here, dotted)]


def _function_around(here: Here, call: RenderCall) -> str:
    for module in here.sources.modules.values():
        if call.place is not None and module.file == call.place.file:
            for name, node in module.functions.items():
                if is_inside(node, call.place.line):
                    return f"{module.name}.{name}"
    return ""


def is_inside(node: Function, line: int) -> bool:
    """Return whether a line is one of a function's."""
    return node.lineno <= line <= (node.end_lineno or node.lineno)
