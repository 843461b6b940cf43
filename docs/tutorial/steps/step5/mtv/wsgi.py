"""The site as one WSGI application."""

import os
from wsgiref.simple_server import make_server

from framework import make_application
from urls import urls

PORT = int(os.environ.get("PORT", "1234"))

application = make_application(urls)

if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
