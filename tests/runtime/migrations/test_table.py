"""The table of changes is a table of what happens to people: mostly not of columns that come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from mtvgen.runtime.migrations.values.kinds import kind_of
from mtvgen.runtime.models import UTCDateTime
from tests.runtime.migrations.cases.table import CASES
from tests.runtime.migrations.changing import Case, models

DIALECT = postgresql.dialect(paramstyle="named")
CHANGES = [case for case in CASES if not case.unwritten]


# Each of fifty questions is asked of each case: its models are made once, and spelled out once.
SIDES = {case.name: (models(case.before), models(case.after)) for case in CASES}


def sides(case: Case) -> tuple[sa.MetaData, sa.MetaData]:
    return SIDES[case.name]


@cache
def words(metadata: sa.MetaData) -> set[str]:
    """Each line of what makes the tables, with its table."""
    found = set()
    for table in metadata.tables.values():
        statements = [CreateTable(table), *map(CreateIndex, table.indexes)]
        lines = "\n".join(str(statement.compile(dialect=DIALECT)) for statement in statements)
        options = {**table.dialect_kwargs, "comment": table.comment}
        comments = {column.name: column.comment for column in table.columns}
        found |= {f"{table}: {line.strip(', ')}" for line in lines.splitlines()}
        found.add(f"{table}: {sorted(options.items())} {sorted(comments.items(), key=str)}")
    return found


def only_adds(case: Case) -> bool:
    before, after = map(words, sides(case))
    return before < after and not case.renames


def columns(case: Case) -> Iterator[sa.Column[Any]]:
    for side in sides(case):
        for table in side.tables.values():
            yield from table.columns


def indexed(case: Case) -> str:
    tables = [table for side in sides(case) for table in side.tables.values()]
    return " ".join(str(CreateIndex(i).compile(dialect=DIALECT)) for t in tables for i in t.indexes)


def says(word: str) -> Callable[[Case], bool]:
    """Whether the tables' statements have a word; in the order of SQLAlchemy's own."""
    return lambda case: any(word in line for side in sides(case) for line in words(side))


def of_columns(question: Callable[[sa.Column[Any]], Any]) -> Callable[[Case], bool]:
    return lambda case: any(question(column) for column in columns(case))


def set_up(word: str) -> Callable[[Case], bool]:
    return lambda case: any(word in statement for statement in case.setup)


def labels(case: Case, *, is_native: bool, change: str) -> bool:
    """Whether the labels of an Enum of a kind come, become more or fewer."""
    found = []
    for side in sides(case):
        every = [c.type for t in side.tables.values() for c in t.columns]
        enums = [e for e in every if isinstance(e, sa.Enum)]
        found.append({x for e in enums if e.native_enum == is_native for x in e.enums})
    before, after = found
    return {"added": not before and bool(after), "grown": bool(before) and bool(after - before),
            "shrunk": bool(after) and bool(before - after)}[change]  # fmt: skip


def is_in_a_circle(case: Case) -> bool:
    for side in sides(case):
        keys = {(t.name, k.column.table.name) for t in side.tables.values() for k in t.foreign_keys}
        others = {(a, b) for a, b in keys if a != b}
        names = {a for a, _ in others}
        if names and all({b for a, b in others if a == name} & names for name in names):
            return True
    return False


def defaults(type_: type[Any]) -> Callable[[Case], bool]:
    return of_columns(lambda c: c.server_default is not None and isinstance(c.type, type_))


KINDS: dict[str, Callable[[Case], bool]] = {
    # What a table keeps when SQLite makes it again.
    "collation": of_columns(lambda c: getattr(c.type, "collation", None)),
    "AUTOINCREMENT": says("sqlite_autoincrement"),
    "trigger": set_up("CREATE TRIGGER"),
    "view": set_up("CREATE VIEW"),
    "index of an expression": lambda case: "lower(" in indexed(case) or "upper(" in indexed(case),
    "index downwards": lambda case: "DESC" in indexed(case),
    "CHECK": says("CHECK ("),
    "computed": of_columns(lambda c: isinstance(c.server_default, sa.Computed)),
    "STRICT": says("sqlite_strict"),
    "WITHOUT ROWID": says("sqlite_with_rowid"),
    "deferrable": says("DEFERRABLE"),
    # What models can say.
    "identity": of_columns(lambda c: isinstance(c.server_default, sa.Identity)),
    "primary key": lambda case: "PRIMARY KEY" in str(set.__xor__(*map(words, sides(case)))),
    "comment": lambda case: any(t.comment for s in sides(case) for t in s.tables.values())
    or any(column.comment for column in columns(case)),
    "schema": lambda case: any(t.schema for s in sides(case) for t in s.tables.values()),
    "circle": is_in_a_circle,
    "variant": of_columns(lambda c: c.type._variant_mapping),
    "default of text": defaults(sa.String),
    "default of a number": defaults(sa.Numeric),
    "default of a truth": defaults(sa.Boolean),
    "default of a day": defaults(sa.Date),
    "default of a moment": defaults((sa.DateTime, UTCDateTime)),
    "default of JSON": defaults(sa.JSON),
    **{
        f"{'native' if is_native else 'checked'} enum {change}": (
            lambda case, is_native=is_native, change=change: labels(
                case, is_native=is_native, change=change
            )
        )
        for is_native in (True, False)
        for change in ("added", "grown", "shrunk")
    },
}  # fmt: skip


def families(case: Case) -> set[str]:
    """The kinds of values that a column of one name had, or has, where these are two."""
    before, after = sides(case)
    found = set()
    for name in before.tables.keys() & after.tables.keys():
        old, new = before.tables[name].columns, after.tables[name].columns
        for column in {c.name for c in old} & {c.name for c in new}:
            pair = {kind_of(side[column].type, DIALECT).family for side in (old, new)}
            found |= pair if len(pair) == 2 else set()
    return found


def test_the_table_is_large_and_no_name_is_there_twice():
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert len(CHANGES) >= 150


def test_few_changes_only_add_something():
    assert len([case.name for case in CHANGES if only_adds(case)]) <= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_change_has_rows(case: Case):
    rows = case.rows.values() if isinstance(case.rows, dict) else [case.rows]
    assert any(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_thing_has_three_changes(kind: str):
    assert len([case.name for case in CHANGES if KINDS[kind](case)]) >= 3


@pytest.mark.parametrize(
    "family", ["text", "date", "time", "datetime", "decimal", "boolean", "enum", "uuid", "json"]
)
def test_each_kind_of_value_becomes_others_and_others_it(family: str):
    assert len([case.name for case in CHANGES if family in families(case)]) >= 3
