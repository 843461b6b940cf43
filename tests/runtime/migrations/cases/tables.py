"""Changes of tables: they come and go, refer to each other, have comments and schemas."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from tests.runtime.migrations.changing import C, Case

A = [C("a", sa.Integer)]
KEY = {"primary_key": True}


def table(*items):
    return [C("id", sa.Integer, primary_key=True), *items]


TABLES = [
    Case("a new table", {"thing": [C("a", sa.Integer)]},
         {"thing": [C("a", sa.Integer)], "other": table(C("n", sa.Text))}, [1], back_loses=0),
    Case("two new tables that refer to each other", {"thing": [C("a", sa.Integer)]},
         {"thing": [C("a", sa.Integer)],
          "left": table(C("r", sa.ForeignKey("right.id"))),
          "right": table(C("l", sa.ForeignKey("left.id")))}, [1], back_loses=0),
    Case("three new tables in a circle", {"thing": [C("a", sa.Integer)]},
         {"thing": [C("a", sa.Integer)],
          "x": table(C("k", sa.ForeignKey("y.id"))), "y": table(C("k", sa.ForeignKey("z.id"))),
          "z": table(C("k", sa.ForeignKey("x.id")))}, [1], back_loses=0),
    Case("two new tables, one key by use_alter", {"thing": [C("a", sa.Integer)]},
         {"thing": [C("a", sa.Integer)],
          "left": table(C("r", sa.ForeignKey("right.id", use_alter=True))),
          "right": table(C("l", sa.ForeignKey("left.id")))}, [1], back_loses=0),
    Case("a new table that an old one refers to", {"thing": [C("a", sa.Integer)]},
         {"thing": [C("a", sa.Integer), C("b", sa.ForeignKey("other.id"))], "other": table()}, [1],
         become=[{"a": 1, "b": None}], refuses=[{"a": 1, "b": 5}], back_loses=0),
    Case("two dropped tables that refer to each other",
         {"thing": [C("a", sa.Integer)],
          "left": table(C("r", sa.ForeignKey("right.id"))),
          "right": table(C("l", sa.ForeignKey("left.id")))},
         {"thing": [C("a", sa.Integer)]}, [1], loses=0),
    Case("a dropped table with rows",
         {"thing": [C("a", sa.Integer)], "other": table(C("n", sa.Text))},
         {"thing": [C("a", sa.Integer)]}, {"thing": [1], "other": [{"n": "x"}, {"n": "y"}]},
         become={"thing": [1]}, back={"thing": [1], "other": []}, loses=2,
         says=["drops table other with its 2 rows"]),
    Case("a dropped table without rows", {"thing": [C("a", sa.Integer)], "other": table()},
         {"thing": [C("a", sa.Integer)]}, {"thing": [1]}, loses=0),
    Case("a dropped table that another one refers to",
         {"other": table(), "thing": [C("a", sa.ForeignKey("other.id"))]}, {"thing": [C("a", sa.Integer)]},
         {"other": [{"id": 1}], "thing": [1]}, become={"thing": [1]}, loses=1,
         back_fails="1 row of thing would refer to rows of other"),
    Case("a comment", A, [C("a", sa.Integer), {"comment": "it's all 100%"}], [1]),
    Case("no comment", [C("a", sa.Integer), {"comment": "old"}], [C("a", sa.Integer)], [1]),
    Case("another comment of a column", [C("a", sa.Integer, comment="old")],
         [C("a", sa.Integer, comment="new")], [1], says=["comment"]),
    Case("a comment of a column", A, [C("a", sa.Integer, comment="it's")], [1]),
    Case("nothing about variants", [C("a", sa.JSON().with_variant(JSONB(), "postgresql")),
                                    C("b", sa.JSON().with_variant(ARRAY(sa.Text), "postgresql"))],
         [C("a", sa.JSON().with_variant(JSONB(), "postgresql")),
          C("b", sa.JSON().with_variant(ARRAY(sa.Text), "postgresql"))], [{"a": {"x": 1}, "b": ["y"]}],
         unwritten=True),
    Case("a variant is added", A,
         [C("a", sa.Integer), C("b", JSONB().with_variant(sa.JSON(), "sqlite")),
          C("d", sa.JSON().with_variant(ARRAY(sa.Text), "postgresql"))], [1],
         takes=[{"b": {"x": [1]}, "d": ["y"]}]),
    Case("a long name", A, [C("a", sa.Integer), C("b" * 60, sa.Integer, index=True, unique=True)], [1]),
    Case("several things at once",
         {"thing": [C("a", sa.Integer), C("b", sa.Text), C("d", sa.Date)], "old": table()},
         {"thing": [C("a", sa.Text, nullable=False, server_default="0"), C("e", sa.Integer, index=True),
                    C("d", sa.DateTime)], "new": table(C("t", sa.ForeignKey("thing.id")))},
         [{"a": 1, "b": "x", "d": None}, {"a": None, "b": None, "d": None}], loses=1,
         become=[{"a": "1", "d": None}, {"a": "0", "d": None}],
         back=[{"a": 1, "b": None}, {"a": 0, "b": None}]),
]  # fmt: skip
