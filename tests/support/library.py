"""Two models and a site that the tests of models, migrations and faults share."""

from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import ForeignKey, MetaData, event, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.runtime import Application, get_or_404, path
from mtvgen.runtime.models import Model, database_session


class Shelf(Model):
    """Model with tables of its own: those of another test page are none of our business."""

    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class Author(Shelf):
    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Book(Shelf):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(index=True)
    copies: Mapped[int] = mapped_column(server_default="0")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("author.id", ondelete="CASCADE"))
    author: Mapped[Author | None] = relationship()


def index(request):
    return [author.name for author in request.db.scalars(select(Author).order_by(Author.id))]


def detail(request, id):
    return get_or_404(request.db, Author, id).name


def create(request):
    request.db.add(Author(name=request.form["name"]))
    return "saved"


def library(database, *routes, above=(), below=(), **options):
    """A site with a list, an author's page and a form, beside the routes of a test."""
    own = [
        path("/authors", index),
        path("/authors", create, methods=["POST"]),
        path("/authors/<int:id>", detail),
    ]
    middleware = [*above, database_session(database), *below]
    return Application([*own, *routes], middleware=middleware, **options)


def names(database):
    """The authors that are in the database, whatever a request believes."""
    with database.session(read_only=True) as db:
        return list(db.scalars(select(Author.name).order_by(Author.name)))


@contextmanager
def statements_of(db):
    """The statements that are sent to a session's engine during the block."""
    statements = []

    def note(_connection, _cursor, statement, *_more):
        statements.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", note)
