"""What is the same for every site: routing, templates, and WSGI."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


class NotFound(Exception):
    """Raised by a view for what is not there."""


TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


def render(template, **context):
    """A template with its holes filled."""
    return TEMPLATES.get_template(template).render(context)


def make_application(urls):
    """A WSGI application for a list of patterns and views."""
    routes = [(re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", to)), view) for to, view in urls]

    def respond(environ):
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        for pattern, view in routes:
            if found := pattern.fullmatch(path):
                return view(environ, **found.groupdict())
        raise NotFound

    def application(environ, start_response):
        try:
            status, page = "200 OK", respond(environ)
        except NotFound:
            status, page = "404 Not Found", "<h1>There is nothing here</h1>"
        start_response(status, [("Content-Type", "text/html; charset=utf-8")])
        return [page.encode()]

    return application
