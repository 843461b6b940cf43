"""A request that would wait for itself is told at once; SQLite has one writer at a time."""

from __future__ import annotations

import os
import threading

import pytest
from sqlalchemy import select

from mtvgen.runtime import path
from mtvgen.runtime.models import Database, DatabaseLimits, DatabaseUnavailable
from tests.support.library import Author, Shelf, library, names
from tests.support.wsgi_calls import call

ITSELF = (
    r"test\.sqlite3 is locked by this very thread: SQLite has one writer at a time.+ -> write by"
)
# Longer than the tests may take: one that waits fails.
PATIENT = DatabaseLimits(busy_timeout=3600)


@pytest.fixture
def patient(sqlite_url):
    database = Database(sqlite_url, limits=PATIENT)
    Shelf.metadata.create_all(database.engine)
    yield database
    database.close()


def add(database, name):
    with database.session() as db:
        db.add(Author(name=name))


def test_a_post_that_reads_by_request_db_and_writes_by_a_session_of_its_own(patient):
    def careless(request):
        request.db.scalars(select(Author)).all()
        add(patient, "Ada")
        return "saved"

    answer = call(library(patient, path("/x", careless, methods=["POST"])), "POST", "/x")
    assert answer.status == 500
    with pytest.raises(DatabaseUnavailable, match=ITSELF):
        raise answer.exc_info[1]
    add(patient, "Bob")
    assert names(patient) == ["Bob"]


def test_a_session_inside_a_session(patient):
    with patient.session() as db:
        db.scalars(select(Author)).all()
        with pytest.raises(DatabaseUnavailable, match=ITSELF):
            add(patient, "Ada")
    assert names(patient) == []


def test_a_post_inside_a_session(patient):
    with patient.session() as db:
        db.scalars(select(Author)).all()
        body = b"name=Ada"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = call(library(patient), "POST", "/authors", body=body, headers=headers)
    assert answer.status == 500
    with pytest.raises(DatabaseUnavailable, match=ITSELF):
        raise answer.exc_info[1]


def test_a_prompt_that_has_written(patient):
    db = patient.prompt_session()
    db.scalars(select(Author)).all()
    add(patient, "Ada")  # it has only read
    db.rollback()
    db.add(Author(name="Bob"))
    db.flush()
    with pytest.raises(DatabaseUnavailable, match=ITSELF):
        add(patient, "Cy")
    db.commit()
    add(patient, "Cy")
    db.close()
    assert names(patient) == ["Ada", "Bob", "Cy"]


def test_one_after_the_other_and_reading_beside_it_are_well(patient):
    def careful(request):
        request.db.scalars(select(Author)).all()
        with patient.session(read_only=True) as db:
            db.scalars(select(Author)).all()
        request.db.commit()
        add(patient, "Ada")
        request.db.add(Author(name="Bob"))
        return "saved"

    assert (
        call(library(patient, path("/x", careful, methods=["POST"])), "POST", "/x").text == "saved"
    )
    assert names(patient) == ["Ada", "Bob"]


def test_two_databases_are_two(patient, tmp_path):
    other = Database(tmp_path / "other.sqlite3", limits=PATIENT)
    Shelf.metadata.create_all(other.engine)
    with patient.session() as db, other.session() as beside:
        db.add(Author(name="Ada"))
        db.flush()
        beside.add(Author(name="Bob"))
        beside.flush()
        with pytest.raises(DatabaseUnavailable, match=r"test\.sqlite3 is locked by this very"):
            add(patient, "Cy")
    other.close()


def test_two_databases_in_memory_are_two():
    databases = [Database("sqlite://"), Database("sqlite://")]
    for database in databases:
        Shelf.metadata.create_all(database.engine)
    with databases[0].session() as db:
        db.add(Author(name="Ada"))
        db.flush()
        add(databases[1], "Bob")
    assert [names(database) for database in databases] == [["Ada"], ["Bob"]]


def test_what_another_thread_has_ended_is_ended(patient):
    db = patient.prompt_session()
    db.add(Author(name="Ada"))
    db.flush()
    thread = threading.Thread(target=db.commit)
    thread.start()
    thread.join()
    add(patient, "Bob")
    db.close()
    assert names(patient) == ["Ada", "Bob"]


def test_a_reader_on_the_connection_of_a_writer_before_is_no_writer(patient):
    add(patient, "Ada")  # on the one connection of the pool, which the reader gets next
    with patient.session(read_only=True) as reading:
        assert len(reading.scalars(select(Author)).all()) == 1
        add(patient, "Bob")
    assert names(patient) == ["Ada", "Bob"]


def test_another_thread_s_reader_on_the_connection_of_a_writer_before_is_no_writer(patient):
    reads, ended = threading.Event(), threading.Event()

    def read():
        with patient.session(read_only=True) as db:
            db.scalars(select(Author)).all()
            reads.set()
            ended.wait(60)

    add(patient, "Ada")
    thread = threading.Thread(target=read)
    thread.start()
    assert reads.wait(60)
    try:
        add(patient, "Bob")
    finally:
        ended.set()
        thread.join()
    assert names(patient) == ["Ada", "Bob"]


def test_another_thread_that_writes_is_waited_for(patient):
    begun, ended = threading.Event(), threading.Event()

    def write():
        with patient.session() as db:
            db.add(Author(name="Ada"))
            db.flush()
            begun.set()
            ended.wait(60)

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(60)
    threading.Timer(0.05, ended.set).start()
    add(patient, "Bob")
    thread.join()
    assert names(patient) == ["Ada", "Bob"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_child_waits_for_its_parent(patient):
    impatient = Database(str(patient.url), limits=DatabaseLimits(busy_timeout=0.01))
    with patient.session() as db:
        db.add(Author(name="Ada"))
        db.flush()
        child = os.fork()
        if child == 0:
            try:
                add(impatient, "Bob")
            except DatabaseUnavailable as error:
                os._exit(7 if "another process" in str(error) else 1)
            os._exit(2)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7


def test_a_write_after_somebody_elses_is_told_what_to_do(patient):
    db = patient.prompt_session()
    db.scalars(select(Author)).all()
    add(patient, "Ada")
    db.add(Author(name="Bob"))
    message = r"somebody else wrote between .+ -> db\.rollback\(\), and try again"
    with pytest.raises(DatabaseUnavailable, match=message):
        db.flush()
    db.close()
