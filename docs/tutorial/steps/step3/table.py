"""Different answers for different addresses."""

import os
from wsgiref.simple_server import make_server

PORT = int(os.environ.get("PORT", "1234"))


def index(environ):
    """The first page."""
    return "<h1>Index</h1>"


def morra(environ):
    """Somebody's own page."""
    return "<h1>Hello, Morra!</h1>"


urls = {
    "/index": index,
    "/morra": morra,
}


def application(environ, start_response):
    """Look the path up, call what stands there, and send what it returns."""
    view = urls.get(environ["PATH_INFO"])
    if view is None:
        status, page = "404 Not Found", "<h1>There is nothing here</h1>"
    else:
        status, page = "200 OK", view(environ)
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    return [page.encode()]


if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
