"""A list of rows: two queries however long it is, one page however deep, and a safe file."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from enum import Enum
from io import StringIO

import pytest
from sqlalchemy import Engine, ForeignKey, MetaData, Numeric, event, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from mtvgen.runtime import Application, get_or_404, path
from mtvgen.runtime.lists import Listing, Page, delete_row
from mtvgen.runtime.models import Database, Model, database_session
from mtvgen.runtime.testing import Client


class Archive(Model):
    """Model with tables of its own."""

    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class ListedGenre(Enum):
    NOVEL = "novel"
    POEMS = "poems"


class ListedAuthor(Archive):
    __tablename__ = "listed_author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class ListedBook(Archive):
    __tablename__ = "listed_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    price: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    day: Mapped[date | None]
    genre: Mapped[ListedGenre]
    is_sold: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("listed_author.id"))
    author: Mapped[ListedAuthor] = relationship(lazy="raise")


BOOKS = Listing(
    ListedBook,
    load=[joinedload(ListedBook.author)],
    search=[ListedBook.title],
    sort=[ListedBook.title, ListedBook.price, ListedBook.day, ListedBook.is_sold, ListedBook.genre],
    filters=[ListedBook.genre, ListedBook.is_sold, (ListedBook.author, ListedAuthor.name)],
    size=3,
)
PAGES: list[Page[ListedBook]] = []


def index(request):
    PAGES.append(BOOKS.page(request))
    return " ".join(f"{book.title}:{book.author.name}" for book in PAGES[-1].rows)


def export(request):
    columns = {
        "title": lambda book: book.title,
        "price": lambda book: book.price,
        "author": lambda book: book.author.name,
    }
    return BOOKS.csv(request, "books.csv", columns)


def delete(request, id):
    needs = delete_row(request.db, get_or_404(request.db, ListedAuthor, id))
    return " ".join(f"{need.name} {need.count}" for need in needs) or "deleted"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def archive(request, tmp_path_factory):
    """Ten books by two authors; prices and days are missing here and there."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('lists')}/lists.sqlite3"
    else:
        url = request.getfixturevalue("postgresql_server").empty_database()
    database = Database(url)
    Archive.metadata.create_all(database.engine)
    with database.session() as db:
        db.add_all(
            [
                ListedAuthor(id=1, name="Ada"),
                ListedAuthor(id=2, name="=1+1"),
                ListedAuthor(id=3, name="Eve"),
            ]
        )
        db.flush()
        for n in range(10):
            book = ListedBook(
                id=n + 1, title=f"t{n % 4}", genre=ListedGenre.POEMS if n % 2 else ListedGenre.NOVEL
            )
            book.price = None if n % 3 == 0 else Decimal(n - 5)
            book.day = None if n % 4 == 0 else date(2026, 1, 1 + n % 3)
            book.author_id, book.is_sold = 1 + n % 2, n > 6
            db.add(book)
        db.get_one(ListedBook, 1).title = "100%_\\ tea"
    yield database
    database.close()


@pytest.fixture
def site(archive):
    routes = [path("/", index), path("/csv", export), path("/<int:id>", delete, methods=["POST"])]
    PAGES.clear()
    return Client(Application(routes, middleware=[database_session(archive)]))


def walk(site, query, way):
    """The keys of every page from an address on."""
    while query is not None:
        assert site.get(f"/{query}").status_code == 200
        yield [book.id for book in PAGES[-1].rows]
        query = getattr(PAGES[-1], way)


@pytest.mark.parametrize(
    "sort", [f"{sign}{name}" for name in ("id", "title", "price", "day", "is_sold", "genre")
             for sign in ("", "-")]
)  # fmt: skip
def test_every_row_is_on_one_page_there_and_back(site, sort):
    there = list(walk(site, f"?sort={sort}", "next"))
    assert sorted(key for page in there for key in page) == list(range(1, 11))
    back = list(walk(site, PAGES[-1].previous, "previous"))
    flat = [key for page in there for key in page]
    assert [key for page in back[::-1] for key in page] == flat[: -len(there[-1])]


def test_empty_values_come_last_and_first_in_the_opposite_order(site):
    site.get("/?sort=price")
    assert None not in [book.price for book in PAGES[-1].rows]
    site.get("/?sort=-price")
    assert {book.price for book in PAGES[-1].rows} == {None}


def test_a_page_costs_two_queries_at_any_depth(site):
    seen = []

    def remember(*arguments):
        seen.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        pages = len(list(walk(site, "?sort=title&author=1", "next")))
    finally:
        event.remove(Engine, "before_cursor_execute", remember)
    selects = [statement for statement in seen if "SELECT" in statement]
    assert pages == 2
    assert len(selects) == 2 * pages


def test_a_list_is_searched_and_filtered(site):
    assert site.get("/?q=%25_").text == "100%_\\ tea:Ada"
    assert site.get("/?q=%25%25").text == ""
    site.get("/?genre=POEMS&is_sold=true")
    assert [book.id for book in PAGES[-1].rows] == [10, 8]
    assert PAGES[-1].count == 2
    assert PAGES[-1].choices["author"] == [("2", "=1+1"), ("1", "Ada"), ("3", "Eve")]
    assert '<option value="POEMS" selected>poems</option>' in PAGES[-1].options("genre")
    assert PAGES[-1].sort_link("title") == "?genre=POEMS&is_sold=true&sort=title"
    assert PAGES[-1].order("id") == "descending"


@pytest.mark.parametrize(
    "query",
    [
        "sort=author",
        "sort=--title",
        "sort=metadata",
        "genre=nothing",
        "is_sold=2",
        "author=x",
        "author=99999999999999999999",
        "after=x",
        "after=" + "9" * 30,
        "sort=price&after=1&at=1e999999",
        "sort=price&after=1&at=NaN",
        "sort=price&after=1&at=123456789",
        "sort=day&after=1&at=2026-02-30",
    ],
)
def test_what_the_list_does_not_know_is_a_404(site, query):
    assert site.get(f"/?{query}").status_code == 404


def test_a_file_opens_in_a_spreadsheet_and_starts_no_formula(site):
    answer = site.get("/csv?sort=id")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbftitle,price,author\r\n")
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 11
    assert rows[1] == ["100%_\\ tea", "", "Ada"]
    assert rows[2] == ["t1", "-4.00", "'=1+1"]


def test_a_file_is_read_a_few_rows_at_a_time(site, monkeypatch):
    monkeypatch.setattr("mtvgen.runtime.lists.listing.BATCH", 2)
    lines = site.get("/csv?sort=title&genre=NOVEL").data.decode().splitlines()
    assert len(lines) == 6


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "\uff1d1"])
def test_a_text_that_may_be_a_formula_is_quoted(text):
    from mtvgen.runtime.lists.spreadsheet import csv_response

    def view(request):
        return csv_response(request, "a.csv", {"a": lambda row: row}, [text, -1, Decimal("-1.5")])

    body = Client(Application([path("/", view, name="a")])).get("/").data.decode("utf-8-sig")
    assert list(csv.reader(StringIO(body, newline=""))) == [["a"], [f"'{text}"], ["-1"], ["-1.5"]]


def test_a_row_that_others_need_stays_and_says_so(site, archive):
    assert site.post("/1").text == "listed book 5"
    with archive.session(read_only=True) as db:
        assert db.scalars(select(ListedAuthor.id).where(ListedAuthor.id == 1)).one() == 1
    assert site.post("/3").text == "deleted"
    with archive.session() as db:
        db.add(ListedAuthor(id=3, name="Eve"))
