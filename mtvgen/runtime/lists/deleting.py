"""delete_row(): delete a row, or say which other rows need it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper, Session

from mtvgen.runtime.models.violations import violated

_GO_BY_THEMSELVES = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})


@dataclass(frozen=True)
class Need:
    """Rows of one table that need another row.

    Attributes:
        name: What they are, in words: their table's name with blanks for `_`.
        count: How many there are; None where that is not known.
    """

    name: str
    count: int | None


def delete_row(db: Session, row: object) -> list[Need]:
    """Delete a row; nothing is deleted if other rows need it.

    What the model says about its relationships counts, such as `cascade="all, delete-orphan"`,
    and what the database does by itself, such as `ondelete="CASCADE"`.

    Args:
        db: The request's session.
        row: The row.

    Returns:
        Who needs it; empty if it was deleted.

    Raises:
        sqlalchemy.exc.IntegrityError: The database refuses for another reason.
    """
    db.flush()  # what else is waiting: its errors are not this row's
    try:
        with db.begin_nested():
            db.delete(row)
            db.flush()
    except IntegrityError as error:
        violation = violated(error)
        if violation.kind not in ("foreign key", "not null"):
            raise
        return list(_needs(db, row)) or [Need(_words(violation.table or "another table"), None)]
    return []


def _needs(db: Session, row: Any) -> Iterator[Need]:
    """Yield the rows of each table that refer to a row and do not go with it."""
    mapper: Mapper[Any] = inspect(row).mapper
    gone = {
        relation.mapper.local_table for relation in mapper.relationships if relation.cascade.delete
    } | {relation.secondary for relation in mapper.relationships if relation.secondary is not None}
    for constraint in _references(mapper):
        table = constraint.table
        if table in gone:
            continue
        same = [
            element.parent == getattr(row, mapper.get_property_by_column(element.column).key)
            for element in constraint.elements
        ]
        count = db.scalar(select(func.count()).select_from(table).where(*same)) or 0
        if count:
            yield Need(_words(_far_end(mapper, table).name), count)


def _references(mapper: Mapper[Any]) -> Iterator[ForeignKeyConstraint]:
    """Yield the foreign keys that refer to a model's tables and keep its rows from going."""
    own = set(mapper.tables)
    local = mapper.local_table
    tables = local.metadata.tables.values() if isinstance(local, Table) else ()
    for table in tables:
        for constraint in table.foreign_key_constraints:
            # A table of an inherited model refers to its parent's, and that row goes as well.
            is_part = table in own and constraint.referred_table is not table
            stays = (constraint.ondelete or "").upper() not in _GO_BY_THEMSELVES
            if constraint.referred_table in own and stays and not is_part:
                yield constraint


def _far_end(mapper: Mapper[Any], table: Table) -> Table:
    """Return the table at the other end, where a table only ties two together."""
    for other in mapper.registry.mappers:
        for relation in other.relationships:
            if relation.secondary is table and isinstance(other.local_table, Table):
                return other.local_table
    return table


def _words(name: str) -> str:
    return name.replace("_", " ")
