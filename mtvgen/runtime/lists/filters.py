"""Filters of a list: a column of few values, or a row of another table; chosen from a <select>."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, String, cast, literal, select
from sqlalchemy import Enum as EnumType

from mtvgen.runtime.lists.texts import text_of, value_of

Choice = tuple[str, str]  # what is sent, and what is shown

# Parameters of every list; a filter of such a name gets a `_`.
PARAMETERS = frozenset({"q", "sort", "after", "before", "at"})
MOST_CHOICES = 200  # rows of another table in one <select>


def parameter_of(name: str) -> str:
    """Return the parameter of an attribute's filter."""
    return f"{name}_" if name in PARAMETERS else name


@dataclass(frozen=True)
class Filter:
    """A filter by the values of a column.

    Attributes:
        attribute: The attribute of the model.
    """

    attribute: Any

    @property
    def parameter(self) -> str:
        """Its name in the address."""
        return parameter_of(self.attribute.key)

    def condition(self, text: str) -> ColumnElement[bool]:
        """Return the condition of the rows that have a value.

        Raises:
            NotFound: It is not a value of the column.
        """
        found: ColumnElement[bool] = self.attribute == value_of(text, self.attribute.type)
        return found

    @property
    def key_type(self) -> Any:
        """The type of what is sent."""
        return self.attribute.type

    @property
    def choices(self) -> Sequence[Choice]:
        """What there is to choose without asking the database."""
        kind = self.attribute.type
        if isinstance(kind, Boolean):
            return [("true", "Yes"), ("false", "No")]
        if isinstance(kind, EnumType) and kind.enum_class is not None:
            return [(text_of(member), _label(member)) for member in kind.enum_class]
        return [(text, text) for text in getattr(kind, "enums", ())]

    def rows(self, chosen: str) -> Select[Any] | None:
        """Return a statement for the choices that the database knows; None: there are none."""
        return None


@dataclass(frozen=True)
class RowFilter(Filter):
    """A filter by a row of another table.

    Attributes:
        attribute: The relationship.
        label: The attribute of the other model that its rows are shown by.
    """

    label: Any

    @property
    def _key(self) -> Any:
        mapper = self.attribute.property.mapper
        return mapper.get_property_by_column(mapper.primary_key[0]).class_attribute

    @property
    def key_type(self) -> Any:
        """The type of the other table's key."""
        return self._key.type

    def condition(self, text: str) -> ColumnElement[bool]:
        """Return the condition of the rows that refer to a row."""
        ((own, _),) = self.attribute.property.local_remote_pairs
        found: ColumnElement[bool] = own == value_of(text, self.key_type)
        return found

    @property
    def choices(self) -> Sequence[Choice]:
        """Return nothing: they are rows."""
        return ()

    def rows(self, chosen: str) -> Select[Any] | None:
        """Return a statement for the first rows by their labels, and the chosen one."""
        order: list[Any] = [self.label, self._key]
        if chosen:
            order.insert(0, (self._key == value_of(chosen, self.key_type)).desc())
        found: Any = (
            select(
                literal(self.parameter, String).label("parameter"),
                cast(self._key, String).label("value"),
                cast(self.label, String).label("label"),
            )
            .order_by(*order)
            .limit(MOST_CHOICES)
        )
        return found  # type: ignore[no-any-return]  # of three texts


def _label(member: Any) -> str:
    # As in a form's <select>.
    value = member.value
    return value if isinstance(value, str) else member.name.replace("_", " ").capitalize()
