"""Tables of migrations that do nothing but create some, with indexes and keys: without Alembic.

Most projects begin with such migrations. To import Alembic and to run them takes 0.2 s, a third of
what `mtvgen check` takes; a program of this form can be run without it. Of any other form,
nothing is said, and Alembic runs it.
"""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, MetaData, Table
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import conv

from mtvgen.runtime.migrations.revisions import VERSIONS, Revisions

_OPERATIONS = frozenset({"create_table", "create_index", "batch_alter_table", "f"})
_IMPORTED = frozenset({"sqlalchemy", "mtvgen"})  # what these need is imported already


class _OtherForm(Exception):
    """A migration may do more than create tables."""


@dataclass(frozen=True)
class CreatedTables:
    """The tables that migrations create, which do nothing else.

    Attributes:
        tables: As SQLAlchemy's objects.
        on_sqlite: What SQLite then says of its tables and indexes (https://sqlite.org/schematab.html).
        has_late_keys: Whether a key was added to a table later, which SQLite makes again for that.
    """

    tables: MetaData
    on_sqlite: frozenset[Any]
    has_late_keys: bool

    def are_all_of(self, file: Path) -> bool:
        """Return whether a SQLite database holds these tables and nothing else, word for word."""
        try:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
                return _schema(connection) == self.on_sqlite
        except sqlite3.Error:
            return False


def created_tables(revisions: Revisions) -> CreatedTables | None:
    """Return the tables that migrations create; None where one may do anything else, or fails.

    Args:
        revisions: All that a project has.
    """
    created = _Created()
    try:
        sources = {str(revision.file): revision.file.read_bytes() for revision in revisions.order}
        # Looked for first, because to parse a large file takes long.
        if any(map(_calls_others, sources.values())) or not all(map(_is_word, revisions.by_name)):
            return None
        for file, source in sources.items():
            _run(file, source, created)
        on_sqlite = _try(created.tables)
    except Exception:  # whatever is wrong, Alembic's way explains it
        return None
    return CreatedTables(created.tables, on_sqlite, created.has_late_keys)


def _calls_others(source: bytes) -> bool:
    """Return whether the upgrade() of a migration has other operations than those that create."""
    upgrade, _, _ = source.partition(b"\ndef downgrade")
    return not _OPERATIONS.issuperset(map(bytes.decode, re.findall(rb"\bop\.(\w+)", upgrade)))


def _is_word(revision: str) -> bool:
    """Return whether a name has none of the signs that Alembic refuses."""
    return re.fullmatch(r"\w+", revision) is not None


class _Created:
    """What such a migration calls `op`."""

    def __init__(self) -> None:
        self.tables = MetaData()
        self.has_late_keys = False

    def create_table(self, name: str, *items: Any) -> None:
        Table(name, self.tables, *items)

    def create_index(self, name: str, table: str, columns: list[str], *, unique: bool) -> None:
        own = self.tables.tables[table].columns
        Index(name, *(own[column] for column in columns), unique=unique)

    @contextmanager
    def batch_alter_table(self, name: str) -> Iterator[_Batch]:
        self.has_late_keys = True
        yield _Batch(self, self.tables.tables[name])

    def f(self, name: str) -> str:
        return conv(name)


class _Batch:
    """What such a migration calls `batch_op`: keys that refer to a table that came later."""

    def __init__(self, created: _Created, table: Table) -> None:
        self._table = table
        self.f = created.f

    def create_foreign_key(
        self, name: str, target: str, columns: list[str], others: list[str], **options: Any
    ) -> None:
        referred = [f"{target}.{other}" for other in others]
        self._table.append_constraint(ForeignKeyConstraint(columns, referred, name=name, **options))


def _run(file: str, source: bytes, created: _Created) -> None:
    """Run the upgrade() of one migration.

    Raises:
        _OtherForm: It has another form.
    """
    body = list(_imports_and_upgrade(ast.parse(source, file)))
    names: dict[str, Any] = {"op": created}
    code = compile(ast.Module(body, []), file, "exec", dont_inherit=True)
    exec(code, names)  # noqa: S102  # a migration of the project's own
    names["upgrade"]()


def _imports_and_upgrade(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield what of a migration creates its tables.

    Raises:
        _OtherForm: It holds something else.
    """
    for statement in tree.body:
        match statement:
            case ast.Expr(ast.Constant()):
                pass
            case ast.ImportFrom(module="alembic", names=[ast.alias("op", None)], level=0):
                pass
            case ast.Import() | ast.ImportFrom(level=0) if _modules(statement) <= _IMPORTED:
                yield statement
            case ast.Assign([ast.Name("revision" | "down_revision")], ast.Constant()):
                pass
            case ast.FunctionDef("upgrade", body=operations, decorator_list=[]):
                if not all(map(_creates, operations)):
                    raise _OtherForm
                yield statement
            case ast.FunctionDef("downgrade"):
                pass
            case _:
                raise _OtherForm


def _modules(statement: ast.Import | ast.ImportFrom) -> set[str]:
    """Return the packages that an import is from."""
    if isinstance(statement, ast.ImportFrom):
        return {str(statement.module).partition(".")[0]}
    return {alias.name.partition(".")[0] for alias in statement.names}


def _creates(statement: ast.stmt) -> bool:
    """Return whether a statement creates a table or an index, or does nothing."""
    match statement:
        case ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Expr(ast.Call(ast.Attribute(ast.Name("op"), "create_table" | "create_index"))):
            return True
        case ast.With([ast.withitem(ast.Call(_), ast.Name(batch))], body):
            return all(map(partial(_creates_key, batch), body))
    return False


def _creates_key(batch: str, statement: ast.stmt) -> bool:
    """Return whether a statement of a batch creates a foreign key."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "create_foreign_key"))):
            return name == batch
    return False


def _try(tables: MetaData) -> frozenset[Any]:
    """Make the tables in a database that is forgotten, and return what SQLite says of them.

    Raises:
        sqlite3.Error: SQLite refuses one.
    """
    dialect = SQLiteDialect()
    with closing(sqlite3.connect(":memory:")) as connection:
        for table in tables.tables.values():
            connection.execute(str(CreateTable(table).compile(dialect=dialect)))
            for index in table.indexes:
                connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
        return _schema(connection)


def _schema(connection: sqlite3.Connection) -> frozenset[Any]:
    """Return all that SQLite keeps of tables, indexes, views and triggers."""
    return frozenset(
        connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> ?"
            # Its own: counters of keys, and what ANALYZE counts.
            " AND name <> 'sqlite_sequence' AND name NOT LIKE 'sqlite_stat%'",
            (VERSIONS,),
        )
    )
