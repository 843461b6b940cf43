"""What a person reads who has made a mistake: what, where, and what to type."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN

from mtvgen.runtime.migrations import MigrationError, make_migration, migrate
from mtvgen.runtime.models import Database, UTCDateTime
from tests.runtime.migrations.changing import C, models


def begun(database, directory, tables):
    make_migration(database, directory, "first", models(tables))
    migrate(database, directory)


@pytest.mark.parametrize(
    ("type_", "default", "cure"),
    [
        (UTCDateTime, "now()", "func.now()"),
        (sa.DateTime, "NOW", "func.now()"),
        (sa.DateTime, "CURRENT_TIMESTAMP", "func.current_timestamp()"),
        (sa.Date, "today", "func.current_date()"),
        (sa.Time, "current_time", "func.current_time()"),
    ],
)
def test_a_text_for_a_moment_that_passes_is_refused(database, directory, type_, default, cure):
    mistaken = models([C("made", type_, server_default=default)])
    with pytest.raises(MigrationError, match=r"thing\.made has server_default=") as refused:
        make_migration(database, directory, "", mistaken)
    assert refused.value.cure == f"server_default={cure}"
    assert not directory.exists()


@pytest.mark.parametrize(
    ("type_", "default"),
    [(sa.Text, "now()"), (sa.DateTime, sa.func.now()), (sa.DateTime, "2026-01-02 12:00:00")],
)
def test_a_text_that_is_meant_is_not(database, directory, type_, default):
    tables = [C("made", type_, server_default=default)]
    begun(database, directory, tables)
    assert make_migration(database, directory, "", models(tables)) is None


def test_a_key_to_a_table_that_is_not_there_names_the_likely_one(database, directory):
    tables = {"thing": [C("a", sa.ForeignKey("others.id"))], "other": [C("id", sa.Integer)]}
    with pytest.raises(MigrationError, match="could not find table 'others'") as refused:
        make_migration(database, directory, "", models(tables))
    assert refused.value.cure == 'did you mean ForeignKey("other....")?'


def test_the_rename_that_is_likely_comes_before_all_that_would_not_happen_then(database, directory):
    begun(database, directory, [C("name", sa.Text, nullable=False)])
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO thing (name) VALUES ('x')")
    written = make_migration(database, directory, "", models([C("title", sa.Text, nullable=False)]))
    assert written.warnings[0].startswith("is thing.name now called title? ")
    assert len(written.warnings) > 1


def test_an_index_that_is_unique_is_called_so(database, directory):
    begun(database, directory, [C("a", sa.Text)])
    written = make_migration(
        database, directory, "", models([C("a", sa.Text, unique=True, index=True)])
    )
    assert written.changes == ("add unique index ix_thing_a on thing",)


def test_a_long_list_of_changes_is_short_in_the_file(database, directory):
    begun(database, directory, [C("a", sa.Text)])
    more = [C(f"a_column_with_a_name_{n}", sa.Text) for n in range(9)]
    written = make_migration(database, directory, "", models([C("a", sa.Text), *more]))
    first = written.file.read_text().partition("\n")[0]
    assert re.fullmatch(r'"""Add thing\.a_column_.+; and 7 more\."""', first)
    assert len(first) <= 100


def test_a_view_that_needs_a_column_as_it_is_is_named_by_postgresql_too(postgresql, directory):
    begun(postgresql, directory, [C("a", sa.Numeric(8, 2)), C("b", sa.Text)])
    with postgresql.engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW cheap AS SELECT a, b FROM thing")
    for tables in ([C("a", sa.Numeric(8, 3)), C("b", sa.Text)], [C("a", sa.Numeric(8, 2))]):
        written = make_migration(postgresql, directory, "", models(tables))
        with pytest.raises(MigrationError, match="view cheap depends on column") as refused:
            migrate(postgresql, directory, accept_losses=True)
        assert "CASCADE" not in str(refused.value)
        assert refused.value.cure.startswith("drop that before, and make it again after")
        written.file.unlink()


def test_a_truth_as_django_spells_it_is_one(tmp_path, directory):
    file = tmp_path / "theirs.sqlite3"
    database = Database(file)
    make_migration(database, directory, "first", models([C("a", sa.Boolean, nullable=False)]))
    migrate(database, directory)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            "DROP TABLE thing;"
            "CREATE TABLE thing (id integer NOT NULL, a bool NOT NULL,"
            " CONSTRAINT pk_thing PRIMARY KEY (id));"
        )
    assert (
        make_migration(database, directory, "", models([C("a", sa.Boolean, nullable=False)]))
        is None
    )
    database.close()


@pytest.mark.parametrize(
    ("column", "needed", "statement"),
    [
        (
            lambda: C("a", sa.Integer, server_default=sa.Sequence("counter").next_value()),
            "the sequence counter",
            "CREATE SEQUENCE counter",
        ),
        (
            lambda: C("a", DOMAIN("positive", sa.Integer, check="VALUE > 0")),
            "the domain positive",
            "CREATE DOMAIN positive AS INTEGER CHECK (VALUE > 0)",
        ),
    ],
)
def test_what_a_column_rests_on_is_named_where_it_is_not_there(
    postgresql, directory, column, needed, statement
):
    with pytest.raises(MigrationError, match=f"thing.a needs {needed}, which") as refused:
        make_migration(postgresql, directory, "", models([column()]))
    assert refused.value.cure == f"a migration by hand before: op.execute({statement!r})"
    with postgresql.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    begun(postgresql, directory, [column()])
    assert make_migration(postgresql, directory, "", models([column()])) is None
    migrate(postgresql, directory, "base")
    migrate(postgresql, directory)


def test_the_digits_of_an_interval_are_written_down(database, directory):
    tables = [C("a", sa.Interval(second_precision=2))]
    begun(database, directory, tables)
    assert make_migration(database, directory, "", models(tables)) is None
