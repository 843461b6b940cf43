"""The site as one WSGI application."""

import os
from pathlib import Path
from wsgiref.simple_server import make_server

from mtvgen.runtime import Application

from urls import urlpatterns

PORT = int(os.environ.get("PORT", "1234"))

application = Application(urlpatterns, templates=Path(__file__).parent / "views")

if __name__ == "__main__":
    server = make_server("127.0.0.1", PORT, application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
