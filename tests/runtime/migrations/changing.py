"""Changes of models, each as one line of a table, and what a change goes through.

A case says which models there were and which there are, which rows, and what they become:

    Case("int to text", [C("a", sa.Integer)], [C("a", sa.Text)], rows=[1, None], become=["1", None])

The lists are what a table called `thing` has beside its key `id`: columns (`C` is SQLAlchemy's
Column), constraints, indexes. For other tables, or for no `id`, write a dict: `{"thing": [...],
"other": [C("id", sa.Integer, primary_key=True), ...]}`; a table that is not in it does not exist.
`"thing!"` is thing without the `id` that it would get, `"thing@shop"` is in the schema shop. A
dict among the items is options of the table: `{"comment": "All things", "sqlite_strict": True}`.

    rows        the rows before the change. A value stands for the column `a`; a dict names the
                columns; for several tables write {"thing": [...], "other": [...]}.
    become      the same rows after it, in the same notation; left out: as they were. Every column
                that a dict names is compared, and the number of rows.
    back        the rows after the way back (`mtvgen migrate 0001`); left out: as before.
    forth       the rows after going there once more; left out: as `become`.
    loses       how many values or rows the change loses: it must be refused with that number, and
                then be accepted. 0: it must never be refused.
    back_loses  the same for the way back. None: it is not looked at (whatever is lost is accepted).
    fails       a pattern: the change is refused with this, rows or no rows accepted.
    back_fails  a pattern: the way back is refused with this.
    refuses     rows that the changed table must not take.
    takes       rows that it must take; a pair (given, kept) says what is read again.
    says        words that makemigrations must print about the change, each a pattern.
    unwritten   whether makemigrations has nothing to write ("No changes.").
    setup       SQL that runs before the rows come; behind an item "ROWS", after they have come.
    base_fails  a pattern: `migrate base` is refused with this, as `back_fails`.
    always      pairs of a query and its rows, which are so before the change, after it, and after
                the way back: for what a change must leave alone.
    renames     what is renamed, as `makemigrations --rename` takes it: ["thing.a:b"].
    only        "sqlite" or "postgresql" for a case of one database.
    sqlite, postgresql
                a dict with what is different there: `sqlite={"loses": 0}`.

The way of each case: makemigrations, migrate, rows, makemigrations, migrate, makemigrations ("No
changes."), back, makemigrations ("No changes."), forth, base, head; after each step every value.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa

from mtvgen.runtime.migrations import (
    DataLossError,
    MigrationError,
    NewMigration,
    make_migration,
    migrate,
)
from mtvgen.runtime.migrations.fresh.created import make_created
from mtvgen.runtime.migrations.revisions import read_revisions
from mtvgen.runtime.migrations.schema.created_tables import created_tables
from mtvgen.runtime.migrations.schema.same_tables import are_same_tables
from mtvgen.runtime.models import Database, Model

C = sa.Column
NAMES = Model.metadata.naming_convention
Tables = Sequence[Any] | Mapping[str, Sequence[Any]]
Rows = Sequence[Any] | Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Case:
    """A change of models (see above)."""

    name: str
    before: Tables
    after: Tables
    rows: Rows = ()
    become: Rows | None = None
    back: Rows | None = None
    forth: Rows | None = None
    loses: int = 0
    back_loses: int | None = None
    fails: str = ""
    back_fails: str = ""
    base_fails: str = ""
    refuses: Sequence[Any] = ()
    takes: Sequence[Any] = ()
    says: Sequence[str] = ()
    unwritten: bool = False
    setup: Sequence[str] = ()
    always: Sequence[tuple[str, list[tuple[Any, ...]]]] = ()
    renames: Sequence[str] = ()
    only: str = ""
    sqlite: Mapping[str, Any] = field(default_factory=dict)
    postgresql: Mapping[str, Any] = field(default_factory=dict)

    def on(self, database: str) -> Case:
        """The case as it is on one database."""
        return replace(self, **getattr(self, database))


# Columns belong to one table only, so it is copied. By the object that it was made of, which is
# kept, or another one would get its number.
_TEMPLATES: dict[int, tuple[Tables, sa.MetaData]] = {}


def models(tables: Tables) -> sa.MetaData:
    """The models of a case, new at each call."""
    if id(tables) not in _TEMPLATES:
        _TEMPLATES[id(tables)] = (tables, _template(tables))
    metadata = sa.MetaData(naming_convention=NAMES)
    for table in _TEMPLATES[id(tables)][1].tables.values():
        table.to_metadata(metadata)
    return metadata


def _template(tables: Tables) -> sa.MetaData:
    metadata = sa.MetaData(naming_convention=NAMES)
    for key, items in (tables if isinstance(tables, Mapping) else {"thing": tables}).items():
        name, _, schema = key.removesuffix("!").partition("@")
        own = [C("id", sa.Integer, primary_key=True)] if key == "thing" else []
        options = {k: v for item in items if isinstance(item, dict) for k, v in item.items()}
        parts = [item for item in items if not isinstance(item, dict)]
        sa.Table(name, metadata, *own, *parts, schema=schema or None, **options)
    return metadata


def rows_of_schema(database: Database) -> tuple[object, ...]:
    """All that SQLite keeps of a database's tables, and the applied migrations."""
    with closing(sqlite3.connect(str(database.file))) as connection:
        schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
        versions = connection.execute("SELECT version_num FROM alembic_version")
        return set(schema), sorted(versions), *connection.execute("PRAGMA journal_mode")


class Journey:
    """A database that goes through a case.

    Args:
        database: With nothing in it.
        directory: For the migrations.
    """

    def __init__(self, database: Database, directory: Path) -> None:
        self.database = database
        self.directory = directory

    def makemigrations(self, tables: Tables, renames: Sequence[str] = ()) -> NewMigration | None:
        more = {"renames": renames} if renames else {}
        created = created_tables(read_revisions(self.directory))
        are_held = created is not None and are_same_tables(created.tables, models(tables))
        written = make_migration(self.database, self.directory, "", models(tables), **more)
        # What is said without Alembic is never more than what it says itself.
        assert written is None or renames or not are_held
        return written

    def migrate(self, revision: str, *, loses: int | None, fails: str) -> bool:
        """Go to a revision; whether the database got there."""
        if fails:
            for accept in (False, True):
                with pytest.raises(MigrationError) as caught:
                    migrate(self.database, self.directory, revision, accept_losses=accept)
            told = "\n".join([str(caught.value), *getattr(caught.value, "findings", ())])
            assert re.search(fails, told), told
            return False
        if loses:
            with pytest.raises(DataLossError) as refused:
                migrate(self.database, self.directory, revision)
            numbers = [int(n) for line in refused.value.findings for n in _counts(line)]
            assert sum(numbers) == loses, refused.value.findings
        migrate(self.database, self.directory, revision, accept_losses=loses != 0)
        return True

    def insert(self, tables: Tables, rows: Rows) -> None:
        metadata = models(tables)
        with self.database.engine.begin() as connection:
            for table, values in _by_table(rows).items():
                for row in values:
                    connection.execute(metadata.tables[table].insert().values(_named(row)))

    def holds(self, tables: Tables, rows: Rows) -> None:
        """Assert that the tables hold these rows, and no others."""
        metadata = models(tables)
        for name, expected in _by_table(rows).items():
            table = metadata.tables[name]
            with self.database.engine.connect() as connection:
                query = table.select().order_by(*table.primary_key)
                found = [dict(row) for row in connection.execute(query).mappings()]
            assert len(found) == len(expected), (name, found, expected)
            for got, row in zip(found, expected, strict=True):
                wanted = _named(row)
                assert {key: got[key] for key in wanted} == wanted, (name, found)

    def begin(self, case: Case) -> None:
        """Make the tables before the change, with their rows."""
        self.makemigrations(case.before)
        migrate(self.database, self.directory)
        self._is_made_alike_without_alembic()
        at = case.setup.index("ROWS") if "ROWS" in case.setup else len(case.setup)
        self._run(case.setup[:at])
        self.insert(case.before, case.rows)
        self._run(case.setup[at + 1 :])

    def _is_made_alike_without_alembic(self) -> None:
        file = self.database.file
        if file is None:
            return
        with TemporaryDirectory(dir=file.parent) as directory:
            made = Database(Path(directory, "made.sqlite3"))
            if make_created(made, read_revisions(self.directory)):
                assert rows_of_schema(made) == rows_of_schema(self.database)

    def _run(self, statements: Sequence[str]) -> None:
        with self.database.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def answers(self, always: Sequence[tuple[str, list[tuple[Any, ...]]]]) -> None:
        """Assert what queries find."""
        with self.database.engine.connect() as connection:
            for query, rows in always:
                found = [tuple(row) for row in connection.exec_driver_sql(query)]
                assert found == rows, (query, found)

    def takes(self, tables: Tables, row: Any) -> None:
        """Assert that a row can be inserted, and read again; it is gone afterwards."""
        given, kept = row if isinstance(row, tuple) else (row, row)
        table = models(tables).tables["thing"]
        with self.database.engine.connect() as connection:
            key = connection.execute(table.insert().values(_named(given))).inserted_primary_key
            same = [column == value for column, value in zip(table.primary_key, key, strict=True)]
            found = dict(connection.execute(table.select().where(*same)).mappings().one())
            connection.rollback()
        wanted = _named(kept)
        assert {name: found[name] for name in wanted} == wanted

    @staticmethod
    def counts(lines: Sequence[str]) -> list[int]:
        """The numbers in what is told about losses."""
        return [int(n) for line in lines if "will fail" not in line for n in _counts(line)]

    @staticmethod
    def nothing(rows: Rows) -> Rows:
        """No rows, in the tables in which there were some."""
        return {table: [] for table in _by_table(rows)}

    @contextmanager
    def only_the_first(self) -> Iterator[None]:
        """The project as it was before the change."""
        later = [f for f in self.directory.glob("*.py") if not f.name.startswith("0001")]
        for file in later:
            file.rename(file.with_suffix(".later"))
        yield
        for file in later:
            file.with_suffix(".later").rename(file)


def _counts(line: str) -> list[str]:
    return re.findall(r"(\d+) (?:row|value)", line)[:1]


def _by_table(rows: Rows) -> dict[str, Sequence[Any]]:
    return dict(rows) if isinstance(rows, Mapping) else {"thing": rows}


def _named(row: Any) -> dict[str, Any]:
    return dict(row) if isinstance(row, Mapping) else {"a": row}
