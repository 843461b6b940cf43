"""Django with DEBUG off and without middleware.

Pages go through Django's own template engine, with the cached loader that it uses when DEBUG is
off, because that is what its users do; the files are the ones that the others hand to Jinja2.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tests.benchmarks.workloads import PAGE, RECORD, TEMPLATES, TEXT, WSGIApplication


def site() -> WSGIApplication:
    return application_with()


def routes(count: int) -> WSGIApplication:
    replace_routes(count)
    return application_with()


def middleware() -> WSGIApplication:
    return application_with(MIDDLEWARE=[f"{__name__}.request_id"])


def pipeline() -> WSGIApplication:
    return site()


def replace_routes(count: int) -> None:
    """Make this module, the URLconf, hold `count` routes; one process serves one workload."""
    urlpatterns[:] = [path(f"section{number}/<int:number>", section) for number in range(count)]


def request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    def layer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["X-Request-ID"] = request.headers["X-Request-ID"]
        return response

    return layer


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(TEXT)


def record(request: HttpRequest) -> HttpResponse:
    return JsonResponse(RECORD)


def user(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"user {number}")


def section(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"section {number}")


def people(request: HttpRequest) -> HttpResponse:
    return render(request, "people.html", PAGE)


@csrf_exempt  # for django_startproject.py; without its middleware this costs nothing
def contact(request: HttpRequest) -> HttpResponse:
    form = request.POST
    return HttpResponse(
        "|".join([form["name"], form["email"], form["subject"], form["message"], form["copy"]])
    )


def search(request: HttpRequest) -> HttpResponse:
    query = request.GET
    return HttpResponse(f"{query['q']} {query['page']} {request.COOKIES['theme']}")


urlpatterns = [
    path("hello", hello),
    path("record", record),
    path("users/<int:number>", user),
    path("people", people),
    path("contact", contact),
    path("search", search),
]


def application_with(**options: Any) -> WSGIApplication:
    """The module's routes under these settings; once a process, as Django's settings are."""
    settings.configure(
        **{
            "DEBUG": False,
            "ALLOWED_HOSTS": ["localhost"],
            "ROOT_URLCONF": sys.modules[__name__],
            "SECRET_KEY": "unused",
            "USE_TZ": True,
            "TEMPLATES": [
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "DIRS": [TEMPLATES],
                }
            ],
        }
        | options
    )
    django.setup()
    return WSGIHandler()
