"""The 404 page while developing: the routes, the nearest first, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mtvgen.checks.nearest import Candidate, explain
from mtvgen.devserver.errorpage import HTML, TEXT, Fields, fields_for, templates, wants_html
from mtvgen.runtime.routing import Router

_CLOSE = 0.5  # of a distance; a route that is further away was hardly meant
_MAX_ROUTES = 200  # shown; a page of thousands helps nobody
_WORD = re.compile(r"[^a-z0-9]+")


def hint(environ: Mapping[str, Any], router: Router | None) -> str:
    """`did you mean /notes ?` for the line in the terminal, or empty."""
    found = _candidates(environ, router)
    if not found or found[0].distance > _CLOSE:
        return ""
    nearest = found[0]
    if nearest.reason.startswith(("exists for", "differs only")):
        return f"{nearest.route.pattern} {nearest.reason}"
    return f"did you mean {nearest.route.pattern} ?"


def render(environ: Mapping[str, Any], router: Router | None) -> tuple[str, Fields]:
    """The page, or text for a client that does not name text/html."""
    path = readable_path(environ)
    found = _candidates(environ, router)[:_MAX_ROUTES]
    rows = [_row(each) for each in found]
    line = line_to_paste(path)
    if not wants_html(environ):
        lines = [f"No route for {environ['REQUEST_METHOD']} {path}", ""]
        lines += [f"  {pattern}   {reason}   {place}" for pattern, reason, place, _ in rows]
        return "\n".join([*lines, "", f"In urls.py:  {line}", ""]), fields_for(TEXT)
    page = templates().get_template("missing.html")
    html = page.render(method=environ["REQUEST_METHOD"], path=path, rows=rows, line=line)
    return html, fields_for(HTML)


def line_to_paste(path: str) -> str:
    """The `path(...)` that would answer a path: numbers become parameters."""
    segments = [each for each in path.split("/") if each]
    words = [_WORD.sub("_", each.lower()).strip("_") for each in segments]
    words = [each for each in words if each and not each.isdecimal()]
    module = words[0] if words else "home"
    function = words[-1] if len(words) > 1 else "index"
    if any(each.isdecimal() for each in segments) and len(words) < 2:
        function = "detail"
    pattern = "/".join("<int:id>" if each.isdecimal() else each for each in segments)
    slash = "/" if segments and path.endswith("/") else ""
    return f"path({_quoted(f'/{pattern}{slash}')}, {module}.{function}),"


def readable_path(environ: Mapping[str, Any]) -> str:
    """The path as characters."""
    return str(environ["PATH_INFO"].encode("latin-1", "replace").decode("utf-8", "replace"))


def _candidates(environ: Mapping[str, Any], router: Router | None) -> list[Candidate]:
    if router is None:
        return []
    return explain(router, environ["REQUEST_METHOD"], readable_path(environ))


def _row(candidate: Candidate) -> tuple[str, str, str, str | None]:
    route = candidate.route
    link = route.pattern if "<" not in route.pattern and "GET" in route.methods else None
    place = "(built in)" if route.is_built_in else str(route.location)
    return route.pattern, candidate.reason, place, link


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
