"""An order and its lines, whose form class has repeated fields."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from sqlalchemy import ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.runtime.forms import Form, Mistakes, least, most
from tests.support.shop import Stock


class Order(Stock):
    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(40))
    lines: Mapped[list[Line]] = relationship(
        cascade="all, delete-orphan", order_by="Line.id", back_populates="order"
    )


class Line(Stock):
    __tablename__ = "line"
    __table_args__ = (UniqueConstraint("order_id", "what"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    what: Mapped[str] = mapped_column(String(20))
    count: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    gift: Mapped[bool] = mapped_column(default=False)
    order: Mapped[Order] = relationship(back_populates="lines")


class LineForm(Form[Line]):
    what: str
    count: Annotated[int, least(1)] = 1
    price: Decimal
    gift: bool

    def mistakes(self) -> Mistakes:
        if self.gift and self.price:
            yield "price", "A gift is free."


class OrderForm(Form[Order]):
    customer: str
    lines: Annotated[list[LineForm], least(1), most(3)]
