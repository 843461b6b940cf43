"""migrations/*.py as a chain: read without being run, and every mistake in one line."""

from __future__ import annotations

import os

import pytest

from mtvgen.runtime.migrations.revisions import MigrationError, next_name, read_revisions


@pytest.fixture
def migrations(tmp_path):
    """Writes migrations: `migrations("0001_a", "0002_b < 0001_a")`; gives their directory."""
    directory = tmp_path / "migrations"
    directory.mkdir()

    def write(*files):
        for each in files:
            name, _, follows = each.partition(" < ")
            parents = tuple(follows.split(" & ")) if follows else (None,)
            down = repr(parents[0] if len(parents) == 1 else parents)
            source = f'"""x."""\n\nrevision = "{name}"\ndown_revision = {down}\n'
            (directory / f"{name}.py").write_text(source)
        return directory

    return write


def names(revisions):
    return [revision.name for revision in revisions.order]


def test_a_directory_that_is_missing_holds_none(tmp_path):
    revisions = read_revisions(tmp_path / "nowhere")
    assert names(revisions) == []
    assert revisions.head() is None


def test_they_are_sorted_by_what_they_follow_and_not_by_their_names(migrations):
    revisions = read_revisions(migrations("0003_a", "0001_b < 0003_a", "0002_c < 0001_b"))
    assert names(revisions) == ["0003_a", "0001_b", "0002_c"]
    assert revisions.head() == "0002_c"


def test_annotated_names_and_computed_values_are_read_as_alembic_writes_them(tmp_path):
    directory = tmp_path / "migrations"
    directory.mkdir()
    (directory / "__init__.py").write_text("")
    (directory / "a.py").write_text(
        'from typing import Union\nother = 1 + len("x")\n'
        'revision: str = "a"\ndown_revision: Union[str, None] = None\n'
    )
    assert names(read_revisions(directory)) == ["a"]


def test_what_a_database_lacks_is_told_oldest_first(migrations):
    revisions = read_revisions(migrations("0001_a", "0002_b < 0001_a", "0003_c < 0002_b"))
    assert revisions.missing_from([]) == ("0001_a", "0002_b", "0003_c")
    assert revisions.missing_from(["0001_a"]) == ("0002_b", "0003_c")
    assert revisions.missing_from(["0003_c"]) == ()


def test_a_merge_follows_two(migrations):
    revisions = read_revisions(
        migrations("0001_a", "0002_b < 0001_a", "0002_c < 0001_a", "0003_d < 0002_b & 0002_c")
    )
    assert revisions.head() == "0003_d"
    assert revisions.missing_from(["0002_b"]) == ("0002_c", "0003_d")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0002_title", "0002_title"),
        ("0002", "0002_title"),
        ("head", "0002_title"),
        ("base", None),
        ("zero", None),
    ],
)
def test_a_revision_is_found_by_its_beginning(migrations, text, found):
    assert read_revisions(migrations("0001_notes", "0002_title < 0001_notes")).find(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0002_titel", r"^No migration '0002_titel'\. Did you mean '0002_title'\?$"),
        (
            "0009",
            r"^No migration '0009'\. Known: 0001_notes, 0002_title\. -> name one of them, or mt",
        ),
        ("000", r"^'000' may be 0001_notes or 0002_title\. -> write more of its name$"),
    ],
)
def test_a_revision_that_does_not_exist_is_named_with_what_does(migrations, text, message):
    revisions = read_revisions(migrations("0001_notes", "0002_title < 0001_notes"))
    with pytest.raises(MigrationError, match=message):
        revisions.find(text)


def test_where_there_is_no_migration_the_cure_is_to_write_one(tmp_path):
    with pytest.raises(
        MigrationError, match=r"^No migration '1': there are none yet\. -> write a class in models/"
    ):
        read_revisions(tmp_path).find("1")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            ["0001_a", "0002_b < 0001_a", "0002_c < 0001_a"],
            (
                r"^0002_b and 0002_c both follow 0001_a\. "
                r'-> in migrations/0002_c\.py:4 write down_revision = "0002_b"$'
            ),
        ),
        (["0001_a", "0001_b"], r"^0001_a and 0001_b both come last\. -> in migrations/0001_b\.py"),
        (
            ["0001_a", "0002_b < 0001_a", "0003_c < 0002_b", "0002_d < 0001_a"],
            r"^0002_d and 0003_c both come last\. -> let one of them follow the other",
        ),
    ],
)
def test_two_that_come_last_are_both_named(migrations, files, message):
    revisions = read_revisions(migrations(*files))
    with pytest.raises(MigrationError, match=message):
        revisions.head()
    assert revisions.problem() in message.replace("\\", "").replace("^", "")


@pytest.mark.parametrize(
    ("file", "source", "message"),
    [
        (
            "0002_b",
            "x = (",
            r"^migrations/0002_b\.py:1: SyntaxError: '\(' was never closed\. -> fix it",
        ),
        ("0002_b", "x = 1\x00", r"^migrations/0002_b\.py"),
        ("0002_b", "x = 1", r"^migrations/0002_b\.py is not a migration: it lacks revision = "),
        ("0002_b", 'revision = "0002_b"', r"is not a migration: it lacks .+ down_revision"),
        (
            "0002_b",
            'revision = "0001_a"\ndown_revision = None',
            (
                r"^migrations/0001_a\.py and migrations/0002_b\.py both say revision = '0001_a'\. "
                r'-> in migrations/0002_b\.py write revision = "0002_b"$'
            ),
        ),
        (
            "0001_a (copy)",
            'revision = "0001_a"\ndown_revision = None',
            (
                r"^migrations/0001_a \(copy\)\.py and migrations/0001_a\.py both say "
                r"revision = '0001_a'\. -> delete migrations/0001_a \(copy\)\.py, which is a copy$"
            ),
        ),
        (
            "0002_b",
            '#\nrevision = "0002_a_name_that_is_longer_than_32"\ndown_revision = "0001_a"',
            (
                r"^migrations/0002_b\.py:2: revision '0002_a_name_that_is_longer_than_32' has 34 "
                r"characters, and the table that keeps it has room for 32\. -> give it a shorter"
            ),
        ),
        (
            "0002_b",
            'revision = "0002_b"\ndown_revision = "0001_x"',
            r"^migrations/0002_b\.py:2: it follows '0001_x', which is not there\. -> get that file",
        ),
        (
            "0002_b",
            'revision = "0002_b"\ndown_revision = "0002_b"',
            r"^0002_b follow each other\. -> change a down_revision$",
        ),
    ],
)
def test_a_file_that_breaks_the_chain_is_named(migrations, file, source, message):
    directory = migrations("0001_a")
    (directory / f"{file}.py").write_text(source + "\n")
    with pytest.raises(MigrationError, match=message):
        read_revisions(directory)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("add a title", "0003_add_a_title"),
        ("  Ä: Größe/2 ", "0003_gr_e_2"),
        ("", "0003_changes"),
        ("../../etc/passwd", "0003_etc_passwd"),
        ("a very long story of what it does", "0003_a_very_long_story_of_what_i"),
    ],
)
def test_a_new_one_gets_a_number_and_words_that_fit_the_version_table(migrations, text, name):
    revisions = read_revisions(migrations("0001_a", "0002_b < 0001_a"))
    assert next_name(revisions, text) == name
    assert len(name) <= 32


@pytest.mark.parametrize("name", [".#0002_b.py", "._0001_a.py", "#0001_a.py", ".0001_a.py"])
def test_what_an_editor_or_macos_puts_beside_a_migration_is_left_out(migrations, name):
    directory = migrations("0001_a")
    file = directory / name
    if name.startswith(".#"):
        file.symlink_to("somebody@machine.1234")  # Emacs's lock leads nowhere
    else:
        file.write_bytes(b"\x00\x05\x16\x07")
    assert list(read_revisions(directory).by_name) == ["0001_a"]


def test_a_file_that_says_its_encoding_is_read_in_it(migrations):
    directory = migrations("0001_a")
    (directory / "0002_b.py").write_bytes(
        b'# -*- coding: latin-1 -*-\n# caf\xe9\nrevision = "0002_b"\ndown_revision = "0001_a"\n'
    )
    assert read_revisions(directory).head() == "0002_b"


def test_a_pipe_or_endless_nesting_in_the_place_of_a_migration_is_told(tmp_path):
    os.mkfifo(tmp_path / "0001_pipe.py")
    with pytest.raises(MigrationError, match=r"0001_pipe\.py is not a regular file"):
        read_revisions(tmp_path)
    (tmp_path / "0001_pipe.py").unlink()
    (tmp_path / "0001_deep.py").write_text("x = " + "-" * 50_000 + "1")
    with pytest.raises(MigrationError, match=r"0001_deep\.py is nested too deep"):
        read_revisions(tmp_path)
