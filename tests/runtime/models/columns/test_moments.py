"""Moments in time: the same instant on SQLite and PostgreSQL, aware, and UTC inside."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, DateTime, MetaData, Table, func, insert, select, text, update
from sqlalchemy.orm import Mapped, aliased, mapped_column

from mtvgen.runtime.models import ColumnValueError, Database, Model, UTCDateTime
from tests.support.library import statements_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 1, 2, 12, tzinfo=SHANGHAI)
NOON_UTC = datetime(2026, 1, 2, 4, tzinfo=UTC)


class Diary(Model):
    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class Stamped:
    made: Mapped[datetime] = mapped_column(server_default=func.now())


class Entry(Stamped, Diary):
    __tablename__ = "entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    due: Mapped[datetime | None] = mapped_column("due_at")
    changed: Mapped[datetime | None] = mapped_column(onupdate=func.current_timestamp())
    day: Mapped[date | None]
    wall: Mapped[datetime | None] = mapped_column(DateTime())


class Told(Stamped, Diary):
    __tablename__ = "told"

    id: Mapped[int] = mapped_column(primary_key=True)
    due: Mapped[datetime] = mapped_column(default=datetime.now)


@pytest.fixture
def diary(url):
    database = Database(url)
    Diary.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def elsewhere(diary):
    """The same, where the PostgreSQL server keeps another zone than UTC."""
    if diary.url.get_backend_name() == "postgresql":
        with diary.session() as db:
            db.execute(text("ALTER ROLE mtvgen SET timezone TO 'Asia/Shanghai'"))
        diary.close()
    yield diary
    if diary.url.get_backend_name() == "postgresql":
        with diary.session() as db:
            db.execute(text("ALTER ROLE mtvgen RESET timezone"))


def add(database, **values):
    with database.session() as db:
        db.add(Entry(**values))


def found(database, *where):
    with database.session(read_only=True) as db:
        return len(db.scalars(select(Entry).where(*where)).all())


# --- What goes in comes out


@pytest.mark.parametrize(
    "moment",
    [
        NOON,
        NOON_UTC,
        datetime(2026, 1, 2, 4, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 1, 2, 4, 0, 0, 999999, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(1969, 7, 20, 20, 17, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
    ids=str,
)
def test_a_moment_of_any_zone_is_the_same_moment_afterwards_in_utc(diary, moment):
    add(diary, due=moment)
    with diary.session(read_only=True) as db:
        due = db.scalars(select(Entry.due)).one()
    # A time that a clock showed twice equals nothing of another zone (PEP 495).
    assert due == moment.astimezone(UTC)
    assert due.tzinfo is UTC


def test_none_stays_none(diary):
    add(diary, due=None)
    with diary.session(read_only=True) as db:
        assert db.scalars(select(Entry)).one().due is None


def test_a_column_without_a_model_and_a_row_of_core_are_moments_too(diary):
    table = Table("loose", MetaData(), Column("at", UTCDateTime()))
    table.create(diary.engine)
    with diary.session() as db:
        db.execute(insert(table).values(at=NOON))
        assert db.scalars(select(table.c.at)).one() == NOON


# --- Where


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (Entry.due == NOON, 1),
        (Entry.due == NOON_UTC, 1),
        (Entry.due == datetime(2026, 1, 2, 12, tzinfo=UTC), 0),
        (Entry.due != NOON, 0),
        (Entry.due <= NOON, 1),
        (Entry.due < NOON, 0),
        (Entry.due < NOON + timedelta(microseconds=1), 1),
        (Entry.due > NOON - timedelta(microseconds=1), 1),
        (Entry.due >= NOON_UTC, 1),
        (Entry.due.between(NOON, NOON_UTC), 1),
        (Entry.due.in_([NOON]), 1),
        (Entry.due < func.now(), 1),
        (func.now() < Entry.due, 0),
        (Entry.due < func.now() - timedelta(days=1), 1),
        (Entry.due + timedelta(hours=1) > NOON, 1),
        (Entry.due + timedelta(hours=1) == NOON + timedelta(hours=1), 1),
        (Entry.due - timedelta(days=1, milliseconds=1) < NOON - timedelta(days=1), 1),
        (timedelta(hours=1) + Entry.due == NOON + timedelta(hours=1), 1),
        (func.now() - Entry.due > timedelta(days=2), 1),
        (Entry.due - Entry.due == timedelta(0), 1),
        (Entry.due == aliased(Entry).due, 1),
    ],
    ids=str,
)
def test_where_compares_moments(diary, where, rows):
    add(diary, due=NOON)
    assert found(diary, where) == rows


def test_whole_seconds_and_fractions_sort_as_the_moments_do(diary):
    moments = [NOON + timedelta(microseconds=us) for us in (0, 1, 500_000, 999_999, 1_000_000)]
    with diary.session() as db:
        db.add_all(Entry(due=moment) for moment in reversed(moments))
    with diary.session(read_only=True) as db:
        assert db.scalars(select(Entry.due).order_by(Entry.due)).all() == moments


def test_the_difference_of_two_moments_is_a_timedelta(diary):
    add(diary, due=NOON, made=NOON + timedelta(days=3, seconds=1, milliseconds=5))
    with diary.session(read_only=True) as db:
        lasted = db.scalar(select(Entry.made - Entry.due))
        assert lasted == timedelta(days=3, seconds=1, milliseconds=5)
        assert db.scalar(select(Entry.due - Entry.made)) == -lasted
        assert db.scalar(select(Entry.due + timedelta(weeks=1))) == NOON + timedelta(weeks=1)


# --- What the database calls now


def test_now_is_the_moment_it_was_whatever_the_zone_of_the_server(elsewhere):
    before = datetime.now(UTC)
    add(elsewhere)
    with elsewhere.session() as db:
        db.scalars(select(Entry)).one().day = date(2026, 1, 2)
    after = datetime.now(UTC)
    with elsewhere.session(read_only=True) as db:
        entry = db.scalars(select(Entry)).one()
    slack = timedelta(milliseconds=1)  # what SQLite's clock leaves out
    assert before - slack <= entry.made <= after
    assert before - slack <= entry.changed <= after
    assert found(elsewhere, Entry.made <= func.now(), Entry.made == entry.made) == 1


def test_a_default_that_the_database_fills_in_itself_is_in_utc_and_compares(elsewhere):
    with elsewhere.session() as db:
        db.execute(text("INSERT INTO entry (id) VALUES (1)"))
    with elsewhere.session(read_only=True) as db:
        made = db.scalars(select(Entry.made)).one()
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=5)
    assert found(elsewhere, Entry.made == made) == 1
    assert found(elsewhere, Entry.made < made) == 0


def test_rows_of_one_second_are_in_the_order_of_their_making(diary):
    for day in range(1, 6):
        add(diary, day=date(2026, 1, day))
    with diary.session(read_only=True) as db:
        made = db.scalars(select(Entry.made).order_by(Entry.id)).all()
    assert made == sorted(made)
    assert any(moment.microsecond for moment in made)


def test_an_hour_and_a_day_of_a_moment_are_those_of_utc(elsewhere):
    add(elsewhere, due=datetime(2026, 1, 2, 3, tzinfo=SHANGHAI))  # the evening before, in UTC
    with elsewhere.session(read_only=True) as db:
        assert db.scalar(select(func.extract("hour", Entry.due))) == 19
        assert str(db.scalar(select(func.date(Entry.due)))) == "2026-01-01"


def test_what_sqlite_holds_is_what_its_own_clock_writes(sqlite_url):
    database = Database(sqlite_url)
    Diary.metadata.create_all(database.engine)
    add(database, due=NOON, made=NOON + timedelta(microseconds=5))
    with database.session(read_only=True) as db:
        row = db.execute(text("SELECT due_at, made, typeof(made) FROM entry")).one()
    assert tuple(row) == ("2026-01-02 04:00:00", "2026-01-02 04:00:00.000005", "text")


def test_what_another_program_wrote_into_sqlite_is_read(sqlite_url):
    database = Database(sqlite_url)
    Diary.metadata.create_all(database.engine)
    written = ["2026-01-02 04:00:00.000000", "2026-01-02T12:00:00+08:00", "2026-01-02 04:00"]
    with database.session() as db:
        for text_ in written:
            db.execute(text("INSERT INTO entry (due_at) VALUES (:due)"), {"due": text_})
        db.execute(text("INSERT INTO entry (id, due_at) VALUES (99, 2026)"))
    with database.session(read_only=True) as db:
        due = db.scalars(select(Entry.due).where(Entry.id < 99)).all()
        assert due == [NOON] * 3
        with pytest.raises(ColumnValueError, match=r"is 2026 in the database"):
            db.get(Entry, 99)


# --- What is no moment


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (datetime(2026, 1, 2, 12), r"datetime.datetime\(2026, 1, 2, 12, 0\) has no time zone"),
        (date(2026, 1, 2), r"datetime.date\(2026, 1, 2\) is not a datetime"),
        ("2026-01-02", "'2026-01-02' is not a datetime"),
        (0, "0 is not a datetime"),
        (
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
            "outside the years 1 to 9999",
        ),
    ],
    ids=repr,
)
def test_it_is_refused_before_the_flush_by_model_and_attribute(diary, value, why):
    with diary.session() as db, statements_of(db) as statements:
        entry = Entry(due=value)
        db.add_all([Entry(), entry])
        with pytest.raises(ColumnValueError, match=rf"^Entry\.due .*{why}") as told:
            db.flush()
        assert told.value.column == "Entry.due"
        assert statements == []  # so the session goes on
        entry.due = NOON
        db.flush()
    assert found(diary, Entry.due == NOON) == 1


def test_so_is_what_a_default_makes(diary):
    with diary.session() as db:
        db.add(Told())
        with pytest.raises(ColumnValueError, match=r"^Told\.due .* has no time zone"):
            db.flush()
        db.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        insert(Entry).values(due=datetime(2026, 1, 2)),
        update(Entry).values(due=datetime(2026, 1, 2)),
        select(Entry).where(Entry.due == datetime(2026, 1, 2)),
    ],
    ids=["insert", "update", "where"],
)
def test_so_is_what_passes_by_the_session(diary, statement):
    with diary.session() as db, pytest.raises(ColumnValueError, match=r"^Entry\.due .* time zone"):
        db.execute(statement)


def test_an_attribute_of_a_mixin_is_named_by_its_own_model(diary):
    with diary.session() as db:
        db.add(Told(due=NOON, made=datetime(2026, 1, 2)))
        with pytest.raises(ColumnValueError, match=r"^Told\.made "):
            db.flush()
        db.rollback()


# --- What stays SQLAlchemy's


def test_an_explicit_datetime_is_the_wall_clock_that_it_was(diary):
    wall = datetime(2026, 1, 2, 12)
    add(diary, wall=wall)
    with diary.session(read_only=True) as db:
        assert db.scalars(select(Entry.wall)).one() == wall
    assert found(diary, Entry.wall == wall) == 1
    assert found(diary, Entry.wall + timedelta(days=1) == wall + timedelta(days=1)) == 1


def test_a_day_stays_a_day(diary):
    add(diary, day=date(2026, 1, 2))
    assert found(diary, Entry.day == date(2026, 1, 2)) == 1


def test_a_migration_can_write_it_down():
    assert repr(UTCDateTime()) == "UTCDateTime()"
    assert repr(Entry.__table__.c.made.type) == "UTCDateTime()"
