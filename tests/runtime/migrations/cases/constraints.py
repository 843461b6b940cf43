"""Changes of constraints: conditions, uniqueness, keys."""

from __future__ import annotations

import sqlalchemy as sa

from tests.runtime.migrations.changing import C, Case

Check, Unique = sa.CheckConstraint, sa.UniqueConstraint
AB = [C("a", sa.Integer), C("b", sa.Text)]


def own(*items):
    return {"thing!": list(items)}


def two(*items, other=()):
    return {"other": [C("id", sa.Integer, primary_key=True), C("n", sa.Integer, unique=True), *other],
            "thing": list(items)}  # fmt: skip


ROWS_OF_TWO = {"other": [{"id": 1, "n": 10}, {"id": 2, "n": 20}], "thing": [1, 2, None]}

CONSTRAINTS = [
    # --- CHECK
    Case("a condition", AB, [C("a", sa.Integer), C("b", sa.Text), Check("a > 0", name="positive")],
         [1, 2], refuses=[0], back_loses=0),
    Case("a condition that rows do not pass", AB,
         [C("a", sa.Integer), C("b", sa.Text), Check("a > 1", name="large")], [1, 2],
         fails="1 row would not pass: that will fail", says=["would not pass"]),
    Case("no condition", [C("a", sa.Integer), Check("a > 0", name="positive")], [C("a", sa.Integer)],
         [1], takes=[0], back_loses=0),
    Case("another condition", [C("a", sa.Integer), Check("a > 0", name="range")],
         [C("a", sa.Integer), Check("a > 0 AND a < 10", name="range")], [1], refuses=[0, 10]),
    Case("a condition with another name", [C("a", sa.Integer), Check("a > 0", name="positive")],
         [C("a", sa.Integer), Check("a > 0", name="above_zero")], [1], refuses=[0],
         says=["rename constraint ck_thing_positive to ck_thing_above_zero"]),
    Case("a condition of several columns and texts", AB,
         [C("a", sa.Integer), C("b", sa.Text),
          Check("a IS NULL OR b IN ('x', 'it''s 100%')", name="both")],
         [{"a": 1, "b": "x"}], takes=[{"a": 1, "b": "it's 100%"}], refuses=[{"a": 1, "b": "y"}]),
    Case("a condition with a % that rows do not pass", AB,
         [C("a", sa.Integer), C("b", sa.Text), Check("b <> '50%'", name="half")],
         [{"a": 1, "b": "50%"}, {"a": 1, "b": "50%%"}], fails="1 row would not pass"),
    Case("a condition while the type changes",
         [C("a", sa.String(20)), Check("a <> 'x'", name="not_x")],
         [C("a", sa.Text), Check("a <> 'x'", name="not_x")], ["y"], refuses=["x"]),
    Case("a condition that goes with its column",
         [C("a", sa.Integer), C("b", sa.Integer), Check("b > 0", name="positive")],
         [C("a", sa.Integer)], [{"a": 1, "b": 2}], become=[1], loses=1, back=[{"a": 1, "b": None}]),
    Case("a truth that is only 0 and 1", [C("a", sa.Integer)],
         [C("a", sa.Boolean(create_constraint=True, name="truth"))], [1, 0], become=[True, False]),
    Case("a condition that stays while another column comes",
         [C("a", sa.Integer), Check("a > 0", name="positive")],
         [C("a", sa.Integer), Check("a > 0", name="positive"),
          C("b", sa.Integer, sa.ForeignKey("thing.id"))], [1], refuses=[0]),
    # --- UNIQUE
    Case("unique", AB, [C("a", sa.Integer, unique=True), C("b", sa.Text)], [1, 2, None],
         refuses=[1], back_loses=0),
    Case("unique over duplicates", AB, [C("a", sa.Integer, unique=True), C("b", sa.Text)],
         [1, 1, 1, 2], fails="2 rows repeat another one: that will fail", says=["2 rows repeat"]),
    Case("no longer unique", [C("a", sa.Integer, unique=True)], [C("a", sa.Integer)], [1], takes=[1],
         back_loses=0),
    Case("unique together", AB, [C("a", sa.Integer), C("b", sa.Text), Unique("a", "b")],
         [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}], refuses=[{"a": 1, "b": "x"}]),
    Case("unique together instead of alone", [C("a", sa.Integer, unique=True), C("b", sa.Text)],
         [C("a", sa.Integer), C("b", sa.Text), Unique("a", "b")], [{"a": 1, "b": "x"}],
         takes=[{"a": 1, "b": "y"}], refuses=[{"a": 1, "b": "x"}]),
    Case("unique under another name", [C("a", sa.Integer), Unique("a", name="one")],
         [C("a", sa.Integer), Unique("a", name="two")], [1], refuses=[1],
         says=["rename constraint one to two"]),
    # --- Primary keys
    Case("a second column of the key", own(C("id", sa.Integer, primary_key=True), C("a", sa.Integer)),
         own(C("id", sa.Integer, primary_key=True, autoincrement=False),
             C("a", sa.Integer, primary_key=True)),
         [{"id": 1, "a": 1}, {"id": 2, "a": 1}], takes=[{"id": 1, "a": 2}],
         refuses=[{"id": 1, "a": 1}]),
    Case("another column is the key", own(C("id", sa.Integer, primary_key=True), C("a", sa.Text)),
         own(C("id", sa.Integer, nullable=False), C("a", sa.Text, primary_key=True)),
         [{"id": 1, "a": "x"}, {"id": 2, "a": "y"}], refuses=[{"id": 3, "a": "x"}],
         takes=[{"id": 1, "a": "z"}]),
    Case("another column is the key, and NULL or double",
         own(C("id", sa.Integer, primary_key=True), C("a", sa.Text)),
         own(C("id", sa.Integer, nullable=False), C("a", sa.Text, primary_key=True)),
         [{"id": 1, "a": "x"}, {"id": 2, "a": "x"}, {"id": 3, "a": None}],
         fails="that will fail"),
    Case("a new column is the key", own(C("id", sa.Integer, primary_key=True)),
         own(C("id", sa.Integer, nullable=False),
             C("code", sa.Text, primary_key=True, server_default="x")), [{"id": 1}],
         become=[{"id": 1, "code": "x"}], takes=[{"id": 1, "code": "y"}],
         refuses=[{"id": 2, "code": "x"}]),
    Case("a key of two columns becomes one",
         own(C("a", sa.Integer, primary_key=True, autoincrement=False),
             C("b", sa.Integer, primary_key=True, autoincrement=False)),
         own(C("a", sa.Integer, primary_key=True, autoincrement=False),
             C("b", sa.Integer, nullable=False)),
         [{"a": 1, "b": 1}, {"a": 2, "b": 1}], refuses=[{"a": 1, "b": 2}]),
    # --- Foreign keys
    Case("a foreign key", two(C("a", sa.Integer)), two(C("a", sa.ForeignKey("other.id"))),
         ROWS_OF_TWO, refuses=[9], back_loses=0),
    Case("a foreign key to rows that are not there", two(C("a", sa.Integer)),
         two(C("a", sa.ForeignKey("other.id"))),
         {"other": [{"id": 1, "n": 1}], "thing": [1, 7, 8]},
         fails="2 rows of thing would refer to rows of other that are not there"),
    Case("no foreign key", two(C("a", sa.ForeignKey("other.id"))), two(C("a", sa.Integer)),
         ROWS_OF_TWO, takes=[9]),
    Case("another rule for deleted rows", two(C("a", sa.ForeignKey("other.id"))),
         two(C("a", sa.ForeignKey("other.id", ondelete="CASCADE"))), ROWS_OF_TWO, refuses=[9]),
    Case("a rule that is deferred", two(C("a", sa.ForeignKey("other.id"))),
         two(C("a", sa.ForeignKey("other.id", deferrable=True, initially="DEFERRED"))), ROWS_OF_TWO),
    Case("a foreign key to another column", two(C("a", sa.ForeignKey("other.id"))),
         two(C("a", sa.ForeignKey("other.n"))),
         {"other": [{"id": 1, "n": 1}, {"id": 2, "n": 2}], "thing": [1]}, refuses=[9]),
    Case("a foreign key to a column that becomes unique",
         {"other": [C("id", sa.Integer, primary_key=True), C("m", sa.Integer)],
          "thing": [C("a", sa.Integer)]},
         {"other": [C("id", sa.Integer, primary_key=True), C("m", sa.Integer, unique=True)],
          "thing": [C("a", sa.ForeignKey("other.m"))]},
         {"other": [{"id": 1, "m": 5}], "thing": [5]}, refuses=[6]),
    Case("a foreign key of two columns to one's own table",
         [C("a", sa.Integer), C("b", sa.Integer), Unique("a", "b")],
         [C("a", sa.Integer), C("b", sa.Integer), Unique("a", "b"), C("x", sa.Integer),
          C("y", sa.Integer), sa.ForeignKeyConstraint(["x", "y"], ["thing.a", "thing.b"])],
         [{"a": 1, "b": 1}], refuses=[{"a": 2, "b": 2, "x": 9, "y": 9}],
         takes=[{"a": 2, "b": 2, "x": 1, "y": 1}]),
    Case("a parent is made again under its children",
         two(C("a", sa.ForeignKey("other.id", ondelete="CASCADE"))),
         two(C("a", sa.ForeignKey("other.id", ondelete="CASCADE")),
             other=[C("d", sa.Integer, nullable=False, server_default="1"), Check("n > 0", name="n")]),
         ROWS_OF_TWO),
]  # fmt: skip
