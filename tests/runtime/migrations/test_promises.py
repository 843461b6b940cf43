"""What migrations promise beside the change itself: counts, copies, what is ours, adoption, SQL."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
from contextlib import closing
from textwrap import dedent

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mtvgen.runtime.migrations import (
    AdoptionError,
    DataLossError,
    MigrationError,
    adopt,
    make_migration,
    migrate,
    migration_sql,
    migration_state,
)
from mtvgen.runtime.models import Model
from tests.runtime.migrations.changing import C, models


def write(directory, name, follows, upgrade="pass", downgrade="pass"):
    directory.mkdir(exist_ok=True)
    up, down = ("\n    ".join(dedent(text).strip().splitlines()) for text in (upgrade, downgrade))
    (directory / f"{name}.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = {name!r}\ndown_revision = {follows!r}\n\n\n"
        f"def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n"
    )


def run(database, *statements):
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def ask(database, query):
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def begun(database, directory, tables, *rows):
    """A database with tables, and rows."""
    make_migration(database, directory, "first", models(tables))
    migrate(database, directory)
    run(database, *rows)


A = [C("a", sa.Text)]

# --- Losses


def test_losses_of_several_migrations_are_counted_along_their_renames(database, directory):
    begun(database, directory, A, "INSERT INTO thing (a) VALUES ('1'), ('x'), (NULL)")
    write(
        directory,
        "0002_name",
        "0001_first",
        """
        op.rename_table("thing", "item")
        op.alter_column("item", "a", new_column_name="b")
        """,
    )
    write(
        directory,
        "0003_type",
        "0002_name",
        'op.alter_column("item", "b", existing_type=sa.Text(), type_=sa.Integer())',
    )
    write(directory, "0004_drop", "0003_type", 'op.drop_column("item", "b")')
    with pytest.raises(DataLossError) as refused:
        migrate(database, directory)
    assert [re.sub(r"from .+: ", "", line) for line in refused.value.findings] == [
        "migrations/0003_type.py:9: changes item.b 1 value would not survive.",
        "migrations/0004_drop.py:9: drops item.b, which holds data in 1 row.",
    ]
    assert ask(database, "SELECT a FROM thing ORDER BY id") == [("1",), ("x",), (None,)]
    migrate(database, directory, accept_losses=True)
    assert ask(database, "SELECT count(*) FROM item") == [(3,)]


def test_a_column_that_the_same_run_adds_holds_nothing_to_lose(database, directory):
    begun(database, directory, A, "INSERT INTO thing (a) VALUES ('1')")
    write(
        directory,
        "0002_add",
        "0001_first",
        'op.add_column("thing", sa.Column("b", sa.Text(), server_default="x"))',
    )
    write(directory, "0003_drop", "0002_add", 'op.drop_column("thing", "b")')
    migrate(database, directory)


def test_statements_of_a_migrations_own_are_named_as_not_looked_at(database, directory):
    begun(database, directory, A, "INSERT INTO thing (a) VALUES (NULL)")
    write(
        directory,
        "0002_own",
        "0001_first",
        """
        op.execute("UPDATE thing SET a = 'x' WHERE a IS NULL")
        for row in op.get_bind().execute(sa.text("SELECT id FROM thing")):
            assert row.id == 1
        with op.batch_alter_table("thing") as batch_op:
            batch_op.alter_column("a", existing_type=sa.Text(), nullable=False)
        """,
    )
    told = []
    # It would fail on NULL, had its own statement not filled the column before.
    migrate(database, directory, tell=told.append)
    assert [line for line in told if "looked" in line] == [
        "migrations/0002_own.py:9: op.execute() was not looked at.",
        "migrations/0002_own.py:10: op.get_bind() was not looked at.",
    ]


# --- Copies


def test_a_file_with_rows_is_copied_before_and_the_newest_three_stay(sqlite, directory, tmp_path):
    begun(sqlite, directory, A)
    assert list(tmp_path.glob("*.before-*")) == []  # no rows, no copy
    run(sqlite, "INSERT INTO thing (a) VALUES ('x')")
    follows = "0001_first"
    for number in range(2, 7):
        name = f"000{number}_step"
        write(directory, name, follows, "op.execute(\"UPDATE thing SET a = a || '.'\")")
        migrate(sqlite, directory)
        follows = name
    copies = sorted(tmp_path.glob("*.before-*"))
    assert [copy.name for copy in copies] == [
        f"test.sqlite3.before-000{number}" for number in (4, 5, 6)
    ]
    assert {stat.S_IMODE(copy.stat().st_mode) for copy in copies} == {0o600}
    with closing(sqlite3.connect(copies[0])) as connection:
        assert connection.execute("SELECT a FROM thing").fetchall() == [("x..",)]
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert version == "0003_step"
    migrate(sqlite, directory, "0002", backup=False)
    assert sorted(tmp_path.glob("*.before-*")) == copies


def test_a_way_back_and_forth_overwrites_no_copy(sqlite, directory, tmp_path):
    begun(sqlite, directory, A, "INSERT INTO thing (a) VALUES ('x')")
    write(directory, "0002_drop", "0001_first", 'op.drop_column("thing", "a")',
          'op.add_column("thing", sa.Column("a", sa.Text()))')  # fmt: skip
    for target in ("head", "0001", "head"):
        migrate(sqlite, directory, target, accept_losses=True)
    copies = sorted(tmp_path.glob("*.before-*"))
    assert [copy.name.partition("before-")[2] for copy in copies] == ["0002", "0002-2", "0002-3"]
    with closing(sqlite3.connect(copies[0])) as connection:
        assert connection.execute("SELECT a FROM thing").fetchall() == [("x",)]


def test_a_copy_that_can_not_be_written_stops_the_migration(sqlite, directory, tmp_path):
    begun(sqlite, directory, A, "INSERT INTO thing (a) VALUES ('x')")
    write(directory, "0002_drop", "0001_first", 'op.drop_table("thing")')
    (tmp_path / "test.sqlite3.before-0002").mkdir()
    message = r"^test\.sqlite3\.before-0002, a copy of the database, can't be written: .+ Nothing"
    with pytest.raises(MigrationError, match=message):
        migrate(sqlite, directory, accept_losses=True)
    assert ask(sqlite, "SELECT a FROM thing") == [("x",)]
    assert not list(tmp_path.glob("*.part"))


# --- What is ours


def test_a_table_that_no_migration_created_is_never_offered_for_dropping(database, directory):
    # Their tables are called like a column of ours, and like a word of our migrations.
    begun(database, directory, [C("author", sa.Text)], "CREATE TABLE author (id INTEGER)")
    run(database, "CREATE TABLE id (id INTEGER)", "INSERT INTO author VALUES (1)")
    assert make_migration(database, directory, "", models([C("author", sa.Text)])) is None
    written = make_migration(database, directory, "", models([C("writer", sa.Text)]))
    assert not [change for change in written.changes if "drop table" in change]


def test_a_table_that_migrations_made_and_dropped_is_ours_no_longer(database, directory):
    begun(database, directory, {"thing": [C("a", sa.Text)], "other": [C("id", sa.Integer)]})
    make_migration(database, directory, "drop", models(A))
    migrate(database, directory)
    run(database, "CREATE TABLE other (id INTEGER)")
    assert make_migration(database, directory, "", models(A)) is None


# --- A database that has its tables


def test_a_database_that_has_its_tables_is_adopted_and_keeps_its_rows(database, directory):
    models(A).create_all(database.engine)
    run(database, "INSERT INTO thing (a) VALUES ('old')")
    written = make_migration(database, directory, "legacy", models(A))
    assert written.changes == ("create table thing",)
    assert "creates table thing, which already exists" in written.warnings[0]
    with pytest.raises(DataLossError, match=r"in the database\. Nothing was changed") as refused:
        migrate(database, directory)
    assert "which already exists" in refused.value.findings[0]
    assert refused.value.cure.startswith("mtvgen migrate --adopt 0001_legacy")
    assert adopt(database, directory, "0001") == ()
    assert migration_state(database, directory, models(A)).messages == ()
    assert ask(database, "SELECT a FROM thing") == [("old",)]
    with pytest.raises(MigrationError, match="it is migrated already"):
        adopt(database, directory, "0001")


def test_how_a_database_differs_is_told_before_it_is_adopted(database, directory):
    there = {"thing": [C("a", sa.String(20), nullable=False), C("b", sa.Integer)]}
    models(there).create_all(database.engine)
    wanted = {
        "thing": [C("a", sa.Text, unique=True), C("c", sa.Integer)],
        "more": [C("id", sa.Integer, primary_key=True)],
    }
    make_migration(database, directory, "legacy", models(wanted))
    with pytest.raises(AdoptionError) as refused:
        adopt(database, directory, "0001_legacy")
    told = "\n".join(refused.value.differences)
    for line in (
        "there is no table more.",
        "thing has no column c.",
        "thing has a column b, which the migrations do not make.",
        "thing.a: NOT NULL, and by the migrations NULL.",
        "thing has no unique uq_thing_a",
    ):
        assert line in told
    assert migration_state(database, directory, models(wanted)).applied == ()
    assert adopt(database, directory, "0001", accept_differences=True) == refused.value.differences
    assert migration_state(database, directory, models(there)).applied == ("0001_legacy",)


# --- Schemas


def test_tables_of_several_schemas_settle(postgresql, directory):
    run(postgresql, "DROP SCHEMA IF EXISTS shop CASCADE")
    tables = {
        "thing": [C("a", sa.Text)],
        "thing@shop": [
            C("id", sa.Integer, primary_key=True),
            C("a", sa.ForeignKey("thing.id"), index=True),
            C("colour", sa.Enum("red", name="colour", schema="shop"), server_default="red"),
            sa.CheckConstraint("a > 0", name="positive"),
        ],
    }
    begun(postgresql, directory, tables, "INSERT INTO thing (a) VALUES ('x')")
    run(postgresql, "INSERT INTO shop.thing (a) VALUES (1)")
    assert make_migration(postgresql, directory, "", models(tables)) is None
    migrate(postgresql, directory, "base", accept_losses=True)
    migrate(postgresql, directory)
    assert make_migration(postgresql, directory, "", models(tables)) is None
    run(postgresql, "DROP SCHEMA shop CASCADE")


def test_a_schema_is_told_to_be_none_of_sqlites(sqlite, directory):
    with pytest.raises(MigrationError, match=r"table shop\.thing has a schema, which SQLite"):
        make_migration(sqlite, directory, "", models({"thing@shop": [C("id", sa.Integer)]}))


# --- As SQL, and in words


def test_the_sql_of_nothing_says_so(database, directory):
    begun(database, directory, A)
    assert migration_sql(database, directory) == (
        "-- Nothing to do: the database is at 0001_first.\n"
    )


def test_the_sql_is_what_psql_takes(postgresql, directory):
    begun(postgresql, directory, A)
    write(
        directory,
        "0002_data",
        "0001_first",
        """
        op.execute("INSERT INTO thing (a) VALUES ('50% off: it''s')")
        op.add_column("thing", sa.Column("b", sa.Text(), server_default="50%"))
        op.add_column("thing", sa.Column("c", sa.Enum("red", "blue", name="colour")))
        op.alter_column("thing", "a", existing_type=sa.Text(), type_=sa.JSON())
        """,
    )
    done = subprocess.run(
        [
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            os.environ.get("PGURL", str(postgresql.url.set(drivername="postgresql"))),
        ],
        input=migration_sql(postgresql, directory),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ask(postgresql, "SELECT a #>> '{}', b FROM thing") == [("50% off: it's", "50%")]
    assert migrate(postgresql, directory) == ()


@pytest.mark.parametrize(
    "commit",
    [
        "op.get_bind().commit()\n        op.get_bind().begin()",
        'with op.get_context().autocommit_block():\n            op.execute("SELECT 1")',
    ],
)
def test_what_a_migration_has_committed_is_told_when_it_fails(postgresql, directory, commit):
    begun(postgresql, directory, A)
    write(
        directory,
        "0002_index",
        "0001_first",
        f"""
        op.add_column("thing", sa.Column("b", sa.Integer()))
        {commit}
        op.execute("SELECT 1 / 0")
        """,
    )
    message = (
        r"^migrations/0002_index\.py:1[12]: DivisionByZero: .+\. Everything up to "
        r"migrations/0002_index\.py:1\d was committed there, and stays\. -> undo that by hand, or "
    )
    with pytest.raises(MigrationError, match=message):
        migrate(postgresql, directory)
    assert ask(postgresql, "SELECT b FROM thing") == []


def project_models():
    """A base for models of a test's own."""

    class Base(Model):
        __abstract__ = True
        metadata = sa.MetaData(naming_convention=Model.metadata.naming_convention)

    return Base


def test_a_condition_without_a_name_is_named_with_the_line_to_write():
    message = r"^Thing: CheckConstraint\('id > 0'\) has no name, .+ -> Check.+, name=\"\.\.\.\"\)$"
    with pytest.raises(ValueError, match=message):
        type(
            "Thing",
            (project_models(),),
            {
                "__tablename__": "thing",
                "__table_args__": (sa.CheckConstraint("id > 0"),),
                "id": C(sa.Integer, primary_key=True),
            },
        )


def test_an_attribute_that_is_no_column_any_more_drops_none(sqlite, directory):
    # On one database: a class of one name can be mapped once in a process.
    before, after = project_models(), project_models()

    class Vote(before):
        __tablename__ = "vote"

        id: Mapped[int] = mapped_column(primary_key=True)
        votes: Mapped[int] = mapped_column(server_default="0")

    class VoteNow(after):
        __tablename__ = "vote"

        id: Mapped[int] = mapped_column(primary_key=True)
        votes: int = 0

    make_migration(sqlite, directory, "first", before.metadata)
    migrate(sqlite, directory)
    with pytest.raises(MigrationError, match=r"VoteNow\.votes is not a column") as refused:
        make_migration(sqlite, directory, "", after.metadata)
    assert refused.value.cure == "votes: Mapped[int] = mapped_column(default=0)"


@pytest.mark.parametrize(
    ("rename", "message"),
    [
        ("thing", r"^--rename 'thing' has no old and new name\. -> write it as thing\.author:w"),
        ("thing.x:b", r"^--rename: the database has no thing\.x\. -> gone from the models: a$"),
        ("thing.a:x", r"^--rename: the models have no thing\.x\. -> new in the models: b$"),
        ("none.a:b", r"^--rename: the database has no table none\."),
    ],
)
def test_a_rename_that_is_none_is_told_with_the_names_there_are(
    database, directory, rename, message
):
    begun(database, directory, A)
    with pytest.raises(MigrationError, match=message):
        make_migration(database, directory, "", models([C("b", sa.Text)]), renames=[rename])
