"""Migrations on both databases: forwards, back, all or nothing, and one process at a time."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest
import sqlalchemy as sa

from mtvgen.runtime.migrations import (
    DataLossError,
    Step,
    migrate,
    migrate_if_missing,
    migration_sql,
)
from mtvgen.runtime.migrations.applied import applied_revisions, lacking_revisions
from mtvgen.runtime.migrations.missing_columns import files_with_gaps
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.state import migration_state
from mtvgen.runtime.migrations.write import make_migration
from mtvgen.runtime.models import Database, Model

NAMES = Model.metadata.naming_convention


def tables(*more, drop=()):
    """The models of a test: an author, and a book with further columns."""
    metadata = sa.MetaData(naming_convention=NAMES)
    sa.Table(
        "author",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), unique=True),
    )
    columns = [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.Text, nullable=False, index=True),
        sa.Column("author_id", sa.ForeignKey("author.id", ondelete="CASCADE")),
        sa.Column("made", sa.DateTime, server_default=sa.func.now()),
        sa.Column("lent", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("shelf", sa.String, server_default="", nullable=False),
    ]
    kept = [column for column in columns if column.name not in drop]
    sa.Table("book", metadata, *kept, *more)
    return metadata


def write(directory, name, follows, upgrade="pass", downgrade="pass"):
    directory.mkdir(exist_ok=True)
    down = repr(follows)
    body = "\n    ".join(dedent(upgrade).strip().splitlines())
    (directory / f"{name}.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{name}"\ndown_revision = {down}\n\n\n'
        f"def upgrade():\n    {body}\n\n\ndef downgrade():\n    {downgrade}\n"
    )


def rows(database, statement):
    with database.session(read_only=True) as db:
        return [tuple(row) for row in db.execute(sa.text(statement))]


def run(database, *statements):
    with database.session() as db:
        for statement in statements:
            db.execute(sa.text(statement))


# --- Written from the difference


def test_the_difference_is_written_applied_and_gone(database, directory):
    first = make_migration(database, directory, "library", tables())
    assert first.file.name == "0001_library.py"
    assert first.changes == (
        "create table author",
        "create table book",
        "add index ix_book_title on book",
    )
    assert first.warnings == ()
    assert migrate(database, directory) == (Step("0001_library", "applied"),)
    assert make_migration(database, directory, "", tables()) is None
    assert migration_state(database, directory, tables()).messages == ()


def test_the_file_is_a_small_program_that_a_person_can_read(sqlite, directory):
    migration = make_migration(sqlite, directory, "", tables(sa.Column("pages", sa.Integer)))
    source = migration.file.read_text()
    assert source.startswith(
        '"""Create table author; create table book; add index ix_book_title on book."""\n\n'
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        'revision = "0001_author_and_more"\ndown_revision = None\n\n\n'
        "def upgrade() -> None:\n"
        "    op.create_table(\n"
        "        'author',\n"
        "        sa.Column('id', sa.Integer(), nullable=False),\n"
    )
    assert "###" not in source
    compile(source, "migration", "exec")


def test_each_change_has_its_words_and_the_file_its_name(database, directory):
    make_migration(database, directory, "", tables())
    migrate(database, directory)
    wanted = tables(sa.Column("pages", sa.Integer), drop=["made"])
    wanted.tables["book"].c.title.type = sa.String(20)
    migration = make_migration(database, directory, "", wanted)
    assert migration.file.name == "0002_pages_and_more.py"
    assert set(migration.changes) == {
        "add book.pages",
        "drop book.made",
        "change book.title (TEXT to VARCHAR(20))",
    }
    migrate(database, directory)
    assert make_migration(database, directory, "", wanted) is None


def test_a_dropped_column_with_data_and_a_likely_rename_are_named(database, directory):
    make_migration(database, directory, "", tables())
    migrate(database, directory)
    run(database, "INSERT INTO book (title) VALUES ('Notes')")
    wanted = tables(sa.Column("name", sa.Text, nullable=False), drop=["title"])
    assert make_migration(database, directory, "", wanted).warnings == (
        (
            "is book.title now called name? Then delete this migration, and type: "
            "mtvgen makemigrations --rename book.title:name"
        ),
        (
            "adds book.name, NOT NULL and without a default, to 1 row: that will fail. "
            "Give the column a server_default=..."
        ),
        "drops book.title, which holds data in 1 row.",
        (
            "on the way back book.title is NOT NULL and without a default, for 1 row: that will "
            "fail. Give it a server_default=... in downgrade()."
        ),
    )


def test_a_migration_that_would_fail_is_made_again_of_a_better_model(database, directory):
    make_migration(database, directory, "", tables())
    migrate(database, directory)
    run(database, "INSERT INTO book (title) VALUES ('Notes')")
    written = make_migration(
        database, directory, "", tables(sa.Column("pages", sa.Integer, nullable=False))
    )
    cure = r"or delete the migration, fix the model, then: mtvgen makemigrations$"
    with pytest.raises(DataLossError, match=cure):
        migrate(database, directory)
    written.file.unlink()
    wanted = tables(sa.Column("pages", sa.Integer, nullable=False, server_default="0"))
    assert make_migration(database, directory, "", wanted).warnings == ()
    migrate(database, directory)
    assert rows(database, "SELECT title, pages FROM book") == [("Notes", 0)]


def test_a_dropped_table_with_rows_is_named_and_one_of_somebody_else_is_left_alone(
    database, directory
):
    make_migration(database, directory, "", tables())
    migrate(database, directory)
    run(database, "CREATE TABLE theirs (id INTEGER)", "INSERT INTO author (name) VALUES ('Ada')")
    migration = make_migration(database, directory, "", sa.MetaData(naming_convention=NAMES))
    assert [change for change in migration.changes if "drop table" in change] == [
        "drop table book",
        "drop table author",
    ]
    assert migration.warnings == ("drops table author with its 1 row.",)
    message = r"^That would be lost\. Nothing was changed\. -> mtvgen migrate --yes$"
    with pytest.raises(DataLossError, match=message) as refused:
        migrate(database, directory)
    file = f"migrations/{migration.file.name}"
    (finding,) = refused.value.findings
    assert re.fullmatch(rf"{file}:\d+: drops table author with its 1 row\.", finding)
    assert rows(database, "SELECT name FROM author") == [("Ada",)]
    migrate(database, directory, accept_losses=True)
    assert rows(database, "SELECT * FROM theirs") == []
    migrate(database, directory, "0001")
    assert migration_state(database, directory, tables()).messages[1:] == ()


def test_a_type_from_elsewhere_brings_its_import(postgresql_url, directory):
    from sqlalchemy.dialects.postgresql import JSONB

    database = Database(postgresql_url)
    migration = make_migration(database, directory, "", tables(sa.Column("more", JSONB)))
    assert "from sqlalchemy.dialects import postgresql\n" in migration.file.read_text()
    migrate(database, directory)
    database.close()


def test_a_database_that_lacks_a_migration_is_no_ground_for_another(database, directory):
    make_migration(database, directory, "", tables())
    run(database, "CREATE TABLE theirs (id INTEGER)")
    message = r"^The database lacks migration 0001_author_and_more\. -> mtvgen migrate$"
    with pytest.raises(MigrationError, match=message):
        make_migration(database, directory, "", tables(sa.Column("pages", sa.Integer)))


def test_a_clone_without_a_database_compares_with_the_migrations_and_makes_none(sqlite, directory):
    make_migration(sqlite, directory, "", tables())
    assert make_migration(sqlite, directory, "", tables()) is None
    assert make_migration(sqlite, directory, "", tables(sa.Column("pages", sa.Integer)))
    assert not sqlite.exists


def test_a_name_that_is_taken_is_never_overwritten(sqlite, directory):
    directory.mkdir()
    (directory / "0001_library.py").symlink_to(directory / "nowhere")
    # The link leads nowhere, so no migration is read, and yet the name is taken.
    with pytest.raises(MigrationError, match=r"migrations/0001_library\.py is not a regular file"):
        make_migration(sqlite, directory, "library", tables())


# --- Where it stands


def test_the_state_in_words(database, directory):
    file_of_no_class = "models/"
    make_migration(database, directory, "", tables())
    if database.exists:  # a server's database always does
        assert migration_state(database, directory, tables()).messages == (
            "The database lacks migration 0001_author_and_more. -> mtvgen migrate",
        )
    migrate(database, directory)
    wanted = tables(sa.Column("pages", sa.Integer))
    assert migration_state(database, directory, wanted).messages == (
        f"{file_of_no_class} has changes that no migration holds. -> mtvgen makemigrations",
    )
    assert files_with_gaps(database, wanted) == (file_of_no_class,)
    assert files_with_gaps(database, tables()) == ()


def test_migrations_that_only_create_tables_are_compared_without_alembic(sqlite, directory):
    models = """
        import sqlalchemy as sa
        from mtvgen.runtime.models import Model, UTCDateTime
        tables = sa.MetaData(naming_convention=Model.metadata.naming_convention)
        key = sa.Column("id", sa.Integer, primary_key=True)
        sa.Table("author", tables, key, sa.Column("name", sa.String(50), unique=True))
        book = sa.Table(
            "book",
            tables,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("title", sa.Text, index=True),
            sa.Column("author_id", sa.ForeignKey("author.id", ondelete="CASCADE")),
            sa.Column("made", UTCDateTime, server_default=sa.func.now()),
            sa.Column("shelf", sa.String, server_default=""),
        )
    """
    names = {}
    exec(dedent(models), names)
    make_migration(sqlite, directory, "", names["tables"])
    asking = f"""
        import sys
        from pathlib import Path
        from mtvgen.runtime.migrations.state import migration_state
        from mtvgen.runtime.models import Database
        database, directory = Database("sqlite:///{sqlite.file}"), Path({str(directory)!r})
        print(migration_state(database, directory, tables).unheld, "alembic" in sys.modules)
        book.c.title.nullable = False
        print(migration_state(database, directory, tables).unheld, "alembic" in sys.modules)
    """
    command = [sys.executable, "-c", dedent(models) + dedent(asking)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["() False", "('models/',) True"]


def test_a_missing_database_is_made_once_and_says_so(sqlite, directory):
    write(directory, "0001_a", None, "op.create_table('a', sa.Column('id', sa.Integer))")
    write(directory, "0002_b", "0001_a")
    assert lacking_revisions(sqlite, directory) == ()
    line = migrate_if_missing(sqlite, directory)
    assert line == f"Made {sqlite.file}: applied 0001_a, 0002_b."
    assert migrate_if_missing(sqlite, directory) is None
    assert applied_revisions(sqlite) == ("0002_b",)


def test_a_file_that_a_request_has_left_without_a_table_is_made_too(sqlite, directory):
    write(directory, "0001_a", None, "op.create_table('a', sa.Column('id', sa.Integer))")
    with closing(sqlite3.connect(sqlite.file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")  # what a first query does here
    assert sqlite.file.stat().st_size
    assert migrate_if_missing(sqlite, directory) == f"Made {sqlite.file}: applied 0001_a."


def test_a_file_with_a_table_is_left_to_who_made_it(sqlite, directory):
    write(directory, "0001_a", None, "op.create_table('a', sa.Column('id', sa.Integer))")
    with closing(sqlite3.connect(sqlite.file)) as connection:
        connection.execute("CREATE TABLE other (id)")
    assert migrate_if_missing(sqlite, directory) is None
    assert applied_revisions(sqlite) == ()


def test_to_ask_what_is_applied_makes_no_file(sqlite, tmp_path):
    assert applied_revisions(sqlite) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_ahead_of_the_files_is_left_alone(database, directory):
    write(directory, "0001_a", None)
    write(directory, "0002_b", "0001_a")
    migrate(database, directory)
    (directory / "0002_b.py").unlink()
    message = r"^The database is at 0002_b, which migrations/ does not hold\. -> get that file back"
    for ask in (migrate, lacking_revisions, migration_sql, migration_state):
        with pytest.raises(MigrationError, match=message):
            ask(database, directory)


# --- Applied, all or nothing


def test_forwards_and_back(database, directory):
    for number, follows in ((1, None), (2, "0001"), (3, "0002")):
        table = f"t{number}"
        write(
            directory,
            f"000{number}",
            follows,
            f"op.create_table('{table}', sa.Column('id', sa.Integer))",
            f"op.drop_table('{table}')",
        )
    assert [step.name for step in migrate(database, directory, "0002")] == ["0001", "0002"]
    assert migrate(database, directory) == (Step("0003", "applied"),)
    assert migrate(database, directory) == ()
    assert migrate(database, directory, "0001") == (Step("0003", "undone"), Step("0002", "undone"))
    assert migrate(database, directory, "base") == (Step("0001", "undone"),)
    assert migrate(database, directory, "base") == ()
    assert applied_revisions(database) == ()


HALF_WAY = """
op.create_table('b', sa.Column('id', sa.Integer))
op.execute("INSERT INTO a VALUES (2)")
op.execute("SELECT * FROM nowhere")
"""


def test_one_that_fails_half_way_leaves_the_database_as_it_was(database, directory):
    write(directory, "0001_a", None, "op.create_table('a', sa.Column('id', sa.Integer))")
    migrate(database, directory)
    run(database, "INSERT INTO a VALUES (1)")
    write(directory, "0002_ok", "0001_a", "op.execute('DELETE FROM a')")
    write(directory, "0003_bad", "0002_ok", HALF_WAY)
    with pytest.raises(
        MigrationError,
        match=r"^migrations/0003_bad\.py:11: \w+: .*nowhere.* Nothing was changed\. "
        r"-> fix it, then: mtvgen migrate$",
    ):
        migrate(database, directory)
    assert rows(database, "SELECT id FROM a") == [(1,)]
    assert applied_revisions(database) == ("0001_a",)
    write(directory, "0003_bad", "0002_ok")
    assert [step.name for step in migrate(database, directory)] == ["0002_ok", "0003_bad"]


@pytest.mark.parametrize(
    ("upgrade", "message"),
    [
        ("1 / 0", r"^migrations/0001_a\.py:9: ZeroDivisionError: division by zero\. Nothing was"),
        ("raise SystemExit", None),
        ("op.no_such_thing()", r"^migrations/0001_a\.py:9: AttributeError"),
    ],
)
def test_a_mistake_in_a_migration_has_its_line(sqlite, directory, upgrade, message):
    write(directory, "0001_a", None, upgrade)
    with pytest.raises(MigrationError if message else SystemExit, match=message):
        migrate(sqlite, directory)
    assert applied_revisions(sqlite) == ()


def test_a_mistake_outside_its_functions_has_its_line_too(sqlite, directory):
    write(directory, "0001_a", None)
    file = directory / "0001_a.py"
    file.write_text(file.read_text() + "\nimport nowhere\n")
    with pytest.raises(MigrationError, match=r"^migrations/0001_a\.py:15: ModuleNotFoundError"):
        migrate(sqlite, directory)
    assert not sqlite.exists


def test_two_heads_and_a_syntax_error_are_refused_before_anything_is_done(sqlite, directory):
    write(directory, "0001_a", None)
    write(directory, "0002_b", "0001_a")
    write(directory, "0002_c", "0001_a")
    with pytest.raises(MigrationError, match=r"^0002_b and 0002_c both follow 0001_a\. -> in"):
        migrate(sqlite, directory)
    (directory / "0002_c.py").write_text("def upgrade(:\n")
    with pytest.raises(MigrationError, match=r"^migrations/0002_c\.py:1: SyntaxError: "):
        migrate(sqlite, directory)
    assert not sqlite.exists


def test_a_batch_migration_on_sqlite_deletes_no_child_rows(sqlite, directory):
    make_migration(sqlite, directory, "", tables())
    migrate(sqlite, directory)
    run(
        sqlite,
        "INSERT INTO author (id, name) VALUES (1, 'Ada')",
        "INSERT INTO book (title, author_id) VALUES ('Notes', 1)",
    )
    # A column's new type makes the table anew: the old one, to which books refer, is dropped.
    wanted = tables()
    wanted.tables["author"].c.name.type = sa.String(80)
    make_migration(sqlite, directory, "", wanted)
    assert "DROP TABLE author" in migration_sql(sqlite, directory)
    migrate(sqlite, directory)
    assert rows(sqlite, "SELECT title, author_id FROM book") == [("Notes", 1)]
    with pytest.raises(sa.exc.IntegrityError):  # and foreign keys are on again
        run(sqlite, "INSERT INTO book (title, author_id) VALUES ('Lost', 7)")


def test_a_migration_that_leaves_broken_references_is_undone(sqlite, directory):
    make_migration(sqlite, directory, "", tables())
    migrate(sqlite, directory)
    run(
        sqlite,
        "INSERT INTO author (id, name) VALUES (1, 'Ada')",
        "INSERT INTO book (title, author_id) VALUES ('Notes', 1)",
    )
    write(directory, "0002_b", "0001_author_and_more", "op.execute('DELETE FROM author')")
    with pytest.raises(
        MigrationError,
        match=r"^1 rows of book would refer to rows of author that are not there\. Nothing was",
    ):
        migrate(sqlite, directory)
    assert rows(sqlite, "SELECT name FROM author") == [("Ada",)]


def test_an_index_is_built_beside_the_work_of_others_on_postgresql(postgresql_url, directory):
    database = Database(postgresql_url)
    write(directory, "0001_a", None, "op.create_table('a', sa.Column('id', sa.Integer))")
    write(
        directory,
        "0002_index",
        "0001_a",
        """
        with op.get_context().autocommit_block():
            op.create_index("ix_a_id", "a", ["id"], postgresql_concurrently=True)
        op.execute("INSERT INTO a VALUES (1)")
        """,
    )
    assert [step.name for step in migrate(database, directory)] == ["0001_a", "0002_index"]
    assert rows(database, "SELECT id FROM a") == [(1,)]
    assert applied_revisions(database) == ("0002_index",)
    database.close()


# --- As SQL


def test_the_sql_is_printed_and_nothing_is_done(database, directory):
    make_migration(database, directory, "", tables())
    sql = migration_sql(database, directory)
    assert sql.index("BEGIN") < sql.index("CREATE TABLE author") < sql.index("COMMIT")
    assert "INSERT INTO alembic_version" in sql
    assert applied_revisions(database) == ()
    migrate(database, directory)
    make_migration(database, directory, "", tables(sa.Column("pages", sa.Integer)))
    sql = migration_sql(database, directory)
    assert "CREATE TABLE author" not in sql
    assert "ALTER TABLE book ADD COLUMN pages INTEGER" in sql
    assert "DROP TABLE" in migration_sql(database, directory, "base")


def test_the_sql_for_sqlite_does_what_the_migration_does(sqlite, directory, tmp_path):
    make_migration(sqlite, directory, "", tables())
    with closing(sqlite3.connect(tmp_path / "by_hand.sqlite3")) as connection:
        connection.executescript(migration_sql(sqlite, directory))
    migrate(sqlite, directory)
    question = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    schemas = []
    for file in (tmp_path / "by_hand.sqlite3", sqlite.file):
        with closing(sqlite3.connect(file)) as connection:
            schemas.append([row[0].split() for row in connection.execute(question)])
    assert schemas[0] == schemas[1]


# --- At once


AT_ONCE = """
import sys
from pathlib import Path
from mtvgen.runtime.migrations.run import migrate
from mtvgen.runtime.models import Database
steps = migrate(Database(sys.argv[1]), Path(sys.argv[2]), waiting=lambda: print("waits"))
print(*[step.name for step in steps], sep="\\n")
"""


def test_of_processes_that_migrate_at_once_one_does_and_the_others_wait(url, directory):
    write(
        directory,
        "0001_a",
        None,
        """
        import time
        op.create_table('a', sa.Column('id', sa.Integer))
        time.sleep(0.5)
        """,
    )
    command = [sys.executable, "-c", AT_ONCE, url, str(directory)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in processes)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [text.removeprefix("waits").strip() for text in said].count("0001_a") == 1
    database = Database(url)
    assert applied_revisions(database) == ("0001_a",)
    database.close()


def test_there_is_no_alembic_ini_and_no_env_py_beside_the_migrations(sqlite, directory):
    write(directory, "0001_a", None)
    migrate(sqlite, directory)
    assert {path.name for path in Path(directory).iterdir()} <= {"0001_a.py", "__pycache__"}


def test_models_are_as_before_when_they_were_compared(database, directory):
    """A condition that is made of columns joins itself to the table of those."""

    def with_conditions():
        metadata = sa.MetaData(naming_convention=Model.metadata.naming_convention)
        number = sa.Column("number", sa.Integer, sa.CheckConstraint("number < 9", name="small"))
        table = sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True), number)
        table.append_constraint(sa.CheckConstraint(number > 0, name="positive"))
        table.append_constraint(sa.CheckConstraint(sa.or_(number > 1, number == 0), name="either"))
        return metadata

    plain = sa.MetaData(naming_convention=Model.metadata.naming_convention)
    columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column("number", sa.Integer)
    sa.Table("thing", plain, *columns)
    make_migration(database, directory, "plain", plain)
    migrate(database, directory)
    wanted = with_conditions()
    before = len(wanted.tables["thing"].constraints)
    written = make_migration(database, directory, "", wanted)
    assert sorted(written.changes) == [
        f"add check ck_thing_{name} on thing" for name in ("either", "positive", "small")
    ]
    assert len(wanted.tables["thing"].constraints) == before
    migrate(database, directory)
    assert make_migration(database, directory, "", wanted) is None
    migrate(database, directory, "0001")
    migrate(database, directory)
    assert make_migration(database, directory, "", with_conditions()) is None
