"""Models: their attributes, as SQLAlchemy knows them, and whether migrations hold them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapper, RelationshipDirection, configure_mappers

from mtvgen.checks.facts import ClassFact, ColumnFact
from mtvgen.checks.mapping.errors import mapping_problem
from mtvgen.checks.mapping.migration_slips import (
    columns_made,
    misnamed_columns,
    place_of_down_revision,
)
from mtvgen.checks.mapping.relations import does_not_fit
from mtvgen.checks.mapping.unmapped_columns import unmapped_columns
from mtvgen.checks.mapping.written_attributes import place_of_text
from mtvgen.checks.places import Place
from mtvgen.checks.python.types import PYTHON_CLASSES
from mtvgen.checks.python.written import place_of_first_class
from mtvgen.checks.python_types import Builtin, Instance, IterableOf, ListOf, Type
from mtvgen.checks.report import Problem, Unchecked, fault_problem, meant_by
from mtvgen.runtime.migrations.revisions import ForkError, MigrationError, read_revisions
from mtvgen.runtime.models import Model
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.models.faults import DatabaseFault
from mtvgen.runtime.support.locations import Location


def class_facts(root: Path) -> tuple[dict[str, ClassFact], list[Problem]]:
    """Every model, with all that its instances have: columns, relations, backrefs, hybrids."""
    try:
        configure_mappers()
    except Exception as error:  # of SQLAlchemy's, and of Python's, from texts that it evaluates
        # What is missing in one place makes SQLAlchemy fail in another.
        dangling = list(_dangling_keys(_mappers(), root))
        problem = mapping_problem(error, root)
        return {}, dangling or [problem or does_not_fit(error, Place.at("models/__init__.py"))]
    mappers = _mappers()
    facts = {}
    for mapper in mappers:
        model = mapper.class_
        if not hasattr(model, "__getattr__") and not hasattr(model, "__getitem__"):
            facts[f"{model.__module__}.{model.__qualname__}"] = _fact(mapper, root)
    return facts, list(_dangling_keys(mappers, root))


def _mappers() -> list[Mapper[Any]]:
    try:
        return list(Model.registry.mappers)
    except SQLAlchemyError:  # it lists a class that it refused, too, and has no mapper for it
        return []


def _dangling_keys(mappers: Iterable[Mapper[Any]], root: Path) -> Iterator[Problem]:
    """Foreign keys to tables and columns that no model has, each at its column."""
    for mapper in mappers:
        for key in [key for table in mapper.tables for key in getattr(table, "foreign_keys", ())]:
            try:
                _ = key.column
            except SQLAlchemyError as error:
                model = mapper.class_
                attribute = mapper.get_property_by_column(key.parent).key
                table, _, column = key.target_fullname.rpartition(".")
                known = Model.metadata.tables
                wrong, names = (column, known[table].columns) if table in known else (table, known)
                place = place_of_text(model, attribute, wrong, root)
                meant = meant_by(wrong, map(str, names.keys()))
                yield does_not_fit(error, place or Place.at("models/__init__.py"), meant)


def _fact(mapper: Mapper[Any], root: Path) -> ClassFact:
    model = mapper.class_
    attributes: dict[str, Type] = dict.fromkeys(dir(model))
    attributes.update(dict.fromkeys(mapper.all_orm_descriptors.keys()))
    for relation in mapper.relationships:
        target = relation.mapper.class_
        kind: Type = Instance(f"{target.__module__}.{target.__qualname__}")
        is_list = relation.uselist and relation.collection_class in (None, list)
        if relation.lazy in ("dynamic", "write_only"):
            kind = None  # a query, which has more than a list
        elif relation.uselist:
            kind = ListOf(kind) if is_list else IterableOf(kind)
        attributes[relation.key] = kind
    for column in mapper.column_attrs:
        attributes[column.key] = _python_type(column)
    columns = {
        attribute.key: _column_fact(attribute.columns[0])
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0], Column)
    }
    nullable, keywords = frozenset(_nullable(mapper)), _keywords(mapper)
    elsewhere = frozenset(_from_elsewhere(model, root))
    return ClassFact(model.__name__, attributes, nullable, columns, keywords, elsewhere)


def _from_elsewhere(model: type, root: Path) -> Iterator[str]:
    """Yield the attributes that a model inherits from classes outside the project."""
    for owner in model.__mro__:
        file = Path(getattr(sys.modules.get(owner.__module__), "__file__", None) or "/")
        if not file.is_relative_to(root) or "site-packages" in file.parts:
            yield from (*vars(owner), *vars(owner).get("__annotations__", ()))


def _nullable(mapper: Mapper[Any]) -> Iterator[str]:
    """Yield the columns and relations of a model that may be None."""
    for column in mapper.column_attrs:
        if getattr(column.columns[0], "nullable", False):
            yield column.key
    for relation in mapper.relationships:
        is_reference = relation.direction is RelationshipDirection.MANYTOONE
        if not relation.uselist and (
            not is_reference or any(column.nullable for column in relation.local_columns)
        ):
            yield relation.key


def _column_fact(column: Column[Any]) -> ColumnFact:
    length = getattr(column.type, "length", None)
    defaults = (column.default, column.server_default, column.computed)
    has_default = column.primary_key or any(default is not None for default in defaults)
    is_nullable = column.nullable is not False
    return ColumnFact(
        length if isinstance(length, int) else None, is_nullable, has_default, str(column.name)
    )


def _keywords(mapper: Mapper[Any]) -> frozenset[str] | None:
    """Return what a model is made of by name; None where it says so itself.

    SQLAlchemy's own constructor takes whatever the class has.
    """
    if mapper.class_manager.original_init is not Model.registry.constructor:
        return None
    return frozenset(dir(mapper.class_))


def _python_type(column: Any) -> Type:
    try:
        kind = column.columns[0].type.python_type
    except NotImplementedError:
        return None
    return next((Builtin(name) for name, known in PYTHON_CLASSES.items() if known is kind), None)


def migration_problems(root: Path) -> Iterator[Problem | Unchecked]:
    """Yield what separates the models, the migrations and an existing database."""
    database = _database()
    if database is None:
        return
    directory = root / "migrations"
    try:
        yield from _heads(directory)
    except MigrationError as error:
        yield _of_migrations(error, directory)
        return
    from mtvgen.runtime.migrations.missing_columns import file_of_table
    from mtvgen.runtime.migrations.state import migration_state

    try:
        state = migration_state(database, directory)
    except ForkError:
        return  # which is said already
    except MigrationError as error:
        yield _of_migrations(error, directory)
        return
    except (DatabaseFault, SQLAlchemyError, OSError) as error:
        yield Unchecked(Place.at("models/__init__.py"), "database", _why_unchecked(error))
        return
    if state.exists and state.lacking:
        names = ", ".join(state.lacking)
        plural = "s" * (len(state.lacking) > 1)
        message = f"The database lacks migration{plural} {names}."
        file = f"migrations/{state.lacking[0]}.py"
        yield Problem("models.behind", Place.at(file), message, "-> mtvgen migrate")
    if not (state.exists or state.unheld):
        return  # the migrations make what the models have
    slips = set()
    made = columns_made(directory)
    for problem in unmapped_columns(_mappers(), made, root):
        slips.add(problem.file)
        yield problem
    if not state.exists:  # where there is one, the migration has run, and a new one is the cure
        tables = {table.name: frozenset(table.columns.keys()) for table in _tables()}
        for table, column, meant, place in misnamed_columns(made, tables):
            slips.add(file_of_table(table, Model.metadata))
            message = f"makes the column {column!r}, and the model has {meant!r}."
            yield Problem("models.no-migration", place, message, meant=meant)
    for file in state.unheld:
        if file in slips:
            continue
        message = "has changes that no migration holds."
        place = place_of_first_class(Location(str(root / file), 1))
        yield Problem("models.no-migration", place, message, "-> mtvgen makemigrations")


def _tables() -> Iterable[Table]:
    return Model.metadata.tables.values()


def _why_unchecked(error: Exception) -> str:
    """`postgresql site at localhost does not answer: Connection refused -> start it, or ...`."""
    if isinstance(error, DatabaseFault):
        return f"{error.message.rstrip('.')} {error.fault.hint}"
    return f"it can't be reached: {type(error).__name__}"


def _database() -> Database | None:
    """Return the project's database: what models/__init__.py calls so, or the only one there is."""
    package = sys.modules.get("models")
    if package is None:
        return None
    named = getattr(package, "database", None)
    if isinstance(named, Database):
        return named
    databases = [value for value in vars(package).values() if isinstance(value, Database)]
    return databases[0] if len(databases) == 1 else None


def _heads(directory: Path) -> Iterator[Problem]:
    revisions = read_revisions(directory)
    problem = revisions.problem()
    if problem is not None:
        last = revisions.by_name[revisions.heads[-1]]
        hint = f'-> let one follow the other: down_revision = "{revisions.heads[0]}"'
        yield Problem("models.two-heads", Place.at(last.place, last.line), problem, hint)


def _of_migrations(error: MigrationError, directory: Path) -> Problem:
    file, line = error.location or ("migrations", 0)
    place = Place.at(file, line or 1)
    written = place_of_down_revision(directory, Path(place.file).name)
    if written is not None and written[:2] == place[:2]:
        place = written
    return fault_problem("models.migrations", place, error.fault)
