"""Changes of indexes: of columns, of expressions, of some rows."""

from __future__ import annotations

import sqlalchemy as sa

from tests.runtime.migrations.changing import C, Case

Index, text = sa.Index, sa.text


def indexed(name, old, new, rows=("x", "y"), **more):
    """A table with a text `a` and a number `b`, whose indexes change."""

    def table(indexes):
        return [C("a", sa.Text), C("b", sa.Integer), *indexes]

    return Case(f"index: {name}", table(old), table(new), rows, loses=0, back_loses=0, **more)


INDEXES = [
    indexed("of a column", [], [Index("ix", "a")]),
    indexed("of two columns", [Index("ix", "a")], [Index("ix", "a", "b")]),
    indexed("no more", [Index("ix", "a")], []),
    indexed("unique", [Index("ix", "a")], [Index("ix", "a", unique=True)], refuses=["x"]),
    indexed("unique over duplicates", [], [Index("ix", "a", unique=True)], ["x", "x"],
            fails="1 row repeat"),
    indexed("of an expression", [], [Index("ix", text("lower(a)"))], says=["add index ix on thing"]),
    indexed("unique, of an expression", [], [Index("uq_low", text("lower(a)"), unique=True)],
            refuses=["X"]),
    indexed("another expression", [Index("ix", text("lower(a)"), unique=True)],
            [Index("ix", text("upper(a)"), unique=True)], refuses=["X"]),
    indexed("an expression no more", [Index("ix", text("lower(a)"), unique=True)], [], takes=["X"]),
    indexed("downwards", [], [Index("ix", text("a DESC"))]),
    indexed("downwards instead of upwards", [Index("ix", "a")], [Index("ix", sa.desc("a"))]),
    indexed("of some rows", [], [Index("ix", "a", unique=True, sqlite_where=text("b > 0"),
                                       postgresql_where=text("b > 0"))],
            [{"a": "x", "b": 0}, {"a": "x", "b": 0}, {"a": "y", "b": 1}],
            refuses=[{"a": "y", "b": 2}], takes=[{"a": "x", "b": 0}]),
    indexed("of other rows",
            [Index("ix", "a", unique=True, sqlite_where=text("b > 0"), postgresql_where=text("b > 0"))],
            [Index("ix", "a", unique=True, sqlite_where=text("b > 5"), postgresql_where=text("b > 5"))],
            [{"a": "x", "b": 6}], refuses=[{"a": "x", "b": 7}], takes=[{"a": "x", "b": 1}]),
    indexed("under another name", [Index("one", "a")], [Index("two", "a")],
            says=["rename index one to two"]),
    indexed("of an expression, under another name", [Index("one", text("lower(a)"), unique=True)],
            [Index("two", text("lower(a)"), unique=True)], refuses=["X"]),
    Case("index: GIN", [C("a", sa.Text), C("b", sa.Integer)],
         [C("a", sa.Text), C("b", sa.Integer),
          Index("ix", text("to_tsvector('simple', a)"), postgresql_using="gin")], ["x"],
         only="postgresql"),
    Case("index: with options", [C("a", sa.Text)],
         [C("a", sa.Text), Index("ix", "a", postgresql_ops={"a": "text_pattern_ops"},
                                 postgresql_include=["id"])], ["x"]),
    Case("index: an expression stays while the table is made again",
         [C("a", sa.Text), C("b", sa.Integer), Index("uq_low", text("lower(a)"), unique=True),
          Index("ix_down", text("b DESC"))],
         [C("a", sa.Text), C("b", sa.Integer, nullable=False),
          Index("uq_low", text("lower(a)"), unique=True), Index("ix_down", text("b DESC"))],
         [{"a": "x", "b": 1}], refuses=[{"a": "X", "b": 2}]),
    Case("index: nothing about expressions",
         [C("a", sa.Text), Index("ix", text("lower(a)")), Index("iy", text("a DESC"))],
         [C("a", sa.Text), Index("ix", text("lower(a)")), Index("iy", text("a DESC"))], ["x"],
         unwritten=True),
]  # fmt: skip
