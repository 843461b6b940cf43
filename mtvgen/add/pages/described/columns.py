"""What one column says of itself: the kind of its values, its default, its limits."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_type_hints
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Identity,
    LargeBinary,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import Mapper
from sqlalchemy.sql.schema import Computed

from mtvgen.add.pages.described.fields import Kind
from mtvgen.add.pages.described.names import local_name
from mtvgen.runtime.models import UTCDateTime

_NUMBER = r"(-?\d+(?:\.\d+)?)"


def kind_of(mapper: Mapper[Any], column: Any) -> Kind:
    """Return the kind of a column's values, which decides how they are shown and typed."""
    kind = column.type
    if isinstance(kind, UTCDateTime):
        return "datetime"
    if isinstance(kind, TypeDecorator):
        return _kind_of_annotation(mapper, column)
    if isinstance(kind, EnumType):
        return "enum" if kind.enum_class else "words"
    if isinstance(kind, JSON):
        return "json"
    if isinstance(kind, LargeBinary):
        return "bytes"
    if isinstance(kind, Text):
        return "long text"
    if isinstance(kind, String):
        return "text"
    if isinstance(kind, Numeric):
        return "Decimal" if kind.asdecimal else "float"
    try:
        python_type = kind.python_type
    except NotImplementedError:
        return "other"
    if python_type is datetime:
        return "datetime" if kind.timezone else "naive datetime"
    return _KINDS.get(python_type, "other")


_KINDS: dict[type, Kind] = {
    bool: "bool",
    int: "int",
    float: "float",
    Decimal: "Decimal",
    date: "date",
    time: "time",
    UUID: "UUID",
    bytes: "bytes",
    dict: "json",
    list: "array",
    str: "text",
}


def _kind_of_annotation(mapper: Mapper[Any], column: Any) -> Kind:
    """Return the kind of a type of the project's own, as `Mapped[...]` says it."""
    try:
        hints = get_type_hints(mapper.class_)
        (hint,) = get_args(hints[mapper.get_property_by_column(column).key])
    except Exception:  # whatever an annotation may do
        return "other"
    return _KINDS.get(hint, "other") if isinstance(hint, type) else "other"


def is_typed(column: Column[Any], kind: Kind, *, is_key: bool, default: str | None) -> bool:
    """Return whether people type the values: no computed column, no moment of a change."""
    if column.computed is not None or isinstance(column.server_default, Computed | Identity):
        return False
    if kind in ("UUID", "json", "array", "bytes", "other", "row", "rows"):
        return False
    filled_in = has_default(column) or column.onupdate is not None
    if kind in ("date", "datetime", "naive datetime", "time") and filled_in:
        return False  # created, changed
    if is_key:
        return column.table is not None and not filled_in and not _is_counted(column)
    return True


def _is_counted(column: Column[Any]) -> bool:
    table = column.table
    is_child = bool(column.foreign_keys)
    return is_child or (isinstance(table, Table) and table.autoincrement_column is column)


def has_default(column: Column[Any]) -> bool:
    """Return whether a value that is missing is filled in, by SQLAlchemy or by the database."""
    return column.default is not None or column.server_default is not None


def default_of(column: Column[Any], kind: Kind) -> str | None:
    """Return the default as Python; None if none can be written down."""
    value = getattr(column.default, "arg", None)
    if callable(value) or value is None:
        return None
    if isinstance(value, Enum):
        return f"{local_name(type(value))}.{value.name}"
    if isinstance(value, Decimal):
        return f'Decimal("{value}")'
    if kind == "Decimal" and isinstance(value, int | float):
        return f'Decimal("{value}")'
    if kind == "bool":
        return repr(bool(value))
    if isinstance(value, str):
        return (
            '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
            if "\n" not in value
            else None
        )
    return repr(value) if isinstance(value, int | float) else None


def enum_of(kind: Any) -> Any:
    """Return the Enum of a column's type, or its words; None for another type."""
    if not isinstance(kind, EnumType):
        return None
    return kind.enum_class or tuple(kind.enums)


def limits_of(column: Column[Any]) -> tuple[str | None, str | None]:
    """Return the least and the most that a CHECK on this column alone allows."""
    least = most = None
    table = column.table
    name = re.escape(column.name)
    for constraint in table.constraints if isinstance(table, Table) else ():
        if not isinstance(constraint, CheckConstraint):
            continue
        sql = str(constraint.sqltext.compile(compile_kwargs={"literal_binds": True}))
        sql = sql.replace('"', "").replace(f"{table.name}.", "")
        if found := re.fullmatch(rf"{name} BETWEEN {_NUMBER} AND {_NUMBER}", sql, re.I):
            least, most = found[1], found[2]
            continue
        for part in re.split(r"\s+AND\s+", sql, flags=re.I):
            if found := re.fullmatch(rf"\(*{name} (>=|<=|>|<) {_NUMBER}\)*", part.strip()):
                sign, number = found[1], found[2]
                whole = number if sign in (">=", "<=") else _next(number, sign, column)
                if sign.startswith(">"):
                    least = whole or least
                else:
                    most = whole or most
    return least, most


def _next(number: str, sign: str, column: Column[Any]) -> str | None:
    """Return the first number that `> 0` allows, of a column with a smallest step."""
    scale = 0 if column.type.python_type is int else getattr(column.type, "scale", None)
    if scale is None:
        return None
    step = Decimal(1).scaleb(-scale)
    return str(Decimal(number) + step if sign == ">" else Decimal(number) - step)
