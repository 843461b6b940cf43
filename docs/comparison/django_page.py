"""The page in Django, as one file instead of a project: `python django_page.py`."""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

PEOPLE = {1: ("Ada <Lovelace>", 36), 2: ("Morra", 18)}

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).parent / "templates"],  # 404.html is found by its name
        }
    ],
)


@require_safe  # GET and HEAD; without it a view answers every method
def person(request: HttpRequest, id: int) -> HttpResponse:
    """One person, and what time it is."""
    if id not in PEOPLE:
        raise Http404
    name, age = PEOPLE[id]
    now = datetime.now().strftime("%H:%M")
    return render(request, "person.html", {"name": name, "age": age, "current_time": now})


urlpatterns = [path("people/<int:id>", person)]
application = get_wsgi_application()  # what a production server runs

if __name__ == "__main__":
    port = os.environ.get("PORT", "8000")
    execute_from_command_line(["manage.py", "runserver", "--noreload", port])
