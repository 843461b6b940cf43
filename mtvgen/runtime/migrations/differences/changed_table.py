"""The operations on a table that stays: its columns, constraints and indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alembic.operations import ops
from sqlalchemy import CheckConstraint, Column, MetaData, Table, text
from sqlalchemy.sql.elements import conv

from mtvgen.runtime.migrations.differences.compare import Difference, TableDifference
from mtvgen.runtime.migrations.differences.more_operations import CountOp, DropIndexOp, add_key
from mtvgen.runtime.migrations.differences.sides import Keys, Sides
from mtvgen.runtime.migrations.differences.tables import Written
from mtvgen.runtime.migrations.differences.whole_tables import drop_constraint
from mtvgen.runtime.migrations.operations.columns import fresh_column
from mtvgen.runtime.migrations.schema.create_table import mentions
from mtvgen.runtime.migrations.schema.facts import ColumnFacts, ConstraintFacts, Name
from mtvgen.runtime.migrations.schema.text_facts import index_parts


class TableBuilder:
    """The operations on one table."""

    def __init__(
        self, table: TableDifference, difference: Difference, sides: Sides, keys: Keys
    ) -> None:
        self._table = table
        self._name = table.name
        self._difference = difference
        self._sides = sides
        self._keys = keys
        self._new = sides.new[table.name]
        self._again = [*self._made_again()]
        self._take_along()

    def _made_again(self) -> Iterator[str]:
        """Columns that are computed otherwise, or of what gets another type.

        PostgreSQL changes no type of a column that another one is computed of.
        """
        changed = self._table.changed
        held, wanted = self._columns()
        other_types = [column for column, parts in changed.items() if "type" in parts]
        for name in wanted.keys() & held.keys():
            made = wanted[name].generated
            rests_on = [c for c in other_types if made and (c == name or mentions(made, c))]
            if rests_on or "generated" in changed.get(name, ()):
                yield name

    def _columns(self) -> tuple[Mapping[str, ColumnFacts], Mapping[str, ColumnFacts]]:
        """Those of the database, and those of the models."""
        sides = self._sides
        return sides.held.tables[self._name].columns, sides.wanted.tables[self._name].columns

    def _take_along(self) -> None:
        """Make again what stays but is about a column that is made again."""
        wanted, table = self._sides.wanted.tables[self._name], self._table
        for column in self._again:
            for constraint in wanted.constraints:
                is_about = column in constraint.columns or mentions(constraint.definition, column)
                if is_about and constraint not in table.new_constraints:
                    table.new_constraints.append(constraint)
                    table.old_constraints.append(constraint)
            for index in wanted.indexes.values():
                if mentions(index.definition, column) and index not in table.new_indexes:
                    table.new_indexes.append(index)
                    table.old_indexes.append(index)

    def operations(self) -> Iterator[Any]:
        """All of them, in an order in which each finds what it needs."""
        table = self._table
        yield from self._drop_constraints()
        for index in table.old_indexes:
            yield DropIndexOp(self._old_index(index.name, index.source))
        yield from self._change_columns()
        yield from self._add_constraints()
        for index in table.new_indexes:
            yield self._new.indexes[index.name]
        if table.has_other_comment:
            yield self._comment()

    # --- Columns

    def _change_columns(self) -> Iterator[Any]:
        """Drop what is computed before the columns it is computed of, and add it after them."""
        table = self._table
        held, wanted = self._columns()
        computed_before = [c for c in table.dropped if held[c].generated]
        computed_after = [c for c in table.added if wanted[c].generated]
        for column in [*computed_before, *self._again]:
            yield self._drop_column(column)
        for column in table.added:
            if column not in computed_after:
                yield self._add_column(column)
        for column, parts in table.changed.items():
            if column not in self._again:
                yield from self._alter_column(column, parts)
        for column in [*self._again, *computed_after]:
            yield self._add_column(column)
        for column in table.dropped:
            if column not in computed_before:
                yield self._drop_column(column)

    def _add_column(self, column: str) -> Any:
        added = fresh_column(self._new.columns[column])
        return ops.AddColumnOp(self._name.name, added, schema=self._name.schema)

    def _drop_column(self, column: str) -> Any:
        old = self._old_column(column)
        added = ops.AddColumnOp(self._name.name, old, schema=self._name.schema)
        return ops.DropColumnOp(self._name.name, column, schema=self._name.schema, _reverse=added)

    def _old_column(self, column: str) -> Column[Any]:
        return fresh_column(self._sides.old(self._name).columns[column])

    def _alter_column(self, name: str, parts: set[str]) -> Iterator[Any]:
        old, new = self._old_column(name), self._new.columns[name]
        held = self._sides.held.tables[self._name].columns[name]
        wanted = self._sides.wanted.tables[self._name].columns[name]
        counts = [default == "serial" for default in (held.default, wanted.default)]
        if counts == [True, False]:
            yield CountOp(self._name.name, name, is_on=False, schema=self._name.schema)
        if any(counts) and None in (held.default, wanted.default):
            parts = parts - {"default"}
        changes: dict[str, Any] = {}
        if "type" in parts:
            changes["modify_type"] = new.type
        if "nullable" in parts:
            changes["modify_nullable"] = wanted.nullable
        if parts & {"default", "identity"}:
            changes["modify_server_default"] = new.server_default
        if "comment" in parts:
            changes["modify_comment"] = new.comment
        if changes:
            yield ops.AlterColumnOp(
                self._name.name,
                name,
                schema=self._name.schema,
                existing_type=old.type,
                existing_nullable=held.nullable,
                existing_server_default=old.server_default,
                existing_comment=old.comment,
                **changes,
            )
        if counts == [False, True]:
            yield CountOp(self._name.name, name, is_on=True, schema=self._name.schema)

    # --- Constraints

    def _drop_constraints(self) -> Iterator[Any]:
        for constraint in sorted(self._table.old_constraints, key=_keys_first):
            name = _name_of(constraint, self._name)
            operation = drop_constraint(self._name, self._old_constraint(constraint), name)
            if self._is_apart(constraint):
                self._keys.first.append(operation)
            else:
                yield operation
        for constraint in self._kept_keys():
            name = str(constraint.name)
            self._keys.first.append(
                drop_constraint(self._name, self._old_constraint(constraint), name)
            )
            self._keys.last.append(self._new.constraints[name])

    def _kept_keys(self) -> Iterator[ConstraintFacts]:
        """Foreign keys that stay, but whose columns change their type on either side."""
        for constraint in self._sides.wanted.tables[self._name].constraints:
            is_kept = constraint not in self._table.new_constraints
            if constraint.kind == "foreign key" and is_kept and constraint.refers_to:
                sides = (self._name, constraint.columns), (constraint.refers_to, None)
                if any(self._changes_type(name, columns) for name, columns in sides):
                    yield constraint

    def _changes_type(self, name: Name, columns: tuple[str, ...] | None) -> bool:
        table = self._difference.tables.get(name)
        if table is None:
            return False
        return any(
            "type" in parts and (columns is None or column in columns)
            for column, parts in table.changed.items()
        )

    def _is_apart(self, constraint: ConstraintFacts) -> bool:
        """Return whether a foreign key waits for, or precedes, a change of its target table."""
        target = constraint.refers_to
        if target is None or target == self._name:
            return False
        difference = self._difference
        return target in difference.tables or target in difference.dropped

    def _add_constraints(self) -> Iterator[Any]:
        for constraint in sorted(self._table.new_constraints, key=_keys_first, reverse=True):
            operation = self._new_constraint(constraint)
            if isinstance(operation, ops.CreatePrimaryKeyOp):
                operation = add_key(operation)
            if self._is_apart(constraint):
                self._keys.last.append(operation)
            else:
                yield operation

    def _new_constraint(self, constraint: ConstraintFacts) -> Any:
        found = self._new.constraints.get(str(constraint.name))
        if found is None:
            found = _by_columns(self._new, constraint)
        assert found is not None, constraint  # noqa: S101  # the facts are made of these
        return found

    def _old_constraint(self, constraint: ConstraintFacts) -> Any:
        old = self._sides.old(self._name)
        found = old.constraints.get(str(constraint.name)) or _by_columns(old, constraint)
        if found is not None or constraint.kind != "check":
            return found
        table = Table(self._name.name, MetaData(), schema=self._name.schema)
        check = CheckConstraint(text(constraint.source), name=constraint.name)
        table.append_constraint(check)
        return ops.AddConstraintOp.from_constraint(check)

    def _old_index(self, name: str, source: str) -> Any:
        old = self._sides.old(self._name).indexes.get(name)
        return old if old is not None else _index_of_statement(self._name, name, source)

    def _comment(self) -> Any:
        held = self._sides.held.tables[self._name].comment
        wanted = self._new.table.comment
        names = {"schema": self._name.schema, "existing_comment": held}
        if wanted is None:
            return ops.DropTableCommentOp(self._name.name, **names)
        return ops.CreateTableCommentOp(self._name.name, wanted, **names)


def _keys_first(constraint: ConstraintFacts) -> int:
    """Foreign keys, then what they may rest on."""
    return ("foreign key", "check", "exclude", "unique", "primary key").index(constraint.kind)


def _name_of(constraint: ConstraintFacts, table: Name) -> str:
    """Return a constraint's name; the usual one where the database has none."""
    if constraint.name:
        return constraint.name
    words = {"unique": "uq", "foreign key": "fk", "primary key": "pk", "check": "ck"}
    return "_".join([words[constraint.kind], table.name, *constraint.columns])


def _by_columns(written: Written, constraint: ConstraintFacts) -> Any:
    """Return a constraint that has another name here, or none."""
    kinds = {
        "unique": ops.CreateUniqueConstraintOp,
        "primary key": ops.CreatePrimaryKeyOp,
        "foreign key": ops.CreateForeignKeyOp,
    }
    for operation in [*written.constraints.values(), *written.unnamed]:
        columns: Any = getattr(operation, "local_cols", None) or getattr(operation, "columns", ())
        is_kind = isinstance(operation, kinds.get(constraint.kind, ()))
        if is_kind and tuple(columns) == constraint.columns:
            return operation
    return None


def _index_of_statement(table: Name, name: str, source: str) -> ops.CreateIndexOp:
    """Return an index that no migration and no reflection knows, by its own statement."""
    expressions, where, is_unique = index_parts(source)
    more: dict[str, Any] = {}
    if where:
        more = {"sqlite_where": text(where), "postgresql_where": text(where)}
    columns: list[Any] = [text(expression) for expression in expressions]
    return ops.CreateIndexOp(
        conv(name), table.name, columns, schema=table.schema, unique=is_unique, **more
    )
