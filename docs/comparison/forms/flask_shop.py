"""The rest of the shop in Flask, with Flask-SQLAlchemy: its tables, and how it is served."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, ForeignKey, Numeric, String, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The base of the tables."""


app = Flask("shop", template_folder=str(Path(__file__).parent / "flask"))
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['DATABASE']}"
app.config["WTF_CSRF_ENABLED"] = False  # its own page is about that
db = SQLAlchemy(app, model_class=Base)


class Maker(db.Model):
    """Who makes a product."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Tag(db.Model):
    """A word about products."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


product_tag = Table(
    "product_tag",
    Base.metadata,
    Column("product_id", ForeignKey("product.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Product(db.Model):
    """Ten columns for a form."""

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    stock: Mapped[int]
    colour: Mapped[str] = mapped_column(String(4))
    sold_from: Mapped[date | None]
    listed: Mapped[bool]
    maker_id: Mapped[int] = mapped_column(ForeignKey("maker.id"))
    tags: Mapped[list[Tag]] = relationship(secondary=product_tag)


def serve() -> None:
    """Make the tables, a maker and two tags, and serve the form."""
    with app.app_context():
        db.create_all()
        db.session.add_all([Maker(name="Ada"), Tag(name="green"), Tag(name="warm")])
        db.session.commit()
    app.run(port=int(os.environ["PORT"]))
