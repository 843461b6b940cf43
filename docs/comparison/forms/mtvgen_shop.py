"""The rest of the shop in mtvgen: its tables, and how it is served."""

import os
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from wsgiref.simple_server import make_server

from mtvgen.runtime import Application, View, path
from mtvgen.runtime.models import Database, Model, database_session
from sqlalchemy import Column, ForeignKey, Numeric, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship


class Colour(Enum):
    """A column of two values."""

    RED = "red"
    BLUE = "blue"


class Maker(Model):
    """Who makes a product."""

    __tablename__ = "maker"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Tag(Model):
    """A word about products."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


product_tag = Table(
    "product_tag",
    Model.metadata,
    Column("product_id", ForeignKey("product.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Product(Model):
    """Ten columns for a form."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    stock: Mapped[int]
    colour: Mapped[Colour]
    sold_from: Mapped[date | None]
    listed: Mapped[bool]
    maker_id: Mapped[int] = mapped_column(ForeignKey("maker.id"))
    maker: Mapped[Maker] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=product_tag)


def serve(edit: View) -> None:
    """Make the tables, a maker and two tags, and serve the form."""
    database = Database(Path(os.environ["DATABASE"]))
    Model.metadata.create_all(database.engine)
    with database.session() as db:
        db.add_all([Maker(name="Ada"), Tag(name="green"), Tag(name="warm")])
    methods = ["GET", "POST"]
    routes = [
        path("/new", edit, methods=methods, name="new"),
        path("/<int:id>", edit, methods=methods, name="product"),
    ]
    application = Application(
        routes,
        templates=Path(__file__).parent / "mtvgen",
        middleware=[database_session(database)],
    )
    make_server("127.0.0.1", int(os.environ["PORT"]), application).serve_forever()
