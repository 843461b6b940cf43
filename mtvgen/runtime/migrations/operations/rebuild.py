"""A SQLite table, made again in another shape: its rows move, and all that is around it stays.

SQLite alters little of a table (https://sqlite.org/lang_altertable.html#otheralter). What
SQLAlchemy knows of a table is less than the table; so its own text is changed and made again, and
then its indexes and triggers, each by its own statement. Afterwards the list of everything is
compared with that of before, so what is lost is never lost in silence.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mtvgen.runtime.migrations.operations.table_edit import TableEdit
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.create_table import CreateTable, mentions, parse_create_table
from mtvgen.runtime.migrations.schema.sql_text import literal, normal, quoted

NEW = "_mtvgen_new_"  # begins the name of the new table, as long as the old one is there


@dataclass(frozen=True)
class Stored:
    """A line of sqlite_master."""

    kind: str
    name: str
    table: str
    sql: str


def everything(connection: Connection) -> list[Stored]:
    """Every table, index, trigger and view that has a statement."""
    rows = dbapi_of(connection).execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    )
    return [Stored(*row) for row in rows]


def dbapi_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's connection: what is only asked is not part of the migration's SQL."""
    return connection.connection.dbapi_connection  # type: ignore[return-value]  # SQLite's


def rebuild(connection: Connection, edit: TableEdit, dropped_indexes: set[str]) -> None:
    """Make a table again, as an edit has left it.

    Args:
        connection: In a transaction, with foreign keys off.
        edit: Its new text, and where the values come from.
        dropped_indexes: The indexes that the migration drops itself.

    Raises:
        MigrationError: Something would be lost that nobody dropped, or would no longer work.
    """
    name = edit.table.name
    before = everything(connection)
    old = next(s for s in before if s.kind == "table" and s.name.lower() == name.lower())
    around = [s for s in before if s.table.lower() == name.lower() and s.kind != "table"]
    kept = [s for s in around if not _goes(s, edit, dropped_indexes)]
    counter = _counter(connection, name)

    def run(statement: str) -> None:
        connection.exec_driver_sql(statement)

    new = f"{NEW}{name}"
    run(edit.table.render(new))
    run(_copy(edit, old.sql, new))
    run(f"DROP TABLE {quoted(name)}")
    # The modern way of renaming would look into views, which miss their table at this moment.
    run("PRAGMA legacy_alter_table = ON")
    run(f"ALTER TABLE {quoted(new)} RENAME TO {quoted(name)}")
    run("PRAGMA legacy_alter_table = OFF")
    for stored in kept:
        run(stored.sql)
    if counter is not None:
        _set_counter(connection, name, counter)
    _compare(connection, before, name, [s.name for s in around if s not in kept])


def _goes(stored: Stored, edit: TableEdit, dropped_indexes: set[str]) -> bool:
    if stored.kind != "index":
        return False
    on = stored.sql[stored.sql.index("(") :]
    return stored.name in dropped_indexes or any(mentions(on, c) for c in edit.dropped)


def _copy(edit: TableEdit, old_sql: str, new: str) -> str:
    old = parse_create_table(old_sql)
    names = [quoted(column.name) for column in edit.table.columns if column.name in edit.values]
    values = [edit.values[c.name] for c in edit.table.columns if c.name in edit.values]
    if _has_hidden_rowid(old) and _has_hidden_rowid(edit.table):
        names, values = ["rowid", *names], ["rowid", *values]
    return (
        f"INSERT INTO {quoted(new)} ({', '.join(names)}) "
        f"SELECT {', '.join(values)} FROM {quoted(edit.table.name)}"
    )


def _has_hidden_rowid(table: CreateTable) -> bool:
    """Return whether rows have a number that is not a column; it is kept, as some rely on it."""
    if "without rowid" in normal(table.options) or table.column("rowid"):
        return False
    for column, clause in table.every_clause():
        if clause.kind == "primary key":
            names = (column.name,) if column is not None else clause.columns
            first = table.column(names[0])
            if len(names) == 1 and first is not None and first.type.upper() == "INTEGER":
                return False  # the column is the number
    return True


def _counter(connection: Connection, table: str) -> Any:
    """Return where AUTOINCREMENT has counted to; None where it does not."""
    dbapi = dbapi_of(connection)
    if not dbapi.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        return None
    row = dbapi.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return row[0] if row else None


def _set_counter(connection: Connection, table: str, counter: int) -> None:
    new = next(s for s in everything(connection) if s.kind == "table" and s.name == table)
    if "autoincrement" not in normal(new.sql):
        return
    name = literal(table)
    connection.exec_driver_sql(f"DELETE FROM sqlite_sequence WHERE name = {name}")
    connection.exec_driver_sql(f"INSERT INTO sqlite_sequence VALUES ({name}, {counter:d})")


def _compare(connection: Connection, before: list[Stored], table: str, dropped: list[str]) -> None:
    after = {(s.kind, s.name): s.sql for s in everything(connection)}
    for stored in before:
        if stored.name in dropped or (stored.kind, stored.name) == ("table", table):
            continue
        if after.get((stored.kind, stored.name)) != stored.sql:
            raise MigrationError(
                f"{stored.kind} {stored.name} would not be the same after the change of {table}. "
                "Nothing was changed.",
                cure=f"drop it in the migration, and make it again: {' '.join(stored.sql.split())}",
            )


def problem_of(connection: Connection) -> str | None:
    """Return what of the database no longer fits together.

    A view or a trigger that misses a column.

    SQLite looks at all of them when it renames a table.
    """
    dbapi = dbapi_of(connection)
    dbapi.execute("SAVEPOINT mtvgen_look")
    try:
        dbapi.execute("CREATE TABLE _mtvgen_look (a)")
        dbapi.execute("ALTER TABLE _mtvgen_look RENAME TO _mtvgen_looked")
    except sqlite3.OperationalError as error:
        return str(error)
    else:
        return None
    finally:
        dbapi.execute("ROLLBACK TO mtvgen_look")
        dbapi.execute("RELEASE mtvgen_look")
