"""Addresses with parameters, methods, and the way back from a view to its address."""

import os
import re
from urllib.parse import quote
from wsgiref.simple_server import make_server

PORT = int(os.environ.get("PORT", "1234"))


def index(environ):
    """The first page: links to the others."""
    address = url_for("hello", name="孙悟空")
    return f'<h1>Index</h1> <a href="{address}">Somebody</a>'


def hello(environ, name):
    """One page for everybody."""
    return f"<h1>Hello, {name}!</h1>"


def add(environ, a, b):
    """The parameters are numbers already."""
    return f"<h1>{a + b}</h1>"


urls = [
    ("GET", "/index", index),
    ("GET", "/hello/<name>", hello),
    ("GET", "/add/<int:a>/<int:b>", add),
]

PARAMETER = re.compile(r"<(?:(int|str):)?(\w+)>")
CONVERTERS = {"str": ("[^/]+", str), "int": ("[0-9]{1,18}", int)}


def compile_pattern(pattern):
    """A regular expression for a pattern, and the converter of each parameter."""
    converters = {}

    def group(parameter):
        expression, converters[parameter[2]] = CONVERTERS[parameter[1] or "str"]
        return f"(?P<{parameter[2]}>{expression})"

    return re.compile(PARAMETER.sub(group, pattern)), converters


ROUTES = [(method, *compile_pattern(pattern), view) for method, pattern, view in urls]


def match(method, path):
    """The view and its parameters; or None, and the methods that the path does take."""
    allowed = []
    for its_method, expression, converters, view in ROUTES:
        if found := expression.fullmatch(path):
            if method == its_method:
                texts = found.groupdict()
                return view, {name: converters[name](text) for name, text in texts.items()}
            allowed.append(its_method)
    return None, allowed


def url_for(name, /, **parameters):
    """The address of a view: the table, read from right to left."""
    pattern = next(pattern for _, pattern, view in urls if view.__name__ == name)
    return PARAMETER.sub(lambda found: quote(str(parameters[found[2]]), safe=""), pattern)


def application(environ, start_response):
    """Find the view, call it with its parameters, and send what it returns."""
    # WSGI hands the bytes of the path over as latin-1 text (PEP 3333).
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    view, found = match(environ["REQUEST_METHOD"], path)
    headers = [("Content-Type", "text/html; charset=utf-8")]
    if view:
        status, page = "200 OK", view(environ, **found)
    elif found:
        status, page = "405 Method Not Allowed", "<h1>Not like this</h1>"
        headers.append(("Allow", ", ".join(found)))
    else:
        status, page = "404 Not Found", "<h1>There is nothing here</h1>"
    start_response(status, headers)
    return [page.encode()]


if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
