"""No framework: what the standard library alone needs. The floor, not a competitor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader

from tests.benchmarks.workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication

PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, auto_reload=False)


def site() -> WSGIApplication:
    pages: dict[str, Callable[[dict[str, Any]], tuple[str, bytes]]] = {
        "/hello": hello,
        "/record": record,
        "/people": people,
        "/contact": contact,
        "/search": search,
    }

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        page = pages.get(path)
        if page is not None:
            return _send(start_response, *page(environ))
        if path.startswith("/users/"):
            return _send(start_response, PLAIN, f"user {int(path[7:])}".encode())
        body = b"Not Found"
        start_response(
            "404 Not Found", [("Content-Type", PLAIN), ("Content-Length", str(len(body)))]
        )
        return [body]

    return application


def routes(count: int) -> WSGIApplication:
    sections = {f"section{number}": section for number in range(count)}

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _, name, number = environ["PATH_INFO"].split("/")
        return _send(start_response, PLAIN, sections[name](int(number)))

    return application


def middleware() -> WSGIApplication:
    inner = site()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def with_id(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.append(("X-Request-ID", environ["HTTP_X_REQUEST_ID"]))
            return start_response(status, headers, exc_info)

        return inner(environ, with_id)

    return application


def pipeline() -> WSGIApplication:
    return site()


def hello(environ: dict[str, Any]) -> tuple[str, bytes]:
    return PLAIN, TEXT.encode()


def record(environ: dict[str, Any]) -> tuple[str, bytes]:
    return "application/json", json.dumps(RECORD).encode()


def people(environ: dict[str, Any]) -> tuple[str, bytes]:
    return HTML, templates.get_template("people.html").render(PAGE).encode()


def contact(environ: dict[str, Any]) -> tuple[str, bytes]:
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    form = parse_qs(body.decode())
    fields = ("name", "email", "subject", "message", "copy")
    return PLAIN, "|".join([form[field][0] for field in fields]).encode()


def search(environ: dict[str, Any]) -> tuple[str, bytes]:
    query = parse_qs(environ["QUERY_STRING"])
    theme = SimpleCookie(environ["HTTP_COOKIE"])["theme"].value
    return PLAIN, f"{query['q'][0]} {query['page'][0]} {theme}".encode()


def section(number: int) -> bytes:
    return f"section {number}".encode()


def _send(start_response: Any, content_type: str, body: bytes) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]
