"""Django's ORM with connections that stay open, and one transaction for each request."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler

from tests.benchmarks.adapters import models_django


def make(url: str) -> WSGIHandler:
    return models_django.make(url, keeps_connections=True, is_atomic=True)
