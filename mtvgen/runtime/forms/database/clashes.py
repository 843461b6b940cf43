"""Clashes: values that have to be unique and are not, and rows that went away meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, Table, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper, Session

from mtvgen.runtime.forms.database.columns import mapper_of
from mtvgen.runtime.forms.declarations import Plan, plan_of
from mtvgen.runtime.forms.errors import Refusal
from mtvgen.runtime.models.violations import Violation, violated

if TYPE_CHECKING:
    from mtvgen.runtime.forms.filled import Filled

Refusals = list[tuple[str, Refusal]]
Unique = tuple[Column[Any], ...]


def is_touched(plan: Plan, more: Iterable[str]) -> bool:
    """Return whether a new row may clash: in a unique set of columns, or by what it refers to."""
    mapper = mapper_of(plan.model)
    columns = {column for name in (*_attributes(plan), *more) for column in _columns(mapper, name)}
    if any(column.foreign_keys for column in columns):
        return True
    if any(columns & set(unique) for unique in _unique_sets(mapper)):
        return True
    return any(declared.rows is not None for declared in plan.fields.values())


def refusals_of(
    error: IntegrityError, db: Session, form: Filled[Any, Any], more: Mapping[str, Any]
) -> Refusals:
    """Return the sentences about what the database refused; none where no field is about it.

    Args:
        error: The error.
        db: The session, which can be asked again.
        form: The form.
        more: The further attributes of its row.
    """
    plan, violation = plan_of(type(form.value)), violated(error)
    mapper = mapper_of(plan.model)
    table = mapper.local_table
    if isinstance(table, Table) and violation.table in (None, table.name):
        if violation.kind == "foreign key":
            return [(name, Refusal("gone")) for name in _fields(plan, mapper, violation.columns)]
        # All of them at once, and not the first alone.
        if clashes := _clashes(db, form, more):
            return clashes
        for unique in _unique_sets(mapper):
            if violation.kind in ("unique", "primary key") and _is(unique, violation, table):
                return _taken(plan, mapper, unique)
    return _refusals_of_parts(db, form)


def _refusals_of_parts(db: Session, form: Filled[Any, Any]) -> Refusals:
    """Return the sentences about repeated fields: two alike, or one that another row has."""
    alike: Refusals = []
    taken: Refusals = []
    for name, field in form.items():
        seen: set[tuple[Any, ...]] = set()
        for number, part in enumerate(field.rows):
            if part.value is not None:
                place = f"{name}.{number}"
                alike += [(f"{place}.{inner}", why) for inner, why in _alike(part, seen)]
                taken += [(f"{place}.{inner}", why) for inner, why in _clashes(db, part, {})]
    return alike or taken


def _alike(part: Filled[Any, Any], seen: set[tuple[Any, ...]]) -> Refusals:
    """Return the sentence about a row that has the unique values of one before it."""
    plan = plan_of(type(part.value))
    mapper = mapper_of(plan.model)
    for number, unique in enumerate(_unique_sets(mapper)):
        fields = _fields(plan, mapper, [column.name for column in unique])
        values = (number, *(getattr(part.value, field) for field in fields))
        if fields and values in seen:
            return _taken(plan, mapper, unique)
        if None not in values:
            seen.add(values)
    return []


def _clashes(db: Session, form: Filled[Any, Any], more: Mapping[str, Any]) -> Refusals:
    """Return the sentences about all sets of values that somebody else has."""
    refusals: Refusals = []
    plan = plan_of(type(form.value))
    mapper = mapper_of(plan.model)
    values = {**{name: getattr(form.value, field) for field, name in _saved(plan)}, **more}
    for unique in _unique_sets(mapper):
        wanted = {column: _value_of(mapper, column, values, form.row) for column in unique}
        if any(value is None for value in wanted.values()):  # NULL equals nothing
            continue
        others = select(*mapper.primary_key).where(
            *(column == value for column, value in wanted.items())
        )
        own = None if form.row is None else tuple(mapper.primary_key_from_instance(form.row))
        with db.no_autoflush:
            if any(tuple(key) != own for key in db.execute(others.limit(2))):
                refusals += _taken(plan, mapper, unique)
    return refusals


def _taken(plan: Plan, mapper: Mapper[Any], unique: Unique) -> Refusals:
    fields = _fields(plan, mapper, [column.name for column in unique])
    if len(unique) == 1 or len(fields) == 1:
        return [(fields[0], Refusal("taken"))] if fields else []
    return [(fields[0], Refusal("taken_together"))] if fields else []


def _value_of(mapper: Mapper[Any], column: Column[Any], values: Mapping[str, Any], row: Any) -> Any:
    """Return the value that a column is to have; what is not set stays as it is in the row."""
    for name, value in values.items():
        if column not in _columns(mapper, name):
            continue
        if name in mapper.columns or value is None:
            return value
        far = dict(mapper.relationships[name].local_remote_pairs)[column]
        return getattr(value, mapper.relationships[name].mapper.get_property_by_column(far).key)
    if row is None:
        return None
    return getattr(row, mapper.get_property_by_column(column).key)


def _saved(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the fields that are set, each with its attribute."""
    for name, declared in plan.fields.items():
        if declared.facts is not None and not declared.is_version and declared.rows is None:
            yield name, declared.facts.attribute


def _attributes(plan: Plan) -> Iterator[str]:
    return (attribute for _, attribute in _saved(plan))


def _fields(plan: Plan, mapper: Mapper[Any], names: Iterable[str]) -> list[str]:
    """Return the fields that set one of the columns of these names."""
    wanted = set(names)

    def sets_one(attribute: str) -> bool:
        return any(column.name in wanted for column in _columns(mapper, attribute))

    return [field for field, attribute in _saved(plan) if sets_one(attribute)]


def _columns(mapper: Mapper[Any], name: str) -> Iterator[Column[Any]]:
    """Yield the columns of the model's own table that an attribute sets."""
    found: Iterable[Any] = ()
    if name in mapper.columns:
        found = [mapper.columns[name]]
    elif name in mapper.relationships and not mapper.relationships[name].uselist:
        found = mapper.relationships[name].local_columns
    yield from (column for column in found if isinstance(column, Column))


def _unique_sets(mapper: Mapper[Any]) -> Iterator[Unique]:
    """Yield the sets of columns that are unique: the key, constraints and indexes."""
    table = mapper.local_table
    if not isinstance(table, Table):
        return
    yield tuple(table.primary_key.columns)
    for item in (*table.constraints, *table.indexes):
        if isinstance(item, UniqueConstraint) or (isinstance(item, Index) and item.unique):
            yield _columns_of(item, table)


def _is(unique: Unique, violation: Violation, table: Table) -> bool:
    """Return whether it is what a violation is about; of an expression that says a name alone."""
    if violation.columns == tuple(column.name for column in unique):
        return True
    return violation.constraint is not None and any(
        item.name == violation.constraint and _columns_of(item, table) == unique
        for item in (*table.constraints, *table.indexes)
        if isinstance(item, UniqueConstraint | Index)
    )


def _columns_of(item: UniqueConstraint | Index, table: Table) -> Unique:
    """Return the columns that are unique together; of `text("lower(email)")` those it names."""
    if item.columns or not isinstance(item, Index):
        return tuple(item.columns)
    words = {word for part in item.expressions for word in re.findall(r"\w+", str(part))}
    return tuple(column for column in table.columns if column.name in words)
