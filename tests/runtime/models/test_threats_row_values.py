"""What visitors typed, and hashed passwords, are in no error's text and in no log."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Engine, ForeignKey, bindparam, insert, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from mtvgen.runtime.models import Database, DatabaseURLError

NAME, HASH = "ann-of-green-gables", "$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA"
SHORT, NUMBER = "q7x", 987654


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    __table_args__ = (CheckConstraint("length(name) > 3"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    age: Mapped[int | None]
    parent: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


@pytest.fixture
def session(url):
    database = Database(url)
    Base.metadata.create_all(database.engine)
    with database.session() as session:
        session.add(Account(id=1, name=NAME, password=HASH))
        session.commit()
        yield session
        session.rollback()
    database.close()


FAULTS: dict[str, Callable[[Session], Any]] = {
    "unique": lambda db: db.execute(insert(Account).values(name=NAME, password=HASH)),
    "primary key": lambda db: db.execute(insert(Account).values(id=1, name=NAME, password=HASH)),
    "not null": lambda db: db.execute(update(Account).values(name=NAME, password=None)),
    "check": lambda db: db.execute(
        update(Account).values(name=bindparam("short")), {"short": SHORT}
    ),
    "foreign key": lambda db: db.execute(update(Account).values(name=NAME, parent=NUMBER)),
    "many rows": lambda db: db.execute(
        insert(Account), [{"name": NAME, "password": HASH}, {"name": NAME, "password": HASH}]
    ),
    "flush": lambda db: (db.add(Account(name=NAME, password=HASH)), db.flush()),
    "unreadable value": lambda db: db.execute(
        text("SELECT CAST(:value AS integer) + no_such_function(:other)"),
        {"value": NAME, "other": HASH},
    ),
    "a value of another type": lambda db: db.execute(
        text("SELECT CAST(CAST(:value AS text) AS integer) / nothing"), {"value": NAME}
    ),
    "NUL": lambda db: db.execute(
        text("INSERT INTO account (name, password, nothing) VALUES (:name, :password, 1)"),
        {"name": f"{NAME}\0", "password": HASH},
    ),
}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:hunter2@db:notaport/x",
        "postgresql://app:hunter2@[::1/x",
        "mysql://app:hunter2@db/x",
        "app:hunter2@db",
        "://app:hunter2@db",
        "app:hunter2 @db",
        "sqlite://app:hunter2@db/x",
        "sqlite:///x?password=hunter2",
    ],
)
def test_an_address_that_can_not_be_used_is_told_without_its_password(url):
    with pytest.raises(DatabaseURLError) as caught:
        Database(url)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_of_the_database_quotes_no_value_of_the_row(session, fault):
    with pytest.raises(SQLAlchemyError) as caught:
        FAULTS[fault](session)

    shown = "".join(traceback.format_exception(caught.value))
    for value in (NAME, HASH, SHORT, str(NUMBER)):
        assert value not in shown
    assert type(caught.value).__name__ in shown


def test_a_value_that_postgresql_can_not_read_is_not_quoted(postgresql_url):
    database = Database(postgresql_url)
    with database.session() as session, pytest.raises(SQLAlchemyError) as caught:
        session.execute(text("SELECT CAST(CAST(:value AS text) AS integer)"), {"value": NAME})
    database.close()

    assert 'invalid input syntax for type integer: "..."' in str(caught.value)
    assert NAME not in "".join(traceback.format_exception(caught.value))


def test_what_postgresql_told_is_still_there_for_code_that_needs_it(postgresql_url):
    database = Database(postgresql_url)
    Base.metadata.create_all(database.engine)
    with database.session() as session, pytest.raises(SQLAlchemyError) as caught:
        session.execute(insert(Account).values(id=1, name=NAME, password=None))
    database.close()
    cause: Any = caught.value.orig  # type: ignore[attr-defined]

    assert cause.diag.column_name == "password"
    assert NAME in cause.diag.message_detail
    assert str(cause).startswith('null value in column "password"')


def test_nor_does_the_log_of_the_statements(session, caplog):
    engine: Engine = session.get_bind()  # type: ignore[assignment]
    with caplog.at_level(logging.DEBUG, "sqlalchemy.engine"):
        engine.dispose()
        session.execute(update(Account).values(password=HASH, name=NAME))

    assert "UPDATE account" in caplog.text
    assert NAME not in caplog.text
    assert HASH not in caplog.text
