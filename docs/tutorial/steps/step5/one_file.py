"""Everything in one file: the data, the HTML, the functions and the addresses."""

import os
from datetime import datetime
from wsgiref.simple_server import make_server

from jinja2 import DictLoader, Environment, StrictUndefined

PORT = int(os.environ.get("PORT", "1234"))

# The data, and what is known about it.
PEOPLE = [("Morra", 18), ("Ada", 36), ("孙悟空", 500)]


def everybody():
    """All people, the youngest first."""
    return sorted(PEOPLE, key=lambda person: person[1])


# The HTML.
HTML = {
    "index.html": """\
<h1>People</h1>
{% for name, age in people %}
<p>{{ name }}, {{ age }}</p>
{% endfor %}
<p>It is {{ current_time }}.</p>
""",
}
TEMPLATES = Environment(loader=DictLoader(HTML), autoescape=True, undefined=StrictUndefined)


# The functions that handle a request.
def index(environ):
    """Everybody, and what time it is."""
    now = datetime.now().strftime("%Y-%m-%d %H:%M")
    return TEMPLATES.get_template("index.html").render(people=everybody(), current_time=now)


# The addresses.
urls = {"/people": index}


def application(environ, start_response):
    """Look the path up, call what stands there, and send what it returns."""
    view = urls.get(environ["PATH_INFO"])
    status, page = ("200 OK", view(environ)) if view else ("404 Not Found", "<h1>Nothing here</h1>")
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    return [page.encode()]


if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
