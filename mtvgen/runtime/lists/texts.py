"""Texts of an address for the values of a column, and back; what is not one is a 404."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Numeric, SmallInteger
from sqlalchemy import Enum as EnumType

from mtvgen.runtime.http.errors import NotFound

_MOST_DIGITS = 40  # of a number; more are an attack


def text_of(value: Any) -> str:
    """Return the text for a value."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)


def value_of(text: str, kind: Any) -> Any:
    """Return the value of a text.

    Args:
        text: Anything that a visitor may have sent.
        kind: The type of the column.

    Raises:
        NotFound: No value of the column has this text.
    """
    try:
        value = _parsed(text, kind)
    except (ValueError, KeyError, ArithmeticError) as error:
        raise NotFound(f"{text[:40]!r} is not a value of this list.") from error
    return value


def _parsed(text: str, kind: Any) -> Any:
    if isinstance(kind, EnumType):
        return _parsed_enum(text, kind)
    wanted = kind.python_type
    if wanted is bool:
        return {"true": True, "false": False}[text]
    if wanted is int:
        return _whole(text, _bits(kind))
    if wanted in (Decimal, float):
        return _number(text, kind, wanted)
    if wanted in (date, datetime, time):
        moment = wanted.fromisoformat(text)
        if wanted is datetime and (moment.tzinfo is None) == getattr(kind, "timezone", True):
            raise ValueError(text)
        return moment
    if wanted is UUID:
        return UUID(text)
    if wanted is str and "\0" not in text:
        return text
    raise ValueError(text)


def _parsed_enum(text: str, kind: EnumType) -> Any:
    if kind.enum_class is not None:
        return kind.enum_class[text]
    if text not in kind.enums:
        raise ValueError(text)
    return text


def _whole(text: str, bits: int) -> int:
    if len(text) > _MOST_DIGITS or not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError(text)
    number = int(text)
    if not -(2**bits) <= number < 2**bits:  # PostgreSQL refuses what no such column can hold
        raise ValueError(text)
    return number


def _number(text: str, kind: Any, wanted: type) -> Any:
    number = wanted(text)
    decimal = Decimal(text)
    if len(text) > _MOST_DIGITS or not decimal.is_finite() or abs(decimal.adjusted()) > 300:
        raise ValueError(text)
    most = _most_digits(kind)
    if most is not None and number and decimal.adjusted() >= most:
        raise ValueError(text)
    return number


def _most_digits(kind: Any) -> int | None:
    """Return the digits in front of the point that a column of decimals has; None: no limit."""
    if not isinstance(kind, Numeric) or kind.precision is None or kind.python_type is float:
        return None
    return kind.precision - (kind.scale or 0)


def _bits(kind: Any) -> int:
    if isinstance(kind, BigInteger):
        return 63
    if isinstance(kind, SmallInteger):
        return 15
    return 31 if isinstance(kind, Integer) else 63
