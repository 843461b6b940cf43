"""Flask with Flask-SQLAlchemy, as its quickstart has it."""

from __future__ import annotations

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.benchmarks.same_database import EngineSettings


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Note(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def newest() -> str:
    notes = db.session.scalars(select(Note).order_by(Note.id.desc()).limit(20))
    return "".join(f"<li>{note.id} {note.text}" for note in notes)


def create() -> str:
    db.session.add(Note(text=request.form["text"]))
    db.session.commit()
    return "saved"


def make(url: str) -> Flask:
    application = Flask(__name__, static_folder=None)
    application.config["SQLALCHEMY_DATABASE_URI"] = EngineSettings(url).sqlalchemy_url
    db.init_app(application)
    application.add_url_rule("/notes", view_func=newest)
    application.add_url_rule("/notes", view_func=create, methods=["POST"])
    with application.app_context():
        EngineSettings(url).prepare(db.engine)
    return application
