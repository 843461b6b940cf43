"""Flask: views that return text, a dict as JSON, `render_template`; debugging off."""

from __future__ import annotations

from flask import Flask, Response, render_template, request

from tests.benchmarks.workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication


def site() -> WSGIApplication:
    return _site()


def routes(count: int) -> WSGIApplication:
    application = Flask(__name__, static_folder=None)
    for number in range(count):
        application.add_url_rule(f"/section{number}/<int:number>", f"section{number}", section)
    return application


def middleware() -> WSGIApplication:
    application = _site()
    application.after_request(request_id)
    return application


def pipeline() -> WSGIApplication:
    return _site()


def request_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = request.headers["X-Request-ID"]
    return response


def hello() -> str:
    return TEXT


def record() -> dict[str, object]:
    return RECORD


def user(number: int) -> str:
    return f"user {number}"


def section(number: int) -> str:
    return f"section {number}"


def people() -> str:
    return render_template("people.html", **PAGE)


def contact() -> str:
    form = request.form
    return "|".join([form["name"], form["email"], form["subject"], form["message"], form["copy"]])


def search() -> str:
    return f"{request.args['q']} {request.args['page']} {request.cookies['theme']}"


def _site() -> Flask:
    application = Flask(__name__, template_folder=str(TEMPLATES), static_folder=None)
    application.add_url_rule("/hello", view_func=hello)
    application.add_url_rule("/record", view_func=record)
    application.add_url_rule("/users/<int:number>", view_func=user)
    application.add_url_rule("/people", view_func=people)
    application.add_url_rule("/contact", view_func=contact, methods=["POST"])
    application.add_url_rule("/search", view_func=search)
    return application
