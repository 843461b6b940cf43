"""The example: notes are listed, added by a form, and have a page each."""

from mtvgen.runtime import Request, Response, flash, get_or_404, redirect, render
from sqlalchemy import select

from models import Note


def index(request: Request) -> Response:
    """The newest notes, and a form for another one."""
    notes = request.db.scalars(select(Note).order_by(Note.id.desc()).limit(100)).all()
    return render(request, "notes/index.html", notes=notes)


def create(request: Request) -> Response:
    """Save what the form sent. It is committed when this function has returned."""
    text = request.form["text"].strip()
    if 1 <= len(text) <= 500:
        request.db.add(Note(text=text))
        flash(request, "Saved.")
    else:
        flash(request, "A note has 1 to 500 characters.")
    return redirect(request.url_for("notes.index"))


def detail(request: Request, id: int) -> Response:
    """One note, or the 404 page."""
    note = get_or_404(request.db, Note, id)
    return render(request, "notes/detail.html", note=note)
