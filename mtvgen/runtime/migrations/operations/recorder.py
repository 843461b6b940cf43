"""Operations of a migration, learned by running it where nothing is done.

Its operations come as objects. Statements that it writes itself (`op.execute()`) and what it does
with a connection (`op.get_bind()`) can't be looked at; they are named, and answered with nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Dialect

from mtvgen.runtime.migrations.operations.hooks import TableChange, operations_by


@dataclass(frozen=True)
class Recorded:
    """An operation, with the line that asked for it.

    Attributes:
        operation: What is to be done.
        line: Of the migration's file, from 1.
    """

    operation: ops.MigrateOperation
    line: int


@dataclass
class Recording:
    """The operations of one function of a migration.

    Attributes:
        operations: In their order.
        unseen: What can't be looked at, with its line: `op.execute()`.
        statements: SQL that it writes itself.
        stopped: Why the rest was not reached, with the line; None where all was.
    """

    operations: list[Recorded] = field(default_factory=list)
    unseen: list[tuple[str, int]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    stopped: tuple[str, int] | None = None


def record(function: Callable[[], None], file: Path, dialect: Dialect) -> Recording:
    """Run a migration's function without a database.

    Args:
        function: Its upgrade() or downgrade().
        file: Where it is written.
        dialect: That of the database which it is meant for.
    """
    recorder = _Recorder(file, dialect)
    context = MigrationContext.configure(dialect=dialect)
    vars(context).update(autocommit_block=nullcontext, execute=recorder.execute)
    try:
        with operations_by(context, recorder):
            function()
    except Exception as error:  # the migration's own, which running it will show
        recorder.recording.stopped = (type(error).__name__, recorder.line_of(error))
    return recorder.recording


class _Recorder:
    """The receiver of what `op` is asked to do; it takes notes."""

    def __init__(self, file: Path, dialect: Dialect) -> None:
        self.recording = Recording()
        self._file = str(file)
        self._dialect = dialect

    def run(self, operation: ops.MigrateOperation) -> Any:
        if isinstance(operation, ops.ExecuteSQLOp):
            self._unseen("op.execute()")
            self.recording.statements.append(str(operation.sqltext))
            return None
        self.recording.operations.append(Recorded(operation, self._line()))
        # What op.create_table() gives is what op.bulk_insert() takes.
        return operation.to_table() if isinstance(operation, ops.CreateTableOp) else None

    def change(self, change: TableChange) -> None:
        """All of it was collected."""

    def collect(self, operation: ops.MigrateOperation) -> None:
        self.run(operation)

    def bind(self) -> Any:
        self._unseen("op.get_bind()")
        return _NoConnection(self._dialect, self.recording.statements)

    def execute(self, statement: Any, *_: Any, **__: Any) -> None:
        """Stands for MigrationContext.execute()."""
        self._unseen("execute()")
        self.recording.statements.append(str(statement))

    def _unseen(self, what: str) -> None:
        self.recording.unseen.append((what, self._line()))

    def _line(self) -> int:
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self._file:
                return frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
        return 1

    def line_of(self, error: BaseException) -> int:
        """Return the migration's line that an exception came from."""
        line, trace = 1, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._file:
                line = trace.tb_lineno
            trace = trace.tb_next
        return line


class _NoConnection:
    """A connection to a database in which there is nothing."""

    def __init__(self, dialect: Dialect, statements: list[str]) -> None:
        self.dialect = dialect
        self._statements = statements

    @property
    def engine(self) -> _NoConnection:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def answer(*arguments: Any, **_: Any) -> _NoRows:
            self._statements.extend(str(argument) for argument in arguments[:1])
            return _NoRows()

        return answer


class _NoRows:
    """The result of a query that finds nothing; also a transaction that does nothing."""

    rowcount = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> _NoRows:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __bool__(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("all", "fetchall", "scalars", "mappings", "fetchmany", "partitions"):
            return lambda *_, **__: _NoRows()
        return lambda *_, **__: None
