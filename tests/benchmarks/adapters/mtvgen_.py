"""mtvgen: views and routes as its manual shows them; `pipeline()` as a generated project has it."""

from __future__ import annotations

from workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication

from mtvgen.runtime import (
    Application,
    Request,
    Response,
    allowed_hosts,
    path,
    render,
    same_origin,
    security_headers,
    signed_sessions,
)
from mtvgen.runtime.middleware import Handler
from mtvgen.runtime.models import Database, database_session


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
    return Application(
        urlpatterns,
        templates=TEMPLATES,
        middleware=[
            allowed_hosts(["localhost"]),
            security_headers(),
            same_origin(),
            database_session(Database("sqlite://")),
            signed_sessions("a benchmark keeps no secrets, but this one is long enough"),
        ],
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
