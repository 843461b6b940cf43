"""Operations that Alembic has no object for, though its functions can say them."""

from __future__ import annotations

from typing import Any

from alembic.operations import ops


class OptionsOp(ops.MigrateOperation):
    """A SQLite table becomes STRICT, WITHOUT ROWID or AUTOINCREMENT, or no longer is.

    Attributes:
        table_name: The table.
        old: Its options so far.
        new: Its options from now on.
    """

    schema = None

    def __init__(self, table_name: str, old: frozenset[str], new: frozenset[str]) -> None:
        self.table_name = table_name
        self.old = old
        self.new = new

    @property
    def options(self) -> dict[str, bool]:
        """What changes, as `batch_alter_table(table_kwargs=...)` takes it."""
        changed = self.old ^ self.new
        spelled = {
            "autoincrement": ("sqlite_autoincrement", True),
            "strict": ("sqlite_strict", True),
            "without rowid": ("sqlite_with_rowid", False),
        }
        return {
            spelled[word][0]: (word in self.new) is spelled[word][1] for word in sorted(changed)
        }

    def reverse(self) -> OptionsOp:
        """Return the way back."""
        return OptionsOp(self.table_name, self.new, self.old)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Describe the operation as Alembic's own operations do."""
        return ("options", self.table_name, self.options)


class CountOp(ops.AlterColumnOp):
    """A column of PostgreSQL begins to count up by itself (SERIAL), or stops."""

    def __init__(
        self, table_name: str, column_name: str, *, is_on: bool, schema: str | None = None
    ) -> None:
        super().__init__(table_name, column_name, schema=schema, autoincrement=is_on)
        self.is_on = is_on

    def reverse(self) -> CountOp:
        """Return the way back."""
        return CountOp(self.table_name, self.column_name, is_on=not self.is_on, schema=self.schema)


class DropIndexOp(ops.DropIndexOp):
    """An index goes; the way back makes it as it was, with its condition and all its options.

    Attributes:
        index: The operation that makes it.
    """

    def __init__(self, index: ops.CreateIndexOp) -> None:
        super().__init__(str(index.index_name), index.table_name, schema=index.schema)
        self.index = index

    def reverse(self) -> ops.CreateIndexOp:
        """Return the way back."""
        return self.index


class AddKeyOp(ops.CreatePrimaryKeyOp):
    """A table gets a primary key: Alembic has the operation, and no Python for it."""

    def reverse(self) -> DropKeyOp:
        """Return the way back."""
        return DropKeyOp(self)


class DropKeyOp(ops.DropConstraintOp):
    """A primary key goes; the way back makes it as it was.

    Attributes:
        key: The operation that makes it.
    """

    def __init__(self, key: ops.CreatePrimaryKeyOp) -> None:
        super().__init__(str(key.constraint_name), key.table_name, "primary", schema=key.schema)
        self.key = key

    def reverse(self) -> AddKeyOp:
        """Return the way back."""
        return add_key(self.key)


def add_key(key: ops.CreatePrimaryKeyOp) -> AddKeyOp:
    """Return the operation that makes a primary key, with words."""
    name, columns = key.constraint_name, list(key.columns)
    return AddKeyOp(name, key.table_name, columns, schema=key.schema, **key.kw)
