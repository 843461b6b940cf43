"""A site with every layer of a generated project, for tests that attack it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mtvgen.runtime import (
    Application,
    BadRequest,
    Limits,
    NotFound,
    Request,
    Response,
    allowed_hosts,
    flash,
    get_flashed_messages,
    path,
    redirect,
    render,
    safe_next,
    same_origin,
    security_headers,
    signed_sessions,
)

KEY = "a secret key that must never be seen"
HOST = "example.com"

PAGE = """<!doctype html>
<title>{{ title }}</title>
<p title="{{ text }}">{{ text }}</p>
{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
"""


def home(request: Request) -> str:
    return "home"


def echo(request: Request) -> Response:
    return render(request, "page.html", title="Echo", text=request.query.get("text", ""))


def form(request: Request) -> dict[str, Any]:
    return {"fields": request.form.pairs, "files": [f.filename for _, f in request.files.pairs]}


def raw(request: Request) -> dict[str, int]:
    return {"length": len(request.body)}


def raw_and_form(request: Request) -> dict[str, Any]:
    return {"length": len(request.body), "fields": request.form.pairs}


def as_json(request: Request) -> Any:
    return {"json": request.json()}


def show(request: Request, rest: str) -> dict[str, Any]:
    return {"rest": rest, "query": request.query.pairs, "cookies": request.cookies}


def header(request: Request) -> Response:
    response = Response("header")
    response.headers["X-Echo"] = request.query["value"]
    return response


def cookie(request: Request) -> Response:
    response = Response("cookie")
    response.set_cookie("echo", request.query["value"])
    return response


def go(request: Request) -> Response:
    return redirect(request.query["to"])


def after_login(request: Request) -> Response:
    return redirect(safe_next(request, request.query.get("next")))


def say(request: Request) -> str:
    flash(request, request.query["text"])
    return "said"


def heard(request: Request) -> list[str]:
    return get_flashed_messages(request)


def session(request: Request) -> dict[str, Any]:
    request.session.setdefault("visits", 0)
    request.session["visits"] += 1
    return dict(request.session)


def missing(request: Request) -> None:
    raise NotFound(request.query.get("text", ""))


def refused(request: Request) -> None:
    raise BadRequest(request.query.get("text", ""))


def broken(request: Request) -> None:
    password = "hunter2"
    raise ZeroDivisionError(f"{password} {KEY} {request.query.get('text', '')}")


ROUTES = [
    path("/", home),
    path("/echo", echo),
    path("/form", form, methods=["GET", "POST", "PUT"]),
    path("/raw", raw, methods=["POST"]),
    path("/raw-and-form", raw_and_form, methods=["POST"]),
    path("/json", as_json, methods=["POST"]),
    path("/show/<path:rest>", show),
    path("/header", header),
    path("/cookie", cookie),
    path("/go", go),
    path("/next", after_login),
    path("/say", say),
    path("/heard", heard),
    path("/session", session),
    path("/missing", missing),
    path("/refused", refused),
    path("/broken", broken),
    path("/slash/", home, name="slash"),
    path("/tail/<path:rest>/", show, name="tail"),
]


def make_site(root: Path, *, debug: bool = False, limits: Limits | None = None) -> Application:
    """The site, with a template and some static files below `root`."""
    templates, static = root / "templates", root / "static"
    templates.mkdir(exist_ok=True)
    static.mkdir(exist_ok=True)
    (templates / "page.html").write_text(PAGE, encoding="utf-8")
    (static / "style.css").write_text("body { color: green }\n", encoding="utf-8")
    (root / "secret.txt").write_text("outside", encoding="utf-8")
    return Application(
        ROUTES,
        templates=templates,
        static=static,
        middleware=[
            allowed_hosts([HOST, "*.example.net"]),
            security_headers(),
            same_origin(),
            signed_sessions(KEY),
        ],
        debug=debug,
        limits=limits,
    )
