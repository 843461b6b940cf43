"""Pyramid: imperative configuration, `Response` objects, its JSON renderer, a tween."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FileSystemLoader
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from tests.benchmarks.workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication

templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, auto_reload=False)


def site() -> WSGIApplication:
    return _site().make_wsgi_app()


def routes(count: int) -> WSGIApplication:
    config = Configurator()
    for number in range(count):
        config.add_route(f"section{number}", f"/section{number}/{{number:\\d+}}")
        config.add_view(section, route_name=f"section{number}")
    return config.make_wsgi_app()


def middleware() -> WSGIApplication:
    config = _site()
    config.add_tween(f"{__name__}.request_id")
    return config.make_wsgi_app()


def pipeline() -> WSGIApplication:
    return site()


def request_id(handler: Callable[[Request], Response], registry: Any) -> Any:
    def tween(request: Request) -> Response:
        response = handler(request)
        response.headers["X-Request-ID"] = request.headers["X-Request-ID"]
        return response

    return tween


def hello(request: Request) -> Response:
    return Response(TEXT)


def record(request: Request) -> dict[str, object]:
    return RECORD


def user(request: Request) -> Response:
    return Response(f"user {int(request.matchdict['number'])}")


def section(request: Request) -> Response:
    return Response(f"section {int(request.matchdict['number'])}")


def people(request: Request) -> Response:
    return Response(templates.get_template("people.html").render(PAGE))


def contact(request: Request) -> Response:
    form = request.POST
    return Response(
        "|".join([form["name"], form["email"], form["subject"], form["message"], form["copy"]])
    )


def search(request: Request) -> Response:
    query = request.GET
    return Response(f"{query['q']} {query['page']} {request.cookies['theme']}")


def _site() -> Configurator:
    config = Configurator()
    config.add_route("hello", "/hello")
    config.add_view(hello, route_name="hello")
    config.add_route("record", "/record")
    config.add_view(record, route_name="record", renderer="json")
    config.add_route("user", r"/users/{number:\d+}")
    config.add_view(user, route_name="user")
    config.add_route("people", "/people")
    config.add_view(people, route_name="people")
    config.add_route("contact", "/contact")
    config.add_view(contact, route_name="contact", request_method="POST")
    config.add_route("search", "/search")
    config.add_view(search, route_name="search")
    return config
