"""The same page out of a template."""

import os
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PORT = int(os.environ.get("PORT", "1234"))
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


def render(template, **context):
    """A template with its holes filled."""
    return TEMPLATES.get_template(template).render(context)


def index(name):
    """Name, age and time, handed to the template."""
    now = datetime.now().strftime("%Y-%m-%d %H:%M")
    return render("index.html", name=name, age=18, current_time=now)


def application(environ, start_response):
    """Show the page for the name that stands behind `?name=`."""
    name = parse_qs(environ["QUERY_STRING"]).get("name", ["Morra"])[0]
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [index(name).encode()]


if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
