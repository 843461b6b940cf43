"""SQLAlchemy alone: the same rows read and written, without a framework around it.

Once with objects, a Session and its flush; and once with the Core, which has rows and statements.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.benchmarks.same_database import EngineSettings


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def newest(engine: Engine) -> None:
    with Session(engine) as session:
        notes = session.scalars(select(Note).order_by(Note.id.desc()).limit(20))
        "".join(f"<li>{note.id} {note.text}" for note in notes)


def create(engine: Engine) -> None:
    with Session(engine) as session:
        session.add(Note(text="Buy milk"))
        session.commit()


def newest_rows(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = connection.execute(select(Note.__table__).order_by(Note.id.desc()).limit(20))
        "".join(f"<li>{row.id} {row.text}" for row in rows)


def create_row(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(Note.__table__), {"text": "Buy milk"})


def turn(workload: str, url: str, *, with_objects: bool = True) -> Callable[[int], int]:
    """Does the work of a workload `count` times; gives the nanoseconds."""
    settings = EngineSettings(url)
    engine = create_engine(settings.sqlalchemy_url)
    settings.prepare(engine)
    read, write = (newest, create) if with_objects else (newest_rows, create_row)
    work = read if workload.startswith("read") else write

    def measure(count: int) -> int:
        start = time.perf_counter_ns()
        for _ in range(count):
            work(engine)
        return time.perf_counter_ns() - start

    return measure
