"""The page that shows an exception while the project is developed. There is no console on it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mtvgen import MANUAL
from mtvgen.devserver.found_problems import problems_of
from mtvgen.devserver.pages.editor_links import editor_link
from mtvgen.devserver.pages.error_hints import hint_of_field
from mtvgen.devserver.pages.error_report import ErrorReport, make_report
from mtvgen.devserver.pages.error_text import as_text, versions
from mtvgen.devserver.urls import readable_path
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.project.masking import Masker
from mtvgen.runtime.http.errors import MissingField
from mtvgen.runtime.http.multidict import MultiDict
from mtvgen.runtime.routing.routes import Route

HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_WANTS_HTML = re.compile(r"(?:^|[,\s])text/html(?:$|[;,\s])", re.IGNORECASE)

Fields = list[tuple[str, str]]
HEADERS = "Its header fields"
_MOST_FIELDS = 100  # of a form; shown
_NEAR = 12  # lines: a view is about as long; what is farther away is another matter


def render(
    environ: Mapping[str, Any],
    error: BaseException,
    route: Route | None,
    root: Path,
    problems_directory: OpenDirectory | None = None,
    *,
    is_routed: bool = False,
) -> tuple[str, Fields]:
    """Return the error as a page, or as text for a client that does not name text/html.

    Args:
        environ: The request's.
        error: What went wrong.
        route: The matched route, if one was.
        root: The project's directory.
        problems_directory: Where the checks leave what they found.
        is_routed: Whether the runtime has said which view was reached, if one was.
    """
    masker = Masker(environ)
    report = make_report(error, root, masker, route.view if route else None, is_routed=is_routed)
    sent = list(_fields_sent(error, masker))
    if isinstance(error, MissingField):
        report = replace(report, cure=masker.scrubbed(hint_of_field(error, [k for k, _ in sent])))
    problems = [
        masker.scrubbed(line) for line in problems_of(_places(report, error), problems_directory)
    ]
    request, headers = list(_request(environ, route, masker)), list(_headers(environ, masker))
    # The fields go first where one of them is what is missing.
    sections = [
        (_title_of_fields(error), sent),
        ("The request", request),
        (HEADERS, headers),
    ]
    sections = [section for section in sections if section[1]]
    text = as_text(report, sections, problems)
    if not wants_html(environ):
        return text, fields_for(TEXT)
    nonce = secrets.token_urlsafe(16)
    html = (
        templates()
        .get_template("error.html")
        .render(
            report=report,
            sections=[section for section in sections if section[0] != HEADERS],
            headers=headers,
            text=text,
            nonce=nonce,
            problems=problems,
            versions=versions(),
        )
    )
    return html, fields_for(HTML, nonce)


def _places(report: ErrorReport, error: BaseException) -> dict[str, range | None]:
    """Return where a problem that the checks have found may have to do with the error.

    The lines around each place that the error passed; and the models, whose slips a database
    says in its own words.
    """
    places: dict[str, range | None] = {}
    for frame in report.frames:
        if frame.is_users:
            known = places.get(frame.file) or range(frame.line, frame.line)
            first, last = min(known.start, frame.line - _NEAR), max(known.stop, frame.line + _NEAR)
            places[frame.file] = range(first, last)
    if _is_of_database(error):
        places["models"] = None
    return places


def wants_html(environ: Mapping[str, Any]) -> bool:
    """Return whether a client names text/html; curl and fetch() accept anything, and get text."""
    return _WANTS_HTML.search(environ.get("HTTP_ACCEPT", "")) is not None


def fields_for(content_type: str, nonce: str = "") -> Fields:
    """Return the header fields of a page of the server's own, which runs no script but its own."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    policy += f"script-src 'self' 'nonce-{nonce}'" if nonce else "script-src 'self'"
    return [
        ("Content-Type", content_type),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", f"{policy}; frame-ancestors 'none'; base-uri 'none'"),
        ("X-Content-Type-Options", "nosniff"),
    ]


@cache
def templates() -> Environment:
    """Return the templates of the server's own pages."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.globals.update(editor_link=editor_link, manual=MANUAL)
    return environment


def _is_of_database(error: BaseException) -> bool:
    """Return whether the models may be to blame, in whichever file the error was met."""
    return any(kind.__module__.startswith("sqlalchemy.") for kind in type(error).__mro__)


def _title_of_fields(error: BaseException) -> str:
    return f"The fields of {error.place}" if isinstance(error, MissingField) else ""


def _fields_sent(error: BaseException, masker: Masker) -> Iterator[tuple[str, str]]:
    """Yield what came in the form or the query that lacks a field.

    That field has raised the error.
    """
    if not isinstance(error, MissingField):
        return
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    sent = frames[-1].f_locals.get("self")
    if isinstance(sent, MultiDict):
        for name, value in sent.pairs[:_MOST_FIELDS]:
            yield masker.scrubbed(name), masker.describe(name, value)


def _request(
    environ: Mapping[str, Any], route: Route | None, masker: Masker
) -> Iterator[tuple[str, str]]:
    path = readable_path(environ["PATH_INFO"])
    query = environ.get("QUERY_STRING", "")
    yield "Request", masker.scrubbed(f"{environ['REQUEST_METHOD']} {path}")
    if query:
        yield "Query", masker.scrubbed(query)
    if route:
        yield "Route", f"{route.pattern} ({route.name or 'no name'}, {route.location})"


def _headers(environ: Mapping[str, Any], masker: Masker) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = key.removeprefix("HTTP_").replace("_", "-").title()
            yield name, masker.field(name, value)
