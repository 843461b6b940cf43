"""Django's ORM, without middleware; a new connection for each request, as `startproject` has it."""

from __future__ import annotations

import sys
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.benchmarks.same_database import EngineSettings


def newest(request: HttpRequest) -> HttpResponse:
    notes = Note.objects.order_by("-id")[:20]
    return HttpResponse("".join(f"<li>{note.id} {note.text}" for note in notes))


def create(request: HttpRequest) -> HttpResponse:
    Note.objects.create(text=request.POST["text"])
    return HttpResponse("saved")


def notes(request: HttpRequest) -> HttpResponse:
    return newest(request) if request.method == "GET" else create(request)


urlpatterns = [path("notes", notes)]
Note: Any = None


def make(url: str, *, keeps_connections: bool = False, is_atomic: bool = False) -> WSGIHandler:
    global Note
    database = EngineSettings(url).django
    if keeps_connections:
        database["CONN_MAX_AGE"] = None
    database["ATOMIC_REQUESTS"] = is_atomic
    settings.configure(
        ALLOWED_HOSTS=["localhost"],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        ROOT_URLCONF=__name__,
        SECRET_KEY="a benchmark keeps no secrets",
        USE_TZ=False,
    )
    django.setup()
    from django.db import models

    class Meta:
        app_label = "notes"
        db_table = "note"

    Note = type(
        "Note",
        (models.Model,),
        {"__module__": __name__, "Meta": Meta, "text": models.TextField()},
    )
    assert sys.modules[__name__]
    return WSGIHandler()
