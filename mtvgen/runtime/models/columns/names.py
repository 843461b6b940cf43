"""Names of columns in messages: model and attribute, `Note.text`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakSet

from sqlalchemy import CheckConstraint, Column, MetaData, Table
from sqlalchemy.orm import Mapper

# The note on a column (`Column.info`) that says so.
_ATTRIBUTE = "mtvgen.attribute"


_models: WeakSet[MetaData] = WeakSet()


def name_columns(mapper: Mapper[Any], model: type) -> None:
    """Write it on the columns of a model's own table (`after_mapper_constructed`)."""
    if isinstance(mapper.local_table, Table):
        _models.add(mapper.local_table.metadata)
    for key, column in mapper.columns.items():
        if isinstance(column, Column) and column.table is mapper.local_table:
            column.info.setdefault(_ATTRIBUTE, f"{model.__name__}.{key}")


def attribute_of(column: Any) -> str | None:
    """Return the model and attribute of a column; None where it is not a model's."""
    return column.info.get(_ATTRIBUTE) if isinstance(column, Column) else None


def name_of(columns: Iterable[Column[Any]]) -> str:
    """Return what to call whatever belongs to these columns; those of mixins are nobody's."""
    tables = [column for column in columns if getattr(column, "table", None) is not None]
    names = [attribute_of(column) or f"{column.table.name}.{column.name}" for column in tables]
    return " or ".join(dict.fromkeys(names))


def tables_of_models() -> Iterator[Table]:
    """Return every table that belongs to a model."""
    for metadata in list(_models):
        yield from metadata.tables.values()


def refuse_unnamed_checks(model: type) -> None:
    """Refuse a condition that no migration could change, before SQLAlchemy does without a cure.

    Raises:
        ValueError: It holds the line to write.
    """
    items = vars(model).get("__table_args__", ())
    for item in items if isinstance(items, tuple) else ():
        if isinstance(item, CheckConstraint) and item.name is None:
            shown = f"CheckConstraint({str(item.sqltext)!r}"
            raise ValueError(
                f"{model.__name__}: {shown}) has no name, by which a migration could change it. "
                f'-> {shown}, name="...")'
            )
