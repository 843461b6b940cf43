"""wheezy.web: functions as handlers and the bare routing middleware, its author's fastest set-up.

His own benchmarks (akornatskyy/py-helloworld) use `BaseHandler` classes, which cost about half a
microsecond more; his manual shows functions too, and they are timed here. They answer every method
alike: no HEAD, no OPTIONS, no 405.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FileSystemLoader
from wheezy.http import HTTPResponse
from wheezy.http import WSGIApplication as WheezyApplication
from wheezy.http.response import json_response
from wheezy.routing import url
from wheezy.web.middleware import bootstrap_defaults, path_routing_middleware_factory
from wheezy.web.templates import Jinja2Template

from tests.benchmarks.workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication

render_template = Jinja2Template(
    Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, auto_reload=False)
)


def site() -> WSGIApplication:
    return _application([])


def routes(count: int) -> WSGIApplication:
    return _application(
        [],
        [
            url(f"section{number}/{{number:int}}", section, name=f"section{number}")
            for number in range(count)
        ],
    )


def middleware() -> WSGIApplication:
    return _application([lambda options: request_id])


def pipeline() -> WSGIApplication:
    return site()


def request_id(request: Any, following: Callable[[Any], Any]) -> Any:
    response = following(request)
    response.headers.append(("X-Request-ID", request.environ["HTTP_X_REQUEST_ID"]))
    return response


def hello(request: Any) -> Any:
    response = HTTPResponse()
    response.write(TEXT)
    return response


def record(request: Any) -> Any:
    return json_response(RECORD)


def user(request: Any) -> Any:
    response = HTTPResponse()
    response.write(f"user {int(request.environ['route_args']['number'])}")
    return response


def section(request: Any) -> Any:
    response = HTTPResponse()
    response.write(f"section {int(request.environ['route_args']['number'])}")
    return response


def people(request: Any) -> Any:
    response = HTTPResponse()
    response.write(render_template("people.html", PAGE))
    return response


def contact(request: Any) -> Any:
    form = request.form
    response = HTTPResponse()
    response.write(
        "|".join(
            [
                form["name"][-1],
                form["email"][-1],
                form["subject"][-1],
                form["message"][-1],
                form["copy"][-1],
            ]
        )
    )
    return response


def search(request: Any) -> Any:
    response = HTTPResponse()
    response.write(
        f"{request.get_param('q')} {request.get_param('page')} {request.cookies['theme']}"
    )
    return response


def _application(layers: list[Any], mapping: list[Any] | None = None) -> WSGIApplication:
    mapping = mapping or [
        url("hello", hello),
        url("record", record),
        url("users/{number:int}", user),
        url("people", people),
        url("contact", contact),
        url("search", search),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for a template engine in its options
        return WheezyApplication(
            middleware=[
                bootstrap_defaults(url_mapping=mapping),
                *layers,
                path_routing_middleware_factory,
            ],
            options={},
        )
