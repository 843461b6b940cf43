"""Conversions of values between kinds, in SQL, and whether they are still the same then.

Who changes a column from text to a date means the dates that are written there. What can't be
read becomes NULL; it is counted before anything is changed, and never changed unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mtvgen.runtime.migrations.schema.sql_text import literal
from mtvgen.runtime.migrations.values.kinds import Kind


@dataclass(frozen=True)
class Conversion:
    """One value on its way from kind to kind.

    Attributes:
        value: The new one, as an expression.
        survives: Whether it says what the old one said, as a condition; also where that is NULL.
    """

    value: str
    survives: str


class Spelling(Protocol):
    """A database's way to read and write values; every argument `c` is an expression."""

    def to_text(self, kind: Kind, c: str) -> str:
        """Return a value, written."""

    def from_text(self, kind: Kind, c: str) -> str:
        """Return a value, read; NULL where it can't be."""

    def cast(self, kind: Kind, c: str) -> str:
        """Return the same value under the new type."""

    def stored(self, kind: Kind, c: str) -> str:
        """Return a default, as a column of that kind keeps it."""

    def rounded(self, c: str, digits: int) -> str:
        """Return a number with so many digits behind its point."""

    def to_integer(self, kind: Kind, c: str) -> str:
        """Return a number without digits behind its point; NULL where it is too large."""

    def midnight(self, c: str) -> str:
        """Return the moment at which a date begins."""

    def is_midnight(self, c: str) -> str:
        """Return whether a date begins at a moment."""

    def date_of(self, c: str) -> str:
        """Return the date of a moment."""

    def time_of(self, c: str) -> str:
        """Return the time of a moment."""

    def moment(self, old: Kind, new: Kind, c: str) -> str:
        """Return a moment with or without its zone, which is UTC."""

    def json_of_text(self, kind: Kind, c: str) -> str:
        """JSON if a text is some, or the text as a JSON string."""

    def json_of_value(self, old: Kind, new: Kind, c: str) -> str:
        """Return a number or a truth as JSON."""

    def leading_zero(self, c: str) -> str:
        """Return whether a text that is a number begins with a zero too many: 007."""


_NUMBERS = ("integer", "decimal", "float")
_MOMENTS = ("datetime", "instant")
_MIDNIGHT = "'', '00:00', '00:00:00', '00:00:00.000000'"


def conversion(old: Kind, new: Kind, c: str, spelling: Spelling) -> Conversion | None:
    """Return what happens to a column's values when it gets another type; None where nothing does.

    Args:
        old: What the type was.
        new: What it will be.
        c: The column, as an expression.
        spelling: The database's.
    """
    made = _between(old, new, c, spelling)
    if made is None:
        return None
    value, survives = made
    return Conversion(value, f"({c} IS NULL OR {survives})")


def _between(old: Kind, new: Kind, c: str, sql: Spelling) -> tuple[str, str] | None:
    """Return the value and whether it survives where it is not NULL."""
    pair = (old.family, new.family)
    if "other" in pair:
        return None if old.sql == new.sql else (sql.cast(new, c), "TRUE")
    if old.family == new.family:
        return _within(old, new, c, sql)
    if new.family in _NUMBERS and old.family in _NUMBERS:
        return _number(new, c, sql)
    if pair[0] == "boolean" and new.family in _NUMBERS:
        return sql.cast(new, f"(CASE WHEN {c} THEN 1 WHEN NOT {c} THEN 0 END)"), "TRUE"
    if old.family in _NUMBERS and pair[1] == "boolean":
        return sql.cast(new, f"({c} <> 0)"), f"{c} IN (0, 1)"
    if old.family in (*_MOMENTS, "date", "time") and new.family in (*_MOMENTS, "date", "time"):
        return _moment(old, new, c, sql)
    if new.family == "json":
        return _json(old, new, c, sql)
    return _by_text(old, new, c, sql)


def _within(old: Kind, new: Kind, c: str, sql: Spelling) -> tuple[str, str] | None:
    """Return the same kind, narrower or wider."""
    if old.family == "text" and _is_shorter(new.length, old.length):
        return f"substr({c}, 1, {new.length})", f"length({c}) <= {new.length}"
    if old.family == "enum" and (old.labels != new.labels or old.sql != new.sql):
        return _label(new, sql.to_text(old, c), sql)
    if old.family == "decimal" and (
        _is_shorter(new.scale, old.scale) or _is_shorter(_whole(new), _whole(old))
    ):
        return _number(new, c, sql)
    if old.family == "integer" and new.bits < old.bits:
        return _number(new, c, sql)
    if old.family == "uuid" and old.is_hex != new.is_hex:
        return _by_text(old, new, c, sql)
    return None


def _is_shorter(new: int | None, old: int | None) -> bool:
    return new is not None and (old is None or new < old)


def _whole(kind: Kind) -> int | None:
    return None if kind.precision is None else kind.precision - (kind.scale or 0)


def _number(new: Kind, c: str, sql: Spelling) -> tuple[str, str]:
    if new.family == "integer":
        value = sql.to_integer(new, sql.rounded(c, 0))
    elif new.family == "decimal" and new.scale is not None:
        value = sql.cast(new, sql.rounded(c, new.scale))
    else:
        return sql.cast(new, c), "TRUE"
    return value, f"coalesce({value} = {c}, FALSE)"


def _moment(old: Kind, new: Kind, c: str, sql: Spelling) -> tuple[str, str]:
    if old.family == "date" and new.family in _MOMENTS:
        return sql.moment(Kind("datetime"), new, sql.midnight(c)), "TRUE"
    if old.family == "time" or (old.family, new.family) == ("date", "time"):
        return "NULL", "FALSE"  # a time says no date, and a date no time
    if old.family in _MOMENTS and new.family in _MOMENTS:
        return sql.moment(old, new, c), "TRUE"
    plain = sql.moment(old, Kind("datetime"), c)
    if new.family == "time":
        return sql.time_of(plain), "FALSE"
    return sql.date_of(plain), sql.is_midnight(plain)


def _json(old: Kind, new: Kind, c: str, sql: Spelling) -> tuple[str, str]:
    if old.family in ("integer", "decimal", "float", "boolean"):
        return sql.json_of_value(old, new, c), "TRUE"
    return sql.json_of_text(new, sql.to_text(old, c)), "TRUE"


def _by_text(old: Kind, new: Kind, c: str, sql: Spelling) -> tuple[str, str]:
    """By what a person would write for the value."""
    written = sql.to_text(old, c)
    if new.family == "text":
        if new.length is None:
            return sql.cast(new, written), "TRUE"
        # A UUID's 36 characters without its dashes are 32.
        if old.family == "uuid" and 32 <= new.length < 36:
            return sql.cast(new, f"replace({written}, '-', '')"), "TRUE"
        return f"substr({written}, 1, {new.length})", f"length({written}) <= {new.length}"
    if new.family == "enum":
        return _label(new, written, sql)
    value = sql.from_text(new, written)
    survives = f"({value}) IS NOT NULL"
    if new.family == "date":
        survives += f" AND substr(trim({written}), 12) IN ({_MIDNIGHT})"
    if new.family in _NUMBERS:
        survives += f" AND NOT {sql.leading_zero(written)}"
    if new.family == "decimal" and new.scale is not None:
        exact = sql.from_text(Kind("decimal", sql="NUMERIC"), written)
        survives += f" AND ({value}) = ({exact})"
    return value, survives


def _label(new: Kind, c: str, sql: Spelling) -> tuple[str, str]:
    labels = ", ".join(map(literal, new.labels))
    return sql.cast(new, f"(CASE WHEN {c} IN ({labels}) THEN {c} END)"), f"{c} IN ({labels})"
