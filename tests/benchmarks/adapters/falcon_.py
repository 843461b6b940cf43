"""Falcon: resources without extras, its router's own converter, its own form and JSON handlers."""

from __future__ import annotations

from typing import Any

import falcon
from jinja2 import Environment, FileSystemLoader

from tests.benchmarks.workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication

templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, auto_reload=False)


class Hello:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.text = TEXT


class Record:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = RECORD
        response.content_type = falcon.MEDIA_JSON


class User:
    def on_get(self, request: falcon.Request, response: falcon.Response, number: int) -> None:
        response.text = f"user {number}"


class Section:
    def on_get(self, request: falcon.Request, response: falcon.Response, number: int) -> None:
        response.text = f"section {number}"


class People:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = falcon.MEDIA_HTML
        response.text = templates.get_template("people.html").render(PAGE)


class Contact:
    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        form = request.get_media()
        response.text = "|".join(
            [form["name"], form["email"], form["subject"], form["message"], form["copy"]]
        )


class Search:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        theme = request.cookies["theme"]
        response.text = f"{request.get_param('q')} {request.get_param('page')} {theme}"


class RequestId:
    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: Any, succeeded: bool
    ) -> None:
        response.set_header("X-Request-ID", request.get_header("X-Request-ID"))


def site(middleware: list[Any] | None = None) -> WSGIApplication:
    application = falcon.App(media_type=falcon.MEDIA_TEXT, middleware=middleware)
    application.add_route("/hello", Hello())
    application.add_route("/record", Record())
    application.add_route("/users/{number:int}", User())
    application.add_route("/people", People())
    application.add_route("/contact", Contact())
    application.add_route("/search", Search())
    return application


def routes(count: int) -> WSGIApplication:
    application = falcon.App(media_type=falcon.MEDIA_TEXT)
    section = Section()
    for number in range(count):
        application.add_route(f"/section{number}/{{number:int}}", section)
    return application


def middleware() -> WSGIApplication:
    return site([RequestId()])


def pipeline() -> WSGIApplication:
    return site()
