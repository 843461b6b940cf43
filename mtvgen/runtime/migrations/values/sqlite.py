"""Values as SQLAlchemy keeps them in SQLite: dates are texts, truths are 0 and 1, UUIDs 32 digits.

https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#date-and-time-types
"""

from __future__ import annotations

from mtvgen.runtime.migrations.schema.sql_text import literal
from mtvgen.runtime.migrations.values.kinds import Kind

_TRUE = ("true", "t", "yes", "y", "on", "1")
_FALSE = ("false", "f", "no", "n", "off", "0")
_DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_TIME = "[0-9][0-9]:[0-9][0-9]"


class SQLiteValues:
    """SQLite's way to read and write values."""

    def to_text(self, kind: Kind, c: str) -> str:
        """Return a value, written."""
        if kind.family in ("text", "enum", "date"):
            return c
        if kind.family == "boolean":
            return f"(CASE {c} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE CAST({c} AS TEXT) END)"
        if kind.family == "decimal" and kind.scale is not None:
            return f"(CASE WHEN {c} IS NOT NULL THEN printf('%.{kind.scale}f', {c}) END)"
        if kind.family == "float":
            short, exact = f"printf('%.15g', {c})", f"printf('%!.17g', {c})"
            is_short = f"CAST({short} AS REAL) = {c}"
            return f"(CASE WHEN {is_short} THEN {short} WHEN {c} IS NOT NULL THEN {exact} END)"
        if kind.family == "time":
            return _without_fraction(c, 8)
        if kind.family == "datetime":
            return _without_fraction(c, 19)
        if kind.family == "instant":
            return f"({_without_fraction(c, 19)} || '+00:00')"
        if kind.family == "uuid":
            parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
            return "(" + " || '-' || ".join(f"substr({c}, {a}, {n})" for a, n in parts) + ")"
        if kind.family == "json":
            # A JSON string is its text; objects and lists stay as they were written.
            is_string = f"json_valid({c}) AND json_type({c}) = 'text'"
            return f"(CASE WHEN {is_string} THEN json_extract({c}, '$') ELSE {c} END)"
        if kind.family == "interval":
            return _interval_text(c)
        return f"CAST({c} AS TEXT)"

    def from_text(self, kind: Kind, c: str) -> str:
        """Return a value, read; NULL where it can't be."""
        t = f"trim({c})"
        if kind.family == "boolean":
            true, false = (f"lower({t}) IN {_among(words)}" for words in (_TRUE, _FALSE))
            return f"(CASE WHEN {true} THEN 1 WHEN {false} THEN 0 END)"
        readers = {
            "integer": _integer,
            "decimal": _decimal,
            "float": _decimal,
            "date": _date,
            "time": _time,
            "datetime": _datetime,
            "instant": _datetime,
            "uuid": _uuid,
            "interval": _interval,
        }
        if kind.family in readers:
            value = _as_moment(kind, readers[kind.family](t))
            if kind.family == "decimal" and kind.scale is not None:
                return f"round({value}, {kind.scale})"
            return value
        return f"CAST({c} AS BLOB)" if kind.family == "binary" else c

    def cast(self, kind: Kind, c: str) -> str:
        """Return the same value: SQLite's types are those of the values."""
        return c

    def stored(self, kind: Kind, c: str) -> str:
        """Return a default, as a column of that kind keeps it.

        What looks like a number is one, or not.
        """
        is_number = kind.family in ("integer", "decimal", "float", "boolean")
        return f"CAST({c} AS {'NUMERIC' if is_number else 'TEXT'})"

    def rounded(self, c: str, digits: int) -> str:
        """Return a number with so many digits behind its point."""
        return f"round({c}, {digits})"

    def to_integer(self, kind: Kind, c: str) -> str:  # all have 64 bits
        """Return a number without digits behind its point."""
        return f"CAST({c} AS INTEGER)"

    def midnight(self, c: str) -> str:
        """Return the moment at which a date begins."""
        return f"({c} || ' 00:00:00.000000')"

    def is_midnight(self, c: str) -> str:
        """Return whether a date begins at a moment."""
        return f"substr({c}, 12) IN ('', '00:00', '00:00:00', '00:00:00.000000')"

    def date_of(self, c: str) -> str:
        """Return the date of a moment."""
        return f"substr({c}, 1, 10)"

    def time_of(self, c: str) -> str:
        """Return the time of a moment."""
        return f"substr({c}, 12)"

    def moment(self, old: Kind, new: Kind, c: str) -> str:  # both are UTC
        """Return a moment, written as its new type does."""
        return _as_moment(new, c)

    def json_of_text(self, kind: Kind, c: str) -> str:
        """JSON if a text is some, or the text as a JSON string."""
        as_string = f"WHEN {c} IS NOT NULL THEN json_quote({c})"
        return f"(CASE WHEN json_valid({c}) THEN {c} {as_string} END)"

    def json_of_value(self, old: Kind, new: Kind, c: str) -> str:
        """Return a number or a truth as JSON."""
        if old.family == "boolean":
            return f"(CASE {c} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
        return c

    def leading_zero(self, c: str) -> str:
        """Return whether a text that is a number begins with a zero too many: 007."""
        return f"ltrim(trim({c}), '+-') GLOB '0[0-9]*'"


def _as_moment(kind: Kind, c: str) -> str:
    """Return a moment as text; a UTCDateTime has a fraction only if it is not zero.

    Every other moment always has.
    """
    if kind.sql == "TIMESTAMP":
        return _without_fraction(c, 19)
    if kind.family in ("datetime", "instant"):
        return f"(CASE WHEN length({c}) = 19 THEN {c} || '.000000' ELSE {c} END)"
    return c


def _among(words: tuple[str, ...]) -> str:
    return f"({', '.join(map(literal, words))})"


def _without_fraction(c: str, length: int) -> str:
    return f"(CASE WHEN {c} LIKE '%.000000' THEN substr({c}, 1, {length}) ELSE {c} END)"


def _integer(t: str) -> str:
    begins = f"({t} GLOB '[0-9]*' OR {t} GLOB '[+-][0-9]*')"
    goes_on = f"substr({t}, 2) NOT GLOB '*[^0-9]*' AND length({t}) < 19"  # 2^63 has 19 digits
    return f"(CASE WHEN {begins} AND {goes_on} THEN CAST({t} AS INTEGER) END)"


def _decimal(t: str) -> str:
    digits = f"ltrim({t}, '+-')"
    has_one_sign = f"length({t}) - length({digits}) <= 1"
    has_one_point = f"length({digits}) - length(replace({digits}, '.', '')) <= 1"
    is_number = f"{digits} GLOB '*[0-9]*' AND {digits} NOT GLOB '*[^0-9.]*'"
    return (
        f"(CASE WHEN {is_number} AND {has_one_sign} AND {has_one_point} "
        f"THEN CAST({t} AS NUMERIC) END)"
    )


def _is_date(d: str) -> str:
    # With a modifier date() takes the 30th of February for the 2nd of March.
    return f"{d} GLOB '{_DATE}' AND date({d}, '+0 days') = {d}"


def _date(t: str) -> str:
    d = f"substr({t}, 1, 10)"
    return f"(CASE WHEN {_is_date(d)} AND {_is_time(_rest(t))} THEN {d} END)"


def _rest(t: str) -> str:
    """Return the time behind a date; midnight if there is none."""
    is_behind = f"substr({t}, 11, 1) IN (' ', 'T')"
    return f"(CASE WHEN length({t}) = 10 THEN '00:00:00' WHEN {is_behind} THEN substr({t}, 12) END)"


def _is_time(r: str) -> str:
    return f"{r} GLOB '{_TIME}*' AND time({r}) IS NOT NULL"


def _seconds(r: str) -> str:
    hours_minutes = f"substr({r}, 1, 5) || ':00'"
    return f"(CASE WHEN substr({r}, 6, 1) = ':' THEN substr({r}, 1, 8) ELSE {hours_minutes} END)"


def _fraction(r: str) -> str:
    """`.250000`: SQLite's own functions know thousandths only."""
    parts = f"min(999999, CAST(CAST(substr({r}, 9) AS REAL) * 1000000 + 0.5 AS INTEGER))"
    return f"(CASE WHEN substr({r}, 9, 1) = '.' THEN printf('.%06d', {parts}) ELSE '.000000' END)"


def _time(t: str) -> str:
    return f"(CASE WHEN {_is_time(t)} THEN {_seconds(t)} || {_fraction(t)} END)"


def _datetime(t: str) -> str:
    d, r = f"substr({t}, 1, 10)", _rest(t)
    has_zone = f"{r} GLOB '*[+-][0-9][0-9]:[0-9][0-9]'"
    zone = f"CASE WHEN {has_zone} THEN substr({r}, -6) ELSE '+00:00' END"
    moment = f"strftime('%Y-%m-%d %H:%M:%S', {d} || ' ' || {_seconds(r)} || {zone})"
    return f"(CASE WHEN {_is_date(d)} AND {_is_time(r)} THEN {moment} || {_fraction(r)} END)"


def _uuid(t: str) -> str:
    digits = f"lower(replace(replace(replace({t}, '-', ''), '{{', ''), '}}', ''))"
    is_uuid = f"length({digits}) = 32 AND {digits} NOT GLOB '*[^0-9a-f]*'"
    return f"(CASE WHEN {is_uuid} THEN {digits} END)"


# SQLAlchemy keeps an interval as the moment so long after the beginning of 1970.


def _interval(t: str) -> str:
    days = f"CASE WHEN {t} GLOB '[0-9]* day*' THEN CAST({t} AS INTEGER) ELSE 0 END"
    time = f"substr({t}, max(1, instr({t}, ':') - 2))"
    date = f"date('1970-01-01', ({days}) || ' days')"
    is_interval = f"({t} GLOB '[0-9][0-9]:*' OR {t} GLOB '[0-9]* day*')"
    return f"(CASE WHEN {is_interval} AND {_is_time(time)} THEN {date} || ' ' || {_time(time)} END)"


def _interval_text(c: str) -> str:
    days = f"CAST(julianday(substr({c}, 1, 10)) - julianday('1970-01-01') AS INTEGER)"
    prefix = f"CASE {days} WHEN 0 THEN '' WHEN 1 THEN '1 day ' ELSE {days} || ' days ' END"
    return f"({prefix} || {_without_fraction(f'substr({c}, 12)', 8)})"
