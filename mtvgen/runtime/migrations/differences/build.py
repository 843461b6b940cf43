"""A difference as Alembic's operations, in an order in which each finds what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.operations import ops

from mtvgen.runtime.migrations.differences.changed_table import TableBuilder
from mtvgen.runtime.migrations.differences.compare import Difference, TableDifference
from mtvgen.runtime.migrations.differences.more_operations import OptionsOp
from mtvgen.runtime.migrations.differences.sides import Keys, Sides
from mtvgen.runtime.migrations.differences.whole_tables import new_tables, old_tables
from mtvgen.runtime.migrations.operations.renames import RenameOp
from mtvgen.runtime.migrations.schema.facts import Name


def build(difference: Difference, sides: Sides) -> ops.UpgradeOps:
    """Return the operations that turn the database into what the models want.

    Args:
        difference: What is to be done.
        sides: The database and the models.
    """
    keys = Keys()
    made = list(new_tables(difference, sides, keys))
    changed = [
        ops.ModifyTableOps(name.name, operations, schema=name.schema)
        for name, table in difference.tables.items()
        if (operations := list(TableBuilder(table, difference, sides, keys).operations()))
    ]
    options = [
        operation
        for table in difference.tables.values()
        if table.has_other_options
        for operation in [_options(table, sides)]
    ]
    dropped = list(old_tables(difference, sides, keys))
    renamed = [op for table in difference.tables.values() for op in _renames(table)]
    before = [*_by_table(keys.first), *made, *renamed]
    return ops.UpgradeOps([*before, *changed, *options, *_by_table(keys.last), *dropped])


def _renames(table: TableDifference) -> Iterator[RenameOp]:
    schema = table.name.schema
    for old, new in table.renamed_constraints:
        yield RenameOp("constraint", table.name.name, old, new, schema=schema)
    for old, new in table.renamed_indexes:
        yield RenameOp("index", table.name.name, old, new, schema=schema)


def _by_table(operations: list[Any]) -> Iterator[ops.ModifyTableOps]:
    tables: dict[Name, list[Any]] = {}
    for operation in operations:
        is_new = isinstance(operation, ops.CreateForeignKeyOp)
        name = operation.source_table if is_new else operation.table_name
        schema = operation.kw.get("source_schema") if is_new else operation.schema
        tables.setdefault(Name(schema, name), []).append(operation)
    for name, found in tables.items():
        yield ops.ModifyTableOps(name.name, found, schema=name.schema)


def _options(table: TableDifference, sides: Sides) -> OptionsOp:
    held = sides.held.tables[table.name].options
    wanted = sides.wanted.tables[table.name].options
    return OptionsOp(table.name.name, held, wanted)
