"""The notes page of the generated project in FastAPI, with SQLAlchemy and the same templates."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.production_sites import in_other_words, peer

SITE = """
import os
from datetime import datetime
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import pass_context
from same_database import EngineSettings
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from starlette.middleware.sessions import SessionMiddleware

ROOT = Path(__file__).parent


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    created: Mapped[datetime] = mapped_column(server_default=func.now())


settings = EngineSettings(os.environ["DATABASE_URL"])
engine = create_engine(settings.sqlalchemy_url)
settings.prepare(engine)
application = FastAPI()
application.add_middleware(SessionMiddleware, secret_key=os.environ["SECRET_KEY"])
application.mount("/static", StaticFiles(directory=ROOT / "static"), name="static")
templates = Jinja2Templates(directory=ROOT / "templates")


@pass_context
def get_flashed_messages(context):
    return context["request"].session.pop("messages", [])


templates.env.globals["get_flashed_messages"] = get_flashed_messages


def database():
    with Session(engine) as session:
        yield session


@application.get("/")
def home(request: Request, db: Session = Depends(database)):
    count = db.scalar(select(func.count(Note.id)))
    context = {"project": ROOT.name, "count": count}
    return templates.TemplateResponse(request, "home.html", context)


@application.get("/notes")
def notes(request: Request, db: Session = Depends(database)):
    found = db.scalars(select(Note).order_by(Note.id.desc())).all()
    return templates.TemplateResponse(request, "notes/index.html", {"notes": found})


@application.get("/notes/{id}")
def note(request: Request, id: int, db: Session = Depends(database)):
    found = db.get_one(Note, id)
    return templates.TemplateResponse(request, "notes/detail.html", {"note": found})
"""
# What the generated templates say -> what they say here, in order.
WORDS = [
    (r'url_for\("home\.index"\)', 'url_for("home")'),
    (r'url_for\("notes\.\w+"\)', 'url_for("notes")'),
    (r'static\("([^"]+)"\)', r'url_for("static", path="\1")'),
    (r"request\.route\.name", '"home.index"'),
    (r'\|localtime\("([^"]+)"\)', r'.strftime("\1")'),
]


def make_fastapi_site(ours: Path, root: Path) -> Path:
    """Write the project next to the generated one."""
    return peer(ours, root, lambda text: in_other_words(text, WORDS), {"wsgi.py": SITE})
