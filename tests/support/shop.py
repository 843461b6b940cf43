"""A shop whose form classes the tests and the figures of forms share: a product of ten fields."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

from sqlalchemy import (
    Column,
    ForeignKey,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.runtime.forms import Form, Mistakes, least, pattern, rows
from mtvgen.runtime.models import Model


class Stock(Model):
    """Model with tables of its own: those of another test are none of our business."""

    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


class Maker(Stock):
    __tablename__ = "maker"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_hidden: Mapped[bool] = mapped_column(default=False)


class Tag(Stock):
    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


product_tag = Table(
    "product_tag",
    Stock.metadata,
    Column("product_id", ForeignKey("product.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
)


class Product(Stock):
    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("name", "maker_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    stock: Mapped[int]
    colour: Mapped[Colour]
    sold_from: Mapped[date | None]
    announced: Mapped[datetime | None]
    listed: Mapped[bool]
    maker_id: Mapped[int] = mapped_column(ForeignKey("maker.id"))
    maker: Mapped[Maker] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=product_tag, order_by=Tag.id)
    secret: Mapped[str] = mapped_column(default="kept")


class ProductForm(Form[Product]):
    code: Annotated[str, pattern("[A-Z]{2}-[0-9]+", "Two capitals, a dash, digits: AB-12.")]
    name: str
    text: str = ""
    price: Annotated[Decimal, least(0)]
    stock: Annotated[int, least(0)] = 0
    colour: Colour
    sold_from: date | None = None
    announced: datetime | None = None
    listed: bool = False
    maker: Annotated[Maker, rows("name")]
    tags: Annotated[list[Tag], rows("name")]

    def mistakes(self) -> Mistakes:
        if self.listed and not self.stock:
            yield "stock", "What is listed must be in stock."


# What a browser sends for a product that is right.
GOOD = {
    "code": "AB-12",
    "name": "Tea",
    "text": "Leaves,\r\ndried.",
    "price": "12.50",
    "stock": "3",
    "colour": "RED",
    "sold_from": "2026-03-31",
    "announced": "2026-03-30T12:15",
    "listed": "on",
    "maker": "1",
    "tags": ["1", "2"],
}


def empty(database) -> None:
    """Take every row away, and have keys begin with 1 again."""
    there = inspect(database.engine).get_table_names()
    tables = [table for table in reversed(Stock.metadata.sorted_tables) if table.name in there]
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "postgresql" and tables:
            names = ", ".join(f'"{table.name}"' for table in tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        for table in tables if database.engine.dialect.name == "sqlite" else ():
            connection.execute(table.delete())


def fill(database) -> None:
    """Make the tables, three makers and two tags."""
    Stock.metadata.create_all(database.engine)
    with database.session() as db:
        db.add_all([Maker(name="Ada & Co"), Maker(name="Bob"), Maker(name="Eve", is_hidden=True)])
        db.add_all([Tag(name="green"), Tag(name="warm")])


def a_product(**more) -> Product:
    """A product, with what it needs."""
    values = {
        "code": "ZZ-1",
        "name": "Coffee",
        "text": "",
        "price": Decimal("3.00"),
        "stock": 1,
        "colour": Colour.DARK_BLUE,
        "listed": True,
        "maker_id": 2,
        "announced": datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    }
    return Product(**(values | more))
