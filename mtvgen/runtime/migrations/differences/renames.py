"""`--rename thing.author:writer`: the two ends of a change that a comparison can't put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from alembic.operations import ops
from sqlalchemy.engine import Dialect

from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts
from mtvgen.runtime.migrations.schema.sql_text import quoted
from mtvgen.runtime.migrations.values.kinds import kind_of

EXAMPLE = "write it as thing.author:writer, or thing:item for a table"
ALIKE = 0.5  # the share of columns by which two tables may be one


class RenameColumnOp(ops.AlterColumnOp):
    """A column gets another name; the way back gives it the old one."""

    def __init__(self, table_name: str, old: str, new: str, *, schema: str | None = None) -> None:
        super().__init__(table_name, old, schema=schema, modify_name=new)
        self.new = new

    def reverse(self) -> RenameColumnOp:
        """Return the way back."""
        return RenameColumnOp(self.table_name, self.new, self.column_name, schema=self.schema)


class RenameTableOp(ops.RenameTableOp):
    """A table gets another name; the way back gives it the old one."""

    def reverse(self) -> RenameTableOp:
        """Return the way back."""
        return RenameTableOp(self.new_table_name, self.table_name, schema=self.schema)


@dataclass(frozen=True)
class Rename:
    """A new name.

    Attributes:
        table: The table, by the name that it has when this happens.
        column: Its column; None for the table itself.
        new: What it is to be called.
    """

    table: Name
    column: str | None
    new: str

    @property
    def operation(self) -> RenameColumnOp | RenameTableOp:
        """What a migration does."""
        schema = self.table.schema
        if self.column is None:
            return RenameTableOp(self.table.name, self.new, schema=schema)
        return RenameColumnOp(self.table.name, self.column, self.new, schema=schema)

    @property
    def sql(self) -> str:
        """The same on both databases."""
        table = ".".join(quoted(part) for part in self.table if part)
        what = f"COLUMN {quoted(self.column)} " if self.column is not None else ""
        return f"ALTER TABLE {table} RENAME {what}TO {quoted(self.new)}"


def read_rename(text: str) -> Rename:
    """Read what a person wrote: `thing.author:writer`, `thing:item`, `shop.thing.author:writer`.

    Raises:
        MigrationError: It is none of these.
    """
    found = re.fullmatch(r"([^:]+):([^:.]+)", text)
    if found is None:
        raise MigrationError(f"--rename {text!r} has no old and new name.", cure=EXAMPLE)
    parts = found[1].split(".")
    if len(parts) == 1:
        return Rename(Name(None, parts[0]), None, found[2])
    if len(parts) == 2:  # a table and its column
        return Rename(Name(None, parts[0]), parts[1], found[2])
    return Rename(Name(".".join(parts[:-2]), parts[-2]), parts[-1], found[2])


def check(rename: Rename, held: SchemaFacts, wanted: SchemaFacts) -> None:
    """Refuse a rename between names of which one is not there, or is still in use.

    Raises:
        MigrationError: It says which names there are.
    """
    if rename.column is None:
        new = Name(rename.table.schema, rename.new)
        _check(rename.table, new, list(held.tables), list(wanted.tables), "table ")
        return
    old = held.tables.get(rename.table)
    later = wanted.tables.get(rename.table)
    if old is None or later is None:
        where = "the database" if old is None else "the models"
        raise MigrationError(f"--rename: {where} has no table {rename.table}.", cure=EXAMPLE)
    _check(rename.column, rename.new, list(old.columns), list(later.columns), f"{rename.table}.")


def _check(old: Any, new: Any, held: list[Any], wanted: list[Any], prefix: str) -> None:
    if old not in held:
        names = ", ".join(str(name) for name in held if name not in wanted) or "none"
        message = f"--rename: the database has no {prefix}{old}."
        raise MigrationError(message, cure=f"gone from the models: {names}")
    if new not in wanted:
        names = ", ".join(str(name) for name in wanted if name not in held) or "none"
        message = f"--rename: the models have no {prefix}{new}."
        raise MigrationError(message, cure=f"new in the models: {names}")
    if old in wanted:
        raise MigrationError(
            f"--rename: the models still have {prefix}{old}.", cure="take it out of the model"
        )
    if new in held:
        raise MigrationError(
            f"--rename: the database already has {prefix}{new}.", cure="leave --rename out"
        )


def likely_renames(operations: Iterable[Any], dialect: Dialect) -> Iterator[str]:
    """Yield what may have another name now, as `--rename` takes it: of one kind, and most alike."""
    every = list(operations)
    yield from _likely_tables(every)
    for table in dict.fromkeys(op.table_name for op in every if isinstance(op, ops.DropColumnOp)):
        gone = [o for o in every if isinstance(o, ops.DropColumnOp) and o.table_name == table]
        come = [o for o in every if isinstance(o, ops.AddColumnOp) and o.table_name == table]
        for drop in gone:
            old = drop.to_column()
            family = kind_of(old.type, dialect).family
            alike = [o for o in come if kind_of(o.column.type, dialect).family == family]
            if alike:
                best = max(alike, key=lambda o: _likeness(drop.column_name, o.column.name))
                come.remove(best)
                yield f"{table}.{drop.column_name}:{best.column.name}"


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new).ratio()


def _likely_tables(every: list[Any]) -> Iterator[str]:
    come = [op for op in every if isinstance(op, ops.CreateTableOp)]
    for drop in every:
        if not isinstance(drop, ops.DropTableOp):
            continue
        old = {column.name for column in drop.to_table().columns}
        for made in come:
            new = {column.name for column in made.to_table().columns}
            if len(old & new) > ALIKE * len(old | new):
                come.remove(made)
                yield f"{drop.table_name}:{made.table_name}"
                break
