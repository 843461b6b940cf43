"""Changes of columns: they come, go, may be NULL, are computed."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import sqlalchemy as sa

from tests.runtime.migrations.changing import C, Case

A = [C("a", sa.Integer)]
KEY = UUID("2b2a4bd3-3a3f-4a5e-8d6b-6e1a2b3c4d5e")


class Upper(sa.TypeDecorator):
    """A type of a project's own."""

    impl = sa.String(20)
    cache_ok = True


def added(name, column, rows, become, **more):
    return Case(f"add {name}", A, [C("a", sa.Integer), column], rows, become=become, **more)


def dropped(name, column, rows, **more):
    more = {"become": [{"a": row["a"]} for row in rows], **more}
    return Case(f"drop {name}", [C("a", sa.Integer), column], A, rows, **more)


COLUMNS = [
    # --- Added
    added("a nullable column", C("b", sa.Text), [1], [{"a": 1, "b": None}], back_loses=0),
    added("NOT NULL with a default", C("b", sa.Text, nullable=False, server_default="x"), [1],
          [{"a": 1, "b": "x"}], back_loses=1),
    added("NOT NULL without a default to rows", C("b", sa.Text, nullable=False), [1], None,
          fails="1 row: that will fail", says=["that will fail"]),
    Case("add NOT NULL without a default to a table without rows",
         {"thing": [C("a", sa.Integer)], "other": [C("id", sa.Integer, primary_key=True)]},
         {"thing": [C("a", sa.Integer), C("b", sa.Text, nullable=False)],
          "other": [C("id", sa.Integer, primary_key=True)]}, {"thing": [], "other": [{"id": 1}]},
         refuses=[{"a": 1, "b": None}]),
    added("a moment that is now", C("b", sa.DateTime, server_default=sa.func.now()), [1], [1]),
    added("a truth", C("b", sa.Boolean, nullable=False, server_default=sa.false()), [1],
          [{"a": 1, "b": False}]),
    added("a uuid", C("b", sa.Uuid), [1], [{"a": 1, "b": None}], back_loses=0,
          takes=[{"a": 2, "b": KEY}]),
    added("a type of one's own", C("b", Upper), [1], [{"a": 1, "b": None}], back_loses=0),
    added("a computed column", C("b", sa.Integer, sa.Computed("a * 2")), [4], [{"a": 4, "b": 8}],
          back_loses=0),
    added("a computed column that is stored", C("b", sa.Integer, sa.Computed("a + 1", persisted=True)),
          [4], [{"a": 4, "b": 5}], back_loses=0),
    added("a unique column", C("b", sa.Integer, unique=True), [1], [{"a": 1, "b": None}],
          back_loses=0),
    added("an indexed column", C("b", sa.Integer, index=True), [1], [{"a": 1, "b": None}],
          back_loses=0),
    added("a column with a key to its own table", C("b", sa.ForeignKey("thing.id")), [1],
          [{"a": 1, "b": None}], back_loses=0, refuses=[{"a": 1, "b": 99}]),
    added("a column with a blank, a % and an umlaut", C("b %ü", sa.Text, server_default="50%"), [1],
          [{"a": 1, "b %ü": "50%"}], back_loses=1),
    added("a column called like a keyword", C("order", sa.Integer, server_default="1"), [1],
          [{"a": 1, "order": 1}], back_loses=1),
    # --- Dropped
    dropped("a column with values", C("b", sa.Text), [{"a": 1, "b": "x"}, {"a": 2, "b": None}],
            loses=1, back=[{"a": 1, "b": None}, {"a": 2, "b": None}],
            says=["drops thing.b, which holds data in 1 row"]),
    dropped("a column without values", C("b", sa.Text), [{"a": 1, "b": None}], loses=0,
            back_loses=0),
    dropped("a NOT NULL column", C("b", sa.Text, nullable=False), [{"a": 1, "b": "x"}], loses=1,
            back_fails="1 row: that will fail", says=["on the way back"]),
    dropped("a NOT NULL column with a default", C("b", sa.Text, nullable=False, server_default="y"),
            [{"a": 1, "b": "x"}], loses=1, back=[{"a": 1, "b": "y"}]),
    dropped("a uuid", C("b", sa.Uuid), [{"a": 1, "b": KEY}], loses=1, back=[{"a": 1, "b": None}]),
    dropped("a computed column", C("b", sa.Integer, sa.Computed("a * 2")), [{"a": 3}], loses=0),
    dropped("a column with a key and an index", C("b", sa.ForeignKey("thing.id"), index=True),
            [{"a": 1, "b": 1}], loses=1, back=[{"a": 1, "b": None}]),
    dropped("a unique column", C("b", sa.Text, unique=True), [{"a": 1, "b": "x"}], loses=1,
            back=[{"a": 1, "b": None}]),
    dropped("json", C("b", sa.JSON), [{"a": 1, "b": {"x": 1}}], loses=1, back=[1]),
    # --- NULL
    Case("NULL to NOT NULL with no NULL", A, [C("a", sa.Integer, nullable=False)], [1, 2],
         refuses=[None], loses=0, back_loses=0),
    Case("NULL to NOT NULL over NULL", A, [C("a", sa.Integer, nullable=False)], [1, None, None],
         fails="NULL in 2 rows: that will fail", says=["NULL in 2 rows"]),
    Case("NULL to NOT NULL with a default, which fills it", [C("a", sa.Text)],
         [C("a", sa.Text, nullable=False, server_default="none")], ["x", None],
         become=["x", "none"], back=["x", "none"], loses=0, back_loses=0),
    Case("NULL to NOT NULL where a default has been", [C("a", sa.Integer, server_default="7")],
         [C("a", sa.Integer, server_default="7", nullable=False)], [1, None], become=[1, 7],
         back=[1, 7], takes=[({}, 7)]),
    Case("NOT NULL to NULL", [C("a", sa.Integer, nullable=False)], A, [1], takes=[None],
         back_loses=0),
    Case("NULL to NOT NULL and another type", [C("a", sa.Text)],
         [C("a", sa.Integer, nullable=False)], ["1", "2"], become=[1, 2], refuses=[None]),
    # --- Computed
    Case("another computation", [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 2"))],
         [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 3"))], [{"a": 2}],
         become=[{"a": 2, "b": 6}], back=[{"a": 2, "b": 4}], loses=0, back_loses=0),
    Case("another computation, indexed",
         [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 2"), index=True)],
         [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 3"), index=True)], [{"a": 2}],
         become=[{"a": 2, "b": 6}], back=[{"a": 2, "b": 4}],
         always=[("SELECT 1 FROM sqlite_master WHERE name = 'ix_thing_b'", [(1,)])],
         postgresql={"always": [("SELECT 1 FROM pg_indexes WHERE indexname = 'ix_thing_b'",
                                 [(1,)])]}),
    Case("no longer computed", [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 2"))],
         [C("a", sa.Integer), C("b", sa.Integer)], [{"a": 2}], become=[{"a": 2, "b": None}],
         back=[{"a": 2, "b": 4}], takes=[{"a": 2, "b": 9}]),
    Case("computed from now on", [C("a", sa.Integer), C("b", sa.Integer)],
         [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 2"))], [{"a": 2, "b": 9}],
         become=[{"a": 2, "b": 4}], loses=1, back=[{"a": 2, "b": None}]),
    Case("nothing about a table with a computed column", [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a*2"))],
         [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a*2"))], [1], unwritten=True),
    Case("a computed column while another changes its type",
         [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 2")), C("d", sa.Date)],
         [C("a", sa.Integer), C("b", sa.Integer, sa.Computed("a * 2")), C("d", sa.DateTime)],
         [{"a": 2, "d": dt.date(2026, 1, 2)}],
         become=[{"a": 2, "b": 4, "d": dt.datetime(2026, 1, 2)}]),
]  # fmt: skip
