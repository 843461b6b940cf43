"""Changes of types: a value says after the change what it said before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from mtvgen.runtime.models import UTCDateTime
from tests.runtime.migrations.changing import C, Case

UTC = dt.UTC
DAY, MIDNIGHT = dt.date(2026, 1, 2), dt.datetime(2026, 1, 2)
MOMENT = dt.datetime(2026, 1, 2, 10, 20, 30, 250000)
SECOND = dt.datetime(2026, 1, 2, 10, 20, 30)
KEY = UUID("2b2a4bd3-3a3f-4a5e-8d6b-6e1a2b3c4d5e")
PORTABLE_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def change(name, before, after, rows, become, **more):
    """A column `a` of one type that becomes one of another; every value stands for `a`."""
    for databases in (more, more.get("sqlite", {})):
        for word in ("back", "forth", "become"):
            if databases.get(word) is not None:
                databases[word] = values(databases[word])
    return Case(name, [C("a", before)], [C("a", after)], values(rows), values(become), **more)


def values(rows):
    return [{"a": row} for row in rows]


TYPES = [
    # --- Dates and times
    change("date to datetime", sa.Date, sa.DateTime, [DAY, None], [MIDNIGHT, None], back_loses=0),
    change("datetime to date", sa.DateTime, sa.Date, [SECOND, MIDNIGHT, None], [DAY, DAY, None],
           loses=1, back=[MIDNIGHT, MIDNIGHT, None], back_loses=0),
    change("datetime to time", sa.DateTime, sa.Time, [MOMENT, None], [MOMENT.time(), None],
           loses=1, back=[None, None], back_loses=1, forth=[None, None]),
    change("time to datetime", sa.Time, sa.DateTime, [SECOND.time(), None], [None, None],
           loses=1, back=[None, None], back_loses=0),
    change("date to time", sa.Date, sa.Time, [DAY], [None], loses=1, back=[None]),
    change("text to date", sa.Text, sa.Date, ["2026-01-02", "2026-02-30", "soon", None, ""],
           [DAY, None, None, None, None], loses=3, back=["2026-01-02", None, None, None, None],
           back_loses=0),
    change("date to text", sa.Date, sa.Text, [DAY, None], ["2026-01-02", None], back_loses=0),
    change("text to datetime", sa.String(40), sa.DateTime,
           ["2026-01-02 10:20:30.25", "2026-01-02T10:20:30", "2026-01-02", "2026-01-02 10:20",
            "2026-01-02T12:20:30+02:00", "10:20:30"],
           [MOMENT, SECOND, MIDNIGHT, SECOND.replace(second=0), SECOND, None], loses=1,
           back=["2026-01-02 10:20:30.250000", "2026-01-02 10:20:30", "2026-01-02 00:00:00",
                 "2026-01-02 10:20:00", "2026-01-02 10:20:30", None], back_loses=0),
    change("datetime to text", sa.DateTime, sa.Text, [MOMENT, SECOND, None],
           ["2026-01-02 10:20:30.250000", "2026-01-02 10:20:30", None], back_loses=0),
    change("datetime to short text", sa.DateTime, sa.String(10), [MOMENT, None],
           ["2026-01-02", None], loses=1, back=[MIDNIGHT, None], back_loses=0),
    change("text to time", sa.Text, sa.Time, ["10:20:30", "10:20", "25:00", "at ten"],
           [SECOND.time(), dt.time(10, 20), None, None], loses=2,
           back=["10:20:30", "10:20:00", None, None], back_loses=0),
    change("time to text", sa.Time, sa.Text, [SECOND.time(), MOMENT.time()],
           ["10:20:30", "10:20:30.250000"], back_loses=0),
    change("text to interval", sa.Text, sa.Interval, ["10:20:30", "soon", None],
           [dt.timedelta(hours=10, minutes=20, seconds=30), None, None], loses=1,
           back=["10:20:30", None, None], back_loses=0),
    change("interval to text", sa.Interval, sa.Text, [dt.timedelta(days=2, hours=1)],
           ["2 days 01:00:00"], back_loses=0),
    change("datetime to a moment", sa.DateTime, sa.DateTime(timezone=True), [SECOND],
           [SECOND], back_loses=0, only="sqlite"),
    change("datetime to a moment with its zone", sa.DateTime, sa.DateTime(timezone=True), [SECOND],
           [SECOND.replace(tzinfo=UTC)], back_loses=0, only="postgresql"),
    change("a moment to text", sa.DateTime(timezone=True), sa.Text,
           [SECOND.replace(tzinfo=UTC)], ["2026-01-02 10:20:30+00:00"], back_loses=0,
           only="postgresql"),
    change("datetime to a moment in UTC", sa.DateTime, UTCDateTime, [SECOND, MOMENT, None],
           [SECOND.replace(tzinfo=UTC), MOMENT.replace(tzinfo=UTC), None], loses=0, back_loses=0,
           says=["WITH TIME ZONE", "takes the moments of thing.a for UTC"]),
    change("date to a moment in UTC", sa.Date, UTCDateTime, [DAY],
           [MIDNIGHT.replace(tzinfo=UTC)], back_loses=0),
    change("a moment in UTC to date", UTCDateTime, sa.Date,
           [MIDNIGHT.replace(tzinfo=UTC), SECOND.replace(tzinfo=UTC)], [DAY, DAY], loses=1,
           back=[MIDNIGHT.replace(tzinfo=UTC)] * 2),
    change("text to a moment in UTC", sa.Text, UTCDateTime,
           ["2026-01-02T12:20:30+02:00", "2026-01-02 10:20:30.25", "noon"],
           [SECOND.replace(tzinfo=UTC), MOMENT.replace(tzinfo=UTC), None], loses=1,
           back=["2026-01-02 10:20:30+00:00", "2026-01-02 10:20:30.250000+00:00", None],
           back_loses=0),
    change("a moment in UTC to json", UTCDateTime, sa.JSON, [SECOND.replace(tzinfo=UTC)],
           ["2026-01-02 10:20:30+00:00"], back_loses=0),
    change("date and time in NOT NULL columns", sa.Date, sa.DateTime, [DAY], [MIDNIGHT]),
    # --- Numbers
    change("int to text", sa.Integer, sa.Text, [1, -5, None], ["1", "-5", None], back_loses=0),
    change("text to int", sa.Text, sa.Integer, ["1", "many", "007", " 5 ", "1.75", None],
           [1, None, 7, 5, None, None], loses=3, back=["1", None, "7", "5", None, None],
           back_loses=0),
    change("text that is all numbers to int", sa.String(20), sa.Integer, ["12", "-3", None],
           [12, -3, None], loses=0, back_loses=0),
    change("int to bigint", sa.Integer, sa.BigInteger, [1, None], [1, None], back_loses=0),
    change("bigint to int", sa.BigInteger, sa.Integer, [1, 2**40], [1, None], loses=1,
           back=[1, None], sqlite={"become": [1, 2**40], "loses": 0, "back": None}),
    change("int to decimal", sa.Integer, sa.Numeric(10, 2), [3, None], [Decimal("3.00"), None],
           back_loses=0),
    change("decimal to int", sa.Numeric(10, 2), sa.Integer,
           [Decimal("3.00"), Decimal("1.75"), Decimal("-0.50"), None], [3, 2, -1, None], loses=2,
           back=[Decimal(3), Decimal(2), Decimal(-1), None], back_loses=0),
    change("float to int", sa.Float, sa.Integer, [2.0, 1.75, None], [2, 2, None], loses=1,
           back=[2.0, 2.0, None], back_loses=0),
    change("int to float", sa.Integer, sa.Float, [2, None], [2.0, None], back_loses=0),
    change("decimal to fewer digits", sa.Numeric(10, 3), sa.Numeric(10, 1),
           [Decimal("1.500"), Decimal("1.275"), None], [Decimal("1.5"), Decimal("1.3"), None],
           loses=1, back=[Decimal("1.5"), Decimal("1.3"), None], back_loses=0),
    change("decimal to more digits", sa.Numeric(10, 1), sa.Numeric(12, 3), [Decimal("1.5")],
           [Decimal("1.500")], back_loses=0),
    change("text to decimal", sa.Text, sa.Numeric(10, 2), ["1.50", "12", "1.999", "dear", None],
           [Decimal("1.50"), Decimal("12.00"), Decimal("2.00"), None, None], loses=2,
           back=["1.50", "12.00", "2.00", None, None], back_loses=0),
    change("decimal to text", sa.Numeric(10, 2), sa.Text, [Decimal("1.50"), None],
           ["1.50", None], back_loses=0),
    change("float to text", sa.Float, sa.Text, [0.1, 2.5, None], ["0.1", "2.5", None], back_loses=0),
    change("text to float", sa.Text, sa.Float, ["0.25", "x"], [0.25, None], loses=1,
           back=["0.25", None], back_loses=0),
    # --- Truths
    change("bool to int", sa.Boolean, sa.Integer, [True, False, None], [1, 0, None], back_loses=0),
    change("int to bool", sa.Integer, sa.Boolean, [1, 0, 7, None], [True, False, True, None],
           loses=1, back=[1, 0, 1, None], back_loses=0),
    change("bool to text", sa.Boolean, sa.Text, [True, False], ["true", "false"], back_loses=0),
    change("text to bool", sa.Text, sa.Boolean, ["true", "no", "1", "off", "perhaps", None],
           [True, False, True, False, None, None], loses=1,
           back=["true", "false", "true", "false", None, None], back_loses=0),
    # --- Texts
    change("text to shorter text", sa.String(50), sa.String(5), ["short", "longer text", None],
           ["short", "longe", None], loses=1, back=["short", "longe", None], back_loses=0),
    change("text to longer text", sa.String(5), sa.String(50), ["short"], ["short"], back_loses=0),
    change("text without a limit to text with one", sa.Text, sa.String(3), ["abc", "äöüß"],
           ["abc", "äöü"], loses=1, back=["abc", "äöü"], back_loses=0),
    change("int to short text", sa.Integer, sa.String(3), [123, 45678], ["123", "456"], loses=1,
           back=[123, 456], back_loses=0),
    change("text to bytes", sa.Text, sa.LargeBinary, ["ä", None], ["ä".encode(), None],
           back_loses=0),
    # --- UUIDs
    change("text to uuid", sa.Text, sa.Uuid, [str(KEY), KEY.hex, "nobody", None],
           [KEY, KEY, None, None], loses=1, back=[str(KEY), str(KEY), None, None], back_loses=0),
    change("uuid to text", sa.Uuid, sa.Text, [KEY, None], [str(KEY), None], back_loses=0),
    change("uuid to 32 characters", sa.Uuid, sa.String(32), [KEY], [KEY.hex], back_loses=0),
    # --- JSON
    change("text to json", sa.Text, sa.JSON, ['{"a": [1]}', "12", "hello", None],
           [{"a": [1]}, 12, "hello", None], back_loses=0),
    change("json to text", sa.JSON, sa.Text, [{"a": 1}, "hello", 12, True],
           ['{"a": 1}', "hello", "12", "true"], back_loses=0),
    change("int to json", sa.Integer, sa.JSON, [12, None], [12, None], back_loses=0),
    change("bool to json", sa.Boolean, sa.JSON, [True, False], [True, False], back_loses=0),
    change("date to json", sa.Date, sa.JSON, [DAY], ["2026-01-02"], back_loses=0),
    change("json to int", sa.JSON, sa.Integer, [12, "five", {"a": 1}], [12, None, None], loses=2,
           back=[12, None, None], back_loses=0),
    change("json to portable jsonb", sa.JSON, PORTABLE_JSON, [{"b": 1, "a": [2]}],
           [{"b": 1, "a": [2]}], back_loses=0),
    change("text to portable jsonb", sa.Text, PORTABLE_JSON, ['{"a": 1}', "x"], [{"a": 1}, "x"],
           back_loses=0),
    # --- Of columns that are more than a type
    Case("date to datetime, indexed, unique and NOT NULL",
         [C("a", sa.Date, nullable=False, unique=True, index=True)],
         [C("a", sa.DateTime, nullable=False, unique=True, index=True)], [DAY],
         become=[MIDNIGHT], refuses=[MIDNIGHT, None]),
    Case("text to int that can't be NULL", [C("a", sa.Text, nullable=False)],
         [C("a", sa.Integer, nullable=False)], ["1", "many"], fails="1 value would be NULL"),
    Case("text to int with a default", [C("a", sa.Text, server_default="5")],
         [C("a", sa.Integer, server_default="5")], ["1"], become=[1], takes=[({}, 5)]),
    Case("bool to int with a default", [C("a", sa.Boolean, server_default=sa.true())],
         [C("a", sa.Integer, server_default="1")], [False], become=[0], takes=[({}, 1)]),
    Case("keys that change their type on both sides",
         {"other": [C("id", sa.Integer, primary_key=True)],
          "thing": [C("a", sa.ForeignKey("other.id"))]},
         {"other": [C("id", sa.Text, primary_key=True)],
          "thing": [C("a", sa.Text, sa.ForeignKey("other.id"))]},
         {"other": [{"id": 7}], "thing": [7, None]},
         become={"other": [{"id": "7"}], "thing": ["7", None]}, refuses=["8"]),
]  # fmt: skip
