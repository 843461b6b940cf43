"""The facts of models: what a database would hold that was made from them.

SQLite's are read from the statements. PostgreSQL is shown the statements: in a transaction that
is rolled back it makes the tables once more, among its temporary ones, and prints them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, create_mock_engine
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import NoReferencedTableError, SAWarning, SQLAlchemyError
from sqlalchemy.schema import (
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    ExecutableDDLElement,
)

from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.facts import SchemaFacts, by_name
from mtvgen.runtime.migrations.schema.postgresql import postgresql_facts
from mtvgen.runtime.migrations.schema.sql_text import quoted
from mtvgen.runtime.migrations.schema.sqlite import facts_of_statements, sqlite_facts
from mtvgen.runtime.support.suggestions import closest

SCRATCH = "mtvgen_models"  # begins the names of schemas that are never committed


def held_and_wanted(
    connection: Connection, metadata: MetaData, first: Sequence[str] = ()
) -> tuple[SchemaFacts, SchemaFacts]:
    """Return the facts of a database, and those of the models that it should have.

    Args:
        connection: To the database, which is as before afterwards.
        metadata: The models.
        first: Statements that have run by then, for as long as this looks.

    Raises:
        MigrationError: The models can't be made in this database.
    """
    if connection.dialect.name == "sqlite":
        with _undone(connection):
            _run(connection, first)
            return sqlite_facts(connection), sqlite_model_facts(metadata, connection.dialect)
    usual = str(connection.dialect.default_schema_name)
    schemas = {usual: None} | {
        table.schema: table.schema
        for table in metadata.tables.values()
        if table.schema and table.schema != usual
    }
    with _undone(connection):
        _run(connection, first)
        _search(connection, [usual])
        held = postgresql_facts(connection, schemas)
        return held, _made(connection, metadata, schemas, usual)


def _run(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def statements_of(metadata: MetaData, dialect: Dialect) -> list[ExecutableDDLElement]:
    """Return what `metadata.create_all()` would run, without what its listeners would add.

    Raises:
        MigrationError: SQLAlchemy can't say it: a key refers to a table that is not there.
    """
    statements: list[ExecutableDDLElement] = []

    def keep(statement: Any, *_: Any, **__: Any) -> None:
        if type(statement).__module__.startswith("sqlalchemy."):
            statements.append(statement)

    engine = create_mock_engine(f"{dialect.name}://", keep)
    try:
        with silent():
            metadata.create_all(engine, checkfirst=False)
    except NoReferencedTableError as error:
        raise MigrationError(
            f"The models can't be made: {_one_line(error)}",
            cure=_meant(error.table_name, metadata),
        ) from error
    except SQLAlchemyError as error:
        raise MigrationError(f"The models can't be made: {_one_line(error)}") from error
    return statements


def _meant(missing: str, metadata: MetaData) -> str:
    near = closest(missing, metadata.tables)
    if near is not None:
        return f'did you mean ForeignKey("{near}....")?'
    return "write its class, and import it in models/__init__.py"


@contextmanager
def silent() -> Iterator[None]:
    """Keep to oneself what SQLAlchemy warns of while it writes statements.

    A circle of keys, which is looked after, and that PostgreSQL below 18 stores what is computed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def sqlite_model_facts(metadata: MetaData, dialect: Dialect) -> SchemaFacts:
    """Return the facts of models on SQLite.

    Raises:
        MigrationError: SQLite has no such thing.
    """
    rows = []
    for statement in statements_of(metadata, dialect):
        if isinstance(statement, CreateTable):
            table = statement.element
            if table.schema:
                raise MigrationError(
                    f"table {table.schema}.{table.name} has a schema, which SQLite has not.",
                    cure="leave the schema out, or set DATABASE_URL to PostgreSQL",
                )
            rows.append(("table", table.name, table.name, _sql(statement, dialect)))
        elif isinstance(statement, CreateIndex):
            index, sql = statement.element, _sql(statement, dialect)
            rows.append(("index", str(index.name), getattr(index.table, "name", ""), sql))
    return SchemaFacts(by_name(facts_of_statements(rows)))


def _sql(statement: ExecutableDDLElement, dialect: Dialect, **options: Any) -> str:
    try:
        with silent():
            return str(statement.compile(dialect=dialect, **options))
    except (SQLAlchemyError, NotImplementedError) as error:
        raise MigrationError(
            f"{_place(statement)} can't be made on {dialect.name}: {_one_line(error)}"
        ) from error


def _place(statement: Any) -> str:
    element = statement.element
    table = getattr(element, "table", element)
    return f"table {getattr(table, 'name', table)}"


def _one_line(error: Exception) -> str:
    text = str(error.args[0]) if error.args else str(error)
    return " ".join(text.split()).rstrip(".") + "."


def _made(
    connection: Connection, metadata: MetaData, schemas: Mapping[str, str | None], usual: str
) -> SchemaFacts:
    """Return the models' tables, made for a moment.

    Temporary tables need no right but TEMPORARY, which everybody has, and have one schema for all;
    models of several schemas need schemas of their own.
    """
    if len(schemas) == 1:
        places = {usual: "pg_temp"}
    else:
        places = {schema: f"{SCRATCH}_{number}" for number, schema in enumerate(schemas)}
        for place in places.values():
            connection.execute(CreateSchema(place))
    _search(connection, [places[usual], usual])
    _make(connection, metadata, places, usual)
    found = {_real_name(connection, place): schemas[schema] for schema, place in places.items()}
    spellings = {f"{p}.": f"{_as_printed(connection, schema)}." for schema, p in places.items()}
    return postgresql_facts(connection, found, spellings)


def _make(
    connection: Connection, metadata: MetaData, places: Mapping[str, str], usual: str
) -> None:
    translated: dict[str | None, str] = {None: places[usual]}
    translated.update(places)
    options = {"schema_translate_map": translated, "render_schema_translate": True}
    for statement in statements_of(metadata, connection.dialect):
        if isinstance(statement, CreateSequence):
            continue  # a sequence is there already, by a migration that somebody has written
        sql = _sql(statement, connection.dialect, **options)
        for schema, place in places.items():
            real = "" if schema == usual else f"{_as_printed(connection, schema)}."
            sql = sql.replace(f"nextval('{place}.", f"nextval('{real}")
        if isinstance(statement, CreateTable):
            sql = re.sub(r"CREATE\s.*?TABLE\b", "CREATE TABLE", sql, count=1)  # UNLOGGED
        elif isinstance(statement, CreateIndex):
            sql = sql.replace(" CONCURRENTLY ", " ", 1)
        try:
            connection.exec_driver_sql(sql)
        except SQLAlchemyError as error:
            said = " ".join(str(getattr(error, "orig", error)).partition("\nLINE ")[0].split())
            raise MigrationError(
                f"{_place(statement)} can't be made as the models say: {said}"
            ) from error


def _real_name(connection: Connection, place: str) -> str:
    if place != "pg_temp":
        return place
    question = "SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()"
    return str(connection.exec_driver_sql(question).scalar())


def _as_printed(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


@contextmanager
def _undone(connection: Connection) -> Iterator[None]:
    """Undo at the end whatever happens inside."""
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def _search(connection: Connection, schemas: Sequence[str]) -> None:
    """Print names of these schemas without them, until the end of the block that is undone."""
    path = ", ".join(map(quoted, schemas))
    connection.exec_driver_sql(f"SET LOCAL search_path TO {path}")
