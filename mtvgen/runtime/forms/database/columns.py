"""Columns of a form's model: the limits that they set, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    inspect,
    select,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy import Float as FloatType
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Mapper, RelationshipProperty, Session, object_session

from mtvgen.runtime.forms.errors import FormError
from mtvgen.runtime.models import UTCDateTime
from mtvgen.runtime.support.suggestions import did_you_mean


@dataclass(frozen=True)
class Facts:
    """What a model says about one of its attributes.

    Attributes:
        attribute: Its name.
        kind: Whether it is a column or leads to other rows, one or many.
        may_be_null: Whether NULL is taken.
        has_default: Whether a row gets a value of its own where none is given.
        length: The characters of a text.
        is_long_text: Whether it is `Text`, as texts of several lines are.
        bits: The size of a whole number.
        precision: The digits of a decimal.
        scale: How many of them are behind the point.
        is_naive: Whether a moment has no time zone.
        is_version: Whether it counts the changes of its row (`version_id_col`).
        orphans_go: Whether rows that are taken out of a list of rows are deleted.
    """

    attribute: str
    kind: Literal["column", "row", "rows"]
    may_be_null: bool = True
    has_default: bool = False
    length: int | None = None
    is_long_text: bool = False
    bits: int = 63
    precision: int | None = None
    scale: int | None = None
    is_naive: bool = False
    is_version: bool = False
    orphans_go: bool = False


def facts_of(model: type, attribute: str, field: str) -> Facts:
    """Return what a model says about an attribute.

    Args:
        model: The model.
        attribute: The attribute.
        field: The field of the form, for the message: `ProductForm.txet`.

    Raises:
        FormError: There is no such attribute, or it is one that can't be saved.
    """
    mapper = mapper_of(model)
    found = mapper.attrs.get(attribute)
    if found is None:
        meant = did_you_mean(attribute, sorted(mapper.attrs.keys()))
        raise FormError(
            f"{field}: {model.__name__} has no {attribute!r}.{meant} "
            f"For a field that is not saved: Annotated[..., column(None)]"
        )
    if isinstance(found, RelationshipProperty):
        return _facts_of_relationship(found)
    column = mapper.columns.get(attribute)
    if not isinstance(column, Column):
        raise FormError(f"{field}: {model.__name__}.{attribute} is not a column of its table.")
    return _facts_of_column(mapper, attribute, column)


def mapper_of(model: type) -> Mapper[Any]:
    """Return the mapper of a model.

    Raises:
        FormError: It is not a model.
    """
    try:
        return inspect(model)
    except NoInspectionAvailable as error:
        name = getattr(model, "__name__", repr(model))
        raise FormError(f"Form[{name}]: {name} is not a model.") from error


def is_model(kind: Any) -> bool:
    """Return whether a type is a model."""
    return isinstance(kind, type) and isinstance(inspect(kind, raiseerr=False), Mapper)


def session_of(row: Any) -> Session | None:
    """Return the session that a row belongs to."""
    return None if row is None else object_session(row)


def key_of(row: Any) -> str:
    """Return the primary key of a row, as a form sends it; empty before it is saved."""
    key = inspect(row).identity
    return "" if key is None else ",".join(map(str, key))


def is_there(db: Session, row: Any) -> bool:
    """Return whether a row is still in its table."""
    mapper = inspect(row).mapper
    own = zip(mapper.primary_key, inspect(row).identity or (), strict=False)
    return db.scalar(select(1).where(*(column == value for column, value in own))) is not None


def _facts_of_relationship(found: RelationshipProperty[Any]) -> Facts:
    may_be_null = all(column.nullable for column in found.local_columns)
    orphans_go = bool(found.cascade.delete_orphan)
    kind: Literal["row", "rows"] = "rows" if found.uselist else "row"
    return Facts(found.key, kind, may_be_null=may_be_null, orphans_go=orphans_go)


def _facts_of_column(mapper: Mapper[Any], attribute: str, column: Column[Any]) -> Facts:
    kind = column.type
    default = column.default is not None or column.server_default is not None
    is_text = isinstance(kind, String) and not isinstance(kind, EnumType)
    is_decimal = isinstance(kind, Numeric) and not isinstance(kind, FloatType)
    return Facts(
        attribute,
        "column",
        may_be_null=bool(column.nullable),
        has_default=default,
        length=kind.length if is_text and isinstance(kind, String) else None,
        is_long_text=isinstance(kind, Text),
        bits=_bits(kind),
        precision=kind.precision if is_decimal and isinstance(kind, Numeric) else None,
        scale=kind.scale if is_decimal and isinstance(kind, Numeric) else None,
        is_naive=_is_naive(kind),
        is_version=mapper.version_id_col is column,
    )


def _bits(kind: Any) -> int:
    if isinstance(kind, BigInteger):
        return 63
    if isinstance(kind, SmallInteger):
        return 15
    return 31 if isinstance(kind, Integer) else 63


def _is_naive(kind: Any) -> bool:
    return not isinstance(kind, UTCDateTime) and not getattr(kind, "timezone", True)
