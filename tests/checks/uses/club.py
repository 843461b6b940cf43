"""A club's events and members: `§` is in front of every place of the column Event.title.

Other things are called `title`, too: a member's, a name that views pass, a field of a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.checks.seed_project import FILES

MARK = "§"

CLUB = {
    "models/__init__.py": '''"""Models."""

from mtvgen.runtime.models import Database

from models.author import Author
from models.event import Dinner, Event, Guest
from models.note import Note
from settings import settings

database = Database(settings.database_url)

__all__ = ["Author", "Dinner", "Event", "Guest", "Note", "database"]
''',
    "models/dated.py": '''"""What is made some day."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped


class Dated:
    day: Mapped[date]

    @property
    def year(self) -> int:
        return self.day.year
''',
    "models/event.py": '''"""Events, and who comes."""

from __future__ import annotations

from mtvgen.runtime.models import Model
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym, validates

from models.dated import Dated


class Event(Dated, Model):
    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("title", "day"), Index("ix_event_title", "title"))
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "event"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    §title: Mapped[str] = mapped_column(String(80))
    shown = synonym("§title")
    by_title = [§title]
    guests: Mapped[list[Guest]] = relationship(back_populates="event")
    guests_titles: AssociationProxy[list[str]] = association_proxy("guests", "title")

    @validates("§title", "kind")
    def clean(self, key: str, value: str) -> str:
        return value.strip().title()

    @property
    def 标题(self) -> str:
        return "晚会" + self.§title if self.year else self.§title

    @classmethod
    def make(cls, title: str) -> Event:
        return cls(§title=title)


class Dinner(Event):
    __mapper_args__ = {"polymorphic_identity": "dinner"}

    @property
    def long_title(self) -> str:
        return f"{self.§title}, {self.day}"


class Guest(Dated, Model):
    __tablename__ = "guest"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    event: Mapped[Event] = relationship(
        back_populates="guests", order_by="Event.§title.desc()"
    )
    event_titles: AssociationProxy[str] = association_proxy("event", "§title")
''',
    "migrations/0002_events.py": '''"""Events and guests."""

import sqlalchemy as sa
from alembic import op

revision = "0002_events"
down_revision = "0001_first"


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("title", "day", name=op.f("uq_event_title_day")),
    )
    op.create_index("ix_event_title", "event", ["title"])
    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_guest_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
    )


def downgrade() -> None:
    op.drop_table("guest")
    op.drop_table("event")
''',
    "views/events.py": '''"""Events."""

from mtvgen.runtime import Request, Response, get_or_404, redirect, render
from sqlalchemy import insert, select, update

from models import Dinner, Event, Guest, Note


def ordered(request: Request) -> list[Event]:
    return list(request.db.scalars(select(Event).order_by(Event.§title, Event.day)))


def index(request: Request) -> Response:
    title = request.query.get("title", "")
    query = select(Event).filter_by(§title=title).where(Event.§title != "")
    events = request.db.scalars(query).all()
    titles = [event.§title for event in events if "晚" in event.§title]
    longest = max(events, key=lambda event: len(event.day.isoformat()))
    getattr(longest, "§title")
    return render(request, "events/index.html", title=", ".join(titles), events=ordered(request))


def create(request: Request) -> Response:
    event = Event(kind="event", §title=request.form["title"])
    event.§title = event.§title.title()
    dinner = Dinner(§title="Dinner")
    request.db.add_all([event, dinner, Guest(title="Ms", event=event), Note(title="x", text="")])
    request.db.execute(update(Event).where(Event.id == 1).values(§title="New"))
    request.db.execute(insert(Guest).values(title="Mr", event_id=1))
    print(Event.__table__.c.title, "title".title())
    return redirect(request.url_for("events.index"))


def detail(request: Request, id: int) -> Response:
    event = get_or_404(request.db, Event, id)
    guest = event.guests[0]
    guest.title = guest.event.§title
    return render(request, "events/detail.html", title=event.§title, event=event)
''',
    "views/entry.py": '''"""What a form sends has names of its own."""

from datetime import date
from typing import Annotated

from mtvgen.runtime.forms import Form, least, rows

from models import Event, Guest


class EventForm(Form[Event]):
    title: str
    day: Annotated[date, least(date(2026, 1, 1))]


class GuestForm(Form[Guest]):
    title: str
    event: Annotated[Event, rows("§title")]
''',
    "templates/events/_line.html": """<li>{{ event.§title }} {{ event.day }}</li>
""",
    "templates/events/_macros.html": """{% macro line(one, title="") %}
<b>{{ one.§title }}</b>{{ title }}
{% endmacro %}
""",
    "templates/events/index.html": """{% extends "base.html" %}
{% from "events/_macros.html" import line %}

{% block content %}
<h1>{{ title }}</h1>
{% for event in events|sort(attribute="day,§title") %}
{% include "events/_line.html" %}
晚会 {{ "晚" }} {{ event.§title }} {{ line(event, title="x") }}
{% for guest in event.guests %}{{ guest.title }} {{ guest.event.§title }}{% endfor %}
{% endfor %}
{{ events|map(attribute="§title")|join(" ") }} {{ events|join(" ", attribute="§title") }}
{% for guest in events[0].guests|sort(attribute="event.§title") %}{{ guest.title }}{% endfor %}
{% endblock %}
""",
    "templates/events/detail.html": """{% extends "base.html" %}
{% block content %}
{% set same = event %}
<h1>{{ same.§title }} {{ event["§title"] }} {{ event.标题 }}</h1>
<form method="post" action="{{ url_for("events.create") }}"><input name="title"></form>
{% with title = event.§title %}{{ title }}{% endwith %}
{% endblock %}
""".replace("\n", "\r\n"),
    "urls.py": FILES["urls.py"]
    .replace(
        "from views import authors, home, notes",
        "from views import authors, events, home, notes",
    )
    .replace(
        "urlpatterns = [\n",
        """urlpatterns = [
    path("/events", events.index),
    path("/events", events.create, methods=["POST"]),
    path("/events/<int:id>", events.detail, name="event"),
""",
    ),
    "tests/test_events.py": '''"""Events."""

from mtvgen.runtime.testing import Client

from models import Event


def test_pages_have_titles(client: Client) -> None:
    page = client.get("/events")
    assert page.title and client.get("/events/1").title == page.title


def test_the_fixture_needs_no_type(client) -> None:
    assert client.get("/events").title


def test_an_event_has_a_title() -> None:
    event = Event(kind="event", §title="A 晚")
    assert "晚" in event.§title
''',
}


def write_club(root: Path) -> None:
    """Write the site below a directory, without its marks."""
    for name, source in {**FILES, **CLUB}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.replace(MARK, "").encode())


def marked(texts: Mapping[str, str]) -> list[str]:
    """Return the places of the column in files: `file:line:column`, from 1."""
    found = []
    for name, source in texts.items():
        for number, line in enumerate(source.split("\n"), 1):
            pieces = line.split(MARK)
            column = 1
            for piece in pieces[:-1]:
                column += len(piece)
                found.append(f"{name}:{number}:{column}")
    return sorted(found)
