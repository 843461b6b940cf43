"""mtvgen: views and routes as its manual shows them; `pipeline()` as a generated project has it."""

from __future__ import annotations

from collections.abc import Callable

from mtvgen.runtime import Application, Request, Response, path, render
from mtvgen.runtime.middleware import Handler, Middleware
from tests.benchmarks.workloads import LAYERS, PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication


def site() -> WSGIApplication:
    return Application(urlpatterns, templates=TEMPLATES)


def routes(count: int) -> WSGIApplication:
    return Application(
        [
            path(f"/section{number}/<int:number>", section, name=f"section{number}")
            for number in range(count)
        ]
    )


def middleware() -> WSGIApplication:
    return Application(urlpatterns, templates=TEMPLATES, middleware=[request_id])


def pipeline() -> WSGIApplication:
    return layers(len(LAYERS))


def layers(count: int) -> WSGIApplication:
    """The first `count` of the generated project's layers, in its order."""
    return Application(
        urlpatterns,
        templates=TEMPLATES,
        middleware=[MIDDLEWARE[name]() for name in LAYERS[:count]],
    )


def request_id(handler: Handler) -> Handler:
    def layer(request: Request) -> Response:
        response = handler(request)
        response.headers["X-Request-ID"] = request.headers["X-Request-ID"]
        return response

    return layer


def hello(request: Request) -> Response:
    return Response(TEXT)


def record(request: Request) -> dict[str, object]:
    return RECORD


def user(request: Request, number: int) -> Response:
    return Response(f"user {number}")


def section(request: Request, number: int) -> Response:
    return Response(f"section {number}")


def people(request: Request) -> Response:
    return render(request, "people.html", **PAGE)


def contact(request: Request) -> Response:
    form = request.form
    return Response(
        "|".join([form["name"], form["email"], form["subject"], form["message"], form["copy"]])
    )


def search(request: Request) -> Response:
    query = request.query
    return Response(f"{query['q']} {query['page']} {request.cookies['theme']}")


urlpatterns = [
    path("/hello", hello),
    path("/record", record),
    path("/users/<int:number>", user),
    path("/people", people),
    path("/contact", contact, methods=["POST"]),
    path("/search", search),
]


def _allowed_hosts() -> Middleware:
    from mtvgen.runtime.security.allowed_hosts import allowed_hosts

    return allowed_hosts(["localhost"])


def _security_headers() -> Middleware:
    from mtvgen.runtime.security.headers import security_headers

    return security_headers()


def _same_origin() -> Middleware:
    from mtvgen.runtime.security.origins import same_origin

    return same_origin()


def _database_session() -> Middleware:
    from mtvgen.runtime.models import Database, database_session

    return database_session(Database("sqlite://"))


def _signed_sessions() -> Middleware:
    from mtvgen.runtime.sessions import signed_sessions

    return signed_sessions("a benchmark keeps no secrets, but this one is long enough")


# Imported when they are asked for: the bare application runs without any of them.
MIDDLEWARE: dict[str, Callable[[], Middleware]] = {
    "allowed_hosts": _allowed_hosts,
    "security_headers": _security_headers,
    "same_origin": _same_origin,
    "database_session": _database_session,
    "signed_sessions": _signed_sessions,
}
