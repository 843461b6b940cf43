"""The smallest web application."""

import os
from wsgiref.simple_server import make_server

PORT = int(os.environ.get("PORT", "1234"))


def application(environ, start_response):
    """Answer every request with the same page."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b"<h1>Hello, web!</h1>"]


if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
