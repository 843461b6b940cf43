"""get_or_404(): by key or by statement; nothing is a 404."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.orm import joinedload

from mtvgen.runtime import NotFound, get_or_404
from tests.support.library import Author, Book


@pytest.fixture
def db(database):
    with database.session() as db:
        db.add_all([Author(name="Ada"), Author(name="Grace")])
        db.flush()
        db.add(Book(title="Notes", author_id=1))
        db.flush()
        yield db


@pytest.mark.parametrize(
    "wanted",
    [
        (Author, 1),
        (select(Author).where(Author.name == "Ada"),),
        (select(Author).where(Author.id == 1).limit(1),),
    ],
    ids=["key", "statement", "limit"],
)
def test_it_finds_one(db, wanted):
    assert get_or_404(db, *wanted).name == "Ada"


def test_it_takes_eager_loading(db):
    statement = select(Book).options(joinedload(Book.author)).where(Book.title == "Notes")
    assert get_or_404(db, statement).author.name == "Ada"


@pytest.mark.parametrize(
    "wanted",
    [
        (Author, 3),
        (Author, 2**63 - 1),
        (Author, 2**70),
        (select(Author).where(Author.name == "Linus"),),
    ],
    ids=["no such key", "largest key", "no key at all", "statement"],
)
def test_nothing_is_a_404(db, wanted):
    with pytest.raises(NotFound):
        get_or_404(db, *wanted)


def test_a_key_of_several_columns_is_a_tuple(db):
    with pytest.raises(TypeError, match=r"is a tuple: get_or_404\(db, Author, \(1, 2\)\)"):
        get_or_404(db, Author, 1, 2)


def test_more_than_one_is_a_mistake_in_the_view(db):
    with pytest.raises(MultipleResultsFound):
        get_or_404(db, select(Author))
