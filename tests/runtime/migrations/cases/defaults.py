"""Changes of what the database fills in: server defaults, identities."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa

from tests.runtime.migrations.changing import C, Case

DAY = dt.date(2026, 1, 2)


def default(name, type_, old, new, kept, **more):
    """A column `a` whose default becomes another one; `kept` is what a new row gets."""
    return Case(f"default: {name}", [C("a", type_, server_default=old)],
                [C("a", type_, server_default=new)], more.pop("rows", [{"a": kept}]), takes=[({}, {"a": kept})],
                loses=0, back_loses=0, **more)  # fmt: skip


def unchanged(name, type_, value, **more):
    """A default that is the same, which makemigrations must see."""
    return Case(f"same default: {name}", [C("a", type_, server_default=value)],
                [C("a", type_, server_default=value)], [None], unwritten=True, **more)  # fmt: skip


DEFAULTS = [
    default("a text for none", sa.Text, None, "x", "x", rows=["y", None]),
    default("none for a text", sa.Text, "x", None, None, rows=["y"]),
    default("one text for another", sa.Text, "x", "y", "y", rows=["z"]),
    default("a text with quotes", sa.Text, "x", "it's", "it's"),
    default("a text in quotes", sa.Text, "x", "'x'", "'x'"),
    default("a text with % and :", sa.Text, "", "50% :of it", "50% :of it"),
    default("an empty text", sa.Text, "x", "", ""),
    default("a word that is a function elsewhere", sa.Text, "x", "CURRENT_TIMESTAMP",
            "CURRENT_TIMESTAMP"),
    Case("default: a word and the function of that name",
         [C("a", sa.DateTime), C("b", sa.Text, server_default="CURRENT_DATE")],
         [C("a", sa.DateTime), C("b", sa.Text, server_default=sa.text("(CURRENT_DATE)"))], [{"b": "x"}],
         loses=0, refuses=[]),
    default("a number", sa.Integer, "1", "2", 2),
    default("a negative number", sa.Integer, "1", "-2", -2),
    default("a number as SQL", sa.Integer, "1", sa.text("3"), 3),
    default("a decimal", sa.Numeric(10, 2), "1.50", "2.25", Decimal("2.25")),
    default("a truth", sa.Boolean, sa.false(), sa.true(), True),
    default("a date", sa.Date, None, "2026-01-02", DAY),
    default("a date for another", sa.Date, "2026-01-01", "2026-01-02", DAY),
    default("a decimal, and no longer", sa.Numeric(10, 2), "1.50", None, None,
            rows=[Decimal("1.50"), None]),
    default("json, and no longer", sa.JSON, '{"a": 1}', None, None, rows=[{"a": {"b": [2]}}]),
    default("json", sa.JSON, "{}", '{"a": [1]}', {"a": [1]}),
    default("an expression", sa.Integer, "1", sa.text("(1 + 2)"), 3),
    default("a uuid", sa.Uuid, None, "2b2a4bd33a3f4a5e8d6b6e1a2b3c4d5e",
            __import__("uuid").UUID("2b2a4bd3-3a3f-4a5e-8d6b-6e1a2b3c4d5e")),
    Case("default: now, and no longer", [C("a", sa.DateTime, server_default=sa.func.now())],
         [C("a", sa.DateTime)], [dt.datetime(2026, 1, 2)], takes=[({}, None)], loses=0),
    # --- Defaults that other tools never settle
    unchanged("now", sa.DateTime, sa.func.now()),
    unchanged("json", sa.JSON, "{}"),
    unchanged("a text with quotes", sa.Text, "it's"),
    unchanged("a truth as a word", sa.Boolean, "0"),
    unchanged("a number as a text", sa.Integer, "5"),
    unchanged("an expression", sa.Integer, sa.text("(1 + 2)")),
    unchanged("a text of SQL", sa.Text, sa.text("'x'")),
    unchanged("a date", sa.Date, "2026-01-02"),
    unchanged("current_date", sa.Date, sa.text("CURRENT_DATE")),
    # --- Identities, which SQLite has no need of
    Case("an identity for a key", {"thing!": [C("id", sa.Integer, primary_key=True), C("a", sa.Text)]},
         {"thing!": [C("id", sa.Integer, sa.Identity(), primary_key=True), C("a", sa.Text)]},
         ["x", "y"], takes=["z"], back_loses=0),
    Case("no identity for a key",
         {"thing!": [C("id", sa.Integer, sa.Identity(), primary_key=True), C("a", sa.Text)]},
         {"thing!": [C("id", sa.Integer, primary_key=True), C("a", sa.Text)]}, ["x"], takes=["z"],
         back_loses=0),
    Case("an identity that counts otherwise",
         {"thing!": [C("id", sa.Integer, sa.Identity(), primary_key=True), C("a", sa.Text)]},
         {"thing!": [C("id", sa.Integer, sa.Identity(start=100, increment=10), primary_key=True),
                     C("a", sa.Text)]}, ["x"], takes=["z"], back_loses=0),
    Case("nothing about an identity",
         {"thing!": [C("id", sa.Integer, sa.Identity(always=True), primary_key=True)]},
         {"thing!": [C("id", sa.Integer, sa.Identity(always=True), primary_key=True)]}, [{}],
         unwritten=True),
]  # fmt: skip
