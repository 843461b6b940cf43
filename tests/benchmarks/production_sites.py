"""The generated project, and the same pages from the same database in Flask and in Django.

Each is a directory with a `wsgi.py`, so that one command serves them all. The templates of the
peers are the generated ones, word for word but for the tags; they do without the security headers,
the check of the host and the protection of forms where their quickstarts have none.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NOTES = 20

FLASK = """
import os
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_sqlalchemy import SQLAlchemy
from same_database import EngineSettings
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Note(db.Model):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    created: Mapped[datetime] = mapped_column(server_default=func.now())


pages = Blueprint("pages", __name__)


def create_application(url):
    settings = EngineSettings(url)
    application = Flask(__name__)
    application.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_url
    application.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    db.init_app(application)
    with application.app_context():
        settings.prepare(db.engine)
    application.register_blueprint(pages)
    return application


@pages.get("/")
def home():
    count = db.session.scalar(select(func.count(Note.id)))
    return render_template("home.html", project=Path(__file__).parent.name, count=count)


@pages.get("/notes")
def notes():
    found = db.session.scalars(select(Note).order_by(Note.id.desc())).all()
    return render_template("notes/index.html", notes=found)


@pages.post("/notes")
def create():
    text = request.form["text"].strip()
    if 1 <= len(text) <= 500:
        db.session.add(Note(text=text))
        db.session.commit()
        flash("Saved.")
    else:
        flash("A note has 1 to 500 characters.")
    return redirect(url_for("pages.notes"), 303)


@pages.get("/notes/<int:id>")
def note(id):
    return render_template("notes/detail.html", note=db.get_or_404(Note, id))


application = create_application(os.environ["DATABASE_URL"])
"""
DJANGO = """
import os
import sys
from pathlib import Path

from django.conf import settings
from same_database import EngineSettings

ROOT = Path(__file__).parent
database = {**EngineSettings(os.environ["DATABASE_URL"]).django, "CONN_MAX_AGE": None}
settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    DATABASES={"default": database},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "site_notes",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    ROOT_URLCONF="site_notes.urls",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    STATIC_URL="/static/",
    STATIC_ROOT=ROOT / "static",
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request",
            "django.contrib.messages.context_processors.messages",
        ]},
    }],
    USE_TZ=False,
)
sys.path.insert(0, str(ROOT))
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
"""
DJANGO_MODELS = """
from django.db import models
from django.db.models.functions import Now


class Note(models.Model):
    text = models.TextField()
    created = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "note"
"""
DJANGO_URLS = """
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from site_notes.models import Note


def home(request):
    return render(request, "home.html", {"project": "mysite", "count": Note.objects.count()})


def notes(request):
    if request.method == "POST":
        text = request.POST["text"].strip()
        if 1 <= len(text) <= 500:
            Note.objects.create(text=text)
            messages.success(request, "Saved.")
        else:
            messages.error(request, "A note has 1 to 500 characters.")
        return redirect("notes")
    return render(request, "notes/index.html", {"notes": Note.objects.order_by("-id")})


def note(request, id):
    return render(request, "notes/detail.html", {"note": get_object_or_404(Note, id=id)})


urlpatterns = [
    path("", home, name="home"),
    path("notes", notes, name="notes"),
    path("notes/<int:id>", note, name="note"),
]
"""
DJANGO_MIGRATION = """
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.CreateModel("Note", [
        ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False)),
        ("text", models.TextField()),
        ("created", models.DateTimeField(db_default=Now())),
    ], options={"db_table": "note"})]
"""
# What the generated templates say -> what a peer's say, in order.
JINJA = [
    (r'url_for\("home\.index"\)', 'url_for("pages.home")'),
    (r'url_for\("notes\.\w+"\)', 'url_for("pages.notes")'),
    (r'url_for\("note"', 'url_for("pages.note"'),
    (r'static\("([^"]+)"\)', r'url_for("static", filename="\1")'),
    (r"request\.route\.name", '"home.index"'),
    (r'\|localtime\("([^"]+)"\)', r'.strftime("\1")'),
]
DJANGO_TAGS = [
    (r"\{% raw %\}.*?\{% endraw %\}", "home.index"),
    (r'\{\{ url_for\("home\.index"\) \}\}', '{% url "home" %}'),
    (r'\{\{ url_for\("notes\.\w+"\) \}\}', '{% url "notes" %}'),
    (r'\{\{ url_for\("note", id=note\.id\) \}\}', '{% url "note" id=note.id %}'),
    (r'\{\{ static\("([^"]+)"\) \}\}', r'{% load static %}{% static "\1" %}'),
    (r"note\.created\.isoformat\(\)", 'note.created|date:"c"'),
    (r'\|localtime\("([^"]+)"\)', '|date:"d F Y, H:i"'),
    (r"get_flashed_messages\(\)", "messages"),
    (r"\{\{ request\.route\.name \}\}", "home.index"),
    (r'\{\{ "note" if count == 1 else "notes" \}\}', 'note{{ count|pluralize }}'),
]  # fmt: skip


def make_sites(directory: Path) -> dict[str, Path]:
    """The three projects, by the framework's name."""
    ours = directory / "mtvgen" / "mysite"
    ours.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "mtvgen", "startproject", "mysite", str(ours)]
    subprocess.run(command, check=True, capture_output=True)
    return {
        "mtvgen": ours,
        "Flask": peer(ours, directory / "flask" / "mysite", _flask_template, {"wsgi.py": FLASK}),
        "Django": peer(
            ours,
            directory / "django" / "mysite",
            _django_template,
            {
                "wsgi.py": DJANGO,
                "site_notes/__init__.py": "",
                "site_notes/models.py": DJANGO_MODELS,
                "site_notes/migrations/__init__.py": "",
                "site_notes/migrations/0001_notes.py": DJANGO_MIGRATION,
                "site_notes/urls.py": DJANGO_URLS,
            },
        ),
    }


def peer(ours: Path, root: Path, template: Callable[[str], str], files: dict[str, str]) -> Path:
    """A peer's project: our static files and templates, the latter in its words, and its code."""
    shutil.copytree(ours / "static", root / "static")
    shutil.copy(Path(__file__).with_name("same_database.py"), root)
    for page in (ours / "templates").rglob("*.html"):
        target = root / page.relative_to(ours)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(template(page.read_text(encoding="utf-8")), encoding="utf-8")
    for name, text in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root


def _flask_template(text: str) -> str:
    return in_other_words(text, JINJA)


def in_other_words(text: str, words: list[tuple[str, str]]) -> str:
    """A template with each pattern replaced."""
    for pattern, replacement in words:
        text = re.sub(pattern, replacement, text)
    return text


def _django_template(text: str) -> str:
    text = in_other_words(text, DJANGO_TAGS)
    # A list that may be empty is told in other words there.
    return re.sub(r"\{% else %\}(?=.*?\{% endfor %\})", "{% empty %}", text, flags=re.S)
