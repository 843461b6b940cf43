"""Thirty and some changes of models, as a user of Django and a user of mtvgen writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

DAY, NOON = dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 12)
KEY = UUID("2b2a4bd3-3a3f-4a5e-8d6b-6e1a2b3c4d5e")
GONE = "gone"  # stands for a value that nobody can keep
Sides = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One change, in both notations; the model is `Thing`, its table `thing`.

    Attributes:
        name: In words, for the table.
        django: The class's body before and after it; several classes begin with `class `.
        mtvgen: The same for SQLAlchemy.
        rows: The values of the column `a` before, or of several as dicts.
        become: What a person expects them to be; GONE for what can't be kept, a set for what may be
            any of them. None: as they were.
        renames: For `makemigrations --rename`; Django's question is answered with yes.
        own_sql: What somebody has made in the database by hand.
        kept: A query, and how many rows it must find before and after.
        base: Whether the change is the way back to before the first migration.
    """

    name: str
    django: Sides
    mtvgen: Sides
    rows: Sequence[Any]
    become: Sequence[Any] | None = None
    renames: Sequence[str] = ()
    own_sql: Sequence[str] = field(default=())
    kept: tuple[str, int] | None = None
    base: bool = False


def typed(
    name: str, django: Sides, mtvgen: Sides, rows: Sequence[Any], become: Sequence[Any]
) -> Change:
    """A column `a` that gets another type; it may be NULL."""
    return Change(
        name,
        (f"a = models.{_with_null(django[0])}", f"a = models.{_with_null(django[1])}"),
        (f"a = C({mtvgen[0]})", f"a = C({mtvgen[1]})"),
        rows,
        become,
    )


def _with_null(field_: str) -> str:
    return f"{field_[:-1]}{'' if field_.endswith('()') else ', '}null=True)"


TEXT = ("a = models.TextField(null=True)", "a = C(sa.Text)")
INT = ("a = models.IntegerField(null=True)", "a = C(sa.Integer)")
OTHER = (
    "class Other(models.Model):\n    class Meta: db_table = 'other'\n    n = models.TextField()\n",
    "class Other(Model):\n    __tablename__ = 'other'\n    id = C(sa.Integer, primary_key=True)\n"
    "    n = C(sa.Text)\n",
)
TRIGGER = (
    "CREATE TABLE log (what TEXT)",
    "CREATE TRIGGER noted AFTER INSERT ON thing BEGIN INSERT INTO log VALUES (new.a); END",
)
COUNT = "SELECT count(*) FROM sqlite_master WHERE name = "


CHANGES = [
    # --- Types
    typed("a day becomes a moment", ("DateField()", "DateTimeField()"),
          ("sa.Date", "sa.DateTime"), [DAY, None], [dt.datetime(2026, 1, 2), None]),
    typed("a moment becomes a day", ("DateTimeField()", "DateField()"),
          ("sa.DateTime", "sa.Date"), [NOON, None], [DAY, None]),
    typed("text becomes a day", ("TextField()", "DateField()"), ("sa.Text", "sa.Date"),
          ["2026-01-02", "soon", None], [DAY, GONE, None]),
    typed("text becomes a whole number", ("TextField()", "IntegerField()"),
          ("sa.Text", "sa.Integer"), ["12", "many", None], [12, GONE, None]),
    typed("a whole number becomes text", ("IntegerField()", "TextField()"),
          ("sa.Integer", "sa.Text"), [12, None], ["12", None]),
    typed("text becomes true or false", ("TextField()", "BooleanField()"),
          ("sa.Text", "sa.Boolean"), ["true", "no", "perhaps"], [True, False, GONE]),
    typed("true or false becomes text", ("BooleanField()", "TextField()"),
          ("sa.Boolean", "sa.Text"), [True, False], [{"true", "1"}, {"false", "0"}]),
    typed("a fraction becomes a whole number", ("FloatField()", "IntegerField()"),
          ("sa.Float", "sa.Integer"), [2.0, 1.75], [2, GONE]),
    typed("a price loses its cents",
          ("DecimalField(max_digits=8, decimal_places=2)", "DecimalField(max_digits=8, decimal_places=0)"),
          ("sa.Numeric(8, 2)", "sa.Numeric(8, 0)"),
          [Decimal("2.00"), Decimal("1.75")], [Decimal(2), GONE]),
    typed("text becomes a UUID", ("TextField()", "UUIDField()"), ("sa.Text", "sa.Uuid"),
          [str(KEY), "nobody"], [KEY, GONE]),
    typed("a UUID becomes text", ("UUIDField()", "TextField()"), ("sa.Uuid", "sa.Text"),
          [KEY], [{str(KEY), KEY.hex}]),
    typed("text becomes JSON", ("TextField()", "JSONField()"), ("sa.Text", "sa.JSON"),
          ['{"a": 1}', "hello"], [{"a": {"a": 1}}, {"a": "hello"}]),
    typed("a text gets a shorter length", ("CharField(max_length=20)", "CharField(max_length=3)"),
          ("sa.String(20)", "sa.String(3)"), ["abc", "abcdef"], ["abc", GONE]),
    Change("a choice that rows have is taken away",
           ("a = models.CharField(max_length=9, choices=[('r', 'r'), ('b', 'b')])",
            "a = models.CharField(max_length=9, choices=[('r', 'r')])"),
           ("a = C(sa.Enum('r', 'b', name='colour', native_enum=False, create_constraint=True, length=9))",
            "a = C(sa.Enum('r', name='colour', native_enum=False, create_constraint=True, length=9))"),
           ["r", "b"], ["r", GONE]),
    # --- NULL
    Change("NULL is no longer allowed, and is there", (TEXT[0], "a = models.TextField()"),
           (TEXT[1], "a = C(sa.Text, nullable=False)"), ["x", None]),
    Change("NULL is no longer allowed, with a default of the database",
           (TEXT[0], "a = models.TextField(db_default='none')"),
           (TEXT[1], "a = C(sa.Text, nullable=False, server_default='none')"),
           ["x", None], ["x", "none"]),
    Change("a column comes that needs a value", (TEXT[0], f"{TEXT[0]}\nb = models.TextField()"),
           (TEXT[1], f"{TEXT[1]}\nb = C(sa.Text, nullable=False)"), ["x"]),
    # --- What goes
    Change("a column goes", (f"{TEXT[0]}\nb = models.TextField(null=True)", TEXT[0]),
           (f"{TEXT[1]}\nb = C(sa.Text)", TEXT[1]), [{"a": "x", "b": "y"}, {"a": "x", "b": None}],
           [{"a": "x"}, {"a": "x"}]),
    Change("a column goes that must have a value", (f"{TEXT[0]}\nb = models.TextField()", TEXT[0]),
           (f"{TEXT[1]}\nb = C(sa.Text, nullable=False)", TEXT[1]), [{"a": "x", "b": "y"}],
           [{"a": "x"}]),
    Change("the way back to before the first migration", (TEXT[0], TEXT[0]), (TEXT[1], TEXT[1]),
           ["x", "y"], [GONE, GONE], base=True),
    # --- New names
    Change("a column gets another name", (TEXT[0], "b = models.TextField(null=True)"),
           (TEXT[1], "b = C(sa.Text)"), ["x", None], [{"b": "x"}, {"b": None}],
           renames=["thing.a:b"]),
    Change("a column gets another name and another type",
           ("a = models.DateField(null=True)", "b = models.DateTimeField(null=True)"),
           ("a = C(sa.Date)", "b = C(sa.DateTime)"), [DAY], [{"b": dt.datetime(2026, 1, 2)}],
           renames=["thing.a:b"]),
    # --- What rows must be
    Change("unique, over rows that repeat", (TEXT[0], "a = models.TextField(null=True, unique=True)"),
           (TEXT[1], "a = C(sa.Text, unique=True)"), ["x", "x"]),
    Change("a condition that rows do not meet",
           (INT[0], f"{INT[0]}\nclass Meta:\n    db_table = 'thing'\n    constraints = "
            "[models.CheckConstraint(condition=models.Q(a__gt=1), name='large')]"),
           (INT[1], f"{INT[1]}\n__table_args__ = (sa.CheckConstraint('a > 1', name='large'),)"), [1, 2]),
    Change("a key to rows that are not there",
           (f"{OTHER[0]}class Thing(models.Model):\n    class Meta: db_table = 'thing'\n    {INT[0]}",
            f"{OTHER[0]}class Thing(models.Model):\n    class Meta: db_table = 'thing'\n"
            "    a = models.ForeignKey(Other, models.CASCADE, null=True, db_column='a')"),
           (f"{OTHER[1]}class Thing(Model):\n    __tablename__ = 'thing'\n"
            f"    id = C(sa.Integer, primary_key=True)\n    {INT[1]}",
            f"{OTHER[1]}class Thing(Model):\n    __tablename__ = 'thing'\n"
            "    id = C(sa.Integer, primary_key=True)\n    a = C(sa.Integer, sa.ForeignKey('other.id'))"),
           [7]),
    Change("unique over two texts that are one when they are cut",
           ("a = models.CharField(max_length=20, unique=True)", "a = models.CharField(max_length=3, unique=True)"),
           ("a = C(sa.String(20), unique=True)", "a = C(sa.String(3), unique=True)"), ["abc1", "abc2"]),
    # --- What the database has beside the columns
    Change("a trigger, while a column may no longer be NULL", (TEXT[0], "a = models.TextField()"),
           (TEXT[1], "a = C(sa.Text, nullable=False)"), ["x"], own_sql=TRIGGER,
           kept=(f"{COUNT}'noted'", 1)),
    Change("a view, while a column may no longer be NULL", (TEXT[0], "a = models.TextField()"),
           (TEXT[1], "a = C(sa.Text, nullable=False)"), ["x"],
           own_sql=["CREATE VIEW things AS SELECT a FROM thing"], kept=(f"{COUNT}'things'", 1)),
    Change("an index by hand, while a column may no longer be NULL", (TEXT[0], "a = models.TextField()"),
           (TEXT[1], "a = C(sa.Text, nullable=False)"), ["x"],
           own_sql=["CREATE INDEX by_hand ON thing (lower(a))"], kept=(f"{COUNT}'by_hand'", 1)),
    # --- Expressions
    Change("an index of an expression comes",
           (TEXT[0], f"{TEXT[0]}\nclass Meta:\n    db_table = 'thing'\n    indexes = "
            "[models.Index(models.functions.Lower('a'), name='low')]"),
           (TEXT[1], f"{TEXT[1]}\n__table_args__ = (sa.Index('low', sa.text('lower(a)')),)"), ["x"]),
    Change("a column is computed otherwise",
           (f"{INT[0]}\nb = models.GeneratedField(expression=models.F('a') * 2, "
            "output_field=models.IntegerField(), db_persist=False)",
            f"{INT[0]}\nb = models.GeneratedField(expression=models.F('a') * 3, "
            "output_field=models.IntegerField(), db_persist=False)"),
           (f"{INT[1]}\nb = C(sa.Integer, sa.Computed('a * 2'))",
            f"{INT[1]}\nb = C(sa.Integer, sa.Computed('a * 3'))"), [2], [{"a": 2, "b": 6}]),
    Change("another column becomes the primary key",
           ("a = models.CharField(max_length=9)", "a = models.CharField(max_length=9, primary_key=True)"),
           ("a = C(sa.String(9), nullable=False)",
            "class Thing(Model):\n    __tablename__ = 'thing'\n"
            "    id = C(sa.Integer, nullable=False, server_default='0')\n"
            "    a = C(sa.String(9), primary_key=True)"), ["x"]),
    Change("a text no longer minds the case", (TEXT[0], "a = models.TextField(null=True, db_collation='NOCASE')"),
           (TEXT[1], "a = C(sa.Text(collation='NOCASE'))"), ["x"]),
]  # fmt: skip
