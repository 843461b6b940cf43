"""The type of a field's annotation, and the kind of value that it asks for."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from mtvgen.runtime.forms.errors import FormError
from mtvgen.runtime.forms.extras import Accept, Marker, Rows
from mtvgen.runtime.forms.kinds.base import Attributes, Kind
from mtvgen.runtime.forms.kinds.choices import (
    Box,
    Choice,
    Choices,
    choices_of_enum,
    choices_of_literal,
)
from mtvgen.runtime.forms.kinds.files import File
from mtvgen.runtime.forms.kinds.moments import Day, Moment, TimeOfDay
from mtvgen.runtime.forms.kinds.numbers import DecimalNumber, Float, Whole
from mtvgen.runtime.forms.kinds.repeated import Repeated
from mtvgen.runtime.forms.kinds.text import LongText, Password, Text
from mtvgen.runtime.requests.uploads import UploadedFile

if TYPE_CHECKING:
    from mtvgen.runtime.forms.database.columns import Facts


def unwrapped(hint: Any) -> tuple[Any, bool, list[Any]]:
    """Return a type without `Annotated` and `None`, whether it may be None, and the extras."""
    extras: list[Any] = []
    may_be_none = False
    while True:
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            extras = [*more, *extras]
        elif get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
            may_be_none = True
            others = tuple(part for part in get_args(hint) if part is not NoneType)
            if len(others) != 1:
                return hint, may_be_none, extras
            hint = others[0]
        else:
            return hint, may_be_none, extras


def kind_of(
    kind_type: Any, extras: list[Any], facts: Facts | None, least: Any, most: Any, field: str
) -> tuple[Kind, Any]:
    """Return the kind of a type; and of `list[LineForm]` the form class.

    Raises:
        FormError: No kind reads it.
    """
    rows = next((extra for extra in extras if isinstance(extra, Rows)), None)
    if get_origin(kind_type) is list:
        return _list_kind(get_args(kind_type)[0], rows, facts, least, field)
    if rows is not None:
        from mtvgen.runtime.forms.database.rows import Row

        return Row(kind_type, rows, facts, field), None
    if get_origin(kind_type) is Literal:
        values = get_args(kind_type)
        if values == (True,):
            return Box(must_be_ticked=True), None
        return Choice(choices_of_literal(values)), None
    if isinstance(kind_type, type) and issubclass(kind_type, Enum):
        return Choice(choices_of_enum(kind_type)), None
    if kind_type is str:
        return _text_kind(extras, facts), None
    simple = _simple_kind(kind_type, extras, facts, _bounds(least, most))
    if simple is None:
        raise FormError(f"{field}: {_cure(kind_type)}")
    return simple, None


def _simple_kind(
    kind_type: Any, extras: list[Any], facts: Facts | None, bounds: Attributes
) -> Kind | None:
    # By `is`: a bool is an int to issubclass(), and a datetime a date.
    if kind_type is bool:
        return Box()
    if kind_type is int:
        return Whole(facts.bits if facts else 63, bounds)
    if kind_type is Decimal:
        return DecimalNumber(
            facts.precision if facts else None, facts.scale if facts else None, bounds
        )
    if kind_type is float:
        return Float(bounds)
    if kind_type is date:
        return Day(bounds)
    if kind_type is datetime:
        return Moment(is_aware=not (facts and facts.is_naive))
    if kind_type is time:
        return TimeOfDay(bounds)
    if kind_type is UploadedFile:
        return File(next((extra for extra in extras if isinstance(extra, Accept)), None))
    return None


def _text_kind(extras: list[Any], facts: Facts | None) -> Kind:
    markers = {extra.name for extra in extras if isinstance(extra, Marker)}
    if "password" in markers:
        return Password()
    return LongText() if "textarea" in markers or (facts and facts.is_long_text) else Text()


def _list_kind(
    part: Any, rows: Rows | None, facts: Facts | None, least: Any, field: str
) -> tuple[Kind, Any]:
    if hasattr(part, "__messages__"):
        if taken := sorted({"add", "id", "remove"} & part.__annotations__.keys()):
            raise FormError(
                f"{field}: {part.__name__}.{taken[0]} is the name of a button or of a row's key. "
                f'-> {taken[0]}_: Annotated[..., column("{taken[0]}")]'
            )
        return Repeated(least or 0), part
    if rows is not None:
        from mtvgen.runtime.forms.database.rows import SomeRows

        return SomeRows(part, rows, facts, field), None
    if get_origin(part) is Literal:
        return Choices(choices_of_literal(get_args(part))), None
    if isinstance(part, type) and issubclass(part, Enum):
        return Choices(choices_of_enum(part)), None
    raise FormError(f"{field}: {_cure(part)}")


def _bounds(least: Any, most: Any) -> Attributes:
    shown = [("min", least), ("max", most)]
    return tuple((name, _as_text(limit)) for name, limit in shown if limit is not None)


def _as_text(limit: Any) -> str:
    return limit.isoformat() if isinstance(limit, date | time) else str(limit)


def _cure(kind_type: Any) -> str:
    name = getattr(kind_type, "__name__", str(kind_type))
    if hasattr(kind_type, "__mapper__"):
        return f'which rows of {name} are there to choose? -> Annotated[..., rows("name")]'
    return (
        f"{name} is not a type of a field. -> str, int, float, bool, Decimal, date, datetime, "
        "time, an Enum, a Literal, UploadedFile, rows of a model, a list of these, or a list "
        "of a form class"
    )
