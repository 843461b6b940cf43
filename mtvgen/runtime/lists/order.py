"""The order of a list, and the rows behind or before a place in it, which no depth makes slower.

An `OFFSET` reads all that it skips. Here the rows after the last one shown are asked for, by its
value and its key: an index finds them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_


@dataclass(frozen=True)
class Place:
    """A row's place in the order: its value there, and its key, which no other row has."""

    value: Any
    key: Any


@dataclass(frozen=True)
class Order:
    """An order of rows, complete because the key ends it.

    Empty values come last, and in descending order first, on every database.

    Attributes:
        name: As in the address: `title`, or `-title` where it descends.
        column: The attribute that is sorted by.
        key: The attribute with the primary key.
        descends: Whether the greatest comes first.
    """

    name: str
    column: Any
    key: Any
    descends: bool

    @property
    def is_by_key(self) -> bool:
        """Whether it is the key that is sorted by."""
        return bool(self.column.key == self.key.key)

    def reversed(self) -> Order:
        """Return the opposite order, in which the rows before a place are those behind it."""
        return Order(self.name, self.column, self.key, not self.descends)

    def place_of(self, row: Any) -> Place:
        """Return where a row is."""
        return Place(getattr(row, self.column.key), getattr(row, self.key.key))

    def sorted(self, statement: Select[Any]) -> Select[Any]:
        """Return a statement with this order."""
        parts = [self.key] if self.is_by_key else [*self._nulls(), self.column, self.key]
        return statement.order_by(*(part.desc() if self.descends else part for part in parts))

    def behind(self, place: Place) -> ColumnElement[bool]:
        """Return the condition of the rows that come behind a place."""
        key_behind = self._behind(self.key, place.key)
        if self.is_by_key:
            return key_behind
        if place.value is None:
            empty: ColumnElement[bool] = and_(self.column.is_(None), key_behind)
            return or_(self.column.is_not(None), empty) if self.descends else empty
        value = literal(place.value, self.column.type)
        here = self.column <= value if self.descends else self.column >= value
        # The first half is what an index understands.
        rest: ColumnElement[bool] = and_(
            here, or_(self._behind(self.column, place.value), key_behind)
        )
        return rest if self.descends else or_(rest, *(null for null in self._nulls()))

    def _behind(self, column: Any, value: Any) -> ColumnElement[bool]:
        bound = literal(value, column.type)
        behind: ColumnElement[bool] = column < bound if self.descends else column > bound
        return behind

    def _nulls(self) -> list[Any]:
        return [self.column.is_(None)] if self.column.property.columns[0].nullable else []
