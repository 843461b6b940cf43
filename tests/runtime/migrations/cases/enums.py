"""Changes of enumerations: those of PostgreSQL, and those that are a text with a condition."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from tests.runtime.migrations.changing import C, Case


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


def native(*labels, name="colour", **more):
    return sa.Enum(*labels, name=name, **more)


def checked(*labels, name="colour"):
    return sa.Enum(*labels, name=name, native_enum=False, create_constraint=True, length=10)


A = [C("a", sa.Integer)]
TYPES_LEFT = "SELECT count(*) FROM pg_type WHERE typtype = 'e'"

ENUMS = [
    Case("enum: added", A, [C("a", sa.Integer), C("b", native("red", "green"))], [1],
         become=[{"a": 1, "b": None}], takes=[{"a": 2, "b": "red"}], back_loses=0),
    Case("enum: added with a default", A,
         [C("a", sa.Integer), C("b", native("red", "green"), server_default="red", nullable=False)],
         [1], become=[{"a": 1, "b": "red"}], back_loses=1),
    Case("enum: of Python, added", A, [C("a", sa.Integer), C("b", sa.Enum(Colour))], [1],
         become=[{"a": 1, "b": None}], takes=[{"a": 2, "b": Colour.RED}]),
    Case("enum: in a new table", {"thing": [C("a", sa.Integer)]},
         {"thing": [C("a", sa.Integer)],
          "other": [C("id", sa.Integer, primary_key=True), C("b", native("red"))]}, [1]),
    Case("enum: two columns of one type", A,
         [C("a", sa.Integer), C("b", native("red", "green")), C("c", native("red", "green"))], [1],
         takes=[{"b": "red", "c": "green"}]),
    Case("enum: array", A, [C("a", sa.Integer), C("b", ARRAY(native("red", "green")))], [1],
         takes=[{"b": ["red", "green"]}], only="postgresql"),
    Case("enum: dropped", [C("a", sa.Integer), C("b", native("red", "green"))], [C("a", sa.Integer)],
         [{"a": 1, "b": "red"}], become=[1], loses=1, back=[{"a": 1, "b": None}]),
    Case("enum: its table dropped",
         {"thing": [C("a", sa.Integer)],
          "other": [C("id", sa.Integer, primary_key=True), C("b", native("red"))]},
         {"thing": [C("a", sa.Integer)]}, {"thing": [1], "other": [{"id": 1, "b": "red"}]},
         become={"thing": [1]}, back={"thing": [1], "other": []}, loses=1),
    Case("enum: grown", [C("a", native("red", "green"))], [C("a", native("red", "green", "blue"))],
         ["red"], takes=["blue"], back_loses=0),
    Case("enum: grown in the middle", [C("a", native("red", "green"))],
         [C("a", native("red", "amber", "green"))], ["red", "green"], takes=["amber"]),
    Case("enum: grown at the beginning", [C("a", native("red"))], [C("a", native("all", "red"))],
         ["red"], takes=["all"]),
    Case("enum: grown, with the new label as default",
         [C("a", native("red", "green"), server_default="red")],
         [C("a", native("red", "green", "blue"), server_default="blue")], ["red"],
         takes=[({}, "blue")]),
    Case("enum: grown by a longer label", [C("a", native("red"))],
         [C("a", native("red", "ultramarine"))], ["red"], takes=["ultramarine"]),
    Case("enum: shrunk, unused", [C("a", native("red", "green", "blue"))],
         [C("a", native("red", "green"))], ["red"], loses=0,
         postgresql={"refuses": ["blue"]}),
    Case("enum: shrunk, used", [C("a", native("red", "green", "blue"))],
         [C("a", native("red", "green"))], ["red", "blue", "blue"], loses=2,
         become=["red", None, None], back=["red", None, None]),
    Case("enum: shrunk, used, NOT NULL", [C("a", native("red", "blue"), nullable=False)],
         [C("a", native("red"), nullable=False)], ["red", "blue"], fails="1 value would be NULL"),
    Case("enum: shrunk, with a default and a condition",
         [C("a", native("red", "green", "blue"), server_default="red"),
          sa.CheckConstraint("a <> 'green'", name="not_green")],
         [C("a", native("red", "green"), server_default="red"),
          sa.CheckConstraint("a <> 'green'", name="not_green")], ["red"], takes=[({}, "red")],
         refuses=["green"]),
    Case("enum: in another order", [C("a", native("red", "green"))], [C("a", native("green", "red"))],
         ["red", "green"], loses=0, back_loses=0),
    Case("enum: of another name", [C("a", native("red"))], [C("a", native("red", name="tint"))],
         ["red", None], loses=0, back_loses=0),
    Case("enum: from text", [C("a", sa.Text)], [C("a", native("red", "green"))],
         ["red", "mauve", None], become=["red", None, None], loses=1, back=["red", None, None]),
    Case("enum: to text", [C("a", native("red", "green"))], [C("a", sa.Text)], ["red", None],
         loses=0, back_loses=0, takes=["mauve"]),
    Case("enum: nothing about it", [C("a", native("red"))], [C("a", native("red"))], ["red"],
         unwritten=True),
    # --- A text with a condition, on both databases
    Case("checked enum: added", A, [C("a", sa.Integer), C("b", checked("red", "green"))], [1],
         become=[{"a": 1, "b": None}], takes=[{"b": "green"}]),
    Case("checked enum: grown", [C("a", checked("red"))], [C("a", checked("red", "blue"))], ["red"],
         takes=["blue"], loses=0, back_loses=0),
    Case("checked enum: shrunk, unused", [C("a", checked("red", "blue"))], [C("a", checked("red"))],
         ["red"], loses=0, back_loses=0),
    Case("checked enum: shrunk, used", [C("a", checked("red", "blue"))], [C("a", checked("red"))],
         ["red", "blue"], loses=1, become=["red", None], back=["red", None]),
    Case("checked enum: added with a default", A,
         [C("a", sa.Integer), C("b", checked("red", "green"), server_default="green", nullable=False)],
         [1], become=[{"a": 1, "b": "green"}], back_loses=1),
    Case("checked enum: in a new table", {"thing": [C("a", sa.Integer)]},
         {"thing": [C("a", sa.Integer)],
          "other": [C("id", sa.Integer, primary_key=True), C("b", checked("red"))]}, [1]),
    Case("checked enum: grown, indexed, with the new label as default",
         [C("a", checked("red"), server_default="red", index=True)],
         [C("a", checked("red", "it's"), server_default="it's", index=True)], ["red"],
         takes=[({}, "it's")], loses=0, back_loses=0),
    Case("checked enum: grown, by a label that is longer than all so far",
         [C("a", sa.Enum("red", name="colour", native_enum=False, create_constraint=True))],
         [C("a", sa.Enum("red", "ultramarine", name="colour", native_enum=False, create_constraint=True))],
         ["red", None], takes=["ultramarine"], loses=0),
    Case("checked enum: shrunk, used, NOT NULL", [C("a", checked("red", "blue"), nullable=False)],
         [C("a", checked("red"), nullable=False)], ["red", "blue"], fails="1 value would be NULL"),
    Case("checked enum: to text", [C("a", checked("red"))], [C("a", sa.Text)], ["red"],
         takes=["mauve"]),
    Case("checked enum: from text", [C("a", sa.Text)], [C("a", checked("red"))], ["red", None],
         loses=0),
    Case("checked enum: made native", [C("a", checked("red", "blue"))], [C("a", native("red", "blue"))],
         ["red"], loses=0, back_loses=0),
    Case("checked native enum: grown", [C("a", native("red", create_constraint=True))],
         [C("a", native("red", "blue", create_constraint=True))], ["red"], takes=["blue"]),
]  # fmt: skip
