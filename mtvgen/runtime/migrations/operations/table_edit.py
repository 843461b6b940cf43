"""Operations on the text of a SQLite table: what it will say, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alembic.operations import Operations, ops
from sqlalchemy import Column, Computed, Constraint, Identity
from sqlalchemy.schema import AddConstraint
from sqlalchemy.schema import CreateTable as CreateTableStatement

from mtvgen.runtime.migrations.operations.columns import fresh_column, name_checks_of_types
from mtvgen.runtime.migrations.operations.hooks import TableChange
from mtvgen.runtime.migrations.operations.renames import RenameOp
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.create_table import (
    Clause,
    ColumnText,
    CreateTable,
    mentions,
    parse_create_table,
    parse_part,
)
from mtvgen.runtime.migrations.schema.sql_text import normal, quoted
from mtvgen.runtime.migrations.values.conversions import conversion
from mtvgen.runtime.migrations.values.kinds import kind_declared, kind_of
from mtvgen.runtime.migrations.values.sqlite import SQLiteValues


class TableEdit:
    """A table on its way to another shape.

    Args:
        table: Its text, taken apart; it is changed.
        operations: Alembic's, which turn an operation into SQLAlchemy's objects.

    Attributes:
        values: For each column that takes its values from the old table, the expression.
        dropped: The columns that go.
    """

    def __init__(self, table: CreateTable, operations: Operations) -> None:
        self.table = table
        self.values = {c.name: quoted(c.name) for c in table.columns if not c.clause("generated")}
        self.dropped: list[str] = []
        self._operations = operations
        self._dialect = operations.get_context().dialect
        self._naming: Mapping[str, Any] = {}

    def apply(self, change: TableChange) -> None:
        """Do all that a change says, but for indexes."""
        self._naming = change.naming
        for operation in change.operations:
            if isinstance(operation, ops.AddColumnOp):
                self._add_column(operation)
            elif isinstance(operation, ops.DropColumnOp):
                self._drop_column(operation)
            elif isinstance(operation, ops.AlterColumnOp):
                self._alter_column(operation)
            elif isinstance(operation, ops.AddConstraintOp):
                context = self._operations.get_context()
                self._add_constraint(operation.to_constraint(context))
            elif isinstance(operation, ops.DropConstraintOp):
                self._drop_constraint(operation)
            elif isinstance(operation, RenameOp) and operation.kind == "constraint":
                self._rename_constraint(operation)
        for item in change.items:
            self._add_constraint(item)
        self._set_options(change.options)
        self._sort(change.order)

    # --- Columns

    def _add_column(self, operation: ops.AddColumnOp) -> None:
        made = self._made(operation.column)
        column = made.columns[0]
        self.table.columns.insert(self._place(operation.kw), column)
        for clause in made.constraints:
            if clause.kind != "primary key" or not self._key_clauses():
                self.table.constraints.append(clause)

    def _place(self, options: Mapping[str, Any]) -> int:
        names = [column.name for column in self.table.columns]
        if before := options.get("insert_before"):
            return names.index(before)
        if after := options.get("insert_after"):
            return names.index(after) + 1
        return len(names)

    def _made(self, column: Column[Any]) -> CreateTable:
        """Return the text of a column, with the constraints that come with it."""
        table = self._operations.schema_obj.table(self.table.name, column)
        name_checks_of_types(table)
        statement = str(CreateTableStatement(table).compile(dialect=self._dialect))
        return parse_create_table(statement)

    def _drop_column(self, operation: ops.DropColumnOp) -> None:
        column = self._column(operation.column_name)
        self.table.columns.remove(column)
        self.values.pop(column.name, None)
        self.dropped.append(column.name)
        # As on PostgreSQL: what is about a column goes with it.
        self.table.constraints = [
            clause for clause in self.table.constraints if not _is_about(clause, column.name)
        ]

    def _alter_column(self, operation: ops.AlterColumnOp) -> None:
        column = self._column(operation.column_name)
        if operation.modify_type is not None:
            column = self._with_type(column, operation)
        if operation.modify_server_default is not False:
            column = self._with_default(column, operation)
        if operation.modify_nullable is not None:
            column = column.without("not null", "null")
            if not operation.modify_nullable:
                column = column.with_clause(Clause("not null", None, "NOT NULL"))
                self._fill(column)
        self._put(operation.column_name, column)

    def _with_type(self, column: ColumnText, operation: ops.AlterColumnOp) -> ColumnText:
        new_type: Any = operation.modify_type
        made = self._made(Column(column.name, new_type))
        if operation.existing_type is not None:
            old = self._made(Column(column.name, operation.existing_type))
            self._drop_checks(old.constraints)
            column = self._column(column.name)
        self.table.constraints += [c for c in made.constraints if c.kind == "check"]
        self._convert(column, operation.existing_type, new_type, operation.kw)
        changed = column.without("collate").with_type(made.columns[0].type)
        collate = made.columns[0].clause("collate")
        return changed.with_clause(collate) if collate else changed

    def _convert(self, column: ColumnText, old: Any, new: Any, options: Mapping[str, Any]) -> None:
        if column.name not in self.values:
            return
        if using := options.get("sqlite_using"):
            self.values[column.name] = str(using)
            return
        old_kind = kind_of(old, self._dialect) if old is not None else kind_declared(column.type)
        value = self.values[column.name]
        made = conversion(old_kind, kind_of(new, self._dialect), value, SQLiteValues())
        if made is not None:
            self.values[column.name] = made.value

    def _with_default(self, column: ColumnText, operation: ops.AlterColumnOp) -> ColumnText:
        default: Any = operation.modify_server_default
        was_generated = column.clause("generated") is not None
        column = column.without("default", "generated")
        if isinstance(default, Identity) or default is None:
            clause = None
        else:
            plain = Column(column.name, operation.modify_type or operation.existing_type)
            made = self._made(fresh_column(plain, server_default=default)).columns[0]
            clause = made.clause("generated") or made.clause("default")
        if isinstance(default, Computed):
            self.values.pop(column.name, None)
        elif was_generated:
            self.values[column.name] = quoted(column.name)
        return column.with_clause(clause) if clause else column

    def _fill(self, column: ColumnText) -> None:
        """Fill in the default of a column that must have a value, wherever it has none."""
        default = column.clause("default")
        if default is not None and column.name in self.values:
            expression = default.text[default.body[0].end :].strip()
            self.values[column.name] = f"coalesce({self.values[column.name]}, {expression})"

    def _column(self, name: str) -> ColumnText:
        column = self.table.column(name)
        if column is None:
            names = ", ".join(column.name for column in self.table.columns)
            raise LookupError(f"table {self.table.name} has no column {name}; it has {names}")
        return column

    def _put(self, name: str, column: ColumnText) -> None:
        names = [each.name.lower() for each in self.table.columns]
        self.table.columns[names.index(name.lower())] = column

    # --- Constraints

    def _add_constraint(self, constraint: Constraint) -> None:
        statement = str(AddConstraint(constraint).compile(dialect=self._dialect))
        clause = parse_part(statement.partition(" ADD ")[2])
        if not isinstance(clause, Clause):
            raise MigrationError(f"SQLite has no such constraint: {statement}")
        if clause.kind == "primary key":
            self._remove(self._key_clauses())
        self.table.constraints.append(clause)

    def _drop_constraint(self, operation: ops.DropConstraintOp) -> None:
        if operation.constraint_type == "primary":
            self._remove(self._key_clauses())
            return
        name = str(operation.constraint_name)
        found = self._named(name) or self._unnamed(name, operation.constraint_type)
        if found is None:
            names = [c.name for _, c in self.table.every_clause() if c.name]
            known = f"; it has {', '.join(names)}" if names else ""
            raise LookupError(f"table {self.table.name} has no constraint {name}{known}")
        self._remove([found])

    def _rename_constraint(self, operation: RenameOp) -> None:
        found = self._named(operation.old)
        if found is None:
            raise LookupError(f"table {self.table.name} has no constraint {operation.old}")
        column, clause = found
        text = clause.text[clause.body[0].start :]
        renamed = Clause(clause.kind, operation.new, f"CONSTRAINT {quoted(operation.new)} {text}")
        self._remove([found])
        if column is None:
            self.table.constraints.append(renamed)
        else:
            self._put(column.name, self._column(column.name).with_clause(renamed))

    def _named(self, name: str) -> tuple[ColumnText | None, Clause] | None:
        return next(
            (
                (column, clause)
                for column, clause in self.table.every_clause()
                if clause.name is not None and clause.name.lower() == name.lower()
            ),
            None,
        )

    def _unnamed(self, name: str, kind: str | None) -> tuple[ColumnText | None, Clause] | None:
        """Find a constraint without a name in the database by the name that a convention gives."""
        for column, clause in self.table.every_clause():
            columns = (column.name,) if column is not None else clause.columns
            words = {"unique": "uq", "foreign key": "fk"}
            if clause.name is not None or clause.kind not in words:
                continue
            if kind not in (None, clause.kind.replace(" ", "")):
                continue
            begins = f"{words[clause.kind]}_{self.table.name}_{'_'.join(columns)}"
            if name == begins or (clause.kind == "foreign key" and name.startswith(f"{begins}_")):
                return column, clause
        return None

    def _key_clauses(self) -> list[tuple[ColumnText | None, Clause]]:
        return [pair for pair in self.table.every_clause() if pair[1].kind == "primary key"]

    def _drop_checks(self, old: list[Clause]) -> None:
        """Drop the conditions that came with a column's old type."""
        conditions = {normal(clause.inner) for clause in old if clause.kind == "check"}
        self._remove(
            [
                pair
                for pair in self.table.every_clause()
                if pair[1].kind == "check" and normal(pair[1].inner) in conditions
            ]
        )

    def _remove(self, pairs: list[tuple[ColumnText | None, Clause]]) -> None:
        for column, clause in pairs:
            if column is None:
                self.table.constraints = [c for c in self.table.constraints if c is not clause]
            else:
                kept = tuple(c for c in self._column(column.name).clauses if c is not clause)
                self._put(column.name, replace(column, clauses=kept, raw=""))

    # --- The table

    def _set_options(self, options: Mapping[str, Any]) -> None:
        words = {normal(word) for word in self.table.options.split(",") if word.strip()}
        for option, word, is_given in (
            ("sqlite_strict", "strict", True),
            ("sqlite_with_rowid", "without rowid", False),
        ):
            if option in options:
                words = words - {word} | ({word} if options[option] is is_given else set())
                self.table.options = ", ".join(sorted(words)).upper()
        if "sqlite_autoincrement" in options:
            self._set_autoincrement(is_on=bool(options["sqlite_autoincrement"]))

    def _set_autoincrement(self, *, is_on: bool) -> None:
        ((column, clause),) = self._key_clauses()
        name = column.name if column is not None else clause.columns[0]
        self._remove([(column, clause)])
        text = f"PRIMARY KEY{' AUTOINCREMENT' * is_on}"
        self._put(name, self._column(name).with_clause(Clause("primary key", None, text)))

    def _sort(self, orders: Any) -> None:
        for order in orders:
            places = sorted(
                i for i, column in enumerate(self.table.columns) if column.name in order
            )
            columns = [self._column(name) for name in order]
            for place, column in zip(places, columns, strict=True):
                self.table.columns[place] = column


def _is_about(clause: Clause, column: str) -> bool:
    if clause.kind == "check":
        return mentions(clause.inner, column)
    return column.lower() in (name.lower() for name in clause.columns)
