"""Alembic's `op`, with somebody of ours behind it: every operation is handed on as an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from alembic.operations import BatchOperations, Operations
from alembic.operations.ops import MigrateOperation
from alembic.runtime.migration import MigrationContext

from mtvgen.runtime.migrations.schema.facts import Name


@dataclass
class TableChange:
    """A change to one table: `op.batch_alter_table()`, or a single operation.

    Attributes:
        table: Which.
        operations: In their order.
        recreate: `always` makes the table again on SQLite, even where it could be altered.
        items: Constraints that it gets besides (`table_args`).
        options: Options that it gets (`table_kwargs`): `sqlite_strict`, `sqlite_autoincrement`.
        naming: How a constraint is called that has no name in the database.
        order: Columns in the order that they are to have (`partial_reordering`).
    """

    table: Name
    operations: list[MigrateOperation] = field(default_factory=list)
    recreate: str = "auto"
    items: Sequence[Any] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    naming: Mapping[str, Any] = field(default_factory=dict)
    order: Sequence[tuple[str, ...]] = ()


class Handler(Protocol):
    """The receiver of what `op` is asked to do."""

    def run(self, operation: MigrateOperation) -> Any:
        """Do what a single operation says."""

    def change(self, change: TableChange) -> None:
        """Do what a batch of operations on one table says."""

    def collect(self, operation: MigrateOperation) -> None:
        """Hear of an operation of a batch, at the line that asks for it; `change()` follows."""

    def bind(self) -> Any:
        """Return what `op.get_bind()` gives."""


class _Target(NamedTuple):
    """The table of a batch, where Alembic's operations look for it."""

    table_name: str
    schema: str | None


class _Batch(BatchOperations):
    """The `batch_op` of a migration, which collects."""

    def __init__(self, context: MigrationContext, change: TableChange, handler: Handler) -> None:
        target = _Target(change.table.name, change.table.schema)
        super().__init__(context, impl=target)  # type: ignore[arg-type]  # all that they ask for
        self._change = change
        self._handler = handler

    def invoke(self, operation: MigrateOperation) -> Any:
        self._change.operations.append(operation)
        self._handler.collect(operation)

    def get_bind(self) -> Any:
        return self._handler.bind()


@contextmanager
def operations_by(context: MigrationContext, handler: Handler) -> Iterator[None]:
    """Have `op` hand its operations to somebody, while a migration runs."""

    @contextmanager
    def batch_alter_table(
        table_name: str,
        schema: str | None = None,
        recreate: str = "auto",
        partial_reordering: Sequence[tuple[str, ...]] | None = None,
        copy_from: Any = None,  # the table says itself what it is
        table_args: Sequence[Any] = (),
        table_kwargs: Mapping[str, Any] | None = None,
        reflect_args: Sequence[Any] = (),  # likewise
        reflect_kwargs: Mapping[str, Any] | None = None,  # likewise
        naming_convention: Mapping[str, Any] | None = None,
    ) -> Iterator[BatchOperations]:
        change = TableChange(
            Name(schema, table_name),
            recreate=recreate,
            items=table_args,
            options=table_kwargs or {},
            naming=naming_convention or {},
            order=partial_reordering or (),
        )
        yield _Batch(context, change, handler)
        handler.change(change)

    with Operations.context(context) as operations:
        # The functions of `alembic.op` look these up on the object.
        vars(operations).update(
            invoke=handler.run, batch_alter_table=batch_alter_table, get_bind=handler.bind
        )
        yield
