"""Repeated fields: an order with lines, which are added, changed and taken away."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.runtime.forms import Form, FormError
from tests.support.orders import Line, Order, OrderForm
from tests.support.shop import Stock

TEA = {"customer": "Ada", "lines.0.what": "Tea", "lines.0.count": "2", "lines.0.price": "3,5"}


def edit(request):
    order = request.db.scalars(select(Order)).one_or_none()
    form = OrderForm.read(request, order)
    saved = form.save(request.db)
    if saved is None:
        return form.errors
    return [(line.id, line.what, line.count, line.price) for line in saved.lines]


def names(form):
    return [[field.text for field in row.values()] for row in form["lines"].rows]


def test_lines_are_saved_changed_added_and_taken_away(sent, database):
    assert sent(edit, database, data=TEA) == [(1, "Tea", 2, Decimal("3.50"))]

    def show(request):
        form = OrderForm.of(request.db.scalars(select(Order)).one(), request)
        row = form["lines"].rows[0]
        return form["customer"].text, names(form), row.key, row["what"].name

    assert sent(show, database) == (
        "Ada",
        [["Tea", "2", "3.50", ""]],
        '<input type="hidden" name="lines.0.id" value="1">',
        "lines.0.what",
    )
    more = {"lines.0.id": "1", "lines.7.what": "Cup", "lines.7.price": "1"}
    assert sent(edit, database, data=TEA | more) == [
        (1, "Tea", 2, Decimal("3.50")),
        (2, "Cup", 1, Decimal("1.00")),
    ]
    only_cup = {"customer": "Ada", "lines.1.id": "2", "lines.1.what": "Mug", "lines.1.price": "1"}
    assert sent(edit, database, data=only_cup) == [(2, "Mug", 1, Decimal("1.00"))]
    with database.session() as db:
        assert [line.id for line in db.scalars(select(Line))] == [2]


def test_a_line_of_another_order_is_not_touched(sent, database):
    sent(edit, database, data=TEA)
    with database.session() as db:
        other = Order(customer="Bob")
        other.lines.append(Line(what="Bread", count=1, price=Decimal(1)))
        db.add(other)

    def edit_first(request):
        form = OrderForm.read(request, request.db.get_one(Order, 1))
        return [line.id for line in form.save(request.db).lines]

    theirs = {"lines.0.id": "2"}
    assert 2 not in sent(edit_first, database, data=TEA | theirs)
    with database.session() as db:
        assert (db.get_one(Line, 2).what, db.get_one(Line, 2).order_id) == ("Bread", 2)


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"lines.0.count": "0"}, {"lines.0.count": "Write 1 or more."}),
        ({"lines.0.what": ""}, {"lines.0.what": "Fill this in."}),
        ({"lines.0.gift": "on"}, {"lines.0.price": "A gift is free."}),
        ({"lines.3.price": "1"}, {"lines.1.what": "Fill this in."}),
        # A row that holds what it held when it was added is empty.
        ({"lines.3.what": " ", "lines.3.count": "1", "lines.3.price": ""}, {}),
        (
            {f"lines.{n}.what": f"{n}" for n in range(1, 4)}
            | {f"lines.{n}.price": "1" for n in range(1, 4)},
            {"lines": "3 at most."},
        ),
    ],
)
def test_a_mistake_is_told_at_its_line(sent, data, errors):
    form = sent(OrderForm.read, data=TEA | data)

    assert form.errors == errors
    assert (form.status, form.value is None) == ((422, True) if errors else (200, False))
    if len(errors) == 1 and "lines" not in errors:
        field = next(field for row in form["lines"].rows for field in row.values() if field.message)
        assert (field.name, field.has_focus) == (next(iter(errors)), True)


def test_a_mistake_of_a_whole_line_is_one_of_the_form(sent):
    form = sent(OrderForm.read, data=TEA)
    form.refuse("lines.0", "Not with the others.")
    form.refuse("lines.0.what", "Not this.")

    assert form.errors == {"lines.0": "Not with the others.", "lines.0.what": "Not this."}
    assert (form.status, form.value) == (422, None)
    assert "Not with the others." in form["lines"].rows[0].error
    for name in ("lines.1", "lines.x", "lines.0.waht", "customer.0"):
        with pytest.raises(FormError, match="has no "):
            form.refuse(name, "No.")


def test_an_order_needs_a_line(sent):
    assert sent(OrderForm.read, data={"customer": "Ada"}).errors == {"lines": "1 at least."}
    assert names(sent(OrderForm.read, method="GET")) == [["", "1", "", ""]]


def test_a_button_adds_a_line_and_another_takes_one_away_and_nothing_typed_is_lost(sent, memory):
    typed = TEA | {"lines.0.price": "dear", "lines.4.what": "Cup", "customer": ""}

    def read(request):
        form = OrderForm.read(request)
        return form.save(request.db), form.errors, form.status, names(form), form["customer"].text

    rows = [["Tea", "2", "dear", ""], ["Cup", "", "", ""]]
    added = sent(read, memory, data=typed | {"lines.add": "1"})
    assert added == (None, {}, 200, [*rows, ["", "1", "", ""]], "")
    removed = sent(read, memory, data=typed | {"lines.0.remove": "1"})
    assert removed == (None, {}, 200, rows[1:], "")


def test_the_buttons_have_names_and_no_browser_asks_for_the_rest(sent):
    form = sent(OrderForm.read, data=TEA)

    assert form["lines"].add == 'name="lines.add" value="1" formnovalidate'
    assert form["lines"].rows[0].remove == 'name="lines.0.remove" value="1" formnovalidate'
    assert form["lines"].rows[0].key == ""


def test_two_lines_alike_are_a_sentence_and_nothing_is_half_saved(sent, database):
    twice = {"lines.1.what": "Tea", "lines.1.price": "1"}

    assert sent(edit, database, data=TEA | twice) == {"lines.1.what": "This is taken already."}
    with database.session() as db:
        assert db.scalars(select(Order)).all() == []


@pytest.mark.parametrize(
    "name",
    [
        "lines.x.what",
        "lines.-1.what",
        "lines.01.what",
        "lines..what",
        "lines.9999999.what",
        "lines.0",
        "lines",
        "lines.\u0663.what",
    ],
)
def test_a_strange_number_of_a_row_is_no_row(sent, name):
    form = sent(OrderForm.read, data=TEA | {name: "x"})

    assert len(form["lines"].rows) == 1
    assert form.errors == {}


def test_a_mistake_in_the_classes_is_told():
    class Loose(Stock):
        __tablename__ = "loose"

        id: Mapped[int] = mapped_column(primary_key=True)
        orders: Mapped[list[LooseOrder]] = relationship()

    class LooseOrder(Stock):
        __tablename__ = "loose_order"

        id: Mapped[int] = mapped_column(primary_key=True)
        loose_id: Mapped[int | None] = mapped_column(ForeignKey("loose.id"))

    class Part(Form[LooseOrder]):
        loose_id: int | None

    class LooseForm(Form[Loose]):
        orders: list[Part]

    LooseForm.__annotations__["orders"] = list[Part]
    with pytest.raises(FormError, match=r'Loose\.orders: relationship\(cascade="all, delete-orp'):
        LooseForm.of(Loose())
