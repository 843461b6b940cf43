"""rename_constraint() and rename_index(): names that follow a table's or a column's new name."""

from __future__ import annotations

from typing import Any

from alembic import op
from alembic.operations.ops import MigrateOperation


class RenameOp(MigrateOperation):
    """A constraint or an index gets another name, and nothing else happens.

    Attributes:
        kind: `constraint` or `index`.
        table_name: The table that has it.
        old: Its name so far.
        new: Its name from now on.
        schema: The table's; None for the usual one.
    """

    def __init__(
        self, kind: str, table_name: str, old: str, new: str, *, schema: str | None = None
    ) -> None:
        self.kind = kind
        self.table_name = table_name
        self.old = old
        self.new = new
        self.schema = schema

    def reverse(self) -> RenameOp:
        """Return the way back."""
        return RenameOp(self.kind, self.table_name, self.new, self.old, schema=self.schema)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Describe the operation as Alembic's own operations do."""
        return (f"rename_{self.kind}", self.table_name, self.old, self.new)


def rename_constraint(table: str, old: str, new: str, *, schema: str | None = None) -> None:
    """Give a constraint another name, in a migration; its rows are not looked at.

    Args:
        table: The table that has it.
        old: Its name so far.
        new: Its name from now on.
        schema: The table's; None for the usual one.
    """
    op.invoke(RenameOp("constraint", table, old, new, schema=schema))


def rename_index(table: str, old: str, new: str, *, schema: str | None = None) -> None:
    """Give an index another name, in a migration.

    Args:
        table: The table that has it.
        old: Its name so far.
        new: Its name from now on.
        schema: The table's; None for the usual one.
    """
    op.invoke(RenameOp("index", table, old, new, schema=schema))
