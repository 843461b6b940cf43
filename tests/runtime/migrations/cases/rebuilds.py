"""What a table keeps on SQLite while it is made again, though SQLAlchemy does not see it."""

from __future__ import annotations

import sqlalchemy as sa

from tests.runtime.migrations.changing import C, Case


def kept(name, always, *, setup=(), items=(), rows=({"a": "x", "b": 1},), **more):
    """A table in which `b` becomes NOT NULL, which makes it again."""
    return Case(
        f"kept: {name}",
        [C("a", more.pop("type_", sa.Text)), C("b", sa.Integer), *items],
        [C("a", more.pop("type_after", sa.Text)), C("b", sa.Integer, nullable=False), *items],
        rows, setup=setup, always=always, only="sqlite", refuses=[{"a": "y", "b": None}], **more,
    )  # fmt: skip


def names(kind):
    return f"SELECT name FROM sqlite_master WHERE type = '{kind}' AND name NOT LIKE 'sqlite_%' ORDER BY 1"


LOG = ["CREATE TABLE log (what TEXT)"]
TRIGGER = "CREATE TRIGGER noted AFTER INSERT ON thing BEGIN INSERT INTO log VALUES (new.a); END"

REBUILDS = [
    kept("a collation", [("SELECT count(*) FROM thing WHERE a = 'X'", [(1,)])],
         setup=[], type_=sa.Text(collation="NOCASE"), type_after=sa.Text(collation="NOCASE")),
    kept("AUTOINCREMENT", [("SELECT seq >= 1 FROM sqlite_sequence WHERE name = 'thing'", [(1,)])],
         items=[{"sqlite_autoincrement": True}]),
    kept("a trigger", [(names("trigger"), [("noted",)]), ("SELECT what FROM log", [("x",)])],
         setup=[*LOG, TRIGGER]),
    kept("a view", [(names("view"), [("things",)]), ("SELECT b FROM things", [(1,)])],
         setup=["CREATE VIEW things AS SELECT a, b FROM thing"], base_fails="drop view things"),
    kept("a trigger on the view", [(names("trigger"), [("noted",)])],
         setup=["CREATE VIEW things AS SELECT a, b FROM thing",
                "CREATE TRIGGER noted INSTEAD OF INSERT ON things BEGIN "
                "INSERT INTO thing (a, b) VALUES (new.a, new.b); END"],
         base_fails="drop view things"),
    Case("kept: a row's hidden number",
         {"thing!": [C("a", sa.Text, primary_key=True), C("b", sa.Integer)]},
         {"thing!": [C("a", sa.Text, primary_key=True), C("b", sa.Integer, nullable=False)]},
         [{"a": "x", "b": 2}, {"a": "z", "b": 1}], only="sqlite",
         setup=["ROWS", "UPDATE thing SET rowid = 7 WHERE a = 'x'"],
         always=[("SELECT rowid FROM thing WHERE a = 'x'", [(7,)])]),
    Case("kept: STRICT", [C("a", sa.TEXT), C("b", sa.INTEGER), {"sqlite_strict": True}],
         [C("a", sa.TEXT), C("b", sa.INTEGER, nullable=False), {"sqlite_strict": True}],
         [{"a": "x", "b": 1}], refuses=[{"a": "y", "b": None}], only="sqlite",
         always=[("SELECT strict FROM pragma_table_list WHERE name = 'thing'", [(1,)])]),
    Case("kept: WITHOUT ROWID", [C("a", sa.Text), C("b", sa.Integer), {"sqlite_with_rowid": False}],
         [C("a", sa.Text), C("b", sa.Integer, nullable=False), {"sqlite_with_rowid": False}],
         [{"id": 1, "a": "x", "b": 1}], only="sqlite",
         always=[("SELECT wr FROM pragma_table_list WHERE name = 'thing'", [(1,)])]),
    Case("kept: a deferrable key and its rule",
         [C("a", sa.ForeignKey("thing.id", ondelete="SET NULL", deferrable=True, initially="DEFERRED")),
          C("b", sa.Integer)],
         [C("a", sa.ForeignKey("thing.id", ondelete="SET NULL", deferrable=True, initially="DEFERRED")),
          C("b", sa.Integer, nullable=False)], [{"a": 1, "b": 1}], refuses=[{"a": 1, "b": None}]),
    Case("kept: a view on a view, while a type changes", [C("a", sa.Text), C("b", sa.Integer)],
         [C("a", sa.Text), C("b", sa.Text)], [{"a": "x", "b": 1}], become=[{"a": "x", "b": "1"}],
         setup=["CREATE VIEW things AS SELECT a, b FROM thing",
                "CREATE VIEW some_things AS SELECT a FROM things"], only="sqlite",
         always=[(names("view"), [("some_things",), ("things",)]),
                 ("SELECT a FROM some_things", [("x",)])],
         base_fails="drop view"),
    Case("kept: a trigger about another table, while a column goes",
         {"thing": [C("a", sa.Text), C("b", sa.Integer)],
          "other": [C("id", sa.Integer, primary_key=True), C("n", sa.Text)]},
         {"thing": [C("a", sa.Text)], "other": [C("id", sa.Integer, primary_key=True), C("n", sa.Text)]},
         {"thing": [{"a": "x", "b": 1}], "other": [{"n": "x"}]},
         become={"thing": [{"a": "x"}], "other": [{"n": "x"}]}, loses=1,
         back={"thing": [{"a": "x", "b": None}], "other": [{"n": "x"}]},
         setup=["ROWS", "CREATE TRIGGER copied AFTER INSERT ON thing BEGIN "
                "INSERT INTO other (n) VALUES (new.a); END"], only="sqlite",
         always=[(names("trigger"), [("copied",)])], base_fails="drop trigger copied"),
    Case("kept: STRICT, while a column gets another name",
         [C("a", sa.TEXT), C("b", sa.INTEGER), {"sqlite_strict": True}],
         [C("a", sa.TEXT), C("n", sa.INTEGER), {"sqlite_strict": True}],
         [{"a": "x", "b": 1}], become=[{"a": "x", "n": 1}], renames=["thing.b:n"], only="sqlite",
         loses=0, back_loses=0,
         always=[("SELECT strict FROM pragma_table_list WHERE name = 'thing'", [(1,)])]),
    Case("kept: a key that is looked at by the commit, while its column becomes wider",
         [C("a", sa.ForeignKey("thing.id", deferrable=True, initially="DEFERRED")), C("b", sa.Text)],
         [C("a", sa.ForeignKey("thing.id", deferrable=True, initially="DEFERRED")),
          C("b", sa.Text, nullable=False, unique=True)], [{"a": 1, "b": "x"}],
         refuses=[{"a": 1, "b": None}, {"a": 1, "b": "x"}]),
    # --- What the models say of it
    Case("AUTOINCREMENT from now on", [C("a", sa.Text)], [C("a", sa.Text), {"sqlite_autoincrement": True}],
         ["x"], only="sqlite", says=["sqlite_autoincrement"]),
    Case("no AUTOINCREMENT", [C("a", sa.Text), {"sqlite_autoincrement": True}], [C("a", sa.Text)],
         ["x"], only="sqlite"),
    Case("STRICT from now on", [C("a", sa.TEXT)], [C("a", sa.TEXT), {"sqlite_strict": True}], ["x"],
         only="sqlite"),
    Case("WITHOUT ROWID from now on", [C("a", sa.TEXT)], [C("a", sa.TEXT), {"sqlite_with_rowid": False}],
         [{"id": 5, "a": "x"}], only="sqlite"),
    Case("STRICT no longer", [C("a", sa.TEXT), {"sqlite_strict": True}], [C("a", sa.TEXT)], ["x"],
         only="sqlite"),
    Case("WITHOUT ROWID no longer", [C("a", sa.TEXT), {"sqlite_with_rowid": False}], [C("a", sa.TEXT)],
         [{"id": 5, "a": "x"}], only="sqlite"),
    Case("a collation", [C("a", sa.Text)], [C("a", sa.Text(collation="NOCASE"), unique=True)], ["x"],
         only="sqlite", refuses=["X"]),
    Case("another collation", [C("a", sa.Text(collation="NOCASE"), unique=True)],
         [C("a", sa.Text(), unique=True)], ["x"], only="sqlite", takes=["X"]),
    Case("a collation of PostgreSQL", [C("a", sa.Text)], [C("a", sa.Text(collation="C"))], ["x"],
         only="postgresql"),
]  # fmt: skip
