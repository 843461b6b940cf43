"""Bottle: one `Bottle()` a site, views that return text, dicts as JSON, its own Jinja2 adapter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bottle import Bottle, jinja2_template, request, response

from tests.benchmarks.workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication

LOOKUP = [str(TEMPLATES)]
SETTINGS = {"autoescape": True, "auto_reload": False}


def site() -> WSGIApplication:
    application = Bottle()
    application.get("/hello", callback=hello)
    application.get("/record", callback=record)
    application.get("/users/<number:int>", callback=user)
    application.get("/people", callback=people)
    application.post("/contact", callback=contact)
    application.get("/search", callback=search)
    return application


def routes(count: int) -> WSGIApplication:
    application = Bottle()
    for number in range(count):
        application.get(f"/section{number}/<number:int>", callback=section)
    return application


def middleware() -> WSGIApplication:
    application = site()
    hook: Callable[..., Any] = application.add_hook
    hook("after_request", request_id)
    return application


def pipeline() -> WSGIApplication:
    return site()


def request_id() -> None:
    response.set_header("X-Request-ID", request.get_header("X-Request-ID"))


def hello() -> str:
    return TEXT


def record() -> dict[str, object]:
    return RECORD


def user(number: int) -> str:
    return f"user {number}"


def section(number: int) -> str:
    return f"section {number}"


def people() -> str:
    page: str = jinja2_template(
        "people.html", template_lookup=LOOKUP, template_settings=SETTINGS, **PAGE
    )
    return page


def contact() -> str:
    form = request.forms
    return "|".join([form["name"], form["email"], form["subject"], form["message"], form["copy"]])


def search() -> str:
    query = request.query
    return f"{query['q']} {query['page']} {request.get_cookie('theme')}"
