"""The home page."""

from mtvgen.runtime import Request, Response, render
from sqlalchemy import func, select

from models import Note
from settings import settings


def index(request: Request) -> Response:
    """The first lesson: the parts of this page, and where to find them."""
    count = request.db.scalar(select(func.count(Note.id)))
    return render(request, "home.html", project=settings.root.name, count=count)
