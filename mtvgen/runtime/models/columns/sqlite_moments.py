"""Moments in SQLite, which has no type for them: how they are written, read and counted with.

A moment is text in UTC, `2026-01-02 12:00:00`, with six further digits where there is a fraction.
CURRENT_TIMESTAMP writes the same, so the texts sort as the moments do; without care it would be
the only one to, as SQLAlchemy's DateTime writes `.000000` behind whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BinaryExpression, ColumnElement, DateTime, Dialect, Function, Interval
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from mtvgen.runtime.models.columns.values import ColumnValueError


class SQLiteMoment(sqlite.DATETIME):
    """UTCDateTime on SQLite.

    Its columns are TIMESTAMP there: one that was DATETIME, without a zone, is a change to see.
    """

    __visit_name__ = "TIMESTAMP"

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        """Return how a moment in UTC becomes text."""
        return _as_text

    def literal_processor(self, dialect: Dialect) -> Callable[[datetime], str]:
        """Return how it becomes a part of a statement, for a script of SQL."""
        return lambda moment: f"'{_as_text(moment)}'"

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[str | None], datetime | None]:
        """Return how text becomes a moment; other programs may have written it with its zone."""
        return _from_text


def _as_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ")


def _from_text(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ColumnValueError("A moment in time", f"is {text!r} in the database.") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


class MomentCompiler(SQLiteCompiler):
    """SQL for SQLite in which func.now() has its milliseconds, and a timedelta can be added.

    SQLAlchemy writes `made + '1970-01-02 00:00:00'` there, which SQLite counts as 2026 + 1970.
    """

    def visit_now_func(self, fn: Function[Any], **options: Any) -> str:
        """`func.now()`; in a definition (DDL) the word that every database understands."""
        if options.get("literal_binds"):
            return "CURRENT_TIMESTAMP"
        return _without_zeros(f"strftime({_TO_THE_MILLISECOND}, 'now')")

    visit_current_timestamp_func = visit_now_func

    def visit_add_binary(self, sum_: BinaryExpression[Any], operator: Any, **options: Any) -> str:
        """Render a moment and a timedelta, in either order."""
        left, right = sum_.left, sum_.right
        if _is_interval(left) and _is_moment(right):
            left, right = right, left
        if _is_moment(left) and _is_interval(right):
            return self._moved(left, right, "", options)
        return self._generate_generic_binary(sum_, " + ", **options)

    def visit_sub_binary(
        self, difference: BinaryExpression[Any], operator: Any, **options: Any
    ) -> str:
        """Render a moment less a timedelta; or two moments, whose difference is one."""
        left, right = difference.left, difference.right
        if _is_moment(left) and _is_interval(right):
            return self._moved(left, right, "-", options)
        if _is_moment(left) and _is_moment(right):
            days = f"julianday({self.process(left, **options)})"
            days += f" - julianday({self.process(right, **options)})"
            # As SQLAlchemy's Interval keeps one on SQLite: the moment that long after 1970.
            return f"strftime({_TO_THE_MILLISECOND}, round(({days}) * 86400.0, 3), 'unixepoch')"
        return self._generate_generic_binary(difference, " - ", **options)

    def _moved(
        self,
        moment: ColumnElement[Any],
        interval: ColumnElement[Any],
        sign: str,
        options: dict[str, Any],
    ) -> str:
        days = f"julianday({self.process(interval, **options)}) - julianday('1970-01-01')"
        seconds = f"({sign}round(({days}) * 86400.0, 3)) || ' seconds'"
        moved = f"strftime({_TO_THE_MILLISECOND}, {self.process(moment, **options)}, {seconds})"
        return moved if type(moment.type) is DateTime else _without_zeros(moved)


_TO_THE_MILLISECOND = "'%Y-%m-%d %H:%M:%f000'"


def _without_zeros(text: str) -> str:
    return f"replace({text}, '.000000', '')"


def _is_moment(element: ColumnElement[Any]) -> bool:
    kind = element.type
    return isinstance(getattr(kind, "impl", kind), DateTime) and not _is_interval(element)


def _is_interval(element: ColumnElement[Any]) -> bool:
    return isinstance(element.type, Interval)
