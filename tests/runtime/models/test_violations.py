"""violated(): which constraint said no, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    UniqueConstraint,
    create_engine,
    delete,
    insert,
    text,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from mtvgen.runtime import Application, path
from mtvgen.runtime.models import Database, Model, Violation, database_session, violated
from tests.support.wsgi_calls import call


class Bank(Model):
    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class Person(Bank):
    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("street", "number"),
        Index("uq_person_lower_email", text("lower(email)"), unique=True),
        Index("uq_person_code", "code", unique=True),
        CheckConstraint("number > 0", name="positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    street: Mapped[str | None]
    number: Mapped[int | None]
    email: Mapped[str | None]
    code: Mapped[str | None]
    age: Mapped[int | None] = mapped_column(CheckConstraint("age < 200", name="human"))
    a_column_with_a_very_long_name_that_postgresql_cuts_off: Mapped[int | None] = mapped_column(
        unique=True
    )


class Account(Bank):
    __tablename__ = "my account.s, all"
    __table_args__ = (
        ForeignKeyConstraint(
            ["bank", "branch"], ["branch.bank", "branch.number"], name="fk_branch"
        ),
    )

    bank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column("no. 1, 2", primary_key=True, autoincrement=False)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    second_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    branch: Mapped[int | None]
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])


class Branch(Bank):
    __tablename__ = "branch"

    bank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    parent_bank: Mapped[int | None]
    parent_number: Mapped[int | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["parent_bank", "parent_number"], ["branch.bank", "branch.number"], name="fk_parent"
        ),
    )


ADA = {
    "id": 1,
    "name": "Ada",
    "street": "Main",
    "number": 1,
    "email": "Ada@x.test",
    "code": "A",
    "a_column_with_a_very_long_name_that_postgresql_cuts_off": 1,
}


@pytest.fixture
def bank(url):
    database = Database(url)
    Bank.metadata.create_all(database.engine)
    with database.session() as db:
        db.add_all([Person(**ADA), Branch(bank=1, number=1)])
        db.flush()
        db.add_all([Account(bank=1, number=1, owner_id=1, branch=1)])
    yield database
    database.close()


def refused(database, statement, parameters=None):
    with pytest.raises(IntegrityError) as raised, database.session() as db:
        db.execute(statement, parameters)
    return violated(raised.value)


LONG = "a_column_with_a_very_long_name_that_postgresql_cuts_off"
REFUSALS = {
    "primary key": (Person(id=1, name="Bob"), "primary key", "pk_person", "person", ("id",)),
    "unique column": (Person(id=2, name="Ada"), "unique", "uq_person_name", "person", ("name",)),
    "unique together": (
        Person(id=2, name="Bob", street="Main", number=1),
        "unique",
        "uq_person_street_number",
        "person",
        ("street", "number"),
    ),
    "unique index": (
        Person(id=2, name="Bob", code="A"), "unique", "uq_person_code", "person", ("code",)
    ),
    "unique expression": (
        Person(id=2, name="Bob", email="ADA@X.test"), "unique", "uq_person_lower_email",
        "person", (),
    ),
    "not null": (Person(id=2), "not null", None, "person", ("name",)),
    "check of the table": (
        Person(id=2, name="Bob", number=0), "check", "ck_person_positive", "person", ()
    ),
    "check of a column": (
        Person(id=2, name="Bob", age=200), "check", "ck_person_human", "person", ("age",)
    ),
    "odd names": (
        Account(bank=1, number=1),
        "primary key",
        "pk_my account.s, all",
        "my account.s, all",
        ("bank", "no. 1, 2"),
    ),
    "foreign key": (
        Account(bank=2, number=1, owner_id=7),
        "foreign key",
        "fk_my account.s, all_owner_id_person",
        "my account.s, all",
        ("owner_id",),
    ),
    "the other foreign key": (
        Account(bank=2, number=1, owner_id=1, second_id=7),
        "foreign key",
        "fk_my account.s, all_second_id_person",
        "my account.s, all",
        ("second_id",),
    ),
    "foreign key of two": (
        Account(bank=1, number=2, branch=7),
        "foreign key",
        "fk_branch",
        "my account.s, all",
        ("bank", "branch"),
    ),
    "foreign key to itself": (
        Branch(bank=2, number=1, parent_bank=2, parent_number=2),
        "foreign key",
        "fk_parent",
        "branch",
        ("parent_bank", "parent_number"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_row_that_can_not_be_added(bank, name):
    row, kind, constraint, table, columns = REFUSALS[name]
    values = {key: value for key, value in vars(row).items() if not key.startswith("_")}
    with pytest.raises(IntegrityError) as raised, bank.session() as db:
        db.add(type(row)(**values))
    assert violated(raised.value) == Violation(kind, constraint, table, columns)


def test_a_name_that_postgresql_cuts_off_has_its_columns_all_the_same(bank):
    violation = refused(bank, insert(Person).values(id=2, name="Bob", **{LONG: 1}))
    assert (violation.kind, violation.table, violation.columns) == ("unique", "person", (LONG,))
    assert violation.constraint.startswith("uq_person_a_column_with_a_very_long_name")


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (insert(Person), [{"id": 2, "name": "Bob"}, {"id": 3, "name": "Ada"}]),
        (insert(Person).values(id=2, name="Ada"), None),
        (text("INSERT INTO person (id, name) VALUES (2, 'Ada')"), None),
        (text("INSERT INTO person (id, name) VALUES (:id, :name)"), [{"id": 2, "name": "Ada"}]),
    ],
    ids=["rows", "values", "text", "text with values"],
)
def test_a_statement_of_any_kind(bank, statement, parameters):
    violation = refused(bank, statement, parameters)
    assert violation == Violation("unique", "uq_person_name", "person", ("name",))


OWNER = Violation(
    "foreign key", "fk_my account.s, all_owner_id_person", "my account.s, all", ("owner_id",)
)


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (insert(Account), [{"bank": 5, "number": n, "owner_id": n} for n in (1, 7)]),
        (update(Account).values(owner_id=7), None),
        (update(Account).where(Account.bank == 1).values(owner_id=7), None),
        (delete(Person), None),
        (delete(Person).where(Person.name == "Ada"), None),
        (update(Person).where(Person.name == "Ada").values(id=9), None),
    ],
    ids=str,
)
def test_a_foreign_key_from_either_end(bank, statement, parameters):
    assert refused(bank, statement, parameters) == OWNER


def test_an_object_that_is_referred_to(bank):
    with pytest.raises(IntegrityError) as raised, bank.session() as db:
        db.delete(db.get_one(Person, 1))
    assert violated(raised.value) == OWNER


def test_a_commit_in_a_request_is_told_to_its_error_handler(bank):
    told = []

    def answer(request, error):
        told.append(violated(error).columns)
        return "taken"

    site = Application(
        [path("/", lambda request: request.db.add(Person(id=2, name="Ada")) or "added",
              methods=["POST"])],
        middleware=[database_session(bank)],
        error_handlers={IntegrityError: answer},
    )  # fmt: skip
    assert call(site, "POST", "/").text == "taken"
    assert told == [("name",)]


def test_what_sqlite_does_not_tell_stays_unknown(sqlite_url):
    database = Database(sqlite_url)
    Bank.metadata.create_all(database.engine)
    with database.session() as db:
        db.add(Person(**ADA))
        db.execute(
            text("CREATE TRIGGER no BEFORE DELETE ON person BEGIN SELECT RAISE(ABORT, 'no'); END")
        )
        db.execute(
            text("CREATE TABLE loose (id INTEGER PRIMARY KEY, x TEXT UNIQUE, y CHECK (y > 0))")
        )
        db.execute(text("INSERT INTO loose (x) VALUES ('x')"))
    assert refused(database, text("DELETE FROM person")) == Violation("other")
    assert refused(
        database, text('INSERT INTO "my account.s, all" VALUES (1, 1, 7, NULL, NULL)')
    ) == Violation("foreign key")
    taken = text("INSERT INTO loose (x) VALUES ('x')")
    assert refused(database, taken) == Violation("unique", None, "loose", ("x",))
    assert refused(database, text("INSERT INTO loose (y) VALUES (0)")) == Violation("check")


def test_an_engine_of_the_projects_own_is_understood_too(sqlite_url):
    engine = create_engine(sqlite_url)
    Bank.metadata.create_all(engine)
    with Session(engine) as db:
        db.add_all([Person(**ADA), Person(id=2, name="Ada")])
        with pytest.raises(IntegrityError) as raised:
            db.flush()
    engine.dispose()
    assert violated(raised.value).constraint == "uq_person_name"


def test_another_error_is_none():
    with pytest.raises(TypeError, match=r"violated\(\) takes an IntegrityError, not DataError"):
        violated(DataError("", None, Exception()))
