"""Tables that come and go, each at a moment at which what it refers to is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from mtvgen.runtime.migrations.differences.compare import Difference
from mtvgen.runtime.migrations.differences.more_operations import DropIndexOp, DropKeyOp
from mtvgen.runtime.migrations.differences.sides import Keys, Sides
from mtvgen.runtime.migrations.differences.tables import Written
from mtvgen.runtime.migrations.operations.columns import fresh_column, fresh_constraint
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts


def new_tables(difference: Difference, sides: Sides, keys: Keys) -> Iterator[Any]:
    """Yield the tables that come, each behind those that it refers to."""
    for name in _sorted(difference.added, sides.wanted):
        written = sides.new[name]
        late = _late_keys(name, difference.added, sides.wanted)
        keys.last += [written.constraints[key] for key in late if key in written.constraints]
        yield create_table(written, late)
        yield from written.indexes.values()


def create_table(written: Written, late: set[str] | frozenset[str] = frozenset()) -> Any:
    """Return the operation that makes a table.

    Args:
        written: The table.
        late: The foreign keys that it gets later.
    """
    constraints = [op for name, op in written.constraints.items() if name not in late]
    items = [
        *map(fresh_column, written.columns.values()),
        *map(fresh_constraint, [*constraints, *written.unnamed]),
    ]
    options: dict[str, Any] = dict(written.table.dialect_kwargs)
    if written.table.comment is not None:
        options["comment"] = written.table.comment
    return ops.CreateTableOp(written.name.name, items, schema=written.name.schema, **options)


def old_tables(difference: Difference, sides: Sides, keys: Keys) -> Iterator[Any]:
    """Yield the tables that go, each before those that it refers to."""
    for name in reversed(_sorted(difference.dropped, sides.held)):
        written = sides.old(name)
        late = _late_keys(name, difference.dropped, sides.held)
        for key in late:
            if key in written.constraints:
                keys.first.append(drop_constraint(written.name, written.constraints[key], key))
        for index in reversed(written.indexes.values()):
            yield DropIndexOp(index)
        creation = create_table(written, late)
        yield ops.DropTableOp(
            name.name, schema=name.schema, table_kw=creation.kw, _reverse=creation
        )


def _sorted(names: list[Name], schema: SchemaFacts) -> list[Name]:
    """Each table behind those that it refers to, but for one of each circle."""
    order: list[Name] = []
    seen: set[Name] = set()

    def visit(name: Name) -> None:
        if name in seen or name not in names:
            return
        seen.add(name)
        for constraint in schema.tables[name].constraints:
            if constraint.refers_to is not None:
                visit(constraint.refers_to)
        order.append(name)

    for name in names:
        visit(name)
    return order


def _late_keys(name: Name, names: list[Name], schema: SchemaFacts) -> set[str]:
    """Return the foreign keys of a new table to tables that come behind it."""
    order = _sorted(names, schema)
    later = set(order[order.index(name) + 1 :])
    return {
        str(constraint.name)
        for constraint in schema.tables[name].constraints
        if constraint.refers_to in later
    }


def drop_constraint(table: Name, operation: Any, name: str) -> ops.DropConstraintOp:
    """Return the operation that drops a constraint, by the one that makes it."""
    if isinstance(operation, ops.CreatePrimaryKeyOp):
        return DropKeyOp(operation)
    kinds = {
        ops.CreateUniqueConstraintOp: "unique",
        ops.CreatePrimaryKeyOp: "primary",
        ops.CreateForeignKeyOp: "foreignkey",
        ops.CreateCheckConstraintOp: "check",
    }
    kind = next((word for class_, word in kinds.items() if isinstance(operation, class_)), None)
    return ops.DropConstraintOp(
        conv(name), table.name, kind, schema=table.schema, _reverse=operation
    )
