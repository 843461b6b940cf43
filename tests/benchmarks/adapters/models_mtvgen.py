"""mtvgen with `request.db`, as a generated project has it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from mtvgen.runtime import Application, Request, Response, path
from mtvgen.runtime.models import Database, Model, database_session


class Note(Model):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def newest(request: Request) -> Response:
    notes = request.db.scalars(select(Note).order_by(Note.id.desc()).limit(20))
    return Response("".join(f"<li>{note.id} {note.text}" for note in notes))


def create(request: Request) -> Response:
    request.db.add(Note(text=request.form["text"]))
    return Response("saved")


def make(url: str) -> Application:
    return Application(
        [path("/notes", newest), path("/notes", create, methods=["POST"])],
        middleware=[database_session(Database(url))],
    )
