"""Show what the server says about a request."""

import os
from wsgiref.simple_server import make_server

PORT = int(os.environ.get("PORT", "1234"))


def application(environ, start_response):
    """Answer with the most useful part of `environ`, and the body of the request."""
    names = ["REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "HTTP_ACCEPT"]
    lines = [f"{name} = {environ.get(name)!r}" for name in names]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    lines.append(f"body = {environ['wsgi.input'].read(length)!r}")
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["\n".join(lines).encode() + b"\n"]


if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
