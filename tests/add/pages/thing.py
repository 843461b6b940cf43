"""A model for each type of column and each relation; the tests put it into a project."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Numeric,
    String,
    Text,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.runtime.models import Model


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Country(Model):
    __tablename__ = "country"
    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str]
    cities: Mapped[list["City"]] = relationship(back_populates="country", lazy="raise")


class City(Model):
    __tablename__ = "city"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    country_code: Mapped[str] = mapped_column(ForeignKey("country.code"))
    country: Mapped[Country] = relationship(back_populates="cities", lazy="raise")


class Thing(Model):
    __tablename__ = "thing"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("rank BETWEEN 1 AND 5", name="rank"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    story: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int]
    rank: Mapped[int] = mapped_column(default=3)
    big: Mapped[int | None] = mapped_column(BigInteger)
    cost: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    weight: Mapped[float]
    sold: Mapped[bool]
    sure: Mapped[bool | None]
    date: Mapped[date]
    moment: Mapped[datetime]
    maybe: Mapped[datetime | None]
    time: Mapped[time | None]
    colour: Mapped[Colour | None]
    token: Mapped[UUID] = mapped_column(default=uuid4)
    number: Mapped[UUID] = mapped_column(default=uuid4)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    photo: Mapped[bytes | None]
    twice: Mapped[int] = mapped_column(Computed("amount * 2"))
    class_: Mapped[str | None]
    next: Mapped[str | None]
    form: Mapped[str | None]
    read: Mapped[str | None]
    made: Mapped[datetime] = mapped_column(server_default=func.now())
    changed: Mapped[datetime | None] = mapped_column(onupdate=func.now())
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # as in docs/forms.md
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("thing.id"))
    parent: Mapped["Thing | None"] = relationship(remote_side=[id], lazy="raise")
    city_id: Mapped[UUID | None] = mapped_column(ForeignKey("city.id"))
    city: Mapped[City | None] = relationship(lazy="raise")


class Member(Model):
    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    key: Mapped[str]


class Page(Model):
    __tablename__ = "page"
    id: Mapped[int] = mapped_column(primary_key=True)


class LongFormOfBookReview(Model):
    __tablename__ = "long_form_of_book_review"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
