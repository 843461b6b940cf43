"""String(n) takes n characters on both databases, and who passes it more is told before."""

from __future__ import annotations

import enum

import pytest
from sqlalchemy import (
    JSON,
    Column,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Unicode,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from mtvgen.runtime.models import ColumnValueError, Database, Model
from tests.support.library import statements_of


class Shop(Model):
    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class Colour(enum.Enum):
    RED = "red"
    WHITE = "white"


class Backwards(TypeDecorator):
    """A type of the project's own: how long what it keeps is, only it knows."""

    impl = String(5)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value[:5]


class Product(Shop):
    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column("title", String(5))
    code: Mapped[str | None] = mapped_column(Unicode(5))
    made: Mapped[str | None] = mapped_column(String(5), default=lambda: "default")
    free: Mapped[str | None]
    long: Mapped[str | None] = mapped_column(Text)
    either: Mapped[str | None] = mapped_column(
        String(5).with_variant(Text(), "sqlite", "postgresql")
    )
    own: Mapped[str | None] = mapped_column(Backwards)
    colour: Mapped[Colour | None] = mapped_column(Enum(Colour, native_enum=False))
    more: Mapped[dict | None] = mapped_column(JSON)


class Book(Product):
    __tablename__ = "shop_book"

    id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    isbn: Mapped[str | None] = mapped_column(String(5))


TOO_LONG = r"^Product\.name takes 5 characters, and has 6\. -> "
FITS = {"made": "fits"}


@pytest.fixture
def shop(url):
    database = Database(url)
    Shop.metadata.create_all(database.engine)
    with database.session() as db:
        db.add(Product(name="first", made="fits"))
    yield database
    database.close()


@pytest.mark.parametrize(("attribute", "limit"), [("name", 5), ("code", 5), ("made", 5)], ids=str)
def test_a_text_that_is_too_long_is_refused_before_the_flush(shop, attribute, limit):
    with shop.session() as db, statements_of(db) as statements:
        product = Product(**{**FITS, attribute: "x" * (limit + 1)})
        db.add_all([Product(**FITS), product])
        problem = rf"^Product\.{attribute} takes {limit} characters, and has {limit + 1}\. -> "
        with pytest.raises(ColumnValueError, match=problem) as error:
            db.flush()
        assert error.value.column == f"Product.{attribute}"
        assert statements == []
        setattr(product, attribute, "x" * limit)
        db.flush()
        assert db.get_one(Product, product.id, populate_existing=True) is product
        assert getattr(product, attribute) == "x" * limit


def test_a_change_is_too(shop):
    with shop.session() as db:
        db.get_one(Product, 1).name = "second"
        with pytest.raises(ColumnValueError, match=TOO_LONG):
            db.flush()
        db.rollback()


def test_a_commit_is_a_flush(shop):
    with pytest.raises(ColumnValueError, match=TOO_LONG), shop.session() as db:
        db.add(Product(name="second", **FITS))


def test_a_session_of_the_projects_own_looks_too(shop):
    with Session(shop.engine) as db:
        db.add(Product(name="second", **FITS))
        with pytest.raises(ColumnValueError, match=TOO_LONG):
            db.flush()


def test_the_table_of_a_parent_and_that_of_a_child_are_looked_at(shop):
    with shop.session() as db:
        for values, name in (
            ({"name": "second"}, r"Product\.name"),
            ({"isbn": "123456"}, r"Book\.isbn"),
        ):
            book = Book(**values, **FITS)
            db.add(book)
            with pytest.raises(ColumnValueError, match=f"^{name} takes 5"):
                db.flush()
            db.expunge(book)


def test_characters_are_counted_as_postgresql_counts_them(shop):
    with shop.session() as db:
        db.add(Product(name="漢字かな\N{PILE OF POO}", **FITS))
        db.flush()


@pytest.mark.parametrize(
    "statement",
    [
        insert(Product).values(name="second"),
        insert(Product).values([{"name": "fits"}, {"name": "second"}]),
        insert(Product).values(name="second").returning(Product.id),
        update(Product).values(name="second"),
        update(Product).where(Product.name == "much too long").values(name="second"),
        insert(Product.__table__).values(title="second"),
        update(Product.__table__).values({"title": "second"}),
    ],
    ids=str,
)
def test_a_statement_that_passes_by_the_session_is_looked_at(shop, statement):
    with shop.session() as db:
        with pytest.raises(ColumnValueError, match=TOO_LONG):
            db.execute(statement)
        assert db.scalar(select(func.count()).select_from(Product)) == 1


@pytest.mark.parametrize("rows", [1, 2, 3000])
def test_so_is_a_list_of_rows(shop, rows):
    values = [{"name": "fits", "made": "fits"} for _ in range(rows - 1)]
    with shop.session() as db:
        with pytest.raises(ColumnValueError, match=TOO_LONG):
            db.execute(insert(Product), [*values, {"name": "second", "made": "fits"}])
        assert db.scalar(select(func.count()).select_from(Product)) == 1
        with pytest.raises(ColumnValueError, match=TOO_LONG):
            db.execute(update(Product), [{"id": 1, "name": "second"}])


def test_so_is_what_a_default_makes(shop):
    with shop.session() as db:
        db.add(Product())
        with pytest.raises(ColumnValueError, match=r"^Product\.made takes 5 characters, and has 7"):
            db.flush()
        db.rollback()


@pytest.mark.parametrize(
    "values",
    [
        {"free": "x" * 300},
        {"long": "x" * 300},
        {"either": "x" * 300},
        {"own": "x" * 300},
        {"colour": Colour.WHITE},
        {"more": {"text": "x" * 300}},
        {"name": None},
        {"name": literal("fits")},
        {"name": func.lower("FITS")},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_has_no_limit_of_its_own_is_left_alone(shop, values):
    with shop.session() as db:
        db.add(Product(**FITS, **values))
        db.flush()


def test_a_search_for_a_long_text_finds_nothing(shop):
    with shop.session() as db:
        assert db.scalars(select(Product).where(Product.name == "second")).all() == []
        db.execute(update(Product).where(Product.name == "second").values(name="third"))


def test_a_text_that_was_longer_before_the_column_was_does_not_stop_another_change(sqlite_url):
    database = Database(sqlite_url)
    Shop.metadata.create_all(database.engine)
    with database.session() as db:
        db.execute(text("INSERT INTO product (id, title) VALUES (1, 'from the days before')"))
    with database.session() as db:
        product = db.get_one(Product, 1)
        product.free = "changed"
        db.flush()
        product.name = "even longer than that"
        with pytest.raises(ColumnValueError, match=r"^Product\.name takes 5 .* has 21"):
            db.flush()
        db.rollback()


def test_a_table_of_no_model_is_its_owners(shop):
    table = Table("loose", MetaData(), Column("id", Integer, primary_key=True), Column("x", Text))
    table.create(shop.engine)
    with shop.session() as db:
        db.execute(insert(table), [{"x": "x" * 300}])
