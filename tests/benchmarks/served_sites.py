"""The sites that devserver.py serves and edits: the same two pages, once for each framework."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.production_sites import make_sites

# What an edit changes: a text in a Python file that the page shows.
MARK = "mark-0"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Site:
    """A project on disk, and the command that serves it while it is developed.

    Attributes:
        files: Path to text.
        edited: The file that holds MARK.
        command: With `{port}` where the port belongs.
        generated: Begin with what `mtvgen startproject` makes; of another framework, with the same
            pages there (production_sites.py).
        prepared_by: The command that makes the database.
    """

    framework: str
    name: str
    files: Mapping[str, str]
    edited: str
    command: tuple[str, ...]
    generated: bool = False
    prepared_by: tuple[str, ...] = ()

    def make(self, directory: Path) -> None:
        """Write the project."""
        if self.generated:
            with tempfile.TemporaryDirectory() as scratch:
                made = make_sites(Path(scratch))[self.framework]
                shutil.copytree(made, directory, dirs_exist_ok=True)
            self._mark_first_page(directory)
        for path, text in self.files.items():
            file = directory / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if self.prepared_by:
            subprocess.run(self.prepared_by, cwd=directory, check=True, capture_output=True)

    def _mark_first_page(self, directory: Path) -> None:
        """Give the generated project's first page a text that an edit can change."""
        view = directory / self.edited
        text = view.read_text(encoding="utf-8")
        marked = text.replace('"home.html"', f'"home.html", mark="{MARK}"')
        assert MARK in marked
        view.write_text(marked, encoding="utf-8")
        page = directory / "templates" / "home.html"
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("</h1>", " {{ mark }}</h1>", 1), encoding="utf-8")


PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ mark }}</title></head>
<body><h1>{{ mark }}</h1>
{% for row in rows %}<p>{{ row }}</p>{% endfor %}</body>
</html>
"""
RELATED = 12


def related_models(head: str) -> str:
    """Models in a ring, each with a foreign key to the next and the lists of both sides."""
    models = [head]
    for number in range(RELATED):
        other = (number + 1) % RELATED
        before = (number - 1) % RELATED
        models.append(
            f"""
class Model{number}(Base):
    __tablename__ = "model{number}"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    made: Mapped[datetime] = mapped_column(default=datetime.now)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("model{other}.id"))
    other: Mapped["Model{other}"] = relationship(
        back_populates="ones", foreign_keys=[other_id], remote_side="Model{other}.id"
    )
    ones: Mapped[list["Model{before}"]] = relationship(
        back_populates="other", foreign_keys="Model{before}.other_id"
    )
"""
        )
    return "\n".join(models)


COLUMNS = """
from datetime import datetime
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
"""
QUERY = "select(Model0.name).order_by(Model0.id).limit(20)"

URLS = """
from mtvgen.runtime import path
from views import home
urlpatterns = [path("/", home.index), path("/plain", home.plain)]
"""
WSGI = """
from pathlib import Path
from mtvgen.runtime import Application
from urls import urlpatterns
root = Path(__file__).parent
application = Application(urlpatterns, templates=root / "templates", debug=True)
"""
WSGI_WITH_MODELS = """
from pathlib import Path
from mtvgen.runtime import Application
from mtvgen.runtime.models import database_session
from models import database
from urls import urlpatterns
root = Path(__file__).parent
application = Application(
    urlpatterns,
    templates=root / "templates",
    middleware=[database_session(database)],
    debug=True,
)
"""
VIEW = f"""
from mtvgen.runtime import render
MARK = "{MARK}"
def index(request):
    return render(request, "home.html", mark=MARK, rows=[])
def plain(request):
    return "Hello"
"""
VIEW_WITH_MODELS = f"""
from sqlalchemy import select
from mtvgen.runtime import render
from models import Model0
MARK = "{MARK}"
def index(request):
    rows = request.db.scalars({QUERY}).all()
    return render(request, "home.html", mark=MARK, rows=rows)
def plain(request):
    return "Hello"
"""
MODELS = (
    """
from pathlib import Path
from mtvgen.runtime.models import Database, Model as Base
"""
    + COLUMNS
    + """
database = Database(f"sqlite:///{Path(__file__).parent.parent / 'db.sqlite3'}")
"""
)
MODELS_END = """
if not database.exists:
    with database.own_engine() as engine:
        Base.metadata.create_all(engine)
"""
RUNSERVER = (sys.executable, "-m", "mtvgen", "runserver", "{port}")

FLASK = f"""
from flask import Flask, render_template
app = Flask(__name__)
MARK = "{MARK}"
@app.get("/")
def index():
    return render_template("home.html", mark=MARK, rows=[])
@app.get("/plain")
def plain():
    return "Hello"
"""
FLASK_WITH_MODELS = f"""
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from models import Base, Model0
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///db.sqlite3"
database = SQLAlchemy(app, model_class=Base)
with app.app_context():
    Base.metadata.create_all(database.engine)
MARK = "{MARK}"
@app.get("/")
def index():
    rows = database.session.scalars({QUERY}).all()
    return render_template("home.html", mark=MARK, rows=rows)
"""
FLASK_MODELS = (
    "from sqlalchemy.orm import DeclarativeBase\n"
    + COLUMNS
    + """
class Base(DeclarativeBase):
    pass
"""
)
FLASK_CREATE_ALL = """
from dotenv import load_dotenv
load_dotenv(".env")
from wsgi import application, db
with application.app_context():
    db.create_all()
"""
FLASK_COMMAND = (sys.executable, "-m", "flask", "run", "--debug", "--port", "{port}")

DJANGO_SETTINGS = """
from pathlib import Path
ROOT = Path(__file__).parent
SECRET_KEY = "benchmark"
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [ROOT / "templates"],
}]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ROOT / "db.sqlite3"}}
"""
DJANGO_MANAGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
DJANGO_URLS = """
from django.urls import path
import views
urlpatterns = [path("", views.index), path("plain", views.plain)]
"""
DJANGO_VIEW = f"""
from django.http import HttpResponse
from django.shortcuts import render
MARK = "{MARK}"
def index(request):
    return render(request, "home.html", {{"mark": MARK, "rows": []}})
def plain(request):
    return HttpResponse("Hello")
"""
DJANGO_VIEW_WITH_MODELS = f"""
from django.http import HttpResponse
from django.shortcuts import render
from ring.models import Model0
MARK = "{MARK}"
def index(request):
    rows = Model0.objects.order_by("id").values_list("name", flat=True)[:20]
    return render(request, "home.html", {{"mark": MARK, "rows": rows}})
def plain(request):
    return HttpResponse("Hello")
"""
DJANGO_MODELS = "from django.db import models\n" + "\n".join(
    f"""
class Model{number}(models.Model):
    name = models.CharField(max_length=50, db_index=True)
    note = models.TextField(null=True)
    made = models.DateTimeField(auto_now_add=True)
    other = models.ForeignKey(
        "Model{(number + 1) % RELATED}", models.CASCADE, null=True, related_name="ones{number}"
    )
"""
    for number in range(RELATED)
)
DJANGO_COMMAND = (sys.executable, "manage.py", "runserver", "--skip-checks", "{port}")

BOTTLE = f"""
from bottle import SimpleTemplate, route, run
import sys
MARK = "{MARK}"
PAGE = SimpleTemplate("<!doctype html><html><body><h1>{{{{mark}}}}</h1></body></html>")
@route("/")
def index():
    return PAGE.render(mark=MARK)
@route("/plain")
def plain():
    return "Hello"
run(host="{HOST}", port=int(sys.argv[1]), reloader=True, quiet=True)
"""

WITHOUT, GENERATED, WITH = "no database", "generated project", f"{RELATED} related models"

SITES = [
    Site(
        "mtvgen",
        WITHOUT,
        {
            "urls.py": URLS,
            "wsgi.py": WSGI,
            "views/__init__.py": "",
            "views/home.py": VIEW,
            "templates/home.html": PAGE,
        },
        "views/home.py",
        RUNSERVER,
    ),
    Site(
        "mtvgen",
        GENERATED,
        {},
        "views/home.py",
        RUNSERVER,
        generated=True,
    ),
    Site(
        "mtvgen",
        WITH,
        {
            "urls.py": URLS,
            "wsgi.py": WSGI_WITH_MODELS,
            "views/__init__.py": "",
            "views/home.py": VIEW_WITH_MODELS,
            "models/__init__.py": related_models(MODELS) + MODELS_END,
            "templates/home.html": PAGE,
        },
        "views/home.py",
        RUNSERVER,
    ),
    Site(
        "Flask",
        WITHOUT,
        {"app.py": FLASK, "templates/home.html": PAGE},
        "app.py",
        FLASK_COMMAND,
    ),
    Site(
        "Flask",
        GENERATED,
        # python-dotenv is installed, so Flask's own command reads it.
        {".env": "DATABASE_URL=sqlite:///notes.sqlite3\nSECRET_KEY=a key for a benchmark\n"},
        "wsgi.py",
        FLASK_COMMAND,
        generated=True,
        prepared_by=(sys.executable, "-c", FLASK_CREATE_ALL),
    ),
    Site(
        "Flask",
        WITH,
        {
            "app.py": FLASK_WITH_MODELS,
            "models.py": related_models(FLASK_MODELS),
            "templates/home.html": PAGE,
        },
        "app.py",
        FLASK_COMMAND,
    ),
    Site(
        "Django",
        WITHOUT,
        {
            "manage.py": DJANGO_MANAGE,
            "settings.py": DJANGO_SETTINGS,
            "urls.py": DJANGO_URLS,
            "views.py": DJANGO_VIEW,
            "templates/home.html": PAGE,
        },
        "views.py",
        DJANGO_COMMAND,
    ),
    Site(
        "Django",
        WITH,
        {
            "manage.py": DJANGO_MANAGE,
            "settings.py": DJANGO_SETTINGS + 'INSTALLED_APPS = ["ring"]\n',
            "urls.py": DJANGO_URLS,
            "views.py": DJANGO_VIEW_WITH_MODELS,
            "ring/__init__.py": "",
            "ring/models.py": DJANGO_MODELS,
            "templates/home.html": PAGE,
        },
        "views.py",
        DJANGO_COMMAND,
        prepared_by=(sys.executable, "manage.py", "migrate", "--run-syncdb"),
    ),
    Site("Bottle", WITHOUT, {"app.py": BOTTLE}, "app.py", (sys.executable, "app.py", "{port}")),
]
