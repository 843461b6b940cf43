"""Names that change by `makemigrations --rename`: the values stay, on both ways."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tests.runtime.migrations.changing import C, Case


def renamed(name, old, new, become, *, rows=("x", None), renames=("thing.a:b",), **more):
    return Case(f"rename: {name}", old, new, rows, become=become, renames=renames, loses=0,
                back_loses=0, **more)  # fmt: skip


B = [{"b": "x"}, {"b": None}]

RENAMES = [
    renamed("a column", [C("a", sa.Text)], [C("b", sa.Text)], B, says=["rename thing.a to b"]),
    renamed("a NOT NULL column", [C("a", sa.Text, nullable=False)], [C("b", sa.Text, nullable=False)],
            [{"b": "x"}], rows=["x"], refuses=[{"b": None}]),
    renamed("an indexed and unique column", [C("a", sa.Text, index=True, unique=True)],
            [C("b", sa.Text, index=True, unique=True)], B, refuses=[{"b": "x"}],
            says=["rename index ix_thing_a to ix_thing_b"]),
    renamed("a unique column", [C("a", sa.Text, unique=True)], [C("b", sa.Text, unique=True)], B,
            refuses=[{"b": "x"}], says=["rename constraint uq_thing_a to uq_thing_b"]),
    renamed("a column with a condition", [C("a", sa.Text), sa.CheckConstraint("a <> ''", name="some")],
            [C("b", sa.Text), sa.CheckConstraint("b <> ''", name="some")], B, refuses=[{"b": ""}]),
    renamed("a column with a key", [C("a", sa.ForeignKey("thing.id"))],
            [C("b", sa.ForeignKey("thing.id"))], [{"b": 1}, {"b": None}], rows=[1, None],
            refuses=[{"b": 9}]),
    renamed("a column that others refer to",
            {"thing": [C("a", sa.Integer, unique=True)],
             "other": [C("id", sa.Integer, primary_key=True), C("t", sa.ForeignKey("thing.a"))]},
            {"thing": [C("b", sa.Integer, unique=True)],
             "other": [C("id", sa.Integer, primary_key=True), C("t", sa.ForeignKey("thing.b"))]},
            {"thing": [{"b": 5}], "other": [{"t": 5}]},
            rows={"thing": [{"a": 5}], "other": [{"t": 5}]}),
    renamed("a column, with another type", [C("a", sa.Date)], [C("b", sa.DateTime)],
            [{"b": dt.datetime(2026, 1, 2)}, {"b": None}], rows=[dt.date(2026, 1, 2), None]),
    renamed("a column, NOT NULL from now on", [C("a", sa.Text)],
            [C("b", sa.Text, nullable=False, server_default="none")], [{"b": "x"}, {"b": "none"}],
            back=["x", "none"]),
    renamed("two columns at once", [C("a", sa.Text), C("c", sa.Integer)],
            [C("b", sa.Text), C("d", sa.Integer)], [{"b": "x", "d": 1}], rows=[{"a": "x", "c": 1}],
            renames=["thing.a:b", "thing.c:d"]),
    renamed("an enum", [C("a", sa.Enum("red", "blue", name="colour"))],
            [C("b", sa.Enum("red", "blue", name="colour"))], [{"b": "red"}], rows=["red"]),
    renamed("a computed column's source", [C("a", sa.Integer), C("d", sa.Integer, sa.Computed("a * 2"))],
            [C("b", sa.Integer), C("d", sa.Integer, sa.Computed("b * 2"))], [{"b": 2, "d": 4}],
            rows=[{"a": 2}]),
    renamed("a table", {"thing": [C("a", sa.Text, index=True)]},
            {"item": [C("id", sa.Integer, primary_key=True), C("a", sa.Text, index=True)]},
            {"item": [{"a": "x"}, {"a": None}]}, renames=["thing:item"],
            says=["rename table thing to item"]),
    renamed("a table that others refer to",
            {"thing": [C("a", sa.Text)],
             "other": [C("id", sa.Integer, primary_key=True), C("t", sa.ForeignKey("thing.id"))]},
            {"item": [C("id", sa.Integer, primary_key=True), C("a", sa.Text)],
             "other": [C("id", sa.Integer, primary_key=True), C("t", sa.ForeignKey("item.id"))]},
            {"item": [{"a": "x"}], "other": [{"t": 1}]},
            rows={"thing": [{"a": "x"}], "other": [{"t": 1}]}, renames=["thing:item"]),
    renamed("a table and its column", {"thing": [C("a", sa.Text)]},
            {"item": [C("id", sa.Integer, primary_key=True), C("b", sa.Text)]},
            {"item": [{"b": "x"}, {"b": None}]}, renames=["thing:item", "item.a:b"]),
    renamed("a column under a trigger and a view", [C("a", sa.Text), C("c", sa.Integer)],
            [C("b", sa.Text), C("c", sa.Integer)], [{"b": "x"}], rows=[{"a": "x", "c": 1}],
            setup=["CREATE TABLE log (what TEXT)",
                   "CREATE TRIGGER noted AFTER INSERT ON thing BEGIN "
                   "INSERT INTO log VALUES (new.a); END"],
            always=[("SELECT what FROM log", [("x",)])], only="sqlite"),
]  # fmt: skip
