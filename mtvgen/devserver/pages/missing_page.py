"""The page of a 404 or 405 while developing: the routes, the nearest first, with their reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mtvgen.checks.routes.nearest import Candidate, closest_routes
from mtvgen.devserver.pages.editor_links import editor_link
from mtvgen.devserver.pages.error_page import HTML, TEXT, Fields, fields_for, templates, wants_html
from mtvgen.devserver.urls import readable_path
from mtvgen.runtime.routing.router import Router

_CLOSE = 0.5  # of a distance; a route that is further away was hardly meant
_MAX_ROUTES = 8  # shown; what is further away was hardly meant, and `mtvgen routes` has it
_WORD = re.compile(r"[^a-z0-9]+")


def candidates(environ: Mapping[str, Any], router: Router | None) -> list[Candidate]:
    """Return the routes that do not take a request, the nearest first."""
    if router is None:
        return []
    path = readable_path(environ["PATH_INFO"])
    return closest_routes(router, environ["REQUEST_METHOD"], path)


def hint(routes: Sequence[Candidate]) -> str:
    """`did you mean /notes ?` for the line in the terminal, or empty."""
    if not routes or routes[0].distance > _CLOSE:
        return ""
    nearest = routes[0]
    if nearest.has_path:
        return f"{nearest.route.pattern} {nearest.reason}"
    return f"did you mean {nearest.route.pattern} ?"


def render(
    environ: Mapping[str, Any],
    routes: Sequence[Candidate],
    status: str = "404 Not Found",
    allow: str = "",
) -> tuple[str, Fields]:
    """Return the page, or text for a client that does not name text/html.

    Args:
        environ: The request's.
        routes: From `candidates()`.
        status: What is answered.
        allow: The methods that the address takes, as the `Allow` field of a 405 has them.
    """
    path, method = readable_path(environ["PATH_INFO"]), environ["REQUEST_METHOD"]
    rows = [_row(candidate) for candidate in routes[:_MAX_ROUTES]]
    # With another method the address exists already, and has a pattern.
    is_known = status.startswith("405") and routes
    meant = rows[0] if rows and not is_known and routes[0].distance <= _CLOSE else None
    more = len(routes) - len(rows)
    said = {
        "line": line_to_paste(path, method, routes[0].route.pattern if is_known else None),
        "takes": f"{path} takes {_methods_of(allow)}." if allow else "",
        "more": f"and {more} more: mtvgen routes" if more else "",
    }
    if not wants_html(environ):
        return _as_text(f"No route for {method} {path}", rows, meant, said), fields_for(TEXT)
    page = templates().get_template("missing.html")
    has_who = any(row.who for row in rows)
    html = page.render(
        status=status, method=method, path=path, rows=rows, meant=meant, has_who=has_who, **said
    )
    return html, fields_for(HTML)


def _as_text(
    heading: str, rows: Sequence[_Row], meant: _Row | None, said: Mapping[str, str]
) -> str:
    lines = [heading, *([said["takes"]] if said["takes"] else []), ""]
    lines += [f"Did you mean {meant.pattern} ? {meant.reason}", ""] if meant else []
    lines += [f"To answer it, in urls.py:  {said['line']}", ""]
    lines += [f"  {row.methods:<4}  {_cells_of(row)}" for row in rows]
    return "\n".join([*lines, *([f"  {said['more']}"] if said["more"] else []), ""])


def _cells_of(row: _Row) -> str:
    return "   ".join(cell for cell in (row.pattern, row.who, row.reason, row.place) if cell)


def _methods_of(allow: str) -> str:
    """`GET, POST`: without those that are answered for every address."""
    methods = [method for method in allow.split(", ") if method != "OPTIONS"]
    return ", ".join(each for each in methods if each != "HEAD" or "GET" not in methods)


def line_to_paste(path: str, method: str = "GET", pattern: str | None = None) -> str:
    """Return the `path(...)` that would answer a path: numbers become parameters.

    Args:
        path: What was asked for.
        method: The same.
        pattern: That of a route which has this path for another method.
    """
    segments = [segment for segment in (pattern or path).split("/") if segment]
    if pattern is None:
        segments = ["<int:id>" if part.isdecimal() else part for part in segments]
        slash = "/" if segments and path.endswith("/") else ""
        pattern = f"/{'/'.join(segments)}{slash}"
        has_parameter = "<int:id>" in segments
    else:
        segments = [part for part in segments if "<" not in part]
        has_parameter = "<" in pattern
    words = [_WORD.sub("_", part.lower()).strip("_") for part in segments if part != "<int:id>"]
    words = [word for word in words if word]
    module = words[0] if words else "home"
    function = words[-1] if len(words) > 1 else _usual_name(method, has_parameter)
    methods = "" if method in ("GET", "HEAD") else f", methods=[{_quoted(method)}]"
    return f"path({_quoted(pattern)}, {module}.{function}{methods}),"


def _usual_name(method: str, has_parameter: bool) -> str:
    if method in ("GET", "HEAD"):
        return "detail" if has_parameter else "index"
    if method == "DELETE":
        return "delete"
    return "update" if has_parameter else "create"


class _Row(NamedTuple):
    """A route, as the page shows it."""

    methods: str
    pattern: str
    who: str
    reason: str
    place: str
    link: str | None
    editor: str


def _row(candidate: Candidate) -> _Row:
    route = candidate.route
    methods = [name for name in route.methods if name != "HEAD" or "GET" not in route.methods]
    link = route.pattern if "<" not in route.pattern and "GET" in route.methods else None
    place = "(built in)" if route.is_built_in else str(route.location)
    editor = "" if route.is_built_in else editor_link(route.location.file, route.location.line)
    return _Row(", ".join(methods), route.pattern, route.who, candidate.reason, place, link, editor)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
