"""Saving: a row is new or changed, or a sentence says why not; on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

import pytest
from sqlalchemy import (
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.runtime.forms import Form, FormError, column, rows
from tests.support.shop import GOOD, Maker, Product, ProductForm, Stock, Tag, a_product


def save(form_class, database=None, row=None, **more):
    """A view that saves, and reports the row's key or the mistakes."""

    def view(request):
        changed = request.db.get(Product, row) if row else None
        form = form_class.read(request, changed)
        saved = form.save(request.db, **more)
        return saved.id if saved is not None else form.errors

    return view


def test_a_new_row_has_what_the_class_names_and_nothing_else(sent, database):
    data = GOOD | {"secret": "stolen", "id": "77", "maker_id": "2"}

    assert sent(save(ProductForm), database, data=data) == 1

    with database.session() as db:
        product = db.get_one(Product, 1)
        assert (product.price, product.maker.id, product.secret) == (Decimal("12.50"), 1, "kept")
        assert [tag.name for tag in product.tags] == ["green", "warm"]


def test_a_row_is_shown_and_changed(sent, database):
    with database.session() as db:
        db.add(a_product(tags=[db.get_one(Tag, 2)]))

    def show(request):
        form = ProductForm.read(request, request.db.get_one(Product, 1))
        return {name: field.texts for name, field in form.items()}

    shown = sent(show, database, method="GET")
    assert shown == {
        "code": ["ZZ-1"],
        "name": ["Coffee"],
        "text": [""],
        "price": ["3.00"],
        "stock": ["1"],
        "colour": ["DARK_BLUE"],
        "sold_from": [],
        "announced": ["2026-01-02T03:04:05.678"],
        "listed": ["on"],
        "maker": ["2"],
        "tags": ["2"],
    }
    assert sent(save(ProductForm, row=1), database, data=shown | {"name": "Cocoa"}) == 1

    with database.session() as db:
        product = db.get_one(Product, 1)
        assert (product.name, product.code, product.tags[0].id) == ("Cocoa", "ZZ-1", 2)
        assert product.announced == a_product().announced


def test_a_key_that_was_not_sent_leaves_its_row_as_it_is(sent, database):
    with database.session() as db:
        db.add(a_product())

    assert sent(save(ProductForm, row=1), database, data={"name": "Cocoa", "listed": "on"}) == 1

    with database.session() as db:
        product = db.get_one(Product, 1)
        assert (product.name, product.price, product.maker_id) == ("Cocoa", Decimal("3.00"), 2)


def test_a_clash_is_told_at_its_field_and_nothing_is_half_saved(sent, database):
    with database.session() as db:
        db.add(a_product(code="AB-12"))

    def view(request):
        request.db.get_one(Maker, 2).name = "Renamed"
        form = ProductForm.read(request)
        saved = form.save(request.db)
        products = request.db.scalars(select(Product)).all()
        return saved, form.errors, form["code"].text, len(products), form["maker"].texts

    saved, errors, code, count, maker = sent(view, database, data=GOOD)

    assert (saved, errors) == (None, {"code": "This is taken already."})
    assert (code, count, maker) == ("AB-12", 1, ["1"])
    with database.session() as db:  # what the view did elsewhere was not taken back
        assert db.get_one(Maker, 2).name == "Renamed"


def test_all_clashes_are_told_at_once(sent, database):
    with database.session() as db:
        db.add(a_product(code="AB-12"))
        db.add(a_product(name="Tea", maker_id=1))

    assert sent(save(ProductForm), database, data=GOOD) == {
        "code": "This is taken already.",
        "name": "There is one like this already.",
    }


def test_a_row_does_not_clash_with_itself(sent, database):
    with database.session() as db:
        db.add(a_product(code="AB-12"))
        db.add(a_product(code="AB-13", name="Other"))
    data = GOOD | {"code": "AB-13", "name": "Coffee"}

    assert sent(save(ProductForm, row=2), database, data=data) == 2
    assert sent(save(ProductForm, row=2), database, data=data | {"code": "AB-12"}) == {
        "code": "This is taken already."
    }


def test_rows_are_offered_and_no_other_is_taken(sent, database):
    class Chosen(Form[Product]):
        maker: Annotated[
            Maker, rows("name", lambda request: select(Maker).where(~Maker.is_hidden).limit(2))
        ]

    def view(request):
        form = Chosen.read(request)
        return [option.label for option in form["maker"].options], form.errors

    everything = (["Ada & Co", "Bob"], {})
    assert sent(view, database, data={"maker": "2"}) == everything
    for text_ in ("3", "4", "01", " 1x", "1.0", "9" * 30, "-1", "Ada & Co"):
        labels, errors = sent(view, database, data={"maker": text_})
        assert (labels, errors) == (
            everything[0],
            {"maker": "Choose one of those that are offered."},
        )


def test_what_a_row_has_already_is_not_lost_because_it_is_not_offered(sent, database):
    with database.session() as db:
        db.add(a_product(maker_id=3))

    class Chosen(Form[Product]):
        maker: Annotated[Maker, rows("name", lambda request: select(Maker).where(~Maker.is_hidden))]

    def view(request):
        form = Chosen.read(request, request.db.get(Product, 1))
        saved = form.save(request.db)
        labels = [option.label for option in form["maker"].options if option.is_chosen]
        return labels, saved and saved.maker_id, form.errors

    assert sent(view, database, method="GET") == (["Eve"], None, {})
    assert sent(view, database, data={"maker": "3"}) == (["Eve"], 3, {})
    assert sent(view, database, data={"maker": "1"}) == (["Ada & Co"], 1, {})
    refused = {"maker": "Choose one of those that are offered."}
    assert sent(view, database, data={"maker": "3"}) == ([], None, refused)


def test_a_row_that_goes_away_meanwhile_is_told(sent, database):
    with database.session() as db:
        db.add(a_product(maker_id=1))

    def deleted(request):
        form = ProductForm.read(request, request.db.get_one(Product, 1))
        request.db.execute(delete(Product), execution_options={"synchronize_session": False})
        return form.save(request.db), form.errors

    assert sent(deleted, database, data=GOOD) == (
        None,
        {"": "Somebody else has deleted this in the meantime."},
    )

    def without_maker(request):
        form = ProductForm.read(request)
        chosen = delete(Maker).where(Maker.id == 3)
        request.db.execute(chosen, execution_options={"synchronize_session": False})
        return form.save(request.db), form.errors

    assert sent(without_maker, database, data=GOOD | {"maker": "3"}) == (
        None,
        {"maker": "This is not there anymore. Choose another."},
    )


class Limited(Stock):
    __tablename__ = "limited"
    __table_args__ = (Index("uq_limited_lower", text("lower(name)"), unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(5), unique=True)
    small: Mapped[int] = mapped_column(SmallInteger)
    big: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    size: Mapped[int] = mapped_column(default=7)
    note: Mapped[str]
    owner: Mapped[str | None]
    read: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own way


class LimitedForm(Form[Limited]):
    name: str
    small: int
    big: int
    price: Decimal
    size: int | None
    note: str | None
    read_: Annotated[bool, column("read")]
    again: Annotated[str, column(None)] = ""
    version: int


FITS = {
    "name": "🍵🍵🍵🍵🍵",
    "small": "-32768",
    "big": "2147483647",
    "price": "999.99",
    "note": "x",
}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "x" * 6, "Write 5 characters at most; there are 6."),
        ("small", "32768", "Write 32767 or less."),
        ("big", "-2147483649", "Write -2147483648 or more."),
        ("price", "1.239", "Write 2 digits after the point at most."),
        ("price", "1000", "Write 999.99 or less."),
        ("price", "-1e5", "Write -999.99 or more."),
        ("note", "", "Fill this in."),
    ],
)
def test_limits_come_from_the_columns(sent, field, typed, sentence):
    assert sent(LimitedForm.read, data=FITS).errors == {}
    assert sent(LimitedForm.read, data=FITS | {"price": "1.500"}).errors == {}

    assert sent(LimitedForm.read, data=FITS | {field: typed}).errors == {field: sentence}


def test_what_fits_is_saved_on_both_databases(sent, database):
    def view(request):
        form = LimitedForm.read(request)
        row = form.save(request.db, owner="Ada")
        return (row.size, row.owner, row.read, row.version, row.price) if row else form.errors

    data = FITS | {"read_": "on"}
    assert sent(view, database, data=data) == (7, "Ada", True, 1, Decimal("999.99"))
    assert sent(view, database, data=data) == {"name": "This is taken already."}
    assert sent(view, database, data=FITS | {"name": "abc"})[3] == 1
    # An index on lower(name), which says no more than its own name.
    assert sent(view, database, data=FITS | {"name": "ABC"}) == {"name": "This is taken already."}


def test_a_lost_update_is_told_once_and_a_double_click_is_none(sent, database):
    def view(request):
        form = LimitedForm.read(request, request.db.get(Limited, 1))
        saved = form.save(request.db)
        return form.errors, form["version"].text, saved and saved.version

    assert sent(view, database, data=FITS | {"name": "a"})[2] == 1
    mine, theirs = FITS | {"name": "b", "version": "1"}, FITS | {"name": "c", "version": "1"}
    assert sent(view, database, data=mine)[2] == 2
    assert sent(view, database, data=mine)[2] == 2

    errors, version, saved = sent(view, database, data=theirs)
    assert errors[""].startswith("Somebody else has changed this in the meantime.")
    assert (version, saved) == ("2", None)
    assert sent(view, database, data=theirs | {"version": version})[2] == 3
    assert sent(view, database, data={**theirs, "version": ""})[0] == {}  # nothing to lose


def test_a_change_between_reading_and_saving_is_told(sent, database):
    def view(request):
        form = LimitedForm.read(request, request.db.get(Limited, 1))
        if form.row:
            changed = update(Limited).values(version=9)
            request.db.execute(changed, execution_options={"synchronize_session": False})
        form.save(request.db)
        return form.errors

    sent(view, database, data=FITS)
    assert "changed this" in sent(view, database, data=FITS | {"name": "b", "version": "1"})[""]


def test_what_no_field_is_about_is_raised_on(sent, database):
    with database.session() as db:
        db.add(a_product(code="AB-1"))

    class NameForm(Form[Product]):
        name: str

    def view(request):
        form = NameForm.read(request)
        values = {key: getattr(a_product(), key) for key in ("text", "price", "stock", "colour")}
        with pytest.raises(IntegrityError):
            form.save(request.db, code="AB-1", listed=True, maker_id=2, **values)
        request.db.rollback()
        return form.errors

    assert sent(view, database, data={"name": "Tea"}) == {}


def test_what_was_waiting_is_not_blamed_on_the_form(sent, database):
    def view(request):
        request.db.add(a_product())
        request.db.add(a_product())
        form = ProductForm.read(request)
        with pytest.raises(IntegrityError):
            form.save(request.db)
        request.db.rollback()
        return form.errors

    assert sent(view, database, data=GOOD) == {}


class Shy(Stock):
    __tablename__ = "shy"

    id: Mapped[int] = mapped_column(primary_key=True)
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("maker.id"))
    maker: Mapped[Maker | None] = relationship(lazy="raise")


class ShyForm(Form[Shy]):
    maker: Annotated[Maker | None, rows("name")]


def test_what_the_query_did_not_fetch_is_told_with_the_line_to_write(sent, database):
    with database.session() as db:
        db.add(Shy(maker_id=1))

    message = r"ShyForm shows Shy.maker, .* -> select\(Shy\)\.options\(selectinload\(Shy\.maker\)\)"

    def view(request):
        with pytest.raises(FormError, match=message):
            ShyForm.of(request.db.get_one(Shy, 1), request)

    sent(view, database)


def test_a_field_that_the_model_has_not_is_told():
    class Odd(Form[Limited]):
        nmae: str

    class Searched(Form):
        word: str = ""

    with pytest.raises(FormError, match=r"Odd.nmae: Limited has no 'nmae'\. Did you mean 'name'"):
        Odd.of(Limited())
    form = Searched.of(None)
    form.value = Searched(word="x")
    with pytest.raises(FormError, match="Searched has no model to save in"):
        form.save(None)


def test_nothing_is_asked_of_the_database_before_it_is_needed(sent, database):
    from tests.runtime.forms.conftest import statements

    def view(request):
        with statements(database) as seen:
            form = ProductForm.read(request)
            asked = len(seen)
            _ = [field.attributes for field in form.values()]
        return asked, len(seen)

    assert sent(view, database, method="GET") == (0, 0)


def test_a_shown_row_is_read_once(sent, database):
    with database.session() as db:
        db.add(a_product(announced=a_product().announced + timedelta(seconds=1)))

    def view(request):
        form = ProductForm.of(request.db.get_one(Product, 1), request)
        return form["announced"].attributes

    assert 'value="2026-01-02T03:04:06.678" step="any"' in sent(view, database)
