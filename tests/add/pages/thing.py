"""A model for each type of column and each relation; the tests put it into a project."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Interval,
    Numeric,
    String,
    Table,
    Text,
    func,
)
from sqlalchemy import Enum as Words
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

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
    exact: Mapped[Decimal | None]
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


article_tag = Table(
    "article_tag",
    Model.metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True, index=True),
)


class Tag(Model):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    articles: Mapped[list["Article"]] = relationship(
        secondary=article_tag, back_populates="tags", lazy="raise"
    )


class Article(Model):
    __tablename__ = "article"

    class Size(Enum):
        SMALL = 1
        LARGE = 2

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column()
    size: Mapped[Size] = mapped_column(default=Size.SMALL)
    state: Mapped[str] = mapped_column(Words("draft", "shown", name="state"))
    length: Mapped[timedelta | None] = mapped_column(Interval)
    letters: Mapped[int] = column_property(func.length(title))
    tags: Mapped[list[Tag]] = relationship(
        secondary=article_tag, back_populates="articles", order_by=Tag.name, lazy="raise"
    )

    @hybrid_property
    def shout(self) -> str:
        return f"{self.title}!"


class Enrolment(Model):
    """An association object with a key of its own."""

    __tablename__ = "enrolment"
    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[date]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    member: Mapped[Member] = relationship(lazy="raise")
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    article: Mapped[Article] = relationship(lazy="raise")


class Vehicle(Model):
    __tablename__ = "vehicle"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str]
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "vehicle"}  # noqa: RUF012


class Lorry(Vehicle):
    """Joined inheritance."""

    __tablename__ = "lorry"
    id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True)
    load: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "lorry"}  # noqa: RUF012


class Van(Vehicle):
    """Single-table inheritance."""

    seats: Mapped[int | None]
    __mapper_args__ = {"polymorphic_identity": "van"}  # noqa: RUF012


class Client(Model):
    """Called like a class that the tests of each project import."""

    __tablename__ = "client"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Listing(Model):
    """Called like a class that the views of each list import."""

    __tablename__ = "listing"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    client: Mapped[Client] = relationship(lazy="raise")
