"""Django as `django-admin startproject` leaves it, its apps and its seven layers; DEBUG off."""

from __future__ import annotations

from typing import Any

from django.urls import path

from tests.benchmarks.adapters.django_ import application_with, replace_routes, urlpatterns
from tests.benchmarks.workloads import TEMPLATES, WSGIApplication

# The settings.py that Django 5.2 writes, where it differs from Django's own defaults.
STARTPROJECT: dict[str, Any] = {
    "INSTALLED_APPS": [
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [TEMPLATES],
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        },
    ],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    "SECRET_KEY": "a benchmark keeps no secrets, but Django wants fifty characters",
    "STATIC_URL": "static/",
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
}


def site() -> WSGIApplication:
    return _application()


def routes(count: int) -> WSGIApplication:
    replace_routes(count)
    return _application()


def middleware() -> WSGIApplication:
    layers = [*STARTPROJECT["MIDDLEWARE"], "adapters.django_.request_id"]
    return _application(MIDDLEWARE=layers)


def pipeline() -> WSGIApplication:
    return _application()


def _application(**options: Any) -> WSGIApplication:
    application = application_with(**STARTPROJECT | options)
    # Its models can only be imported once the settings are there.
    from django.contrib import admin

    urlpatterns.insert(0, path("admin/", admin.site.urls))
    return application
