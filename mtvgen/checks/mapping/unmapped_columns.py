"""Attributes that were meant to be columns, and that SQLAlchemy takes for plain values."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeEngine

from mtvgen.checks.mapping.written_attributes import Written, written_attribute
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, arrow

_PLAIN = (str, int, float, bytes)


def unmapped_columns(
    mappers: Iterable[Mapper[Any]], made: Mapping[tuple[str, str], Place], root: Path
) -> Iterator[Problem]:
    """Yield `title = String(50)`, and `title = ""` where a migration has made that column.

    Args:
        mappers: The models.
        made: The columns that migrations make, by table and name.
        root: The project's directory.
    """
    for mapper in mappers:
        model, table = mapper.class_, getattr(mapper.local_table, "name", "")
        for key, value in vars(model).items():
            kind = _type_of_column(value)
            is_lost = (table, key) in made and key not in mapper.columns
            if kind or (is_lost and isinstance(value, _PLAIN)):
                written = written_attribute(model, key, root)
                if written is not None and isinstance(written.statement, ast.Assign):
                    yield _problem(f"{model.__name__}.{key}", key, value, kind, written)


def _type_of_column(value: Any) -> str:
    """Return what Python makes of `String` and `String(50)`; empty for other values."""
    if isinstance(value, type) and issubclass(value, TypeEngine):
        try:
            value = value()
        except TypeError:  # one like Enum needs more
            return "..."
    if not isinstance(value, TypeEngine):
        return ""
    try:
        return str(value.python_type.__name__)
    except NotImplementedError:
        return "..."


def _problem(shown: str, key: str, value: object, kind: str, written: Written) -> Problem:
    place = written.module.place(written.name)
    assert isinstance(written.statement, ast.Assign)  # noqa: S101  # unmapped_columns() has looked
    if kind:
        message = f"{shown} is the type of a column, and not a column."
        cure = f"{key}: Mapped[{kind}] = mapped_column({ast.unparse(written.statement.value)})"
        return Problem("models.not-mapped", place, message, arrow(cure))
    message = f"{shown} is a plain value, and a migration makes a column of that name."
    cure = f"{key}: Mapped[{type(value).__name__}]"
    return Problem("models.not-mapped", place, message, arrow(cure))
