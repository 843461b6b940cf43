"""Kinds of values: what a column's type means, whatever the database calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    Time,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import JSON, BigInteger, SmallInteger, TypeEngine

from mtvgen.runtime.models.columns.moments import UTCDateTime


@dataclass(frozen=True)
class Kind:
    """The meaning of a type.

    Attributes:
        family: `text`, `integer`, `decimal`, `float`, `boolean`, `date`, `time`, `datetime`,
            `instant` (a moment, whatever the zone), `interval`, `uuid`, `json`, `enum`, `binary`
            or `other`.
        length: Of a text, in characters; None without limit.
        precision: Digits of a decimal; None without limit.
        scale: Digits behind its point; None without limit.
        labels: Of an enum.
        bits: Of an integer.
        is_hex: Whether a UUID is kept as 32 digits.
        sql: The type as the database spells it.
    """

    family: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    labels: tuple[str, ...] = ()
    bits: int = 32
    is_hex: bool = False
    sql: str = ""


def resolved(type_: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """Return the type that a database really gets: of a variant, and below a TypeDecorator."""
    found = type_.dialect_impl(dialect)
    while isinstance(found, TypeDecorator):
        found = found.impl_instance.dialect_impl(dialect)
    return found


def kind_of(type_: TypeEngine[Any], dialect: Dialect) -> Kind:
    """Return what a type means.

    Args:
        type_: Of a column.
        dialect: Of the database.
    """
    sql = type_.compile(dialect=dialect)
    if isinstance(type_, Interval) or sql.startswith("INTERVAL"):
        return Kind("interval", sql=sql)  # elsewhere it is kept as a moment
    if isinstance(type_, UTCDateTime):
        return Kind("instant", sql=sql)
    found = resolved(type_, dialect)
    if isinstance(found, Enum):
        return Kind("enum", labels=tuple(map(str, found.enums)), sql=sql)
    if isinstance(found, String):
        return Kind("text", length=found.length, sql=sql)
    if isinstance(found, Integer):
        sizes = {BigInteger: 64, SmallInteger: 16}
        bits = next((bits for size, bits in sizes.items() if isinstance(found, size)), 32)
        return Kind("integer", bits=bits, sql=sql)
    if isinstance(found, DateTime):
        return Kind("instant" if found.timezone else "datetime", sql=sql)
    if isinstance(found, Uuid):
        return Kind("uuid", is_hex="CHAR" in sql.upper(), sql=sql)
    if isinstance(found, Float):
        return Kind("float", sql=sql)
    if isinstance(found, Numeric):
        return Kind("decimal", precision=found.precision, scale=_scale(found), sql=sql)
    for class_, family in _PLAIN.items():
        if isinstance(found, class_):
            return Kind(family, sql=sql)
    return Kind("other", sql=sql)


_PLAIN: dict[type[Any], str] = {
    Boolean: "boolean",
    Date: "date",
    Time: "time",
    JSON: "json",
    LargeBinary: "binary",
}


def _scale(type_: Numeric[Any]) -> int | None:
    # NUMERIC(10) has no digits behind its point (SQL, 6.1).
    return type_.scale if type_.scale is not None or type_.precision is None else 0


_DECLARED = (
    (r"BOOL", "boolean"),
    (r"DATETIME|TIMESTAMP", "datetime"),
    (r"DATE", "date"),
    (r"TIME", "time"),
    (r"JSON", "json"),
    (r"INT", "integer"),
    (r"CHAR|TEXT|CLOB", "text"),
    (r"NUMERIC|DECIMAL", "decimal"),
    (r"REAL|FLOA|DOUB", "float"),
    (r"BLOB|BINARY", "binary"),
)


def kind_declared(text: str) -> Kind:
    """Return what a type means that a SQLite table declares."""
    family = next((f for pattern, f in _DECLARED if re.search(pattern, text, re.I)), "other")
    numbers = [int(number) for number in re.findall(r"[0-9]+", text)]
    if family == "text" and numbers:
        return Kind(family, length=numbers[0], sql=text)
    if family == "decimal" and numbers:
        return Kind(family, precision=numbers[0], scale=(*numbers, 0)[1], sql=text)
    return Kind(family, sql=text)
