"""How often a request waits for a PostgreSQL server: each time costs what the network costs."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData, insert, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.test import Client

from mtvgen.runtime import Application, NotFound, Response, path
from mtvgen.runtime.models import Database, Model, database_session
from tests.support.round_trips import relay_to


class Base(Model):
    """Model with tables of its own: those of another test are none of our business."""

    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class Note(Base):
    __tablename__ = "note_of_round_trips"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def read(request):
    return Response(",".join(request.db.scalars(select(Note.text).limit(20))))


def read_twice(request):
    read(request)
    return read(request)


def untouched(request):
    return Response("nothing asked")


def opened(request):
    return Response(str(request.db.is_active))


def write(request):
    request.db.add(Note(text="Milk"))
    return Response("saved")


def read_and_write(request):
    read(request)
    return write(request)


def refused(request):
    request.db.execute(insert(Note).values(text="Milk"))
    return Response("no", status=400)


def fails(request):
    write(request)
    request.db.flush()
    raise NotFound


@pytest.fixture(scope="module")
def visit(postgresql_server):
    """What a request to an address costs, in round trips."""
    views = [read, read_twice, untouched, opened, write, read_and_write, refused, fails]
    with relay_to(postgresql_server.empty_database()) as relay:
        database = Database(relay.url)
        with database.own_engine() as engine:
            Note.__table__.create(engine)
        routes = [
            path(f"/{view.__name__}", view, methods=["GET", "POST"], name=view.__name__)
            for view in views
        ]
        client = Client(Application(routes, middleware=[database_session(database)]))

        def cost(method, address):
            for _ in range(7):  # connects; psycopg prepares what it has sent five times
                client.open(address, method=method)
            before = relay.count
            client.open(address, method=method)
            return relay.count - before

        yield cost
        database.close()


@pytest.mark.parametrize(
    ("method", "address", "round_trips"),
    [
        ("GET", "/untouched", 0),
        ("GET", "/opened", 0),
        # Nothing but the queries: no BEGIN, no ROLLBACK, no test of the connection.
        ("GET", "/read", 1),
        ("GET", "/read_twice", 2),
        # BEGIN and COMMIT around the INSERT.
        ("POST", "/write", 3),
        ("POST", "/read_and_write", 4),
        ("POST", "/refused", 3),
        ("POST", "/fails", 3),
        ("POST", "/untouched", 0),
        ("POST", "/opened", 0),
    ],
)
def test_a_request_waits_for_its_statements_and_a_write_twice_more(
    visit, method, address, round_trips
):
    assert visit(method, address) == round_trips
