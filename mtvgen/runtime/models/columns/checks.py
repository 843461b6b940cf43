"""Values are looked at before they are sent, so that both databases refuse the same ones.

SQLite keeps 300 characters in a `String(200)`; PostgreSQL answers with an error that names no
column. Here it is one error that names model and attribute, found twice: before a session is
flushed, so that nothing has been sent and the session can go on, and at each INSERT and UPDATE,
for what passes by the session: `insert(Note)` with a list of values, and what a `default=` makes.

That takes a microsecond a flush, two more for an object of a model that has such columns, and
one a statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ClauseElement, Dialect, Engine, Enum, String, Table, Text
from sqlalchemy.orm import Session, UOWTransaction, class_mapper
from sqlalchemy.orm.attributes import get_history

from mtvgen.runtime.models.columns.moments import UTCDateTime
from mtvgen.runtime.models.columns.names import attribute_of
from mtvgen.runtime.models.columns.values import (
    ColumnValueError,
    problem_of_moment,
    problem_of_text,
)


class _Checked(NamedTuple):
    """One column whose values are looked at.

    Attributes:
        key: The attribute of the model; of a table: the key of its column.
        name: What it is called, `Note.text`.
        limit: How many characters it takes; None: it is a moment in time.
    """

    key: str
    name: str
    limit: int | None


def check_objects(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Look at what is new and what has changed (`before_flush`).

    Raises:
        ColumnValueError: A value that its column does not take.
    """
    for instance in session.new:
        if checked := _checked_of(instance, session):
            for _, error in _problems(instance, checked):
                raise error
    if not session.identity_map.check_modified():
        return
    for instance in session.dirty:
        if checked := _checked_of(instance, session):
            for key, error in _problems(instance, checked):
                # What was too long before somebody shortened the column stays readable and usable.
                if get_history(instance, key).has_changes():
                    raise error


def _problems(
    instance: object, checked: Sequence[_Checked]
) -> Iterator[tuple[str, ColumnValueError]]:
    """Yield the attributes of an object whose values do not fit, with what is wrong."""
    values = vars(instance)
    for key, name, limit in checked:
        value = values.get(key)
        if value is None or isinstance(value, ClauseElement):
            continue
        problem = problem_of_moment(value) if limit is None else problem_of_text(value, limit)
        if problem is not None:
            yield key, ColumnValueError(name, problem)


_by_model: WeakKeyDictionary[type, dict[str, Sequence[_Checked]]] = WeakKeyDictionary()


def _checked_of(instance: object, session: Session) -> Sequence[_Checked]:
    """Return the attributes of an object that are looked at; found once for each model."""
    model = type(instance)
    dialect = session.get_bind(model).dialect
    try:
        return _by_model[model][dialect.name]
    except KeyError:
        columns = class_mapper(model).columns.items()
        checked = _by_model.setdefault(model, {})[dialect.name] = [*_checked(columns, dialect)]
        return checked


def _checked(
    columns: Iterable[tuple[str, Any]], dialect: Dialect, *, moments: bool = True
) -> Iterator[_Checked]:
    """Those columns of a model whose values are looked at."""
    for key, column in columns:
        if name := attribute_of(column):
            kind = column.type.dialect_impl(dialect)
            if moments and isinstance(kind, UTCDateTime):
                yield _Checked(key, name, None)
            # Text has no end on PostgreSQL, and Enum looks after itself.
            elif isinstance(kind, String) and not isinstance(kind, Text | Enum) and kind.length:
                yield _Checked(key, name, kind.length)


def check_statements(engine: Engine) -> None:
    """Look at the values of every INSERT and UPDATE of an engine."""
    context: type[Any] = engine.dialect.execution_ctx_cls

    class CheckingContext(context):  # type: ignore[misc]  # which base it is, the dialect knows
        def pre_exec(self) -> None:
            if self.isinsert or self.isupdate:
                _check_parameters(self.compiled, self.compiled_parameters, self.dialect)
            super().pre_exec()

    engine.dialect.execution_ctx_cls = CheckingContext


def _check_parameters(compiled: Any, rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> None:
    """Look at the values of one statement.

    Raises:
        ColumnValueError: A text that is too long for its column.
    """
    for key, name, limit in _limits(compiled.statement.table, dialect):
        assert limit is not None  # noqa: S101  # moments are looked at by their type
        for row in rows:
            for value in _values(row, key):
                if problem := problem_of_text(value, limit):
                    raise ColumnValueError(name, problem)


def _values(row: Mapping[str, Any], key: str) -> Iterator[Any]:
    """Yield the values that a row of parameters has for a column."""
    if key in row:
        yield row[key]
    # insert(Note).values([{...}, {...}]) numbers them.
    number = 0
    while (numbered := f"{key}_m{number}") in row:
        yield row[numbered]
        number += 1


def _limits(table: Any, dialect: Dialect) -> Sequence[_Checked]:
    """Return the texts of a table that have a limit; found once."""
    if not isinstance(table, Table):
        return ()
    limits: dict[str, Sequence[_Checked]] = table.info.setdefault("mtvgen.limits", {})
    if dialect.name not in limits:
        limits[dialect.name] = [*_checked(table.columns.items(), dialect, moments=False)]
    return limits[dialect.name]
