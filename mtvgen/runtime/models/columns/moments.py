"""UTCDateTime: a moment in time, the same on SQLite and PostgreSQL.

SQLAlchemy's DateTime is another thing on each database: SQLite drops the time zone and keeps what
the clock on somebody's wall showed, PostgreSQL keeps either, as it is asked to.
`Mapped[datetime]` is therefore a type of ours: aware, in UTC, and nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, DateTime, DefaultClause, Dialect, Interval, event, func
from sqlalchemy.orm import Mapper
from sqlalchemy.schema import ColumnDefault
from sqlalchemy.types import TypeDecorator, TypeEngine

from mtvgen.runtime.models.columns.names import name_of
from mtvgen.runtime.models.columns.sqlite_moments import SQLiteMoment
from mtvgen.runtime.models.columns.values import ColumnValueError, problem_of_moment


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in time: an aware `datetime` in, the same moment in UTC out.

        made: Mapped[datetime] = mapped_column(server_default=func.now())

    What `Mapped[datetime]` is, in every model. PostgreSQL has it as TIMESTAMP WITH TIME ZONE.
    SQLite has it as text (sqlite_moments.py).

    Raises:
        ColumnValueError: A value without a time zone, or one that is not a `datetime`.
    """

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)
        # Whose it is, for the messages; several where somebody shares one object.
        self.columns: tuple[Column[Any], ...] = ()

    @property
    def python_type(self) -> type[datetime]:
        """What the rows of a result hold."""
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the database at hand."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(SQLiteMoment())  # type: ignore[no-untyped-call]  # SQLAlchemy's
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what the database is sent, in UTC."""
        if value is None:
            return None
        if problem := problem_of_moment(value):
            raise ColumnValueError(name_of(self.columns) or "A column", problem)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what a row holds, in UTC."""
        return None if value is None else value.astimezone(UTC)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        """Return the type of a value next to a moment in SQL: a `timedelta` is one."""
        return Interval() if isinstance(value, timedelta) else self

    def __repr__(self) -> str:
        # What a migration says; the argument of the type inside is not one of ours.
        return f"{type(self).__name__}()"


@event.listens_for(UTCDateTime, "after_parent_attach")
def _note_column(moment: UTCDateTime, column: Column[Any]) -> None:
    moment.columns = (*moment.columns, column)


def fill_in_now(mapper: Mapper[Any], _model: type) -> None:
    """Have `server_default=func.now()` sent with each INSERT too (`after_mapper_constructed`).

    The database's own default is a whole second on SQLite, where rows that were made in one second
    would be in no order; what is sent has its milliseconds.
    """
    for column in mapper.columns:
        if (
            isinstance(column, Column)
            and isinstance(column.type, UTCDateTime)
            and column.default is None
            and _is_now(column.server_default)
        ):
            column.default = ColumnDefault(func.now())
            column.default.column = column


def _is_now(default: Any) -> bool:
    text = str(default.arg) if isinstance(default, DefaultClause) else ""
    return text.strip("() ").lower() in ("now", "current_timestamp")
