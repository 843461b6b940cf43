"""Samples: a row that the generated tests can save, as Python, and the same as a form sends it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, create_engine, inspect
from sqlalchemy.orm import Session

from mtvgen.add.pages.described.description import describe
from mtvgen.add.pages.described.fields import Described, Field, field_name
from mtvgen.add.pages.described.names import local_name

_DEEPEST = 4  # rows that need rows; more is a circle
_SOURCES = {
    "bool": "False",
    "date": "date(2026, 1, 2)",
    "datetime": "datetime(2026, 1, 2, tzinfo=UTC)",
    "naive datetime": "datetime(2026, 1, 2)",
    "time": "time(12)",
    "UUID": "uuid4()",
    "json": "{}",
    "array": "[]",
    "bytes": 'b"sample"',
}
_SENT = {
    "date": "2026-01-02",
    "datetime": "2026-01-02T12:00",
    "naive datetime": "2026-01-02T12:00",
    "time": "12:00",
}


@dataclass
class Sample:
    """A row as Python.

    Attributes:
        source: `Book(title="Title", author=Author(name="Name"))`.
        names: The models and Enums in it.
        modules: What else has to be imported.
    """

    source: str = ""
    names: dict[str, Any] = field(default_factory=dict)

    @property
    def imports(self) -> list[str]:
        """The imports of the standard library."""
        lines = []
        moments = [n for n in ("date", "datetime", "time") if re.search(rf"\b{n}\(", self.source)]
        if "tzinfo=UTC" in self.source:
            moments.insert(0, "UTC")
        if moments:
            lines.append(f"from datetime import {', '.join(moments)}")
        if "Decimal(" in self.source:
            lines.append("from decimal import Decimal")
        if "uuid4()" in self.source:
            lines.append("from uuid import uuid4")
        return lines


def sample_of(model: type) -> Sample | None:
    """Return a row that the tables take; None if that could not be found out."""
    sample = Sample()
    try:
        sample.source = _source(model, sample, 0)
        _try(model, sample)
    except Exception:  # a constraint that nobody can read: the tests do without a row
        return None
    return sample


def form_data(described: Described) -> list[tuple[str, str]] | None:
    """Return what a form sends that changes the sample; None where that is not known."""
    data = []
    for one in described.edited:
        name = field_name(one)
        if one.is_version:
            data.append((name, "1"))
        elif one.kind == "row" and one.is_required:
            if one.target is None or one.target.key != "id":
                return None
            data.append((name, "1"))
        elif one.is_required and one.kind not in ("bool", "rows"):
            data.append((name, _sent(one)))
    return data or None


def _source(model: type, sample: Sample, depth: int) -> str:
    if depth > _DEEPEST:
        raise ValueError(model.__name__)
    sample.names[local_name(model)] = model
    described = describe(model, lambda other: None)
    parts = []
    for one in described.fields:
        if not (one.is_required or one.is_given):
            continue
        if one.kind == "row" and one.target:
            parts.append(f"{one.name}={_source(one.target.model, sample, depth + 1)}")
        else:
            parts.append(f"{one.name}={_value(one, sample)}")
    return f"{local_name(model)}({', '.join(parts)})"


def _value(one: Field, sample: Sample) -> str:
    if one.kind == "enum":
        member = next(iter(one.enum))
        name = local_name(one.enum)  # `Book.Genre` of one that is in a class
        root = one.enum.__qualname__.partition(".")[0]
        sample.names[name.partition(".")[0]] = getattr(sys.modules[one.enum.__module__], root)
        return f"{name}.{member.name}"
    if one.kind in ("text", "long text", "words", "int", "float"):
        text = _sent(one)
        return text if one.kind in ("int", "float") else f'"{text}"'
    if one.kind == "Decimal":
        text = _sent(one)
        return f"Decimal({text})" if text.lstrip("-").isdecimal() else f'Decimal("{text}")'
    return _SOURCES[one.kind]


def _sent(one: Field) -> str:
    if one.kind == "enum":
        return str(next(iter(one.enum)).name)
    if one.kind == "words":
        return str(one.enum[0])
    if one.kind in ("int", "Decimal", "float"):
        return one.least or one.most or "1"
    if one.kind in ("text", "long text"):
        return one.label[: one.length or 80]
    return _SENT.get(one.kind, "")


def _tables(sample: Sample) -> list[Table]:
    """Return the tables of the rows: others may have types that only PostgreSQL has."""
    mappers = [inspect(model, raiseerr=False) for model in sample.names.values()]
    tables = {table: None for mapper in mappers if mapper for table in mapper.tables}
    return [table for table in tables if isinstance(table, Table)]


def _try(model: Any, sample: Sample) -> None:
    """Save the row in a database in memory."""
    from datetime import UTC, date, datetime, time
    from decimal import Decimal
    from uuid import uuid4

    known = {"UTC": UTC, "date": date, "datetime": datetime, "time": time}
    row = eval(sample.source, {**known, "Decimal": Decimal, "uuid4": uuid4, **sample.names})  # noqa: S307  # our own text
    engine = create_engine("sqlite://")
    try:
        model.metadata.create_all(engine, tables=_tables(sample))
        with Session(engine) as db:
            db.add(row)
            db.flush()
    finally:
        engine.dispose()
