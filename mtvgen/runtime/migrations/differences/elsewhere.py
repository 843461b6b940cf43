"""Changes that only the other database would notice, added to those that this one notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine import Dialect

from mtvgen.runtime.migrations.differences.compare import Difference, TableDifference, compare
from mtvgen.runtime.migrations.schema.declared import declared
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts


def add_what_the_other_sees(
    difference: Difference,
    dialect: Dialect,
    tables: Mapping[Name, tuple[Table, Table]],
    options: dict[str, Any],
) -> None:
    """Compare tables in the words of the database that is not there.

    Args:
        difference: What this database sees; it gets the rest.
        dialect: This database's.
        tables: Those that both sides have: as the migrations made them, and the models'.
        options: For `compare()`.
    """
    other = _dialect_beside(dialect)
    held, wanted = {}, {}
    for name, pair in tables.items():
        old, new = (declared(table, other) for table in pair)
        if old is None or new is None:
            return  # a project of this database alone
        if not old.is_like(new):
            held[name], wanted[name] = old.facts(), new.facts()
    found = compare(SchemaFacts(held), SchemaFacts(wanted), **options)
    for name, table in found.tables.items():
        _add(difference, name, table, tables[name])


def _dialect_beside(dialect: Dialect) -> Dialect:
    """Return the database that this one is not; its style leaves a % as it is."""
    other: Any = SQLiteDialect if dialect.name == "postgresql" else PGDialect
    return other(paramstyle="named")  # type: ignore[no-any-return]  # SQLAlchemy has no types for it


def _add(
    difference: Difference, name: Name, found: TableDifference, pair: tuple[Table, Table]
) -> None:
    table = difference.tables.get(name) or TableDifference(name)
    both = {column.name for column in pair[0].columns} & {c.name for c in pair[1].columns}
    for column, parts in found.changed.items():
        if column in both:
            table.changed.setdefault(column, set()).update(parts)
    table.has_other_comment |= found.has_other_comment
    _add_indexes(table, found)
    if table:
        difference.tables[name] = table


def _add_indexes(table: TableDifference, found: TableDifference) -> None:
    known = {index.name for index in [*table.old_indexes, *table.new_indexes]}
    both = {i.name for i in found.old_indexes} & {i.name for i in found.new_indexes}
    table.old_indexes += [i for i in found.old_indexes if i.name in both - known]
    table.new_indexes += [i for i in found.new_indexes if i.name in both - known]
