"""The site as one WSGI application: what a production server runs, as `wsgi:application`."""

from mtvgen.runtime import (
    Application,
    allowed_hosts,
    same_origin,
    security_headers,
    signed_sessions,
)
from mtvgen.runtime.models import database_session

from models import database
from settings import settings
from urls import urlpatterns

application = Application(
    urlpatterns,
    templates=settings.root / "templates",
    static=settings.root / "static",
    # A request goes down this list, and its response comes back up.
    middleware=[
        allowed_hosts(settings.allowed_hosts),
        security_headers(),
        same_origin(),
        database_session(database),
        signed_sessions(settings.secret_key),
    ],
    debug=settings.debug,
    time_zone=settings.time_zone,
)

if __name__ == "__main__":  # python wsgi.py: the standard library's own server
    import os
    from wsgiref.simple_server import make_server

    server = make_server("127.0.0.1", int(os.environ.get("PORT", "8000")), application)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
