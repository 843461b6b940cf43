"""A small site without a mistake, and what is needed to put one into it."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "settings.py": '''"""Settings."""

from pathlib import Path

from mtvgen.runtime import Settings

settings = Settings.from_environment(Path(__file__).parent)
''',
    "wsgi.py": '''"""The site."""

from mtvgen.runtime import (
    Application,
    Templates,
    allowed_hosts,
    same_origin,
    security_headers,
    signed_sessions,
)
from mtvgen.runtime.models import database_session

from models import database
from settings import settings
from urls import urlpatterns


def shout(text: str) -> str:
    return text.upper() + "!"


application = Application(
    urlpatterns,
    templates=Templates(
        settings.root / "templates",
        filters={"shout": shout},
        globals={"site_name": "Notes"},
    ),
    static=settings.root / "static",
    middleware=[
        allowed_hosts(settings.allowed_hosts),
        security_headers(),
        same_origin(),
        database_session(database),
        signed_sessions(settings.secret_key),
    ],
    debug=settings.debug,
)
''',
    "urls.py": '''"""Addresses."""

from mtvgen.runtime import include, path

from views import authors, home, notes
from views.blog import urls as blog

urlpatterns = [
    path("/", home.index),
    path("/about", home.about, name="about"),
    path("/notes", notes.index),
    path("/notes", notes.create, methods=["POST"]),
    path("/notes/new", notes.new),
    path("/notes/<int:id>", notes.detail, name="note"),
    path("/notes/<int:id>", notes.update, name="note", methods=["POST"]),
    path("/notes/<int:id>/delete", notes.delete, methods=["POST"]),
    path("/authors", authors.index),
    path("/authors/<slug:name>", authors.detail, name="author"),
    include("/blog", blog.urlpatterns, name="blog."),
]
''',
    "crumbs.py": '''"""Where a page stands."""

from dataclasses import dataclass


@dataclass
class Crumb:
    label: str
    url: str

    def is_home(self) -> bool:
        return self.url == "/"


def crumbs_of(*labels: str) -> list[Crumb]:
    return [Crumb(label, "/") for label in labels]
''',
    "models/__init__.py": '''"""Models."""

from mtvgen.runtime.models import Database

from models.author import Author
from models.note import Note
from settings import settings

database = Database(settings.database_url)

__all__ = ["Author", "Note", "database"]
''',
    "models/author.py": '''"""Authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtvgen.runtime.models import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

if TYPE_CHECKING:
    from models.note import Note


class Author(Model):
    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    notes: Mapped[list[Note]] = relationship(back_populates="author")

    @property
    def initials(self) -> str:
        return self.name[:1]
''',
    "models/note.py": '''"""Notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtvgen.runtime.models import Model
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

if TYPE_CHECKING:
    from models.author import Author


class Note(Model):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="notes")
''',
    "migrations/0001_first.py": '''"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author")),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_note_author_id_author")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )


def downgrade() -> None:
    op.drop_table("note")
    op.drop_table("author")
''',
    "views/__init__.py": "",
    "views/home.py": '''"""The first pages."""

from mtvgen.runtime import Request, Response, render

from crumbs import Crumb, crumbs_of


def index(request: Request) -> Response:
    crumbs = crumbs_of("Home")
    return render(request, "home.html", title="Home", crumbs=crumbs, mode="full")


def about(request: Request) -> Response:
    crumb = Crumb("About", "/about")
    return render(request, "about.html", title="About", crumb=crumb)
''',
    "views/notes.py": '''"""Notes."""

from mtvgen.runtime import Request, Response, get_or_404, redirect, render
from sqlalchemy import select

from models import Author, Note


def index(request: Request) -> Response:
    notes = request.db.scalars(select(Note).order_by(Note.id)).all()
    return render(request, "notes/index.html", title="Notes", notes=notes)


def new(request: Request) -> Response:
    authors = request.db.scalars(select(Author))
    return render(request, "notes/new.html", title="New", authors=authors, draft="")


def create(request: Request) -> Response:
    note = Note(title=request.form["title"], text=request.form["text"])
    request.db.add(note)
    request.db.flush()
    return redirect(request.url_for("note", id=note.id))


def detail(request: Request, id: int) -> Response:
    note = get_or_404(request.db, Note, id)
    return render(request, "notes/detail.html", title=note.title, note=note, editing=False)


def update(request: Request, id: int) -> Response:
    note = get_or_404(request.db, Note, id)
    note.text = request.form.get("text", "")
    if not note.text:
        return render(request, "notes/detail.html", title="Edit", note=note, editing=True)
    return redirect(request.url_for("note", id=id))


def delete(request: Request, id: int) -> Response:
    request.db.delete(get_or_404(request.db, Note, id))
    return redirect(request.url_for("notes.index"))
''',
    "views/authors.py": '''"""Authors."""

from mtvgen.runtime import NotFound, Request, Response, render
from sqlalchemy import select

from models import Author


def find(request: Request, name: str) -> Author | None:
    return request.db.scalar(select(Author).where(Author.name == name))


def index(request: Request) -> Response:
    authors = [author for author in request.db.scalars(select(Author)) if author.notes]
    return render(request, "authors/index.html", title="Authors", authors=authors)


def detail(request: Request, name: str) -> Response:
    author = find(request, name)
    if author is None:
        raise NotFound(f"No author {name}.")
    return render(request, "authors/detail.html", title=name, author=author)
''',
    "views/blog/__init__.py": "",
    "views/blog/urls.py": '''"""Addresses of the blog."""

from mtvgen.runtime import path

from views.blog import posts

urlpatterns = [
    path("", posts.index, name="index"),
    path("/<int:year>/<slug:slug>", posts.detail, name="post"),
]
''',
    "views/blog/posts.py": '''"""Posts, which are files."""

from datetime import date

from mtvgen.runtime import Request, Response, render


def index(request: Request) -> Response:
    first = request.url_for("blog.post", year=2026, slug="first")
    return render(request, "blog/index.html", title="Blog", first=first, years=[2025, 2026])


def detail(request: Request, year: int, slug: str) -> Response:
    day: date = date(year, 1, 1)
    return render(request, "blog/post.html", title=slug, slug=slug, day=day)
''',
    "templates/base.html": """<!doctype html>
<html lang="en">
<head>
  <title>{% block title %}{{ title|default(site_name) }}{% endblock %}</title>
  <link rel="stylesheet" href="{{ static("style.css") }}">
  <script src="{{ static("js/site.js") }}" nonce="{{ csp_nonce }}"></script>
</head>
<body>
  {% include "_nav.html" %}
  {% for message in get_flashed_messages() %}
  <p class="flash">{{ message }}</p>
  {% endfor %}
  <main>
  {% block content %}{% endblock %}
  </main>
  {% block sidebar %}
  <a href="{{ url_for("about") }}">About {{ site_name }}</a>
  {% endblock %}
</body>
</html>
""",
    "templates/_nav.html": """<nav>
  <a href="{{ url_for("home.index") }}">{{ "Home"|shout }}</a>
  <a href="{{ url_for("notes.index") }}">Notes</a>
  <a href="{{ url_for("blog.index") }}">Blog</a>
  {% if request.path is defined %}
  <span>{{ request.path }}</span>
  {% endif %}
</nav>
""",
    "templates/_macros.html": """{% macro field(name, label, value="") %}
<label for="{{ name }}">{{ label }}</label>
<input id="{{ name }}" name="{{ name }}" value="{{ value }}">
{% endmacro %}

{% macro card(heading) %}
<section>
  <h2>{{ heading }}</h2>
  {{ caller() }}
</section>
{% endmacro %}

{% macro button(label, kind="primary") %}
<button class="{{ kind }}">{{ label }}</button>
{% endmacro %}
""",
    "templates/home.html": """{% extends "base.html" %}
{% from "_macros.html" import card %}

{% block content %}
<h1>{{ title }}</h1>
{% for crumb in crumbs %}
<a href="{{ crumb.url }}">{{ crumb.label }}</a>
{% if crumb.is_home() %}<b>home</b>{% endif %}
{% endfor %}
{% if mode == "full" %}
{% call card("Welcome") %}
<p>To {{ site_name }}</p>
{% endcall %}
{% endif %}
{% endblock %}
""",
    "templates/about.html": """{% extends "base.html" %}

{% block content %}
<h1>{{ crumb.label }}</h1>
<img src="{{ static("logo.svg") }}" alt="">
{% set words = title|lower %}
<p>{{ words|trim }}</p>
{% with link = crumb.url %}
<a href="{{ link }}">here</a>
{% endwith %}
{% endblock %}

{% block sidebar %}
{{ super() }}
<p>{{ subtitle|default("No subtitle") }}</p>
<pre>{% filter forceescape %}{% include "_address.txt" %}{% endfilter %}</pre>
{% endblock %}
""",
    "templates/_address.txt": "You are at {{ request.path }}\n",
    "templates/notes/index.html": """{% extends "base.html" %}

{% block content %}
<h1>{{ title }}</h1>
<form method="post" action="{{ url_for("notes.create") }}">
  <input name="title"> <input name="text">
</form>
<ul>
{% for note in notes|sort(attribute="title") %}
  <li class="{{ loop.index }}">
    <a href="{{ url_for("note", id=note.id) }}">{{ note.title }}</a>
    by {{ note.author.name }} ({{ note.author.initials }})
  </li>
{% else %}
  <li>{{ notes|length }} notes</li>
{% endfor %}
</ul>
{% if notes is iterable %}
<p>{{ notes|map(attribute="title")|join(", ") }}</p>
{% endif %}
{% endblock %}
""",
    "templates/notes/new.html": """{% extends "base.html" %}
{% import "_macros.html" as forms %}

{% block content %}
<form method="post" action="{{ url_for("notes.create") }}">
  {{ forms.field("title", "Title") }}
  {{ forms.field("text", "Text", value=draft) }}
  {% for author in authors %}
  <option>{{ author.name }}</option>
  {% endfor %}
  {{ forms.button("Save") }}
</form>
{% endblock %}
""",
    "templates/notes/detail.html": """{% extends "base.html" %}
{% from "_macros.html" import field, button as save %}

{% block content %}
<h1>{{ note.title }}</h1>
<p>{{ note.text }}</p>
{% if note.author %}
<a href="{{ url_for("author", name=note.author.name) }}">{{ note.author.name }}</a>
{% endif %}
{% if editing %}
<form method="post" action="{{ url_for("note", id=note.id) }}">
  {{ field("text", "Text", note.text) }}
  {{ save("Save", kind="big") }}
</form>
{% endif %}
<form method="post" action="{{ url_for("notes.delete", id=note.id) }}">
  {{ save("Delete") }}
</form>
{% endblock %}
""",
    "templates/authors/index.html": """{% extends "base.html" %}

{% block content %}
{% for author in authors %}
<h2>{{ author.name }}</h2>
{% include "authors/_notes.html" %}
{% endfor %}
{% endblock %}
""",
    "templates/authors/_notes.html": """<ul>
{% for note in author.notes %}
  <li>{{ note.title }}</li>
{% endfor %}
</ul>
""",
    "templates/authors/detail.html": """{% extends "base.html" %}

{% block title %}{{ author.initials }}{% endblock %}

{% block content %}
<h1>{{ title }}</h1>
{% set count = author.notes|length %}
<p>{{ count }}</p>
{% include "authors/_notes.html" %}
{% endblock %}
""",
    "templates/blog/layout.html": """{% extends "base.html" %}

{% block content %}
<article>
{% block article %}{% endblock %}
</article>
{% endblock %}
""",
    "templates/blog/index.html": """{% extends "blog/layout.html" %}

{% block article %}
<h1>{{ title }}</h1>
<a href="{{ first }}">First</a>
{% for year in years %}
<a href="{{ url_for("blog.post", year=year, slug="all") }}">{{ year }}</a>
{% endfor %}
{% endblock %}
""",
    "templates/blog/post.html": """{% extends "blog/layout.html" %}

{% block article %}
<h1>{{ slug|title }}</h1>
<time>{{ day.year }}</time>
{% endblock %}
""",
    "templates/404.html": """{% extends "base.html" %}

{% block content %}
<p>{{ error }}</p>
{% endblock %}
""",
    "static/style.css": "body { margin: 0 }\n",
    "static/logo.svg": "<svg></svg>\n",
    "static/js/site.js": "// nothing\n",
}


def write_project(root: Path) -> None:
    """Write the site below a directory."""
    for name, source in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
